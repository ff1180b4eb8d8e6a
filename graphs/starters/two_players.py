"""Two players: a walker and a circler on one land, left and right."""

from ..edits import add_node, connect, set_value
from ..patch import Patch
from .parts import add_player, add_terrain


def two_players() -> Patch:
    """
    map (tour)   --> terrain   --> decoder   --> left  --+
    other (orbit) -> terrain-2 --> decoder-2 --> right --+--> mix --> out
    """
    patch = set_value(set_value(add_terrain(Patch()), "map", "rate", 1.0), "map", "mode", "loop")
    patch = add_node(patch, "terrain", name="terrain-2", position=(520, 560))
    patch = add_node(
        patch, "gui", name="other", values={"mode": "orbit", "shape": "rose", "frequency": 0.07}, position=(260, 560)
    )
    patch = add_player(patch, "terrain")
    patch = add_player(patch, "terrain-2", name="decoder-2", place=(780, 560))
    for name, place, row in (("left", -0.6, 0), ("right", 0.6, 560)):
        patch = add_node(patch, "pan", name=name, values={"place": place}, position=(1240, row))
    patch = add_node(patch, "mix", name="mix", position=(1460, 0))
    patch = add_node(patch, "audio_out", name="out", position=(1680, 0))
    for source, target in (
        ("map.coordinates", "terrain-2.coordinates"),
        ("sounds.latents", "terrain-2.latents"),
        ("map.xy", "terrain.position"),
        ("other.xy", "terrain-2.position"),
        ("decoder.out", "left.audio"),
        ("decoder-2.out", "right.audio"),
        ("left.out", "mix.audio_1"),
        ("right.out", "mix.audio_2"),
        ("mix.out", "out.audio"),
    ):
        patch = connect(patch, source, target)
    return patch
