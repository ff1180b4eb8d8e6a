"""Make the starter patches anew: build each, record what it records, train it, save it beside its function.

Run: python -m latent_terrain.ui.starters (after the codec's weights or a starter's function changed)
"""

from dataclasses import replace
from pathlib import Path

from ..engine import Engine, Palette, load_palette
from ..engine.capture import captured
from ..engine.offline import offline_setup, play
from ..engine.training.jobs import run_jobs
from ..graphs import Patch, save, set_content, set_value
from ..graphs.starters import STARTERS, Starter
from ..nodes.codec.space import kept_space, space_of
from ..nodes.record import SPACE
from .one_codec import patch_codec

RATE = 44_100.0
RECORD_BLOCK = 512


def finished(starter: Starter, palette: Palette) -> Patch:
    """A starter patch with its takes recorded and everything learned."""
    patch = starter.build()
    setup = offline_setup(patch, Path(), RATE)
    if starter.record_seconds:
        patch = _recorded(patch, palette, starter.record_seconds)
    patch = _remembering(patch, palette)
    trained = run_jobs(patch, palette, replace(setup, patch_seed=patch.seed))
    if trained.skipped:
        raise ValueError(f"{starter.name}: {trained.skipped[0]}")
    return trained.patch


def _remembering(patch: Patch, palette: Palette) -> Patch:
    """The patch whose takes of latents that were written by hand remember the codec that they are for."""
    space = space_of(patch_codec(patch, palette))
    latents = {cord.source_node for cord in patch.cords if cord.target_port == "latents"}
    for name in palette.names(patch, "takes"):
        node = patch.nodes[name]
        if name in latents and node.content and SPACE not in node.content:
            patch = set_content(patch, name, {**node.content, **kept_space(space, SPACE)})
    return patch


def _recorded(patch: Patch, palette: Palette, seconds: float) -> Patch:
    """The patch with one take in every record node, all recorded together from the start."""
    running = patch
    for name in palette.names(patch, "takes"):
        running = set_value(running, name, "recording", True)
    engine = Engine(running, palette, offline_setup(patch, Path(), RATE, RECORD_BLOCK))
    for _ in play(engine, round(seconds * RATE)):
        pass
    kept = captured(patch, engine)
    engine.close()
    return kept


def main() -> None:
    """Write every starter's ``.ltp``."""
    palette = load_palette()
    for starter in STARTERS.values():
        patch = finished(starter, palette)
        save(patch, starter.file)
        print(f"{starter.name}: {len(patch.nodes)} nodes, {starter.file.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
