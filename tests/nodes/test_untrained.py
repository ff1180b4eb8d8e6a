"""An untrained terrain is silent through any codec, also where its training failed; a trained one begins to sound."""

from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import Engine
from latent_terrain.engine.offline import play
from latent_terrain.engine.training.jobs import run_jobs
from latent_terrain.graphs import set_content, set_value
from latent_terrain.graphs.starters import STARTERS

from .codec import models
from .land import PALETTE, RATE, draw, heard, setup_for
from .test_terrain_node import trained, untaught

# -90 dB.
SILENT = 10 ** (-90 / 20)


@pytest.mark.parametrize("codec", ["builtin:bank", "builtin:sounds"])
def test_a_walk_before_any_training_is_silent(codec: str) -> None:
    patch = STARTERS["walk"].build()
    for node in ("sounds", "decoder"):
        patch = set_value(patch, node, "codec", codec)
    assert np.abs(heard(patch, 1.0)).max() < SILENT


def test_a_model_is_silent_before_training_too(tmp_path: Path) -> None:
    patch = set_value(untaught(), "voice", "codec", str(models.save(models.Codec(), tmp_path / "codec.ts")))
    assert np.abs(heard(patch, 0.5)).max() < SILENT


def test_it_is_silent_through_nodes_between_and_after_a_training_that_failed() -> None:
    """
    nothing --> terrain --> smooth --> gain --> decoder --> out
    """
    patch = draw(
        "land.out -> glide.latents",
        "glide.out -> louder.audio",
        "louder.out -> voice.latents",
        "voice.out -> out.audio",
        land="terrain",
        glide="latent_smooth",
        louder=("gain", {"level": 6.0}),
        voice="decoder",
        out="audio_out",
    )
    result = run_jobs(patch, PALETTE, setup_for(patch))
    assert result.skipped
    assert np.abs(heard(result.patch, 0.5)).max() < SILENT


def test_what_comes_from_elsewhere_beside_it_is_heard() -> None:
    patch = draw(
        "land.out -> both.a",
        "value.out -> both.b",
        "both.out -> voice.latents",
        "voice.out -> out.audio",
        land="terrain",
        value=("slider", {"value": 1.0}),
        both="add",
        voice="decoder",
        out="audio_out",
    )
    assert np.abs(heard(patch, 0.5)).max() > 0.01


def test_a_terrain_that_is_trained_while_it_plays_comes_in_without_a_click_and_is_the_same_sound() -> None:
    after = trained()
    before = set_content(after, "land", {})
    engine = Engine(before, PALETTE, setup_for(before))

    def sound(blocks: int) -> np.ndarray:
        return np.concatenate([part.copy() for part in play(engine, blocks * 512)], axis=1)

    assert np.abs(sound(20)).max() < SILENT
    engine.update(after)
    coming = sound(60)
    assert np.abs(coming[:, -RATE // 4 :]).max() > 0.01
    first = np.flatnonzero(np.abs(coming[0]) > SILENT)[0]
    assert np.abs(np.diff(coming[0, : first + 64])).max() < 0.02
    engine.update(before)
    assert np.abs(sound(20)[:, 4 * 512 :]).max() < SILENT
    engine.close()
