"""How late a method's answer is: one sound or place is followed by another, and half of the change is waited for.

A step rather than an impulse: what remembers phases, as oscillators do, never forgets an impulse, so that its centre
lies wherever the trial ends; a step it follows within its delay.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .interface import Array
from .signature import MethodFacts

# Frames before the step, and of the whole trial.
BEFORE, FRAMES = 4, 36
HELD_PAIRS = 3
# Places within a frame at which sound is changed; their mean tells parts of a frame though latents come in wholes.
OFFSETS = 8
HALF, BEGINNING = 0.5, 0.05
LOUD, SOFT = 0.3, 0.03
# Of its power in the end: less is no beginning of a change.
ONSET = 1e-4
# What rises evenly is some 8 times as strong 4 frames after its onset as after 1; what is less was there at once.
SOON, LATER, STEEP = 1, 4, 5.0
# Frames by which a mean over a whole frame may misplace what comes at once.
BLURRED = 0.6
Floats = NDArray[np.float64]

# From rest: ``[1, channels, FRAMES * unit_in]`` to ``[1, channels, FRAMES * unit_out]``.
Run = Callable[[Array], Array]


def lag_frames(run: Run, method: MethodFacts, width: int, unit_in: int, unit_out: int, part: float = HALF) -> float:
    """Codec frames from a change of what goes in until half (or another ``part``) of it is heard in what comes out.

    The declared ones of ``width`` channels are changed, the others are 0. To an eighth where values come out.
    """
    count, hears = FRAMES * unit_in, method.input_ratio == 1
    pairs = (_sounds if hears else _places)(width, method.input_channels, count)
    steps = sorted({unit_in * place // OFFSETS for place in range(OFFSETS)}) if hears else [0]
    lags = []
    for first, second in pairs:
        before, after = run(first), run(second)
        for number, step in enumerate(steps):
            at = (BEFORE + number) * unit_in + step  # in another frame each time, whose noise is another
            changed = run(np.concatenate([first[..., :at], second[..., at:]], axis=2))
            if method.output_ratio == 1:
                half = _half_of_sound(changed, before, unit_out, part if hears else part**2)
            else:
                half = _half_of_values(changed, before, after, unit_out, part)
            lags.append(half - at / unit_in)
    known = [one for one in lags if np.isfinite(one)]
    lag = float(np.mean(known)) if known else 0.0
    return lag if method.output_ratio == 1 else round(8 * lag) / 8


def _half_of_values(changed: Array, before: Array, after: Array, unit_out: int, part: float) -> float:
    """The frame at which values have come a part of the way to ``after``; infinity where nothing changes."""
    whole = np.subtract(after, before, dtype=np.float64)
    power = np.square(whole).sum((0, 1))
    if not power.any():
        return float("inf")
    way = (whole * (changed - before)).sum((0, 1)) / np.maximum(power, 1e-12 * power.max())
    return _reached(way, (np.arange(len(way)) + 0.5) / unit_out, part * float(np.median(way[-(len(way) // 3) :])))


def _half_of_sound(changed: Array, before: Array, unit_out: int, share: float) -> float:
    """The frame at which the difference of two sounds has come to a share of the power that it settles at.

    That is the power in the end, but for a change that is there almost at once: oscillators that were moved a little
    go on drifting apart for long, so that of it only the first frames count.
    """
    power = np.square(changed - before, dtype=np.float64).sum((0, 1))
    end = float(power[-(len(power) // 3) :].mean())
    if not end > 0.0:
        return float("inf")
    fine, fine_times = _smooth(power, max(unit_out // 8, 1), unit_out)
    onset = int(np.argmax(fine >= ONSET * end))
    soon, later = (_around(fine, onset + frames * unit_out, unit_out) for frames in (SOON, LATER))
    level = share * (later if later < STEEP * soon else end)
    whole, exact = _reached(*_smooth(power, unit_out, unit_out), level), _reached(fine, fine_times, level)
    return exact if abs(exact - whole) < BLURRED else whole  # the loud part of every frame would come too early


def _smooth(power: Floats, wide: int, unit_out: int) -> tuple[Floats, Floats]:
    """Means over ``wide`` samples, and their middles in frames."""
    sums = np.concatenate([[0.0], np.cumsum(power)])
    means = (sums[wide:] - sums[:-wide]) / wide
    return means, (np.arange(len(means)) + wide / 2) / unit_out


def _around(values: Floats, at: int, width: int) -> float:
    near = values[max(at - width // 2, 0) : at + max(width // 2, 1)]
    return float(near.mean()) if len(near) else float(values[-1])


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
