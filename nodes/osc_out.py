"""OSC out: what a signal is, told to another program, up to a hundred times a second."""

from typing import Annotated

import numpy as np

from ..engine import FloatArray, Help, Param, Setting, Setup, Signal, node

MOST = 16


@node(role="osc_sender", other_names=("udpsend", "send"))
class OscOut:
    """OSC output: a signal's latest values, one number per channel; passes the signal through.

    The destination is set on the command line (``run --osc-to HOST:PORT``) or in the editor's settings, never by a
    patch.
    """

    def __init__(
        self,
        setup: Setup,
        address: Annotated[str, Setting(help="OSC address to send to, such as /terrain/xy")] = "/osc/out",
    ) -> None:
        self._last: FloatArray = np.zeros(0, np.float32)
        if not address.startswith("/"):
            setup.warn("an OSC address starts with a slash, such as /terrain/xy")

    def process(
        self,
        audio: Annotated[Signal, Help("the values to send, one number per channel")],
        out: Signal,
        rate: Annotated[float, Param(1.0, 100.0, unit="Hz", ramp=False, help="maximum messages per second")] = 30.0,
    ) -> Annotated[Signal, Help("the same signal, unchanged")]:
        """Fill ``out`` ``[channels, n]`` with the same."""
        np.copyto(out, audio)
        if len(self._last) != min(len(out), MOST):
            self._last = np.zeros(min(len(out), MOST), np.float32)
        np.copyto(self._last, out[:MOST, -1])
        return out

    def shows(self) -> dict[str, FloatArray]:
        """What is to be sent: ``values``, a number per channel (of at most 16)."""
        return {"values": self._last.copy()}
