"""The hand on a surface that is neither a patch nor a map: a sheet of ten squares of ten pixels."""

from dataclasses import dataclass, field
from math import nan

import pytest

from latent_terrain.ui.surface.gesture import BoxSelect, Gesture, Overlay
from latent_terrain.ui.surface.hand import Hand
from latent_terrain.ui.surface.hits import OnNothing, nearest
from latent_terrain.ui.surface.pointer import Held, Move, Pointer, Press, Release, Wheel
from latent_terrain.ui.surface.shapes import Box
from latent_terrain.ui.surface.view import View

Place = tuple[float, float]
SQUARES = 10


@dataclass
class Squares:
    view: View = field(default_factory=View)
    told: list[str] = field(default_factory=list)
    chosen: frozenset[int] = frozenset()

    def end_gesture(self) -> None:
        self.told.append("step")


class Tell(Gesture[Overlay]):
    def __init__(self, squares: Squares, began: Pointer, name: str, trembles: bool = False, presses: int = 1) -> None:
        self.trembles = trembles
        super().__init__(squares, began)
        self.told, self._left, self.lasts = squares.told, presses - 1, presses > 1
        self.told.append(f"begin {name}")

    def move(self, pointer: Pointer) -> None:
        self.told.append(f"move {pointer.place[0]:g}")
        self.overlay = Overlay("moved")

    def press(self, press: Press) -> None:
        self._left -= 1
        self.lasts = self._left > 0
        self.told.append("press")

    def cancel(self) -> None:
        self.told.append("cancel")


class SquareHand(Hand[int | OnNothing, Overlay]):
    """0: at once; 1: at once, but trembles; 2: lasts over three presses; others by dragging; right of them a frame."""

    def __init__(self, squares: Squares) -> None:
        super().__init__(squares)
        self.squares = squares

    def under(self, place: Place) -> int | OnNothing:
        column = int(self.squares.view.to_canvas(place)[0] // 10)
        return column if 0 <= column < SQUARES else OnNothing()

    def choose(self, pointer: Pointer, hit: int | OnNothing) -> None:
        self.squares.told.append(f"choose {hit if isinstance(hit, int) else None}")

    def begin(self, pointer: Pointer, hit: int | OnNothing) -> Gesture[Overlay] | None:
        if hit == 2:
            return Tell(self.squares, pointer, "lasting", presses=3)
        return Tell(self.squares, pointer, f"at once {hit}", hit == 1) if hit in (0, 1) else None

    def drag(self, pointer: Pointer, hit: int | OnNothing) -> Gesture[Overlay] | None:
        if isinstance(hit, int):
            return Tell(self.squares, pointer, f"drag {hit}")
        before = self.squares.chosen

        def select(box: Box | None) -> None:
            touched = (
                one for one in range(SQUARES) if box is not None and box.meets(Box(10.0 * one, 0, 10 * one + 9, 9))
            )
            self.squares.chosen = frozenset(touched)

        def restore() -> None:
            self.squares.chosen = before

        return BoxSelect(self.squares, pointer, lambda box: Overlay(box=box), select, restore)

    def click(self, pointer: Pointer, hit: int | OnNothing) -> None:
        self.squares.told.append("click")

    def double(self, pointer: Pointer, hit: int | OnNothing) -> bool:
        self.squares.told.append("double")
        return hit != 0

    def menu(self, pointer: Pointer, hit: int | OnNothing) -> None:
        self.squares.told.append("menu")


@pytest.fixture
def hand() -> SquareHand:
    return SquareHand(Squares())


def act(hand: SquareHand, *places: float, lets_go: bool = True, clicks: int = 1) -> list[str]:
    """Press at the first, move to the others, let go there; what was told meanwhile."""
    hand.squares.told.clear()
    hand.touch(Press(Pointer((places[0], 5.0)), clicks=clicks))
    for x in places[1:]:
        hand.touch(Move(Pointer((x, 5.0))))
    if lets_go:
        hand.touch(Release(Pointer((places[-1], 5.0))))
    return hand.squares.told


def test_a_gesture_begins_at_once_or_when_the_hand_has_left_where_it_pressed(hand: SquareHand) -> None:
    assert act(hand, 5, 6, 9) == ["choose 0", "begin at once 0", "move 6", "move 9", "step"]
    assert act(hand, 15, 16, 19, 17) == ["choose 1", "begin at once 1", "move 19", "move 17", "step"]
    assert act(hand, 35, 36, 49) == ["choose 3", "begin drag 3", "move 49", "step"]
    assert not hand.is_busy


def test_what_never_left_its_place_is_a_click(hand: SquareHand) -> None:
    assert act(hand, 35, 37) == ["choose 3", "click"]
    assert act(hand, 15, 17) == ["choose 1", "begin at once 1", "step", "click"]
    assert act(hand, 5) == ["choose 0", "begin at once 0", "step"], "what needs no drag was no click"


def test_a_gesture_may_last_over_many_presses(hand: SquareHand) -> None:
    assert act(hand, 25) == ["choose 2", "begin lasting", "step"]
    assert hand.is_busy
    assert act(hand, 85, 89) == ["press", "move 89", "step"], "all presses are its own"
    assert act(hand, 85) == ["press"]
    assert not hand.is_busy


def test_a_double_click_that_means_nothing_is_a_press(hand: SquareHand) -> None:
    assert act(hand, 35, clicks=2) == ["double"]
    assert act(hand, 5, clicks=2) == ["double", "choose 0", "begin at once 0", "step"]


def test_given_up_it_is_gone_and_letting_go_means_nothing(hand: SquareHand) -> None:
    act(hand, 35, 49, lets_go=False)
    assert hand.overlay == Overlay("moved")
    hand.cancel()
    hand.touch(Release(Pointer((49, 5))))
    assert hand.squares.told[-1] == "cancel"
    assert (hand.is_busy, hand.overlay) == (False, None)


def test_a_frame_selects_what_it_touches_and_given_up_what_was_selected_before(hand: SquareHand) -> None:
    hand.squares.chosen = frozenset({7})
    act(hand, 150, 85, lets_go=False)
    assert hand.overlay == Overlay(box=Box(85, 5, 150, 5))
    assert hand.squares.chosen == {8, 9}
    hand.cancel()
    assert hand.squares.chosen == {7}


@pytest.mark.parametrize(("button", "held"), [("middle", Held()), ("left", Held(space=True))])
def test_pulling_and_the_wheel_change_what_is_seen_and_nothing_else(hand: SquareHand, button: str, held: Held) -> None:
    hand.touch(Press(Pointer((5, 5), held), button))  # type: ignore[arg-type]
    hand.touch(Move(Pointer((25, 8), held)))
    assert hand.squares.view.corner == (-20, -3)
    hand.touch(Release(Pointer((25, 8), held), button))  # type: ignore[arg-type]
    hand.touch(Wheel(Pointer((25, 8), Held(shift=True)), -1.0))
    assert hand.squares.view == View((40, -3))
    hand.touch(Wheel(Pointer((25, 8)), 1.0))
    assert hand.squares.view.scale == hand.zoom_step
    assert hand.squares.view.to_canvas((25, 8)) == pytest.approx((65, 5))
    assert hand.squares.told == []


def test_the_nearest_is_within_reach_and_of_equal_ones_the_last() -> None:
    assert nearest([(3.0, "a"), (2.0, "b"), (2.0, "c"), (9.0, "d")], 5.0) == "c"
    assert nearest([(3.0, "a"), (nan, "b")], 2.9) is None
