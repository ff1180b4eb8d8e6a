"""Where sounds stand, and how their moments are written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.nodes.codec.sounds.descriptors import place_of, statistics
from latent_terrain.nodes.codec.sounds.layout import LONGEST_PIECE, PLACE_LATENTS, RATIO, SAMPLE_RATE, TWIN_DISTANCE
from latent_terrain.nodes.codec.sounds.moment_latents import Placed, latents_of, moments, pieces_of, placed

from .made import drums, noise, tone

SECOND = SAMPLE_RATE


def test_a_sound_has_the_same_place_every_time_whatever_others_there_are() -> None:
    np.testing.assert_array_equal(place_of(tone(), "a"), place_of(tone(), "a"))


def test_sounds_that_are_alike_stand_near_each_other_but_apart() -> None:
    one, same, other = place_of(tone(), "a"), place_of(tone(hertz=331.0), "b"), place_of(noise(), "c")
    assert 0.3 < np.linalg.norm(one - same) < 2 * TWIN_DISTANCE + 0.5 < np.linalg.norm(one - other)


def test_the_level_of_a_sound_does_not_move_it() -> None:
    np.testing.assert_allclose(statistics(tone()), statistics(0.1 * tone()), atol=0.01)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(1, np.float32),
        np.zeros(SECOND, np.float32),
        np.eye(1, SECOND, 500, dtype=np.float32)[0],
        np.ones(SECOND, np.float32),
        np.clip(20 * tone(), -1, 1),
        tone() + 0.5,
    ],
    ids=["one sample", "silence", "a click", "a shifted line", "clipped", "shifted"],
)
def test_odd_sounds_have_a_place_on_the_map(sound: np.ndarray) -> None:
    found = placed(sound.astype(np.float32), "odd")
    assert np.isfinite(found.places).all()
    assert np.linalg.norm(found.places[0]) < 25


def test_along_a_short_sound_only_the_time_moves_at_a_second_a_second() -> None:
    made = latents_of(placed(drums(), "a"))
    assert len(made) == -(-2 * SECOND // RATIO)
    assert (made[:, :PLACE_LATENTS] == made[0, :PLACE_LATENTS]).all()
    np.testing.assert_allclose(np.diff(made[:, PLACE_LATENTS]), RATIO / SECOND, rtol=1e-3)
    np.testing.assert_allclose(made[0, PLACE_LATENTS], -1.0, atol=0.001)


@given(seconds=st.floats(0.05, 300.0), seed=st.integers(0, 99))
def test_the_moments_of_a_frame_hold_that_frame(seconds: float, seed: int) -> None:
    samples = max(1, round(seconds * SECOND))
    places = np.random.default_rng(seed).standard_normal((pieces_of(samples), PLACE_LATENTS)).astype(np.float32)
    sound = Placed(samples, places)
    made = latents_of(sound)
    for frame in np.random.default_rng(seed).integers(0, len(made), 5):
        found = moments(sound, float(made[frame, PLACE_LATENTS]))
        assert np.abs(found - frame * RATIO).min() < 64


@given(seconds=st.floats(LONGEST_PIECE + 0.1, 600.0))
def test_a_long_sound_has_no_jump_where_its_pieces_meet(seconds: float) -> None:
    samples = round(seconds * SECOND)
    places = np.random.default_rng(1).standard_normal((pieces_of(samples), PLACE_LATENTS)).astype(np.float32)
    made = latents_of(Placed(samples, places))
    assert np.abs(np.diff(made[:, PLACE_LATENTS])).max() < 1.01 * RATIO / SECOND
    farthest = np.abs(np.diff(places, axis=0)).max() if len(places) > 1 else 0.0
    assert np.abs(np.diff(made[:, :PLACE_LATENTS], axis=0)).max() < farthest / 25
    assert 4 < samples / SECOND / len(places) < LONGEST_PIECE
