"""What happened just now, for a moment above the canvas: a warning, or what was deleted, with a way back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ...patcher.window_requests import Ask, Offer
from ...surface.look import elided
from ..document.desk import Desk
from ..window.panel import Place
from ..window.widgets import button, look_of, px, words

SECONDS, OFFER_SECONDS = 7.0, 60.0
LONGEST = 640.0


@dataclass(frozen=True)
class Toast:
    """A sentence. since: when it came. can_undo: whether a button takes it back. offer: what a button does."""

    text: str
    kind: Literal["said", "done", "offered"]
    since: float
    offer: Offer | None = None

    @property
    def can_undo(self) -> bool:
        """Whether it is a step that can be undone."""
        return self.kind == "done"


class Toasts:
    """Watches the desk: what it says, deletions, and what it offers. Only the latest is shown, an offer last."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._said = desk.toast
        self._steps: tuple[int, object] = self._step()
        self._now: Toast | None = None
        self._offered: Toast | None = None

    def latest(self, now: float) -> Toast | None:
        """What to show now."""
        desk = self._desk
        step = self._step()
        if step != self._steps:
            history = desk.document.history
            is_new = step[0] > self._steps[0] and step[0] == len(history.labels)
            label = history.undo_label or ""
            self._steps = step
            if is_new and label.startswith("delete"):
                self._now = Toast(f"deleted {label.removeprefix('delete ')}", "done", now)
            elif self._now is not None and self._now.can_undo:
                self._now = None
        if desk.toast != self._said:
            self._said = desk.toast
            self._now = Toast(desk.toast[0], "said", now) if desk.toast[0] else self._now
        if self._now is not None and now - self._now.since > SECONDS:
            self._now = None
        return self._now or self._offer(now)

    def dismiss(self) -> None:
        """Enough of it."""
        if self._now is None:
            self._desk.offer = None
        self._now = None

    def _offer(self, now: float) -> Toast | None:
        desk, before = self._desk, self._offered
        if desk.offer is None or (before is not None and before.offer is not desk.offer):
            self._offered = None
        if desk.offer is not None and self._offered is None:
            self._offered = Toast(desk.offer.text, "offered", now, desk.offer)
        if self._offered is not None and now - self._offered.since > OFFER_SECONDS:
            desk.offer = self._offered = None
        return self._offered

    def _step(self) -> tuple[int, object]:
        history = self._desk.document.history
        return history.done, id(history)


class ToastView:
    """A line at the foot of the canvas, that takes neither keys nor clicks beside its buttons."""

    name, title = "toast", "Notification"
    place: Place = "popup"
    is_typing = False

    def build(self, parent: int, desk: Desk) -> None:
        """Nothing is made before something happens."""
        self.desk = desk
        self._toasts = Toasts(desk)
        self._shown: Toast | None = None
        self._window: int | None = None

    def takes(self, ask: Ask) -> bool:
        """None."""
        return False

    def refresh(self, now: float) -> None:
        """Show the latest."""
        import dearpygui.dearpygui as dpg

        latest = self._toasts.latest(now)
        if latest != self._shown:
            self._shown = latest
            if self._window is not None:
                dpg.delete_item(self._window)
                self._window = None
            if latest is not None:
                self._open(latest)
        if self._window is not None:
            wide, high = dpg.get_item_rect_size(self._window)
            across, down = self.desk.window_size
            left = max(0, int(across - wide) // 2)
            dpg.set_item_pos(self._window, [left, int(down - high) + px(self.desk, 56)])

    def _open(self, toast: Toast) -> None:
        import dearpygui.dearpygui as dpg

        desk = self.desk
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
                pos=(0, int(desk.window_size[1])),
            ) as window,
            dpg.group(horizontal=True) as row,
        ):
            tint = look_of(desk).warning if toast.kind == "said" else look_of(desk).text
            words(desk, row, elided(toast.text, 15.0, min(LONGEST, desk.window_size[0] - 260)), tint, wrap=-1)
            if toast.can_undo:
                button(row, "Undo", self._with_dismiss(desk.undo))
            if toast.offer is not None:
                button(row, toast.offer.label, self._with_dismiss(toast.offer.act))
            button(row, "OK" if toast.offer is None else "Dismiss", self._with_dismiss(lambda: None))
        self._window = window

    def _with_dismiss(self, act: Callable[[], object]) -> Callable[[], None]:
        def done() -> None:
            self._toasts.dismiss()
            act()

        return done
