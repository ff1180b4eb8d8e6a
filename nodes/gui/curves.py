"""Curves: lines bent by handles, as a pen tool draws them, that can be bent again later."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from .line_samples import flatten_bezier
from .lines import MAX_ANCHORS, Polyline
from .units import Floats, MapError

# A curve is walked as a line that stays this share of its size beside it.
FINENESS = 0.002


@dataclass(frozen=True, eq=False)
class BezierCurve:
    """A chain of cubic Bézier curves.

    controls: float64 ``[3 k + 1, 2]``: joint, its handle, the next one's handle, joint, … Curves of equal controls and
    names are equal. Raises MapError.
    """

    controls: Floats
    name: str = ""

    def __post_init__(self) -> None:
        controls = Polyline(self.controls).anchors
        if len(controls) < 4 or len(controls) % 3 != 1:
            raise MapError(f"curve: it has {len(controls)} control points; give 4, 7, 10, … of them")
        if 3 * len(controls) > MAX_ANCHORS:
            raise MapError(f"curve: it has {len(controls) // 3:,} pieces; draw it as several")
        object.__setattr__(self, "controls", controls)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, BezierCurve) and self.name == other.name and np.array_equal(self.controls, other.controls)
        )

    def __hash__(self) -> int:
        return hash((self.controls.shape, self.controls.tobytes(), self.name))

    @property
    def joints(self) -> Floats:
        """Where it passes through, ``[k + 1, 2]``."""
        return self.controls[::3]

    @cached_property
    def line(self) -> Polyline:
        """The line that it is walked as."""
        size = float(np.max(np.ptp(self.controls, axis=0)))
        return Polyline(flatten_bezier(self.controls, max(size * FINENESS, 1e-6)), name=self.name)


def move_control(curve: BezierCurve, control: int, position: ArrayLike) -> BezierCurve:
    """The curve with one control elsewhere: a joint takes its handles along, a handle swings its opposite one."""
    controls = curve.controls.copy()
    if not 0 <= control < len(controls):
        raise MapError(f"curve: there is no control {control + 1}; this curve has {len(controls)}")
    offset = np.asarray(position, np.float64) - controls[control]
    if control % 3 == 0:
        controls[max(0, control - 1) : control + 2] += offset
        return replace(curve, controls=controls)
    controls[control] += offset
    joint = control - 1 if control % 3 == 1 else control + 1
    other = 2 * joint - control
    if 0 <= other < len(controls) and 0 < joint < len(controls) - 1:
        arm = controls[control] - controls[joint]
        length = float(np.linalg.norm(arm))
        if length > 0:
            reach = float(np.linalg.norm(curve.controls[other] - curve.controls[joint]))
            controls[other] = controls[joint] - arm * (reach / length)
    return replace(curve, controls=controls)


def split_curve(curve: BezierCurve, piece: int, share: float = 0.5) -> BezierCurve:
    """The same curve with one joint more, inside a piece of it (de Casteljau)."""
    controls = curve.controls
    if not 0 <= piece < len(controls) // 3:
        raise MapError(f"curve: there is no piece {piece + 1}; this curve has {len(controls) // 3}")
    a, b, c, d = controls[3 * piece : 3 * piece + 4]
    ab, bc, cd = a + share * (b - a), b + share * (c - b), c + share * (d - c)
    abc, bcd = ab + share * (bc - ab), bc + share * (cd - bc)
    inner = np.stack([ab, abc, abc + share * (bcd - abc), bcd, cd])
    return replace(curve, controls=np.concatenate([controls[: 3 * piece + 1], inner, controls[3 * piece + 3 :]]))


def delete_curve_joint(curve: BezierCurve, joint: int) -> BezierCurve:
    """The curve without one of its joints. Raises MapError when only two are left."""
    count = len(curve.controls) // 3 + 1
    if not 0 <= joint < count:
        raise MapError(f"curve: there is no joint {joint + 1}; this curve has {count}")
    if count == 2:
        raise MapError("curve: its last two joints cannot be deleted; delete the whole curve instead")
    first = min(max(3 * joint - 1, 0), len(curve.controls) - 3)
    return replace(curve, controls=np.delete(curve.controls, np.arange(first, first + 3), axis=0))


def smooth_curve(joints: ArrayLike, name: str = "") -> BezierCurve:
    """A curve through joints ``[k, 2]``, k from 2, that is smooth at each of them (Catmull and Rom 1974)."""
    points = Polyline(np.asarray(joints, np.float64)).anchors
    if len(points) < 2:
        raise MapError("curve: it has one joint; give two or more")
    tangents = np.gradient(points, axis=0) if len(points) > 2 else np.repeat(np.diff(points, axis=0), 2, axis=0)
    controls = np.empty((3 * len(points) - 2, points.shape[1]))
    controls[::3] = points
    controls[1::3] = points[:-1] + tangents[:-1] / 3
    controls[2::3] = points[1:] - tangents[1:] / 3
    return BezierCurve(controls, name)
