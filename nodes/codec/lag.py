"""How late a method's answer is: one sound or place gives way to another, and half of the change is waited for.

A step rather than an impulse: what remembers phases, as oscillators do, never forgets an impulse, so that its centre
lies wherever the trial ends; a step it follows within its delay.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .interface import Array
from .signature import MethodFacts

BEFORE, FRAMES = 4, 36
"""Frames before the step, and of the whole trial."""
HELD_PAIRS = 3
OFFSETS = 8
"""Places within a frame at which sound is changed; their mean tells parts of a frame though latents come in wholes."""
LOUD, SOFT = 0.3, 0.03
ONSET = 0.01
"""Of its power in the end: less is no beginning of a change."""
SETTLED = (2, 6)
"""Frames after its onset between which a sound's change is taken for complete."""
Floats = NDArray[np.float64]

Run = Callable[[Array], Array]
"""From rest: ``[1, channels, FRAMES * unit_in]`` to ``[1, channels, FRAMES * unit_out]``."""


def lag_frames(run: Run, method: MethodFacts, width: int, unit_in: int, unit_out: int) -> float:
    """Codec frames from a change of what goes in until half of it is heard in what comes out.

    The declared ones of ``width`` channels are changed, the others are 0.
    """
    count, hears = FRAMES * unit_in, method.input_ratio == 1
    pairs = (_sounds if hears else _places)(width, method.input_channels, count)
    steps = sorted({unit_in * place // OFFSETS for place in range(OFFSETS)}) if hears else [0]
    lags = []
    for first, second in pairs:
        before, after = run(first), run(second)
        for step in steps:
            at = BEFORE * unit_in + step
            changed = run(np.concatenate([first[..., :at], second[..., at:]], axis=2))
            if method.output_ratio == 1:
                half = _half_of_sound(changed, before, unit_out, 0.5 if hears else 0.25)
            else:
                half = _half_of_values(changed, before, after, unit_out)
            lags.append(half - at / unit_in)
    known = [one for one in lags if np.isfinite(one)]
    return float(np.mean(known)) if known else 0.0


def _half_of_values(changed: Array, before: Array, after: Array, unit_out: int) -> float:
    """The frame at which values have come half the way from ``before`` to ``after``; infinity where nothing changes."""
    whole = np.subtract(after, before, dtype=np.float64)
    power = np.square(whole).sum((0, 1))
    if not power.any():
        return float("inf")
    way = (whole * (changed - before)).sum((0, 1)) / np.maximum(power, 1e-12 * power.max())
    return _reached(way, (np.arange(len(way)) + 0.5) / unit_out, 0.5 * float(np.median(way[-(len(way) // 3) :])))


def _half_of_sound(changed: Array, before: Array, unit_out: int, share: float) -> float:
    """The frame at which the difference of two sounds has come to a share of its power a few frames after its onset.

    Not in the end: oscillators go on drifting apart, however little they were moved.
    """
    wide = max(unit_out // 8, 1)
    power = np.square(changed - before, dtype=np.float64).sum((0, 1))
    sums = np.concatenate([[0.0], np.cumsum(power)])
    smooth = (sums[wide:] - sums[:-wide]) / wide
    if not smooth.max() > 0.0:
        return float("inf")
    onset = int(np.argmax(smooth >= ONSET * smooth[-(len(smooth) // 3) :].mean()))
    end = smooth[onset + SETTLED[0] * unit_out : onset + SETTLED[1] * unit_out]
    times = (np.arange(len(smooth)) + wide / 2) / unit_out
    return _reached(smooth, times, share * float((end if len(end) else smooth[onset:]).mean()))


def _reached(values: Floats, times: Floats, level: float) -> float:
    after = int(np.argmax(values >= level))
    if not after or not level > 0.0:
        return float(times[0]) if level > 0.0 else float("inf")
    low, high = values[after - 1], values[after]
    return float(times[after - 1] + (level - low) / (high - low) * (times[after] - times[after - 1]))


def _places(width: int, channels: int, count: int) -> list[tuple[Array, Array]]:
    held = np.zeros((2 * HELD_PAIRS, 1, width, count), np.float32)
    held[:, :, :channels] = np.random.default_rng(12).standard_normal((2 * HELD_PAIRS, 1, channels, 1))
    return [(held[2 * number], held[2 * number + 1]) for number in range(HELD_PAIRS)]


def _sounds(width: int, channels: int, count: int) -> list[tuple[Array, Array]]:
    """A dark loud noise and a bright soft one, both ways: half-way from loud to soft is early, and late the other."""
    random, made = np.random.default_rng(13), []
    for sign, level in 2 * ((0.9, LOUD), (-0.9, SOFT)):
        white = random.standard_normal((1, channels, count + 1))
        sound = np.zeros((1, width, count), np.float32)
        sound[:, :channels] = level * (white[..., 1:] + sign * white[..., :-1]) / (1 + sign**2) ** 0.5
        made.append(sound)
    return [(made[0], made[1]), (made[3], made[2])]
