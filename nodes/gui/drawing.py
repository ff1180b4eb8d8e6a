"""The drawing on a map: which line stands for which sound, what is played, and the places kept as pads.

It is kept in a node's content, so that it is saved, undone and sent to the engine like all else: ``lines/0003`` is the
line of the fourth sound (``[joints, C]``; float32, as all of these, or float64 where a file said so exactly),
``curves/0003`` the same as a curve (``[3 k + 1, 2]`` controls), ``weights/0003`` how much it counts (``[1]``);
``play/0000``, ``play-curves/0000``, ``gestures/0000`` (``[n, 3]``: seconds x y) or ``tours/0000`` (``[n, 3]``: latent
frames x y) what is played; ``pads/0001`` … ``pads/0009`` a place (``[2]``). ``tour/0000`` is the automatic tour once
lines are drawn by hand: it follows them (``arrangement.py``).
``cleared/0003`` says that the line laid out for the fourth sound was deleted (``[1]``: how often all lines had been
laid out anew by then, ``arrange/anew``; once more, and it is there again). Beside lines drawn by hand, those of sounds
that came later are ``arrange/added/0003``. Which sound was the fourth is kept beside it (``ownership.py``).
"""

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...engine import Content
from .curves import BezierCurve
from .lines import Polyline
from .ownership import SOUNDS
from .timed_paths import RecordedGesture, Tour
from .units import MapError

Path: TypeAlias = Polyline | BezierCurve
Played: TypeAlias = Polyline | BezierCurve | RecordedGesture | Tour
PADS = range(1, 10)
# Lines on one map.
MOST = 10_000
# Lines laid out, all of them; and beside lines drawn by hand those of sounds that came later.
ARRANGED, ADDED = "arrange/line/", "arrange/added/"
TOUR = "arrange/tour/"
# Beside lines that were laid out (``arrange/density``): distance per latent frame, ``[1]``.
DENSITY = "density"
# Beside them, too: how often they were laid out anew.
ANEW = "anew"
CLEARED = "cleared/"
# The path of an array under a name, for as long as the array is there.
_paths: dict[tuple[int, str], tuple["weakref.ref[NDArray[Any]]", Any]] = {}
PLAYED = ("play/", "play-curves/", "gestures/", "tours/")
# The tour of a map whose lines are drawn by hand; one that was laid out stays beside the lines that were.
OWN_TOUR = "tour/"
OWN = ("lines/", "curves/", "weights/", "pads/", CLEARED, OWN_TOUR, *PLAYED)


@dataclass(frozen=True)
class Drawing:
    """All that is drawn on one map.

    lines: by the sound they stand for, from 0; a sound may have none. weights: how much a line counts when the terrain
    learns, where that is not 1. play: what is played, by number from 0; when empty, the lines are. pads: places, 1 … 9.
    is_arranged: whether the lines were laid out by themselves. is_toured: whether what is played is the automatic tour.
    """

    lines: Mapping[int, Path] = field(default_factory=dict)
    weights: Mapping[int, float] = field(default_factory=dict)
    play: Mapping[int, Played] = field(default_factory=dict)
    pads: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    is_arranged: bool = False
    is_toured: bool = False

    @cached_property
    def played(self) -> tuple[Played, ...]:
        """What playheads walk, in order."""
        own = self.play or self.lines
        return tuple(own[number] for number in sorted(own))

    def with_line(self, sound: int, path: Path | None) -> "Drawing":
        """With another line for a sound; None: without one."""
        return replace(self, lines=_with(self.lines, sound, path))

    def with_played(self, number: int, path: Played | None) -> "Drawing":
        """With something else to play under a number; None: without it."""
        return replace(self, play=_with(self.play, number, path))


def laid_density(content: Content) -> float:
    """Distance per latent frame on the lines that were laid out; 0 where they were laid out before that was kept."""
    found = content.get(f"arrange/{DENSITY}")
    return max(float(np.asarray(found)[0]), 0.0) if found is not None and found.shape == (1,) else 0.0


