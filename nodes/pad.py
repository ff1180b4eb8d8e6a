"""Pad: a finger or pen on the browser pad as signals."""

from typing import Annotated, NamedTuple

import numpy as np

from ..engine import ControlSignal, FloatArray, Help, Param, Setting, Setup, Size, node
from .osc_in import Edge, Lag, scaled
from .smooth import Smooth

FINGER = "pad:finger/{finger}/"
X, Y = (Param(0.0, 1.0, help="position on the pad, 0 to 1; set by the pad", source=FINGER + axis) for axis in "xy")
PRESSURE = Param(0.0, 1.0, help="pressure; 0: no touch", source=FINGER + "pressure")
TILT_X, TILT_Y = (Param(-1.0, 1.0, help="pen tilt; 1 is flat", source=f"{FINGER}tilt_{axis}") for axis in "xy")


class Touched(NamedTuple):
    """Where a finger is (two channels), how hard it presses, and how the pen leans (two channels)."""

    xy: Annotated[ControlSignal, Size(2), Help("position of the touch: x, y")]
    pressure: Annotated[ControlSignal, Size(1), Help("pressure of the touch, 0 when lifted")]
    tilt: Annotated[ControlSignal, Size(2), Help("tilt of the pen: x, y")]


@node(other_names=("touch", "touchscreen", "xy pad", "tablet", "phone", "kaoss"), nearest_to=("mouse",))
class Pad:
    """Browser pad input (``latent-terrain run --pad``): position, pressure and pen tilt of one touch.

    x goes from ``left`` to ``right``, y from ``top`` to ``bottom``. Lifted, it stays where it was and presses 0.
    """

    def __init__(
        self,
        setup: Setup,
        finger: Annotated[int, Setting(help="the first touch is 1, the second 2, and so on", low=1, high=10)] = 1,
    ) -> None:
        self._smooth, self._leans = Smooth(setup), Smooth(setup)
        self._line: FloatArray = np.zeros((2, setup.block), np.float32)
        self._tilt: FloatArray = np.zeros((2, setup.block), np.float32)

    def process(
        self,
        out: Touched,
        x: Annotated[float, X] = 0.5,
        y: Annotated[float, Y] = 0.5,
        pressure: Annotated[float, PRESSURE] = 0.0,
        tilt_x: Annotated[float, TILT_X] = 0.0,
        tilt_y: Annotated[float, TILT_Y] = 0.0,
        left: Edge = -1.0,
        right: Edge = 1.0,
        top: Edge = -1.0,
        bottom: Edge = 1.0,
        smooth: Lag = 5.0,
    ) -> Touched:
        """Fill ``xy`` ``[2, n]``, ``pressure`` ``[1, n]`` and ``tilt`` ``[2, n]``."""
        count = out.xy.shape[1]
        line, leans = self._line[:, :count], self._tilt[:, :count]
        line[0], line[1] = np.ravel(x), np.ravel(y)
        scaled(line[:1], (0.0, 1.0), (left, right))
        scaled(line[1:], (0.0, 1.0), (top, bottom))
        self._smooth.process(line, out.xy, smooth)
        leans[0], leans[1] = np.ravel(tilt_x), np.ravel(tilt_y)
        self._leans.process(leans, out.tilt, smooth)
        np.copyto(out.pressure[0], np.ravel(pressure))
        return out

    def reset(self) -> None:
        """Begin at rest where it is."""
        self._smooth.reset()
        self._leans.reset()
