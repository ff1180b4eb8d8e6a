"""Offline: a patch rendered as fast as the machine allows, the same bytes every time."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..graphs import Patch
from .clock import SampleClock
from .engine import Engine
from .palette import Palette
from .setup import Setup, new_bus
from .values import FloatArray

# Samples per block when nobody waits: sixteen frames of a codec of ratio 2048 in one call; and of very many nodes.
RENDER_BLOCK, LEAST_BLOCK = 32_768, 128
# Nodes times samples per block: beyond, blocks are shorter, so that the buffers of many nodes fit into memory.
ROOM = 64 * RENDER_BLOCK


def offline_setup(
    patch: Patch, folder: Path, sample_rate: float = 44_100.0, block: int | None = None, channels: int = 2
) -> Setup:
    """A setup for a render: no device, the patch's own seed. sample_rate in Hz; block in samples, None: as fits."""
    block = render_block(len(patch.nodes)) if block is None else block
    return Setup(
        sample_rate=sample_rate,
        block=block,
        patch_seed=patch.seed,
        folder=folder,
        offline=True,
        bus=new_bus(block, outputs=channels),
        clock=SampleClock(),
    )


def render_block(nodes: int) -> int:
    """Samples per block for a patch of so many nodes."""
    block = RENDER_BLOCK
    while block > LEAST_BLOCK and nodes * block > ROOM:
        block //= 2
    return block


def render(patch: Patch, palette: Palette, setup: Setup, samples: int) -> Iterator[FloatArray]:
    """Play a patch for so many samples; yields its output in order, float32 ``[channels, n]`` (a view: copy it).

    The sound does not depend on the block (to 1e-5; to the bit for equal blocks). Raises PatchError when the patch
    can't run. Faults on the way are told through ``setup.warn``.
    """
    engine = Engine(patch, palette, replace(setup, offline=True))
    try:
        yield from play(engine, samples)
    finally:
        engine.close()
        _tell_faults(engine)


def play(engine: Engine, samples: int) -> Iterator[FloatArray]:
    """The next so many samples of an engine and not one more, block by block; the last block may be shorter."""
    left = samples
    while left > 0:
        out = engine.process(min(left, engine.setup.block))
        _tell_faults(engine)
        yield out
        left -= out.shape[1]


def _tell_faults(engine: Engine) -> None:
    for fault in engine.faults():
        engine.setup.warn(str(fault))
