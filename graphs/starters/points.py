"""Points: steer by hand. Six places, six timbres, and a smooth field between them (spec §14)."""

import numpy as np

from ..edits import add_node, connect
from ..patch import Patch
from .parts import add_out, add_voice

LATENTS = 8
PLACES = ((-12.0, -2.5), (-4.0, 2.0), (-1.0, -3.0), (4.0, 0.5), (9.0, -2.0), (13.0, 2.5))


def points(seed: int = 3) -> Patch:
    """
    map (6 points) --> terrain (no Fourier features) --> decoder --> out
    timbres (6 single vectors) --^
    """
    random = np.random.default_rng(seed)
    timbres = random.standard_normal((len(PLACES), 1, LATENTS)).astype(np.float32)
    places = {f"lines/{index:04d}": np.array([place], np.float32) for index, place in enumerate(PLACES)}
    takes = {f"takes/{index + 1:04d}": timbre for index, timbre in enumerate(timbres)}
    values = {"mode": "orbit", "shape": "walk", "frequency": 0.25}
    patch = add_node(Patch(), "gui", name="map", values=values, content=places, position=(0, 0))
    patch = add_node(patch, "record", name="timbres", content=takes, position=(0, 240))
    patch = add_node(patch, "terrain", name="terrain", values={"gauss": 0.0}, position=(260, 0))
    for source, target in (
        ("map.coordinates", "terrain.coordinates"),
        ("timbres.takes", "terrain.latents"),
        ("map.xy", "terrain.position"),
    ):
        patch = connect(patch, source, target)
    return add_out(add_voice(patch, "terrain"), "decoder.out")
