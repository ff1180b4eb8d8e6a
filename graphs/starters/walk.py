"""Walk: eight sounds on a map, and a tour that visits them all."""

from ..edits import connect, set_value
from ..patch import Patch
from .parts import SOUNDS, add_out, add_player, add_terrain


def walk(sounds: str = SOUNDS, rate: float = 1.0) -> Patch:
    """
    sounds --> map --> terrain --> decoder --> out
         `--------------^
    """
    patch = add_terrain(Patch(), sounds)
    patch = set_value(set_value(patch, "map", "rate", rate), "map", "mode", "loop")
    patch = connect(patch, "map.xy", "terrain.position")
    return add_out(add_player(patch, "terrain"), "decoder.out")