def times_laid(content: Content) -> float:
    """How often all lines were laid out anew, though the sounds were the same."""
    return float(np.asarray(content.get(f"arrange/{ANEW}", np.zeros(1))).reshape(-1)[0])


def cleared_lines(content: Content) -> frozenset[int]:
    """The sounds whose laid-out lines were deleted, by number."""
    times = times_laid(content)
    return frozenset(
        number for number, array in _arrays(content, CLEARED).items() if array.size and array.flat[0] == times
    )


def laid_out_again(content: Content) -> Content:
    """The content without lines drawn by hand, and without any that is deleted: those laid out are seen again."""
    return {name: array for name, array in content.items() if not name.startswith(("lines/", "curves/", CLEARED))}


def line_of(path: Played) -> Polyline:
    """Any path as the line that is drawn and walked."""
    return path if isinstance(path, Polyline) else path.line


def read_drawing(content: Content) -> Drawing:
    """The drawing in a map's content; lines drawn by hand come before those laid out. Raises MapError."""
    hand, cleared = drawn_by_hand(content), cleared_lines(content)
    is_arranged = not hand
    laid = _numbered(content, ADDED, Polyline) | (_numbered(content, ARRANGED, Polyline) if is_arranged else {})
    lines: dict[int, Path] = {one: path for one, path in laid.items() if one not in cleared} | hand
    play: dict[int, Played] = {
        **_numbered(content, "play/", Polyline),
        **_numbered(content, "play-curves/", BezierCurve),
        **_numbered(content, "gestures/", RecordedGesture),
        **_numbered(content, "tours/", Tour),
    }
    is_toured = not play and not (is_arranged and cleared)  # else the tour would pass where nothing is any more
    if is_toured:
        play = {**_numbered(content, TOUR if is_arranged else OWN_TOUR, _tour)}
    weights = {number: _weight(array) for number, array in _arrays(content, "weights/").items()}
    pads = {number: _place(array) for number, array in _arrays(content, "pads/").items() if number in PADS}
    return Drawing(lines, weights, play, pads, is_arranged and bool(lines), is_toured and bool(play))


def drawn_by_hand(content: Content) -> dict[int, Path]:
    """The lines drawn by hand, by the sound they stand for. Raises MapError."""
    return {**_numbered(content, "lines/", Polyline), **_numbered(content, "curves/", BezierCurve)}


def write_drawing(content: Content, drawing: Drawing) -> dict[str, NDArray[Any]]:
    """The content with another drawing in it; what is not of the drawing stays. Arrays that did not change stay too.

    A drawing that was laid out by itself and then changed by hand is all by hand from then on; but its tour stays the
    automatic one until that is changed by hand, too. Where all lines were deleted, those that had been laid out do not
    come back.
    """
    before = read_drawing(content)
    added = frozenset(_arrays(content, ADDED))
    cleared = cleared_lines(content) if drawing.is_arranged or not drawing.lines else added - drawing.lines.keys()
    if before.lines and not drawing.lines:
        cleared = frozenset(_arrays(content, ARRANGED)) | added
    numbers = {f"{SOUNDS}{number:04d}" for number in (*drawing.lines, *drawing.weights, *cleared)}
    kept = {
        name: array
        for name, array in content.items()
        if not name.startswith(OWN) and (not name.startswith(SOUNDS) or name in numbers)
    }
    made: dict[str, NDArray[Any]] = {}
    if drawing.lines == before.lines and drawing.is_arranged == before.is_arranged:
        # a path, a pad or a weight makes no line that was laid out one drawn by hand
        made.update({name: array for name, array in content.items() if name.startswith(("lines/", "curves/"))})
    else:
        for number, path in drawing.lines.items():
            made.update(_named(path, number, "lines/", "curves/"))
    if before.is_toured and drawing.play == before.play:
        is_drawn = bool(made)
        for number, walked in drawing.play.items() if is_drawn else ():
            moments = walked.moments if isinstance(walked, Tour) else line_of(walked).anchors
            made[f"{OWN_TOUR}{number:04d}"] = np.asarray(moments, np.float32)
    elif made or drawing.play != before.play or any(name.startswith(PLAYED) for name in content):
        for number, played in drawing.play.items():
            made.update(_named(played, number, "play/", "play-curves/"))
    made |= {f"weights/{number:04d}": np.array([one], np.float32) for number, one in drawing.weights.items()}
    made |= {f"{CLEARED}{number:04d}": np.array([times_laid(content)], np.float32) for number in cleared}
    made |= {f"pads/{number:04d}": np.array(place, np.float32) for number, place in drawing.pads.items()}
    for name, array in made.items():
        laid = [f"{kind}{name[-4:]}" for kind in (ADDED, ARRANGED)] if name.startswith("lines/") else []
        for known in (content[one] for one in (name, *laid) if one in content):
            # what came from a file, or was laid out, in double precision stays so
            if np.array_equal(np.asarray(known, array.dtype), array):
                made[name] = known
                break
        array.setflags(write=False)
    return {**kept, **made}


