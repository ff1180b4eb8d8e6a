"""Live record: encode what plays, record it beside a gesture, learn the pair, play it back by another gesture."""

from ..edits import add_node, connect
from ..patch import Patch
from .parts import add_out, add_voice


def live_record() -> Patch:
    """
    player --> encode --> latents (record) --------.
    gesture (orbit) --> places (record) --> terrain --> decoder --> out
                                  other gesture --^
    """
    patch = add_node(
        Patch(), "sound_player", name="player", values={"file": "bundled:04-beat.flac", "loop": True}, position=(0, 0)
    )
    patch = add_node(patch, "encode", name="encode", position=(260, 0))
    patch = add_node(patch, "record", name="latents", values={"recording": False}, position=(520, 0))
    gesture = {"mode": "orbit", "shape": "spiral", "frequency": 0.5}
    patch = add_node(patch, "gui", name="gesture", values=gesture, position=(0, 240))
    patch = add_node(patch, "record", name="places", values={"recording": False}, position=(520, 240))
    patch = add_node(patch, "terrain", name="terrain", position=(780, 120))
    walk = {"mode": "orbit", "shape": "walk", "frequency": 0.6}
    patch = add_node(patch, "gui", name="walk", values=walk, position=(520, 480))
    for source, target in (
        ("player.audio", "encode.audio"),
        ("encode.out", "latents.input"),
        ("gesture.xy", "places.input"),
        ("places.takes", "terrain.coordinates"),
        ("latents.takes", "terrain.latents"),
        ("walk.xy", "terrain.position"),
    ):
        patch = connect(patch, source, target)
    return add_out(add_voice(patch, "terrain", place=(1040, 120)), "decoder.out", (1500, 120))
