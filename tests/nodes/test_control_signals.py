"""Signals of values are shown in numbers, also behind nodes that only calculate with them; sound is a level."""

from latent_terrain.engine import Engine
from latent_terrain.engine.offline import play
from latent_terrain.engine.readings import readings

from .land import PALETTE, draw, setup_for


def test_coordinates_are_values_wherever_they_are_calculated_with_and_sound_is_not() -> None:
    """
    map --> add --> terrain;  slider --> multiply(tone) --> out
    """
    patch = draw(
        "map.xy -> here.a",
        "drift.out -> here.b",
        "here.out -> land.position",
        "land.out -> voice.latents",
        "voice.out -> both.a",
        "drift.out -> both.b",
        "both.out -> out.audio",
        map="gui",
        drift=("slider", {"value": 2.5}),
        here="add",
        land="terrain",
        voice="decoder",
        both="multiply",
        out="audio_out",
    )
    engine = Engine(patch, PALETTE, setup_for(patch))
    for _ in play(engine, 512):
        pass
    found = {(one.node, one.name): one.array for one in readings(engine)}
    engine.close()
    values = {node for node, name in found if name.startswith("value.")}
    assert values == {"map", "drift", "here"}
    assert found["drift", "value.out"] == 2.5
    assert found["here", "value.out"].shape == (2,)