def _with(some: Mapping[int, Any], number: int, one: Any) -> dict[int, Any]:
    if not 0 <= number < MOST:
        raise MapError(f"map: there is no line {number + 1}; the maximum is {MOST:,}")
    left = {key: value for key, value in some.items() if key != number}
    return left if one is None else {**left, number: one}


def _named(path: Played, number: int, straight: str, bent: str) -> dict[str, NDArray[Any]]:
    if isinstance(path, Polyline):
        return {f"{straight}{number:04d}": np.asarray(path.anchors, np.float32)}
    if isinstance(path, BezierCurve):
        return {f"{bent}{number:04d}": np.asarray(path.controls, np.float32)}
    kind = "tours" if isinstance(path, Tour) else "gestures"
    return {f"{kind}/{number:04d}": np.asarray(path.moments, np.float32)}


def _tour(anchors: NDArray[np.float64], name: str) -> Polyline | Tour:
    """A tour as it was laid out; without times in patches of before, which walk it evenly."""
    return Tour(anchors, name) if anchors.shape[1:] == (3,) else Polyline(anchors, name=name)


def _numbered(content: Content, prefix: str, kind: Any) -> dict[int, Any]:
    return {number: _path(kind, f"{prefix}{number:04d}", array) for number, array in _arrays(content, prefix).items()}


def _path(kind: Any, name: str, array: NDArray[Any]) -> Any:
    """An array as a path; the same object again for the same array, so that a change to one line touches no other."""
    known = _paths.get((id(array), name))
    if known is not None and known[0]() is array:
        return known[1]
    path = kind(np.asarray(array, np.float64), name=name)
    if not array.flags.writeable:
        key = (id(array), name)
        _paths[key] = weakref.ref(array, lambda _: _paths.pop(key, None)), path
    return path


def _arrays(content: Content, prefix: str) -> dict[int, NDArray[Any]]:
    """Arrays by the number after a prefix; names that are no numbers are counted on from the last, in order."""
    found = sorted(name for name in content if name.startswith(prefix))
    numbers = {name: int(name[len(prefix) :]) for name in found if name[len(prefix) :].isdecimal()}
    others = (name for name in found if name not in numbers)
    after = max(numbers.values(), default=-1) + 1
    numbers |= {name: after + index for index, name in enumerate(others)}
    return {number: content[name] for name, number in numbers.items() if number < MOST}


def _weight(array: NDArray[Any]) -> float:
    value = float(array.reshape(-1)[0]) if array.size == 1 else float("nan")
    if not 0.0 <= value <= 100.0:
        raise MapError(f"map: a line's weight is {value}; give 0 to 100, 1 counts as the others do")
    return value


def _place(array: NDArray[Any]) -> tuple[float, float]:
    if array.shape != (2,) or not np.all(np.isfinite(array)):
        raise MapError("map: a pad needs two numbers")
    return float(array[0]), float(array[1])
