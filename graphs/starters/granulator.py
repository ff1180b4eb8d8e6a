"""Granulator: a terrain over time. Scrub slowly through all sounds end to end, scattered a little around."""

from ..edits import add_node, connect
from ..patch import Patch
from .parts import OWN, SOUNDS, add_out, add_player

LENGTH = 16.0


def granulator() -> Patch:
    """
    sounds --> tape --> terrain (1-D) --> decoder --> out
    scrub + scatter ------^
    """
    patch = add_node(Patch(), "encode", name="sounds", values={"sounds": [SOUNDS], **OWN}, position=(0, 0))
    patch = add_node(patch, "timeline", name="tape", values={"length": LENGTH}, position=(260, 0))
    patch = add_node(
        patch,
        "terrain",
        name="terrain",
        values={"control_dim": 1, "gauss": 1.0, "box": [0.0, LENGTH]},
        position=(520, 0),
    )
    patch = add_node(
        patch,
        "lfo",
        name="scrub",
        values={"shape": "triangle", "rate": 0.02, "low": 0.0, "high": LENGTH},
        position=(0, 160),
    )
    patch = add_node(
        patch,
        "lfo",
        name="scatter",
        values={"shape": "random", "rate": 6.0, "low": -0.35, "high": 0.35},
        position=(0, 360),
    )
    patch = add_node(patch, "add", name="here", position=(260, 160))
    for source, target in (
        ("sounds.latents", "tape.latents"),
        ("tape.coordinates", "terrain.coordinates"),
        ("sounds.latents", "terrain.latents"),
        ("scrub.out", "here.a"),
        ("scatter.out", "here.b"),
        ("here.out", "terrain.position"),
    ):
        patch = connect(patch, source, target)
    return add_out(add_player(patch, "terrain"), "decoder.out")
