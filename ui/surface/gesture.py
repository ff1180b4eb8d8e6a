"""What every gesture is: begun by a press, moved by the hand, ended by letting go, or given up."""

from collections.abc import Callable
from dataclasses import dataclass
from math import hypot
from typing import Any, Generic, Protocol, TypeVar

from ...graphs import Point
from .pointer import Pointer, Press
from .shapes import Box

# Pixels that a hand may tremble in a click.
SLACK = 3.0


class Site(Protocol):
    """What a hand works on. view: what is seen of it, with ``panned`` and ``zoomed``."""

    view: Any

    def end_gesture(self) -> None:
        """What comes next is another step of undo."""
        ...


@dataclass(frozen=True)
class Overlay:
    """What a gesture shows while it lasts. hint: a few words at ``hint_at``. box: a frame that selects."""

    hint: str = ""
    hint_at: Point = (0.0, 0.0)
    box: Box | None = None


Shown = TypeVar("Shown", bound=Overlay)


class Gesture(Generic[Shown]):
    """A hand at work. began: where it pressed. name: joins all its edits to one step of undo.

    trembles: nothing moves before the hand has left where it pressed (``is_away``), so that a click is no drag.
    lasts: it goes on when the button is up, and gets the presses that follow.
    """

    trembles = False
    lasts = False

    def __init__(self, site: Site, began: Pointer) -> None:
        self._site, self.began = site, began
        self.overlay: Shown | None = None
        self.is_away = not self.trembles
        self.name = f"{type(self).__name__} {began.time}"

    def follow(self, pointer: Pointer) -> None:
        """The hand moved; the gesture does once it is away."""
        self.is_away = self.is_away or is_apart(self.began, pointer)
        if self.is_away:
            self.move(pointer)

    def move(self, pointer: Pointer) -> None:
        """The hand moved."""

    def press(self, press: Press) -> None:
        """Another press, while it lasts."""

    def end(self, pointer: Pointer) -> None:
        """The hand let go."""
        self._site.end_gesture()

    def cancel(self) -> None:
        """Given up: everything is as it was."""
        self._site.end_gesture()


class Pan(Gesture[Shown]):
    """What is seen follows the hand. No edit."""

    def __init__(self, site: Site, began: Pointer) -> None:
        super().__init__(site, began)
        self._before, self._last = site.view, began.place

    def move(self, pointer: Pointer) -> None:
        """Pull it."""
        by = pointer.place[0] - self._last[0], pointer.place[1] - self._last[1]
        self._site.view, self._last = self._site.view.panned(by), pointer.place

    def end(self, pointer: Pointer) -> None:
        """Stay there."""

    def cancel(self) -> None:
        """Back to where it was."""
        self._site.view = self._before


class BoxSelect(Gesture[Shown]):
    """What a frame touches is selected. No edit. at: the place of a pixel, where a frame is not one of pixels.

    framed: how a frame is shown. select: what it touches; gets None at first. restore: what was selected before.
    """

    def __init__(
        self,
        site: Site,
        began: Pointer,
        framed: Callable[[Box], Shown],
        select: Callable[[Box | None], None],
        restore: Callable[[], None],
        at: Callable[[Point], Point] = lambda pixel: pixel,
    ) -> None:
        super().__init__(site, began)
        self._framed, self._select, self._restore, self._at = framed, select, restore, at
        self._start = at(began.place)
        select(None)

    def move(self, pointer: Pointer) -> None:
        """Stretch the frame."""
        (ax, ay), (bx, by) = self._start, self._at(pointer.place)
        box = Box(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))
        self.overlay = self._framed(box)
        self._select(box)

    def end(self, pointer: Pointer) -> None:
        """Stay so."""

    def cancel(self) -> None:
        """As it was selected before."""
        self._restore()


def is_apart(one: Pointer, other: Pointer) -> bool:
    """Whether a hand that was there and is here has done more than tremble."""
    return hypot(other.place[0] - one.place[0], other.place[1] - one.place[1]) > SLACK
