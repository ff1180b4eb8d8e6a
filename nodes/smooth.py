"""Smooth: round off jumps and tremble in a movement, or darken a sound."""

from math import exp
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from ..engine import FloatArray, Help, Param, Setup, Signal, node

CHUNK = 64
STRIDES = (1, 2, 4, 8, 16, 32)

Time = Annotated[
    float,
    Param(
        0.0,
        10_000.0,
        soft=(0, 1_000),
        unit="ms",
        help="Time constant; 0 is off.",
    ),
]


@node(
    other_names=("slew", "lag", "slide~", "portamento", "lowpass", "one pole", "glide"),
    nearest_to=("filter", "eq", "equaliser", "equalizer", "vcf", "svf", "highpass", "lores~"),
)
class Smooth:
    """Smooth a signal over time.

    A one-pole lowpass on each channel: y = k · y' + (1 - k) · x, k = e^(-1/t), t the time in samples. It begins at
    rest on the first value it meets.
    """

    # The recurrence is unrolled by doubling strides (Hillis & Steele 1986) inside chunks of 64 samples that are
    # counted from the node's first sample, not from the block's: every sample is then the same sum in the same
    # order whatever the block, to the last bit. A chunk cut by a block's end is begun again in the next block.

    def __init__(self, setup: Setup) -> None:
        self._per_ms = setup.sample_rate / 1000.0
        self._room = -(-setup.block // CHUNK) * CHUNK + CHUNK
        self._keep, self._product = np.zeros(self._room), np.zeros(self._room)
        self._spare = np.zeros(self._room)
        self._table, self._table_keep = np.zeros(CHUNK), -1.0
        self._state = np.zeros(0)
        self._used, self._is_new = 0, True
        self._make(1)

    def process(
        self, audio: Annotated[Signal, Help("the signal to smooth")], out: Signal, time: Time = 20.0
    ) -> Annotated[Signal, Help("the smoothed signal")]:
        """Fill ``out`` ``[channels, n]``."""
        channels, count = out.shape
        if channels != len(self._state):
            self._make(channels)
        if self._is_new:
            self._state[:] = audio[:, 0]
            self._is_new = False
        begin, end = self._used, self._used + count
        chunks, tail = -(-end // CHUNK), end % CHUNK
        keep = self._keep[begin:end]
        steady = self._fill_keep(keep, time)
        np.subtract(1.0, keep, out=self._spare[:count])
        np.multiply(audio, self._spare[:count], out=self._given[:, begin:end])
        level = self._level[:, : chunks * CHUNK]
        np.copyto(level, self._given[:, : chunks * CHUNK])
        products = self._doubled_evenly(level) if steady else self._doubled(level)
        for chunk in range(chunks):
            here = level[:, chunk * CHUNK : (chunk + 1) * CHUNK]
            np.multiply(products[chunk % len(products)], self._state[:, None], out=self._carried)
            np.add(here, self._carried, out=here)
            if chunk < chunks - 1 or not tail:
                self._state[:] = here[:, -1]
        np.copyto(out, level[:, begin:end], casting="same_kind")
        if tail and end != tail:
            self._given[:, :tail] = self._given[:, end - tail : end]
            self._keep[:tail] = self._keep[end - tail : end]
        self._used = tail
        if not np.isfinite(self._state).all():
            self.reset()
        return out

    def reset(self) -> None:
        """Begin at rest on the next value."""
        self._make(len(self._state))

    def _make(self, channels: int) -> None:
        self._state = np.zeros(channels)
        self._given, self._level = np.zeros((2, channels, self._room))
        self._carried = np.zeros((channels, CHUNK))
        self._scratch = np.zeros((channels, self._room))
        self._used, self._is_new = 0, True

    def _fill_keep(self, keep: NDArray[np.float64], time: float | FloatArray) -> bool:
        """How much of the past each sample keeps; whether that is one number as far back as the chunk goes."""
        if isinstance(time, np.ndarray):
            np.multiply(time[0], -self._per_ms, out=keep, dtype=np.float64)
            np.minimum(keep, -1e-6, out=keep)
            np.divide(1.0, keep, out=keep)
            np.exp(keep, out=keep)
            return False
        value = exp(1.0 / min(float(np.float32(time)) * -self._per_ms, -1e-6))
        keep.fill(value)
        if value != self._table_keep:
            self._table.fill(value)
            _products(self._table[None], self._spare[:CHUNK][None])
            self._table_keep = value
        return bool((self._keep[: self._used] == value).all())

    def _doubled_evenly(self, level: NDArray[np.float64]) -> NDArray[np.float64]:
        """Every chunk as if begun at 0, with one constant; what each place keeps of the past, ``[1, CHUNK]``."""
        chunked = level.reshape(len(level), -1, CHUNK)
        scratch = self._scratch[:, : level.shape[1]].reshape(chunked.shape)
        keep = self._table_keep
        for stride in STRIDES:
            np.multiply(chunked[..., :-stride], keep, out=scratch[..., stride:])
            np.add(chunked[..., stride:], scratch[..., stride:], out=chunked[..., stride:])
            keep *= keep
        return self._table[None]

    def _doubled(self, level: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same with a constant for each sample; ``[chunks, CHUNK]``."""
        count = level.shape[1]
        chunked = level.reshape(len(level), -1, CHUNK)
        scratch = self._scratch[:, :count].reshape(chunked.shape)
        products, spare = self._product[:count], self._spare[:count].reshape(-1, CHUNK)
        np.copyto(products, self._keep[:count])
        products = products.reshape(-1, CHUNK)
        for stride in STRIDES:
            np.multiply(chunked[..., :-stride], products[:, stride:], out=scratch[..., stride:])
            np.add(chunked[..., stride:], scratch[..., stride:], out=chunked[..., stride:])
            _widen(products, spare, stride)
        return products


def _products(keep: NDArray[np.float64], spare: NDArray[np.float64]) -> None:
    """Products from the chunk's begin to each place, in the order in which the scan makes them."""
    for stride in STRIDES:
        _widen(keep, spare, stride)


def _widen(products: NDArray[np.float64], spare: NDArray[np.float64], stride: int) -> None:
    np.multiply(products[:, stride:], products[:, :-stride], out=spare[:, stride:])
    products[:, stride:] = spare[:, stride:]
