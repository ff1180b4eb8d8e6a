"""A patch that is trained in a moment, for tests of what others do with it."""

from pathlib import Path

from latent_terrain.graphs import Patch, add_node, connect


def small_patch(sounds: Path) -> Patch:
    patch = add_node(Patch(), "encode", name="sounds", values={"sounds": [str(sounds)]})
    patch = add_node(patch, "gui", name="map", values={"layout": "rows"})
    patch = add_node(patch, "terrain", name="terrain", values={"width": 8, "features": 16, "steps": 3})
    patch = add_node(patch, "decoder", name="decoder")
    patch = add_node(patch, "audio_out", name="out")
    for cord in (
        "sounds.latents map.latents",
        "map.coordinates terrain.coordinates",
        "sounds.latents terrain.latents",
        "map.xy terrain.position",
        "terrain.out decoder.latents",
        "decoder.out out.audio",
    ):
        patch = connect(patch, *cord.split())
    return patch
