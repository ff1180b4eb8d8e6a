"""A node by itself, block after block, for tests of what sensors need."""

from collections.abc import Callable
from typing import Any

import numpy as np

from latent_terrain.engine import Setup, new_bus

RATE, BLOCK = 48_000, 64


def setup(said: list[str] | None = None) -> Setup:
    """Blocks of a step each."""
    warn: Callable[[str], None] = said.append if said is not None else lambda text: None
    return Setup(sample_rate=RATE, block=BLOCK, bus=new_bus(BLOCK), warn=warn)


def played(node: Any, signal: np.ndarray, outputs: int | None = None, **params: Any) -> np.ndarray:
    """What a node makes of a signal ``[channels, samples]`` of whole blocks."""
    audio = np.asarray(signal, np.float32)
    found = []
    for begin in range(0, audio.shape[1], BLOCK):
        out = np.zeros((outputs or len(audio), BLOCK), np.float32)
        node.process(audio[:, begin : begin + BLOCK], out, **params)
        found.append(out)
    return np.concatenate(found, axis=1)


def held(rows: np.ndarray, samples: int) -> np.ndarray:
    """What a sensor's rows ``[rows, channels]`` are as a signal, each held for so many samples."""
    return np.repeat(np.asarray(rows, np.float32).T, samples, axis=1)
