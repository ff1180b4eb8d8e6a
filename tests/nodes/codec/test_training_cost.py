"""What training a codec costs: told in minutes before anybody begins."""

import inspect
from pathlib import Path

import numpy as np
import pytest
import soundfile

from latent_terrain.nodes.codec.training.cost import (
    AUDIBLE_STEPS,
    STEPS,
    core_speed,
    in_words,
    is_enough,
    is_trainable,
    minutes,
    seconds_of,
)


def test_more_sound_more_steps_and_a_slower_core_cost_more() -> None:
    usual = minutes(60, 80.0)
    assert minutes(3600, 80.0) > usual
    assert minutes(60, 80.0, steps=2 * STEPS) > usual
    assert minutes(60, 80.0, audible_steps=2 * AUDIBLE_STEPS) > usual
    assert minutes(60, 40.0) == pytest.approx(2 * usual)


def test_the_cost_is_that_of_the_commands_own_steps() -> None:
    from latent_terrain.ui.cli.codecs import train

    given = inspect.signature(train).parameters
    assert (given["steps"].default, given["audible_steps"].default) == (STEPS, AUDIBLE_STEPS)


def test_the_core_is_measured() -> None:
    assert 0.01 < core_speed() < 1e6


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (0.2, "at most about 1 minute"),
        (3.4, "at most about 4 minutes"),
        (21.9, "at most about 25 minutes"),
        (200.0, "at most about 4 hours"),
    ],
)
def test_a_cost_is_rounded_as_people_do(cost: float, words: str) -> None:
    assert in_words(cost) == words


def test_only_the_bank_and_what_was_trained_from_it_can_be_trained() -> None:
    assert [is_trainable(one) for one in ("builtin:bank", "mine.NPZ", "builtin:sounds", "rave.ts", "hf:x/y", "")] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]
    assert [is_enough(seconds) for seconds in (0.0, 4.9, 5.0, 600.0, 11_000.0)] == [False, False, True, True, False]


def test_the_length_of_sounds_is_that_of_their_files(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    soundfile.write(tmp_path / "in" / "a.wav", np.zeros(8000), 8000)
    soundfile.write(tmp_path / "b.wav", np.zeros(22_050), 44_100)
    assert seconds_of([tmp_path / "in", tmp_path / "b.wav"]) == pytest.approx(1.5)
