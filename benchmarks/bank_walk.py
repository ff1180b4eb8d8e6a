"""The walk with ``builtin:bank``: for benchmarks of codecs that make sound of latents, and swap models and terrains."""

from pathlib import Path

from latent_terrain.engine import load_palette
from latent_terrain.engine.offline import offline_setup
from latent_terrain.engine.training.jobs import run_jobs
from latent_terrain.graphs import Patch, add_node, connect, disconnect, load_file, set_value
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.one_codec import with_codec


def bank_walk() -> Patch:
    """Sixteen latents, learned in 300 steps, with a glide (``decoder-glide``) before the decoder."""
    palette = load_palette()
    patch = with_codec(load_file(STARTERS["walk"].file), palette, "builtin:bank")
    patch = add_node(patch, "latent_smooth", name="decoder-glide", values={"time": 30.0})
    patch = disconnect(patch, "terrain.out", "decoder.latents")
    patch = connect(connect(patch, "terrain.out", "decoder-glide.latents"), "decoder-glide.out", "decoder.latents")
    patch = set_value(patch, "terrain", "steps", 300)
    return run_jobs(patch, palette, offline_setup(patch, Path())).patch
