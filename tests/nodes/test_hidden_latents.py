"""Decoder: latents that a model knows beyond those it declares."""

import numpy as np
import pytest
from numpy.typing import NDArray

from latent_terrain.engine import check_patch
from latent_terrain.engine.live import LiveSetup
from latent_terrain.graphs import Patch, set_seed

from .codec import models
from .land import PALETTE, draw, heard, setup_for
from .playing_live import live, play

pytest.importorskip("torch", reason="model files need torch")

RATE = 44_100


@pytest.fixture(scope="module")
def knowing(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model that would draw three latents by chance, as RAVE does."""
    return str(models.save(models.Dicing(tells=True), tmp_path_factory.mktemp("models") / "knowing.ts"))


def walk(codec: str, seed: int = 0, **values: object) -> Patch:
    patch = draw(
        "slow.out -> voice.latents",
        "voice.out -> out.audio",
        slow=("lfo", {"rate": 3.0}),
        voice=("decoder", {"codec": codec, "voices": 2, **values}),
        out="audio_out",
    )
    return set_seed(patch, seed)


def sound(patch: Patch, block: int = 512) -> NDArray[np.float32]:
    return heard(patch, 0.25, block, rate=RATE)


def test_the_tail_is_noise_that_a_render_repeats_at_any_block(knowing: str) -> None:
    plain, loud, soft = (sound(walk(knowing, tail=tail)) for tail in (0.0, 1.0, 0.1))
    np.testing.assert_array_equal(sound(walk(knowing, tail=1.0)), loud)
    np.testing.assert_allclose(sound(walk(knowing, tail=1.0), 2048), loud, atol=1e-5)
    np.testing.assert_allclose(sound(walk(knowing, tail=1.0), 100), loud, atol=1e-5)
    away, near = (float(np.abs(one - plain).mean()) for one in (loud, soft))
    assert away > 3 * near > 0.0
    assert np.abs(sound(walk(knowing, seed=1, tail=1.0)) - loud).max() > 0.01


def test_every_voice_has_a_tail_of_its_own(knowing: str) -> None:
    left, right = sound(walk(knowing, tail=1.0))
    assert np.abs(left - right).max() > 0.01
    left, right = sound(walk(knowing))
    np.testing.assert_allclose(left, right, atol=1e-5)


def test_played_live_it_is_the_same_noise(knowing: str) -> None:
    patch, block = walk(knowing, tail=1.0), 256
    with live(patch, PALETTE, LiveSetup(sample_rate=RATE, block=block, lookahead=4 * block)) as session:
        played = play(session, 30).T
    rendered = heard(patch, 26 * block / RATE, block, rate=RATE)
    assert np.abs(rendered).max() > 0.1
    np.testing.assert_allclose(played[:, 4 * block :], rendered, atol=1e-5)


def test_a_codec_without_more_latents_says_that_a_tail_changes_nothing() -> None:
    patch = walk("builtin:bank", tail=1.0)
    problems = [str(one) for one in check_patch(patch, PALETTE, setup_for(patch))]
    assert any("has no latents beyond its 16; hidden noise (tail) has no effect" in one for one in problems), problems
