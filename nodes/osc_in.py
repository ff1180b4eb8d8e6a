"""OSC in: numbers that another program or device sends, as signals."""

from typing import Annotated

import numpy as np

from ..engine import ControlSignal, FloatArray, Help, Param, PortSize, Setting, Setup, Signal, node
from .smooth import Smooth

MOST = 4
SENT = "last value received at the address"
A, B, C, D = (
    Param(-1e6, 1e6, soft=(-16, 16), curve="bipolar", help=SENT, source=f"osc:{{address}}#{index} of {{size}}")
    for index in range(1, MOST + 1)
)
Edge = Annotated[float, Param(-1e6, 1e6, soft=(-16, 16), curve="bipolar", ramp=False, help="input range limit")]
Lag = Annotated[float, Param(0.0, 10_000.0, soft=(0, 1_000), unit="ms", help="smoothing time constant")]


@node(other_names=("udpreceive", "receive", "oscreceive", "phone"))
class OscIn:
    """OSC input: up to four numbers of an address, scaled to a range and smoothed.

    Received by ``latent-terrain run --osc`` or the editor; the numbers are kept in the patch as the params a, b, c and
    d.
    """

    def __init__(
        self,
        setup: Setup,
        address: Annotated[str, Setting(help="OSC address to receive, such as /sensor/xy")] = "/osc/in",
        size: Annotated[int, Setting(help="number of values", low=1, high=MOST)] = 1,
    ) -> None:
        if not address.startswith("/"):
            setup.warn("an OSC address starts with a slash, such as /sensor/xy")
        self.size = size
        self._smooth = Smooth(setup)
        self._line: FloatArray = np.zeros((size, setup.block), np.float32)

    def ports(self) -> dict[str, PortSize]:
        """As many channels as numbers."""
        return {"out": PortSize(self.size)}

    def process(
        self,
        out: Signal,
        a: Annotated[float, A] = 0.0,
        b: Annotated[float, B] = 0.0,
        c: Annotated[float, C] = 0.0,
        d: Annotated[float, D] = 0.0,
        from_low: Edge = 0.0,
        from_high: Edge = 1.0,
        low: Edge = 0.0,
        high: Edge = 1.0,
        smooth: Lag = 20.0,
    ) -> Annotated[ControlSignal, Help("the numbers received, one channel each, from low to high")]:
        """Fill ``out`` ``[size, n]``; beyond the range they come in, numbers are held at its ends."""
        line = self._line[:, : out.shape[1]]
        for channel, number in enumerate((a, b, c, d)[: self.size]):
            line[channel] = np.ravel(number)
        scaled(line, (from_low, from_high), (low, high))
        return self._smooth.process(line, out, smooth)

    def reset(self) -> None:
        """Begin at rest on what is there."""
        self._smooth.reset()


def scaled(line: FloatArray, given: tuple[float, float], wanted: tuple[float, float]) -> None:
    """Numbers in place from one range to another, held at its ends."""
    begin, end = given
    np.subtract(line, begin, out=line)
    np.multiply(line, 1.0 / (end - begin) if end != begin else 0.0, out=line)
    np.clip(line, 0.0, 1.0, out=line)
    np.multiply(line, wanted[1] - wanted[0], out=line)
    np.add(line, wanted[0], out=line)
