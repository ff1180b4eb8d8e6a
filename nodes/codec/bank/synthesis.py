"""The voice of the built-in codec: a bank of sine waves and a breath of shaped noise.

It always works one frame (4 hops of 256 samples) and one lane at a time, so that how frames arrive changes
nothing. Between hops amplitudes go straight and phases follow the exact integral of a straight frequency: no
clicks and no buzz at the frame rate, whatever the latents do.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from .layout import (
    HOP,
    HOPS_PER_FRAME,
    NOISE_HOPS,
    NOISE_SEED,
    NOISE_WINDOW,
    PARTIALS,
    QUIETEST_PARTIAL,
    SAMPLE_RATE,
    FloatArray,
    noise_shapes,
    noise_window,
    start_phases,
)

TURN = np.float32(2 * np.pi)


class LaneVoice:
    """One lane's oscillators and noise with their state: phases (float64, in cycles), last levels, noise tail.

    waves: working space from ``wave_table``; voices that never play at the same time may share it.
    """

    def __init__(self, waves: FloatArray) -> None:
        self._ramp = np.arange(1, HOP + 1, dtype=np.float32) / np.float32(HOP)
        self._powers = np.stack([np.ones(HOP, np.float32), self._ramp, self._ramp**2])
        self._waves = waves
        self._amplitude = np.zeros((HOPS_PER_FRAME + 1, PARTIALS), np.float32)
        self._hertz = np.zeros((HOPS_PER_FRAME + 1, PARTIALS), np.float64)
        self._phase = np.zeros(PARTIALS)
        self._tail = np.zeros(HOP, np.float32)
        self._motion = np.zeros((HOPS_PER_FRAME, PARTIALS, 3))
        self._shapes, self._window = noise_shapes(), noise_window()
        self.reset()

    def reset(self) -> None:
        """Back to the first sample."""
        self._amplitude[:] = 0.0
        self._phase[:] = start_phases()
        self._tail[:] = 0.0
        self._fresh = True
        self._noise_hop = 0

    def play(self, amplitude: FloatArray, hertz: NDArray[np.float64], noise: FloatArray, out: FloatArray) -> None:
        """Write one frame of sound into ``out`` (``[1024]``).

        amplitude ``[4, 112]``, hertz ``[4, 112]`` and noise gain ``[4, 32]`` are reached at the end of each hop.
        """
        self._noise(noise, out)
        self._sing(amplitude, hertz, out.reshape(HOPS_PER_FRAME, HOP))

    def _sing(self, amplitude: FloatArray, hertz: NDArray[np.float64], out: FloatArray) -> None:
        levels, pitches = self._amplitude, self._hertz
        levels[0], pitches[0] = levels[-1], hertz[0] if self._fresh else pitches[-1]
        self._fresh = False
        np.maximum(amplitude - np.float32(QUIETEST_PARTIAL), 0.0, out=levels[1:])
        pitches[1:] = hertz
        cycles = pitches * (HOP / SAMPLE_RATE)
        motion = self._motion
        starts, speeds, bends = motion[..., 0], motion[..., 1], motion[..., 2]
        speeds[:] = cycles[:-1]
        np.subtract(cycles[1:], speeds, out=bends)
        bends *= 0.5
        ends = np.cumsum(speeds + bends, axis=0)
        ends += self._phase
        starts[0], starts[1:] = self._phase, ends[:-1]
        np.remainder(starts, 1.0, out=starts)
        np.remainder(ends[-1], 1.0, out=self._phase)

        sounding = (levels[:-1] > 0) | (levels[1:] > 0)
        borders = [0, *np.cumsum(np.count_nonzero(sounding, axis=1)).tolist()]
        if not borders[-1]:
            return
        wave = self._waves[: borders[-1]]
        np.matmul(motion[sounding].astype(np.float32), self._powers, out=wave)
        wave *= TURN
        np.sin(wave, out=wave)
        line = np.empty((2, borders[-1]), np.float32)
        line[0] = levels[:-1][sounding]
        np.subtract(levels[1:][sounding], line[0], out=line[1])
        for hop in range(HOPS_PER_FRAME):
            part = slice(borders[hop], borders[hop + 1])
            steady, rising = line[:, part] @ wave[part]
            out[hop] += steady + rising * self._ramp

    def _noise(self, gain: FloatArray, out: FloatArray) -> None:
        spectra = noise_spectra()[self._noise_hop : self._noise_hop + HOPS_PER_FRAME]
        self._noise_hop = (self._noise_hop + HOPS_PER_FRAME) % NOISE_HOPS
        pieces = np.fft.irfft(spectra * (gain @ self._shapes), n=NOISE_WINDOW, axis=1) * self._window
        hops = out.reshape(HOPS_PER_FRAME, HOP)
        hops[:] = pieces[:, :HOP]
        hops[0] += self._tail
        hops[1:] += pieces[:-1, HOP:]
        self._tail[:] = pieces[-1, HOP:]


def wave_table() -> FloatArray:
    """Space for one frame of every partial's wave: float32 ``[448, 256]``."""
    return np.empty((HOPS_PER_FRAME * PARTIALS, HOP), np.float32)


@cache
def noise_spectra() -> NDArray[np.complex64]:
    """Six seconds of uniform noise, already windowed and transformed: complex64 ``[1024, 257]``, shared by all."""
    noise = np.random.default_rng(NOISE_SEED).uniform(-1, 1, NOISE_HOPS * HOP).astype(np.float32)
    hops = noise.reshape(NOISE_HOPS, HOP)
    frames = np.concatenate([np.roll(hops, 1, axis=0), hops], axis=1)
    return np.fft.rfft(frames * noise_window(), axis=1).astype(np.complex64)
