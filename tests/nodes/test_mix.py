import numpy as np
import pytest

from latent_terrain.nodes.mix import Mix
from latent_terrain.testing import palette, patch_for, play, setup_for


def test_sounds_add_at_their_levels_and_missing_ones_are_nothing() -> None:
    one, two = np.full((2, 8), 0.5, np.float32), np.full((2, 8), 0.25, np.float32)
    out = Mix(setup_for(8)).process(np.empty((2, 8), np.float32), audio_1=one, audio_8=two, level_8=-20.0)
    assert out == pytest.approx(0.525)


def test_as_many_channels_as_the_widest_input() -> None:
    heard = play(patch_for(palette()["mix"], channels=3), 64)
    assert heard.signals["out"].shape == (3, 64)
