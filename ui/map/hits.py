"""What is under the hand on a map: distances are in pixels, so that neither zoom nor density changes the reach."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...graphs import Point
from ...nodes.gui.curves import BezierCurve
from ...nodes.gui.drawing import Played, line_of
from ...nodes.gui.lines import nearest_segment
from ...nodes.gui.timed_paths import Timed
from ..surface.hits import OnNothing, nearest
from .plane import Floats, Plane

JOINT_PIXELS, BODY_PIXELS, PAD_PIXELS = 10.0, 7.0, 12.0


@dataclass(frozen=True)
class OnJoint:
    """A joint of a line. is_last, is_first: an end; both for a point."""

    number: int
    joint: int
    is_first: bool
    is_last: bool


@dataclass(frozen=True)
class OnHandle:
    """A handle of a curve, by its control's number."""

    number: int
    control: int


@dataclass(frozen=True)
class OnBody:
    """Between two joints. place: the nearest point of it, value units."""

    number: int
    segment: int
    place: tuple[float, float]


@dataclass(frozen=True)
class OnPad:
    """A place that is kept."""

    pad: int


@dataclass(frozen=True)
class OnLoop:
    """An end of the part that is played."""

    end: Literal["loop_start", "loop_end"]


Hit = OnJoint | OnHandle | OnBody | OnPad | OnLoop | OnNothing


def under(
    screen: Point,
    plane: Plane,
    lines: Mapping[int, Played],
    pads: Mapping[int, Point] | None = None,
    chosen: frozenset[int] = frozenset(),
    loops: Mapping[Literal["loop_start", "loop_end"], Point] | None = None,
) -> Hit:
    """What a pixel touches: loop ends, pads, handles of chosen curves, the nearest joint, the nearest body.

    At equal distance the newest line is touched. loops: where the ends of the part that plays are, value units.
    """
    for end, place in (loops or {}).items():
        if _gap(plane, place, screen) <= JOINT_PIXELS:
            return OnLoop(end)
    pad = nearest(((_gap(plane, place, screen), pad) for pad, place in (pads or {}).items()), PAD_PIXELS)
    if pad is not None:
        return OnPad(pad)
    return (
        _handle(screen, plane, lines, chosen)
        or _joint(screen, plane, lines)
        or _body(screen, plane, lines)
        or OnNothing()
    )


def _gap(plane: Plane, place: Point | Floats, screen: Point) -> float:
    return float(np.linalg.norm(plane.to_screen(place) - screen))


def _handle(screen: Point, plane: Plane, lines: Mapping[int, Played], chosen: frozenset[int]) -> OnHandle | None:
    def handles() -> Iterator[tuple[float, OnHandle]]:
        for number in sorted(chosen & lines.keys()):
            path = lines[number]
            if isinstance(path, BezierCurve):
                gaps = np.linalg.norm(plane.to_screen(path.controls) - screen, axis=1)
                joint = float(gaps[::3].min())
                gaps[::3] = np.inf
                control = int(np.argmin(gaps))
                if gaps[control] < joint:
                    yield float(gaps[control]), OnHandle(number, control)

    return nearest(handles(), JOINT_PIXELS)


def _joint(screen: Point, plane: Plane, lines: Mapping[int, Played]) -> OnJoint | None:
    def joints() -> Iterator[tuple[float, OnJoint]]:
        for number in sorted(lines):
            path = lines[number]
            if isinstance(path, Timed):
                continue
            places = path.joints if isinstance(path, BezierCurve) else path.anchors
            if places.shape[1] == 2:
                gaps = np.linalg.norm(plane.to_screen(places) - screen, axis=1)
                joint = len(gaps) - 1 - int(np.argmin(gaps[::-1]))
                yield float(gaps[joint]), OnJoint(number, joint, joint == 0, joint == len(gaps) - 1)

    return nearest(joints(), JOINT_PIXELS)


def _body(screen: Point, plane: Plane, lines: Mapping[int, Played]) -> OnBody | None:
    numbers = [number for number in sorted(lines) if line_of(lines[number]).axes == 2]
    here, scale = plane.to_values(screen), np.abs(plane.scale)
    hit = nearest_segment([line_of(lines[number]) for number in numbers], here, scale)
    if hit is None or hit.distance > BODY_PIXELS:
        return None
    return OnBody(numbers[hit.line], hit.part, (float(hit.position[0]), float(hit.position[1])))
