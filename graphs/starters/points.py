"""Points: steer by hand. Six places, six timbres, and a smooth field between them (spec §14)."""

import numpy as np

from ..edits import add_node, connect
from ..patch import Patch
from .parts import add_out, add_voice

PLACES = ((-12.0, -2.5), (-4.0, 2.0), (-1.0, -3.0), (4.0, 0.5), (9.0, -2.0), (13.0, 2.5))
# What is heard at each place: the sixteen latents of the built-in codec; the last one is loudness.
TIMBRES = (
    (0.2, -0.1, -0.7, 2.0, 0.1, -1.2, -0.5, 1.3, 2.5, 1.7, -0.3, 1.2, -2.1, 1.2, -0.2, 0.1),
    (2.5, -1.7, -1.7, 1.4, 0.3, -0.3, 0.3, 0.9, -0.5, -0.8, -1.3, -1.1, -1.0, 1.5, 0.4, 0.7),
    (-0.8, -2.5, -1.7, -0.4, 0.5, 0.5, 0.7, 0.9, 0.5, 0.6, -0.3, 0.7, -0.1, -0.1, 0.3, 0.8),
    (2.5, 0.4, 1.7, 0.2, 1.4, -1.2, -1.3, 2.5, 0.6, -1.9, 0.9, -0.1, -0.2, 1.2, -1.5, 0.2),
    (0.7, 2.5, -1.6, 0.0, 2.5, -1.2, -0.3, -0.1, 0.4, -2.1, 0.4, 0.8, 2.5, -0.1, -0.8, 0.7),
    (0.4, 1.3, 1.2, 1.7, 1.0, -0.4, -0.1, 0.6, -0.4, 0.7, 1.5, -1.0, -2.3, 1.6, 0.0, 0.5),
)


def points() -> Patch:
    """
    map (6 points) --> terrain (no Fourier features) --> decoder --> out
    timbres (6 single vectors) --^
    """
    places = {f"lines/{index:04d}": np.array([place], np.float32) for index, place in enumerate(PLACES)}
    takes = {f"takes/{index + 1:04d}": np.array([timbre], np.float32) for index, timbre in enumerate(TIMBRES)}
    values = {"mode": "orbit", "shape": "walk", "frequency": 0.8, "size_x": 1.0, "size_y": 1.0}
    patch = add_node(Patch(), "gui", name="map", values=values, content=places, position=(0, 0))
    patch = add_node(patch, "record", name="timbres", content=takes, position=(0, 560))
    patch = add_node(patch, "terrain", name="terrain", values={"gauss": 0.0}, position=(300, 0))
    for source, target in (
        ("map.coordinates", "terrain.coordinates"),
        ("timbres.takes", "terrain.latents"),
        ("map.xy", "terrain.position"),
    ):
        patch = connect(patch, source, target)
    return add_out(add_voice(patch, "terrain"), "decoder.out")
