"""How near lines come to each other."""

import math
from collections.abc import Sequence

import numpy as np

from .lines import Polyline
from .units import Floats


def clearance_between(lines: Sequence[Polyline]) -> float:
    """The smallest distance between any two of the lines (2-D, value units); 0 where they touch or cross."""
    corners = [line.corners[:, :2] for line in lines]
    starts = [one[:-1] if len(one) > 1 else one for one in corners]
    ends = [one[1:] if len(one) > 1 else one for one in corners]
    lows, highs = (np.array([how(one, axis=0) for one in corners]).reshape(-1, 2) for how in (np.min, np.max))
    nearest = math.inf
    for index in range(len(lines) - 1):
        # only those whose extents are nearer than the nearest so far can be nearer
        apart = np.maximum(lows[index + 1 :] - highs[index], lows[index] - highs[index + 1 :]).max(axis=1)
        close = index + 1 + np.flatnonzero(apart < nearest)
        if not len(close):
            continue
        close = close[np.argsort(apart[close - index - 1], kind="stable")]
        for part in (close[:8], close[8:]):
            near = part[apart[part - index - 1] < nearest]
            if not len(near):
                continue
            others = np.concatenate([starts[one] for one in near]), np.concatenate([ends[one] for one in near])
            for start, end in zip(starts[index], ends[index], strict=True):
                nearest = min(nearest, _segment_gap(start, end, *others))
    return nearest


def _segment_gap(start: Floats, end: Floats, starts: Floats, ends: Floats) -> float:
    """The smallest distance from one segment to many."""
    ahead, aheads = end - start, ends - starts
    across = _cross(ahead, starts - start), _cross(ahead, ends - start)
    athwart = _cross(aheads, start - starts), _cross(aheads, end - starts)
    if np.any((across[0] * across[1] < 0) & (athwart[0] * athwart[1] < 0)):
        return 0.0
    gaps = (
        _point_gap(start, starts, aheads),
        _point_gap(end, starts, aheads),
        _point_gap(starts, start, ahead),
        _point_gap(ends, start, ahead),
    )
    return float(np.min(gaps))


def _point_gap(points: Floats, start: Floats, ahead: Floats) -> Floats:
    offset = points - start
    squared = np.maximum(np.sum(ahead**2, axis=-1), 1e-300)
    share = np.clip(np.sum(offset * ahead, axis=-1) / squared, 0, 1)
    gaps: Floats = np.linalg.norm(offset - share[..., np.newaxis] * ahead, axis=-1)
    return gaps


def _cross(a: Floats, b: Floats) -> Floats:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
