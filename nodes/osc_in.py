"""OSC in: numbers that another program, a phone or a sensor sends, as signals."""

from typing import Annotated, NamedTuple

import numpy as np

from ..engine import (
    Content,
    ControlSignal,
    FloatArray,
    Help,
    Param,
    PortSize,
    Setting,
    Setup,
    Size,
    UsedWhen,
    node,
)
from ..engine.vectors import MOST_NUMBERS, MOST_ROWS
from .smooth import Smooth

# So many numbers are params, which can be turned by hand as well; of more all come past the patch.
MOST_PARAMS = 4
NUMBERS = "numbers"
# So long after the last message (seconds) the params count again, which have its numbers by then.
FRESH = 0.5
# Seconds beyond which nobody counts.
OLDEST = 86_400.0
SENT = "last value received at the address"
A, B, C, D = (
    Param(-1e6, 1e6, soft=(-16, 16), curve="bipolar", help=SENT, source=f"osc:{{address}}#{index} of {{size}}")
    for index in range(1, MOST_PARAMS + 1)
)
USED_A, USED_B, USED_C, USED_D = (
    UsedWhen("size", tuple(range(index, MOST_PARAMS + 1))) for index in range(1, MOST_PARAMS + 1)
)
Edge = Annotated[float, Param(-1e6, 1e6, soft=(-16, 16), curve="bipolar", ramp=False, help="input range limit")]
Lag = Annotated[float, Param(0.0, 10_000.0, soft=(0, 1_000), unit="ms", help="smoothing time constant")]


class Received(NamedTuple):
    """The numbers, and how old they are."""

    out: Annotated[ControlSignal, Help("the numbers received, one channel each, from low to high")]
    age: Annotated[ControlSignal, Size(1), Help("seconds since the last message, also where it repeated a value")]


@node(
    role="osc_receiver",
    other_names=("udpreceive", "receive", "oscreceive", "phone", "sensor", "biosignal", "eeg", "emg", "serial"),
)
class OscIn:
    """OSC input: the numbers of an address, up to 128, scaled to a range and smoothed.

    Received by ``latent-terrain run --osc`` or the editor. Up to four numbers are kept in the patch as the params a, b,
    c and d. Of more, every message counts (up to 6000 a second), and the last one is kept in the patch when that is
    saved.
    """

    def __init__(
        self,
        setup: Setup,
        content: Content,
        address: Annotated[str, Setting(help="OSC address to receive, such as /sensor/xy")] = "/osc/in",
        size: Annotated[int, Setting(help="number of values", low=1, high=MOST_NUMBERS)] = 1,
    ) -> None:
        if not address.startswith("/"):
            setup.warn("an OSC address starts with a slash, such as /sensor/xy")
        self.size = size
        self._smooth = Smooth(setup)
        self._line: FloatArray = np.zeros((size, setup.block), np.float32)
        self._inbox = setup.vectors.inbox(address)
        self._read = self._inbox.count
        self._has_heard, self._has_numbers = False, NUMBERS in content
        self._last = _numbers_in(content, size)
        self._second = 1.0 / setup.sample_rate
        self._seconds: FloatArray = (np.arange(setup.block) * self._second).astype(np.float32)
        self._age = 0.0

    def ports(self) -> dict[str, PortSize]:
        """As many channels as numbers."""
        return {"out": PortSize(self.size)}

    def process(
        self,
        out: Received,
        a: Annotated[float, A, USED_A] = 0.0,
        b: Annotated[float, B, USED_B] = 0.0,
        c: Annotated[float, C, USED_C] = 0.0,
        d: Annotated[float, D, USED_D] = 0.0,
        from_low: Edge = 0.0,
        from_high: Edge = 1.0,
        low: Edge = 0.0,
        high: Edge = 1.0,
        smooth: Lag = 20.0,
    ) -> Received:
        """Fill ``out`` ``[size, n]`` and ``age`` ``[1, n]``; beyond the range they come in, numbers are held at its
        ends.
        """
        line = self._line[:, : out.out.shape[1]]
        self._take(line, out.age)
        if self.size <= MOST_PARAMS:
            is_live = self._has_heard and self._age < FRESH
            for channel, number in enumerate((a, b, c, d)[: self.size]):
                if not is_live or isinstance(number, np.ndarray):
                    line[channel] = np.ravel(number)
        scaled(line, (from_low, from_high), (low, high))
        self._smooth.process(line, out.out, smooth)
        return out

    def capture(self) -> Content:
        """The numbers heard last, ``numbers`` ``[size]``, of more than are params."""
        return {NUMBERS: self._last.copy()} if self.size > MOST_PARAMS and self._has_numbers else {}

    def renews(self, content: Content) -> bool:
        """Numbers in the patch are no reason to begin anew."""
        return True

    def prepare(self, content: Content) -> FloatArray:
        """The patch's numbers, ``[size]``."""
        return _numbers_in(content, self.size)

    def renew(self, numbers: FloatArray) -> None:
        """Audio thread only: begin from these; what has been heard is newer."""
        if not self._has_heard:
            np.copyto(self._last, numbers)

    def reset(self) -> None:
        """Begin at rest on what is there, as if that had just come."""
        self._smooth.reset()
        self._age = 0.0

    def _take(self, line: FloatArray, age: FloatArray) -> None:
        """Lay the rows that have come since the last block evenly over this one, as nobody knows when each was."""
        inbox, count = self._inbox, line.shape[1]
        newest = inbox.count
        # Half of the ring, as whoever writes may be at the other.
        fresh = min(newest - self._read, MOST_ROWS // 2)
        self._read = newest
        if not fresh:
            self._age = min(self._age, OLDEST)
            np.add(self._seconds[:count], self._age, out=age[0])
            self._age += count * self._second
            line[:] = self._last[:, None]
            return
        self._has_heard = self._has_numbers = True
        for index in range(fresh):
            inbox.copy(newest - fresh + index, self._last)
            line[:, index * count // fresh : (index + 1) * count // fresh] = self._last[:, None]
        age.fill(0.0)
        self._age = 0.0


def _numbers_in(content: Content, size: int) -> FloatArray:
    """The numbers that a patch keeps, ``[size]``; 0 where it has none."""
    kept = np.zeros(size, np.float32)
    given = np.asarray(content.get(NUMBERS, ()), np.float32).ravel()[:size]
    kept[: len(given)] = np.nan_to_num(given, nan=0.0, posinf=0.0, neginf=0.0)
    return kept


def scaled(line: FloatArray, given: tuple[float, float], wanted: tuple[float, float]) -> None:
    """Numbers in place from one range to another, held at its ends."""
    begin, end = given
    np.subtract(line, begin, out=line)
    np.multiply(line, 1.0 / (end - begin) if end != begin else 0.0, out=line)
    np.clip(line, 0.0, 1.0, out=line)
    np.multiply(line, wanted[1] - wanted[0], out=line)
    np.add(line, wanted[0], out=line)
