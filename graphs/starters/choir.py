"""Choir: five walkers on one tour of the land, each somewhere else and a little faster, from left to right."""

from ..edits import add_node, connect, set_value
from ..patch import Patch
from .parts import OWN, add_out, add_terrain

SINGERS = 5


def choir() -> Patch:
    """
    sounds --> map (5 players) --> terrain (5 voices) --> decoder (5 voices) --> spread --> out
         `--------------------------^
    """
    patch = add_terrain(Patch())
    for key, value in (
        ("players", SINGERS),
        ("mode", "loop"),
        ("rate", 1.0),
        ("rate_spread", 0.2),
        ("phase", 1.0),
    ):
        patch = set_value(patch, "map", key, value)
    patch = set_value(patch, "terrain", "voices", SINGERS)
    patch = add_node(patch, "decoder", name="decoder", values={"voices": SINGERS, **OWN}, position=(780, 0))
    patch = add_node(patch, "spread", name="spread", values={"width": 0.9}, position=(1200, 0))
    for source, target in (
        ("map.xy", "terrain.position"),
        ("terrain.out", "decoder.latents"),
        ("decoder.out", "spread.audio"),
    ):
        patch = connect(patch, source, target)
    return add_out(patch, "spread.out", (1420, 0))
