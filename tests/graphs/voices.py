"""A patch of two instances of a definition, and what the tests of definitions ask of patches."""

from collections.abc import Callable

import pytest

from latent_terrain.graphs import EditError, Patch
from latent_terrain.graphs.examples import drawn

VOICES = (
    "voice/pitch: param value=220; voice/level: inlet; voice/osc: sine; voice/amp: multiply; voice/sound: outlet; "
    "one: voice pitch=330; two: voice; move: lfo; sum: add; out: audio_out | voice/pitch.out > voice/osc.frequency, "
    "voice/osc.out > voice/amp.a, voice/level.out > voice/amp.b, voice/amp.out > voice/sound.audio, "
    "move.out > one.level, move.out > two.level, move.out > two.pitch, one.sound > sum.a, two.sound > sum.b, "
    "sum.out > out.audio"
)
Edit = Callable[[Patch], Patch]


def voices() -> Patch:
    """Two instances of a voice."""
    return drawn(VOICES)


def ends(patch: Patch) -> set[tuple[str, str]]:
    return {(cord.source, cord.target) for cord in patch.cords}


def refusal(edit: Callable[[], object]) -> str:
    with pytest.raises(EditError) as caught:
        edit()
    said = str(caught.value)
    assert "\n" not in said
    return said
