"""Before the first latents come, a decoder is silent: nothing to play is no place of a codec."""

from pathlib import Path

import numpy as np
import pytest

from latent_terrain.nodes.codec.bank import load_bank
from latent_terrain.nodes.codec.tasks import DecodeTask

from ..land import draw, heard

RATE = 44_100


def test_a_lane_sounds_from_its_first_latents_as_a_fresh_codec_does() -> None:
    facts = load_bank().facts
    z = np.random.default_rng(3).standard_normal((2, facts.latent_dim, 8)).astype(np.float32)
    z[0, :, :2], z[1, :, :5] = 0.0, 0.0
    whole = DecodeTask(load_bank(), RATE, lanes=2).run(z.reshape(-1, 8))
    for row, first in ((0, 2), (1, 5)):
        assert not whole[row, : first * facts.ratio].any()
        alone = load_bank().decode(z[row : row + 1, :, first:])[0, 0]
        np.testing.assert_allclose(whole[row, first * facts.ratio :], alone, atol=4e-6)


@pytest.mark.parametrize("size", [1, 3])
def test_any_split_begins_alike_and_a_reset_begins_anew(size: int) -> None:
    task = DecodeTask(load_bank(), RATE)
    z = np.random.default_rng(3).standard_normal((task.codec.facts.latent_dim, 9)).astype(np.float32)
    z[:, :4], z[:, 6] = 0.0, 0.0
    whole = task.run(z)
    task.reset()
    parts = [task.run(z[:, at : at + size]) for at in range(0, 9, size)]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, atol=1e-6)
    hum = load_bank().decode(np.zeros((1, len(z), 4), np.float32))
    assert np.abs(hum).max() > 0.01, "what would be heard of nothing"
    assert task.run(z[:, :0]).shape == (1, 0)


def test_a_terrain_that_has_not_learned_and_a_microphone_that_is_not_there_are_silent() -> None:
    for source in ("land", "sounds"):
        patch = draw(
            f"{source}.out -> voice.latents",
            "voice.out -> out.audio",
            land="terrain",
            sounds="encode",
            voice="decoder",
            out="audio_out",
        )
        assert not heard(patch, 0.3).any()


def test_a_model_file_is_silent_too(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="model files need torch")
    from . import models

    path = models.save(models.Codec(), tmp_path / "m.ts")
    patch = draw(
        "sounds.out -> voice.latents",
        "voice.out -> out.audio",
        sounds=("encode", {"codec": str(path)}),
        voice=("decoder", {"codec": str(path)}),
        out="audio_out",
    )
    assert not heard(patch, 0.3).any()
