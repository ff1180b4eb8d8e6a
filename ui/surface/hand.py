"""The hand: from presses, moves and wheels to gestures. Which gesture it is, the user of the surface says."""

from typing import ClassVar, Generic, TypeVar

from ...graphs import Point
from .gesture import Gesture, Pan, Shown, Site, is_apart
from .hits import OnNothing
from .pointer import Pointer, Press, Release, Touch, Wheel

HitT = TypeVar("HitT")
# Pixels that a step of the wheel pans with Shift held.
SCROLL = 60.0


class Hand(Generic[HitT, Shown]):
    """What the pointer does on a surface. Belongs to the window's thread.

    A press selects (``choose``) and begins a gesture at once (``begin``), or one that a drag from there is (``drag``);
    what never became a drag is a ``click``. hovered: what is under a hand that does nothing.
    """

    zoom_step: ClassVar[float] = 1.12

    def __init__(self, site: Site) -> None:
        self._site = site
        self.gesture: Gesture[Shown] | None = None
        self.hovered: HitT | OnNothing = OnNothing()
        self.last_place: Point = (0.0, 0.0)
        """Where the pointer was last, pixels."""
        self._pressed: tuple[Pointer, HitT] | None = None

    @property
    def overlay(self) -> Shown | None:
        """What is to be seen of the gesture."""
        return self.gesture.overlay if self.gesture is not None else None

    @property
    def is_busy(self) -> bool:
        """Whether a gesture goes on, or a button is down."""
        return self.gesture is not None or self._pressed is not None

    def touch(self, touch: Touch) -> None:
        """Follow one event."""
        self.last_place = touch.pointer.place
        match touch:
            case Press():
                self._press(touch)
            case Release():
                self._release(touch)
            case Wheel():
                self._wheel(touch)
            case _:
                self._move(touch.pointer)

    def cancel(self) -> None:
        """Give the gesture up."""
        gesture, self.gesture, self._pressed = self.gesture, None, None
        if gesture is not None:
            gesture.cancel()

    def under(self, place: Point) -> HitT:
        """What a pixel touches."""
        raise NotImplementedError

    def choose(self, pointer: Pointer, hit: HitT) -> None:
        """What a press selects: at once, so that it can be dragged."""

    def begin(self, pointer: Pointer, hit: HitT) -> Gesture[Shown] | None:
        """The gesture that begins with the press itself."""

    def drag(self, pointer: Pointer, hit: HitT) -> Gesture[Shown] | None:
        """The gesture that a drag from here is, where none began with the press."""

    def click(self, pointer: Pointer, hit: HitT) -> None:
        """The hand let go where it had pressed."""

    def double(self, pointer: Pointer, hit: HitT) -> bool:
        """A double click. Gives whether it meant something; if not, it is one more press."""
        return False

    def menu(self, pointer: Pointer, hit: HitT) -> None:
        """The right button."""

    def _press(self, press: Press) -> None:
        gesture, pointer = self.gesture, press.pointer
        if gesture is not None and gesture.lasts and press.button == "left":
            gesture.press(press)
            self.gesture = gesture if gesture.lasts else None
        if gesture is not None or self.is_busy:
            return
        hit = self.under(pointer.place)
        if press.button == "middle" or (press.button == "left" and pointer.held.space):
            self.gesture = Pan(self._site, pointer)
        elif press.button == "right":
            self.menu(pointer, hit)
        elif press.clicks != 2 or not self.double(pointer, hit):
            self.choose(pointer, hit)
            self._pressed = (pointer, hit)
            self.gesture = self.begin(pointer, hit)

    def _move(self, pointer: Pointer) -> None:
        if self.gesture is None and self._pressed is not None and is_apart(self._pressed[0], pointer):
            self.gesture = self.drag(*self._pressed)
        if self.gesture is not None:
            self.gesture.follow(pointer)
        else:
            self.hovered = self.under(pointer.place)

    def _release(self, release: Release) -> None:
        gesture, pressed, self._pressed = self.gesture, self._pressed, None
        if gesture is not None:
            gesture.end(release.pointer)
            self.gesture = gesture if gesture.lasts else None
        if pressed is not None and release.button == "left" and (gesture is None or not gesture.is_away):
            self.click(*pressed)

    def _wheel(self, wheel: Wheel) -> None:
        if wheel.right or wheel.pointer.held.shift:
            self._site.view = self._site.view.panned(((wheel.up if not wheel.right else -wheel.right) * SCROLL, 0.0))
            if not wheel.right:
                return
        self._site.view = self._site.view.zoomed(self.zoom_step**wheel.up, wheel.pointer.place)
