"""Small patches around a codec, for tests of the nodes that speak latents."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latent_terrain.engine import Engine, Palette, Setup, load_palette
from latent_terrain.engine.buffers import LatentBuffer, SignalBuffer
from latent_terrain.engine.offline import offline_setup, play, render
from latent_terrain.graphs import Patch, add_node, connect

PALETTE: Palette = load_palette()
RATE = 44_100


def draw(*cords: str, **nodes: Any) -> Patch:
    """A patch from ``name=("type", values)`` or ``("type", values, content)`` and ``"a.out -> b.audio"`` cords."""
    patch = Patch()
    for name, given in nodes.items():
        parts: list[Any] = [given] if isinstance(given, str) else list(given)
        type_, values, content = [*parts, {}, {}][:3]
        patch = add_node(patch, type_, name=name, values=values, content=content)
    for cord in cords:
        source, target = cord.split(" -> ")
        patch = connect(patch, source, target)
    return patch


def setup_for(patch: Patch, block: int = 512, rate: float = RATE, folder: Path | None = None) -> Setup:
    return offline_setup(patch, folder or Path(), rate, block)


def heard(patch: Patch, seconds: float = 1.0, block: int = 512, rate: float = RATE) -> NDArray[np.float32]:
    """The patch's sound ``[2, n]``."""
    parts = render(patch, PALETTE, setup_for(patch, block, rate), round(seconds * rate))
    return np.concatenate([part.copy() for part in parts], axis=1)


def output(patch: Patch, node: str, port: str, blocks: int, block: int = 512) -> NDArray[np.float32]:
    """What an output gives over some blocks, signals and latents joined along time."""
    engine = Engine(patch, PALETTE, setup_for(patch, block))
    parts = []
    for _ in range(blocks):
        for _ in play(engine, block):
            buffer = engine.compiled.plan.outputs[node, port]
            assert isinstance(buffer, SignalBuffer | LatentBuffer)
            given = buffer.array if isinstance(buffer, SignalBuffer) else buffer.views[buffer.times.count]
            parts.append(given.copy())
    engine.close()
    return np.concatenate(parts, axis=1)
