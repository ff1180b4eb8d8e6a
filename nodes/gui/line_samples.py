"""From a drawn line to training data: one coordinate per latent frame, evenly spaced along the path."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .lines import MAX_ANCHORS, Polyline
from .units import SAME, Floats, MapError

Rule = Literal["uniform", "legacy"]
MAX_POINTS = 10_000_000
# Most steps that the legacy rule takes along a line without a target.
LEGACY_FREE_LIMIT = 1000

# A free-hand stroke is simplified in pieces of so many positions.
STROKE_PIECE = 2000

STEP_SLACK = np.float64(np.float32(0.001))
LENGTH_SLACK = np.float64(np.float32(1e-5))


@dataclass(frozen=True)
class Completion:
    """How far a line is drawn: latent frames it holds at its density, frames wanted, and whether it is done."""

    filled: int
    target: int

    @property
    def complete(self) -> bool:
        """Whether the line holds at least as many frames as wanted."""
        return self.filled >= self.target


def sample_uniform(line: Polyline, count: int) -> Floats:
    """Exactly ``count`` points ``[count, C]`` at equal distances along the line, both ends included.

    One point is the start; a line without length repeats it. Raises MapError for a count below 1.
    """
    if not 1 <= count <= MAX_POINTS:
        raise MapError(f"line: {count} points cannot be taken from it; ask for 1 to {MAX_POINTS:,}")
    return np.ascontiguousarray(line.positions_at(np.linspace(0.0, line.length, count)).T, np.float64)


def sample_legacy(line: Polyline, density: float, limit: int | None = None) -> Floats:
    """Points ``[n, C]`` exactly as the Max canvas takes them, for data sets that must match it.

    Every segment is stepped by itself from its start in units of density, counted in single precision, so
    points crowd at joints and the end is usually left out. ``limit`` is the line's target in latent frames:
    one point more than it is kept (None: 1000 points). Source: spec §11.7.
    """
    most = LEGACY_FREE_LIMIT if limit is None else max(limit, 0) + 1
    step = np.float32(density)
    if not step > 0:
        raise MapError(f"map: density {density} is not above 0; 0.4 is usual")
    pieces = [line.corners[:0]]
    left = most
    for start, end, length in zip(line.corners, line.corners[1:], line.segment_lengths, strict=False):
        steps = _float_steps(step, length + STEP_SLACK, left)
        pieces.append(start + (end - start) * (steps[:, np.newaxis] / (length + LENGTH_SLACK)))
        left -= len(steps)
    if len(line.corners) == 1:
        pieces.append(line.corners)
    return np.concatenate(pieces)


def sample_lines(
    lines: Sequence[Polyline], targets: Sequence[int], density: float, rule: Rule = "uniform"
) -> list[Floats]:
    """The coordinates of a data set: one ``[T, C]`` array per line that has a target.

    ``uniform`` gives each line exactly its target of points. ``legacy`` gives what the Max canvas gives.
    Lines beyond the last target are left out, as a line without a sound cannot be trained on.
    """
    pairs = zip(lines, targets, strict=False)
    if rule == "uniform":
        return [sample_uniform(line, target) for line, target in pairs]
    return [sample_legacy(line, density, target) for line, target in pairs]


def completion(line: Polyline, target: int, density: float, rule: Rule = "uniform") -> Completion:
    """How many latent frames a line holds at a density, against its target.

    ``uniform`` counts the points that lie one density apart along the whole line, so a line is complete
    exactly when ``target`` of them fit. ``legacy`` counts as the Max canvas does: every segment is rounded
    up, which reports complete one point early. Source: spec §11.6.
    """
    if rule == "legacy":
        return Completion(1 + int(np.sum(np.ceil((line.segment_lengths - 0.001) / density))), target)
    return Completion(1 + math.floor(line.length / density * (1 + SAME) + SAME), target)


def trim(line: Polyline, target: int, density: float, rule: Rule = "uniform") -> Polyline:
    """The line without the last segments that exceed its target; at least the first anchor stays."""
    anchors = line.anchors
    while len(anchors) > 1 and completion(Polyline(anchors), target, density, rule).filled > target:
        anchors = anchors[:-1]
    return Polyline(anchors, name=line.name)


def reach(rest: Polyline, target: int, density: float, rule: Rule = "uniform") -> float:
    """How long the segment being dragged may become, in value units; ``rest`` is the line without it.

    ``uniform`` stops where the line holds exactly its target. ``legacy`` counts the rest in whole frames
    and allows one density more, less 0.001. Source: spec §11.6.
    """
    if rule == "legacy":
        filled = completion(rest, target, density, rule).filled
        return max(density * (target - filled + 1) - 0.001, 0.0)
    return max(density * (target - 1) - rest.length, 0.0)


def pull_back(start: ArrayLike, pointer: ArrayLike, farthest: float) -> Floats:
    """The pointer, or where the ray from start to it has run ``farthest`` value units, whichever is nearer."""
    origin = np.asarray(start, np.float64)
    ray = np.asarray(pointer, np.float64) - origin
    distance = float(np.linalg.norm(ray))
    return origin + ray * (farthest / distance) if distance > farthest else origin + ray


def flatten_bezier(control: ArrayLike, tolerance: float = 0.01) -> Floats:
    """A chain of cubic Bézier curves as a polyline ``[n, C]`` that stays within ``tolerance`` value units.

    control: ``[3 k + 1, C]``: start, two handles, joint, two handles, joint, … Raises MapError.
    """
    points = Polyline(np.asarray(control, np.float64)).anchors
    if len(points) < 4 or len(points) % 3 != 1:
        raise MapError(f"curve: it has {len(points)} control points; give 4, 7, 10, … of them")
    if not tolerance > 0:
        raise MapError(f"curve: a tolerance of {tolerance} is not above 0; 0.01 is usual")
    pieces = [points[:1]]
    for first in range(0, len(points) - 1, 3):
        pieces.append(_cubic(points[first : first + 4], tolerance)[1:])
    return np.concatenate(pieces)


def simplify(stroke: ArrayLike, tolerance: float) -> Floats:
    """A free-hand stroke ``[n, C]`` with as few anchors as stay within ``tolerance`` value units of it.

    The ends stay, and every 2000th position, which bounds the work on any stroke.
    Source: Ramer 1972, Douglas and Peucker 1973.
    """
    points = Polyline(np.asarray(stroke, np.float64)).anchors
    keep = np.zeros(len(points), np.bool_)
    ends = np.unique(np.append(np.arange(0, len(points), STROKE_PIECE), len(points) - 1))
    keep[ends] = True
    waiting = list(itertools.pairwise(ends.tolist()))
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        gaps = _gaps(points[first + 1 : last], points[first], points[last])
        worst = int(np.argmax(gaps))
        if gaps[worst] > tolerance:
            middle = first + 1 + worst
            keep[middle] = True
            waiting += [(first, middle), (middle, last)]
    return points[keep]


def line_from_stroke(stroke: ArrayLike, tolerance: float = 0.02, name: str = "") -> Polyline:
    """A free-hand stroke ``[n, C]`` of any number of pointer positions as a line that is easy to edit."""
    points = np.asarray(stroke, np.float64)
    if len(points) > MAX_ANCHORS:
        raise MapError(f"stroke: it has {len(points):,} positions; draw it in pieces of {MAX_ANCHORS:,}")
    return Polyline(simplify(points, tolerance), name=name)


def _float_steps(step: np.float32, end: np.float64, most: int) -> NDArray[np.float64]:
    """0, step, 2 step, … below ``end``, at most ``most``, summed in single precision one after another."""
    count = max(min(most, int(end / step) + 3), 0)
    strides = np.full(count, step, np.float32)
    strides[:1] = 0
    steps = np.add.accumulate(strides).astype(np.float64)
    return steps[steps < end]


def _cubic(points: Floats, tolerance: float) -> Floats:
    """One cubic Bézier ``[4, C]`` as a polyline, by the second-difference bound on its flatness."""
    bend = float(np.max(np.linalg.norm(np.diff(points, 2, axis=0), axis=1)))
    pieces = min(max(math.ceil(math.sqrt(0.75 * bend / tolerance)), 1), 1000)
    t = np.linspace(0.0, 1.0, pieces + 1)[:, np.newaxis]
    s = 1.0 - t
    curve: Floats = s**3 * points[0] + 3 * s**2 * t * points[1] + 3 * s * t**2 * points[2] + t**3 * points[3]
    return curve


def _gaps(points: Floats, start: Floats, end: Floats) -> Floats:
    """How far each point ``[n, C]`` is from the segment between two points."""
    along = end - start
    squared = float(along @ along)
    share = np.clip((points - start) @ along / squared, 0, 1) if squared > 0 else np.zeros(len(points))
    gaps: Floats = np.linalg.norm(points - start - share[:, np.newaxis] * along, axis=1)
    return gaps
