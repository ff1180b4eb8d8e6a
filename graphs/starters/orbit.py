"""Orbit: circle over the land for ever, never twice the same."""

from ..edits import add_node, connect, set_value
from ..patch import Patch
from .parts import add_out, add_player, add_terrain


def orbit() -> Patch:
    """
    drift --> map (lissajous) --> terrain --> decoder --> out
    """
    patch = add_terrain(Patch())
    for key, value in {"mode": "orbit", "shape": "lissajous", "frequency": 0.05, "detune_y": 1.013}.items():
        patch = set_value(patch, "map", key, value)
    patch = add_node(patch, "lfo", name="drift", values={"rate": 0.031, "low": 0.3, "high": 0.9}, position=(0, 160))
    patch = connect(patch, "drift.out", "map.size_x")
    patch = connect(patch, "map.xy", "terrain.position")
    return add_out(add_player(patch, "terrain"), "decoder.out")
