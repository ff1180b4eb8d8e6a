"""Walks through the latents of sounds, for tests and figures of their export."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
SPEEDS = (0.5, 2.0, -1.0, 0.2, 1.3)


def walks(lines: list[Floats], seed: int = 1) -> Iterator[tuple[str, Floats]]:
    """Names and latents ``[frames, 9]``: along lines ``[frames, 9]``, at other speeds, held, between, anywhere."""
    chance = np.random.default_rng(seed)
    yield "along", np.concatenate(lines)
    for speed in SPEEDS:
        yield f"at speed {speed:g}", np.concatenate([stretched(one, speed) for one in lines])
    yield "held", np.concatenate([np.repeat(one[[chance.integers(len(one))]], 50, axis=0) for one in lines * 2])
    yield "leaps", np.concatenate([one[chance.integers(len(one)) :][:12] for one in lines * 4])
    yield "between", np.concatenate([_way(lines, chance) for _ in range(4 * len(lines))])
    yield "anywhere", np.cumsum(chance.normal(0, 0.3, (400, 9)), axis=0).astype(np.float32)
    pauses = np.concatenate([_way(lines, chance) for _ in range(4)])
    pauses[20:35] = pauses[50] = 0.0
    yield "with pauses", pauses


def stretched(line: Floats, speed: float) -> Floats:
    """A line at another speed, backwards where it is negative; of long ones the first 200 frames."""
    at = np.arange(min(int(len(line) / abs(speed)), 200)) * speed % (len(line) - 1)
    return np.stack([np.interp(at, np.arange(len(line)), one) for one in line.T], axis=1).astype(np.float32)


def _way(lines: list[Floats], chance: np.random.Generator) -> Floats:
    first, second = (lines[chance.integers(len(lines))] for _ in range(2))
    begin, end = first[chance.integers(len(first))], second[chance.integers(len(second))]
    return (begin + (end - begin) * np.linspace(0, 1, 30)[:, np.newaxis]).astype(np.float32)
