"""What happened just now, for a moment above the canvas: a warning, or what was deleted, with a way back."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ...patcher.window_requests import Ask, Offer
from ...surface.look import measure
from ...surface.shapes import Box
from ..document.desk import Desk
from ..window.panel import Place
from ..window.themes import SIZES
from ..window.widgets import button, look_of, px, words

# A sentence is shown for so long, and for so much longer for each letter of it: as one reads, and a glance.
SECONDS, SECONDS_A_LETTER, OFFER_SECONDS = 5.0, 0.06, 60.0
# So many wait; in the log are all.
MOST = 8
# Pixels as designed: of a line, and from the edge of the pane. Letters that a pane has room for.
LONGEST, MARGIN, LETTERS = 640.0, 16, 1000


@dataclass(frozen=True)
class Toast:
    """A sentence. can_undo: whether a button takes it back. offer: what a button does."""

    text: str
    kind: Literal["said", "done", "offered"]
    offer: Offer | None = None

    @property
    def can_undo(self) -> bool:
        """Whether it is a step that can be undone."""
        return self.kind == "done"

    @property
    def seconds(self) -> float:
        """How long it is shown."""
        return OFFER_SECONDS if self.kind == "offered" else SECONDS + SECONDS_A_LETTER * len(self.text)


class Toasts:
    """Watches the desk: what it says, deletions, and what it offers, one after the other.

    A deletion is shown first, an offer last. What was said before this was made is not shown.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        desk.toasts.clear()
        self._steps: tuple[int, object] = self._step()
        self._waiting: deque[Toast] = deque(maxlen=MOST)
        self._now: Toast | None = None
        self._left, self._looked_at = 0.0, 0.0

    @property
    def waiting(self) -> int:
        """How many sentences come after this one."""
        return len(self._waiting)

    def latest(self, now: float, is_held: bool = False) -> Toast | None:
        """What to show now. is_held: it stays, as somebody reads it."""
        desk = self._desk
        self._left -= 0.0 if is_held else now - self._looked_at
        self._looked_at = now
        if self._now is not None and self._left < 0.0:
            self._end()
        self._follow_steps()
        while desk.toasts:
            said = Toast(desk.toasts.popleft(), "said")
            if said != self._now and said not in self._waiting:
                self._waiting.append(said)
        if self._now is not None and self._now.kind == "offered" and (self._waiting or self._now.offer != desk.offer):
            self._now = None
        if self._now is None and self._waiting:
            self._show(self._waiting.popleft())
        elif self._now is None and desk.offer is not None:
            self._show(Toast(desk.offer.text, "offered", desk.offer))
        return self._now

    def dismiss(self) -> None:
        """Enough of it."""
        self._end()

    def _end(self) -> None:
        if self._now is None or self._now.kind == "offered":
            self._desk.offer = None
        self._now = None

    def _show(self, toast: Toast) -> None:
        self._now, self._left = toast, toast.seconds

    def _follow_steps(self) -> None:
        """A deletion is shown at once; with the next step its button would take back something else."""
        step = self._step()
        if step == self._steps:
            return
        history = self._desk.document.history
        is_new = step[0] > self._steps[0] and step[0] == len(history.labels)
        label = history.undo_label or ""
        self._steps = step
        if self._now is not None and self._now.can_undo:
            self._now = None
        if is_new and label.startswith("delete"):
            if self._now is not None and self._now.kind == "said":
                self._waiting.appendleft(self._now)
            self._show(Toast(f"deleted {label.removeprefix('delete ')}", "done"))

    def _step(self) -> tuple[int, object]:
        history = self._desk.document.history
        return history.done, id(history)


class ToastView:
    """Some lines at the foot of the canvas or the map, that take neither keys nor clicks beside their buttons."""

    name, title = "toast", "Notification"
    place: Place = "popup"
    is_typing = False
    room = Box(0.0, 0.0, 1000.0, 700.0)
    """Where it may stand, in pixels of the window: on the canvas or the map, and on no tool. Set by the window."""

    def build(self, parent: int, desk: Desk) -> None:
        """Nothing is made before something happens."""
        self.desk = desk
        self._toasts = Toasts(desk)
        self._shown: tuple[Toast | None, int] = (None, 0)
        self._window: int | None = None

    def takes(self, ask: Ask) -> bool:
        """None."""
        return False

    def refresh(self, now: float) -> None:
        """Show the latest."""
        import dearpygui.dearpygui as dpg

        latest = self._toasts.latest(now, self._is_pointed_at())
        shown = latest, self._toasts.waiting
        if shown != self._shown:
            self._shown = shown
            if self._window is not None:
                dpg.delete_item(self._window)
                self._window = None
            if latest is not None:
                self._open(latest)
        if self._window is not None:
            wide, high = dpg.get_item_rect_size(self._window)
            room = self.room
            left, top = room.middle[0] - wide / 2, room.y1 - high - px(self.desk, MARGIN)
            dpg.set_item_pos(self._window, [int(max(room.x0, left)), int(max(room.y0, top))])

    def _is_pointed_at(self) -> bool:
        import dearpygui.dearpygui as dpg

        if self._window is None:
            return False
        (x, y), (wide, high) = dpg.get_item_pos(self._window), dpg.get_item_rect_size(self._window)
        across, down = dpg.get_mouse_pos(local=False)
        return bool(x <= across < x + wide and y <= down < y + high)

    def _open(self, toast: Toast) -> None:
        import dearpygui.dearpygui as dpg

        desk, text = self.desk, toast.text
        if len(text) > LETTERS:
            text = f"{text[:LETTERS]}… (all of it is in the log)"
        room = min(px(desk, LONGEST), self.room.width - px(desk, 60))
        wraps = "\n" in text or measure(text, px(desk, SIZES["text"])) > room - px(desk, 200)
        with (
            dpg.window(
                no_title_bar=True,
                no_resize=True,
                no_move=True,
                autosize=True,
                no_saved_settings=True,
                no_focus_on_appearing=True,
                no_scrollbar=True,
                min_size=(40, 20),
                pos=(0, int(self.room.y1)),
            ) as window,
            dpg.group(horizontal=not wraps) as body,
        ):
            tint = look_of(desk).warning if toast.kind == "said" else look_of(desk).text
            words(desk, body, text, tint, wrap=int(room) if wraps else -1)
            row: int = dpg.add_group(horizontal=True, parent=body)
            if toast.can_undo:
                button(row, "Undo", self._with_dismiss(desk.undo))
            if toast.offer is not None:
                button(row, toast.offer.label, self._with_dismiss(toast.offer.act))
            after = f"Next ({self._toasts.waiting})" if self._toasts.waiting else "OK"
            button(row, after if toast.offer is None else "Dismiss", self._with_dismiss(lambda: None))
        self._window = window

    def _with_dismiss(self, act: Callable[[], object]) -> Callable[[], None]:
        def done() -> None:
            self._toasts.dismiss()
            act()

        return done
