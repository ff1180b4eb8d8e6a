"""Rotate: a sound goes round a ring of speakers, as loud everywhere; four channels turn."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from latent_terrain.engine import load_palette
from latent_terrain.engine.offline import offline_setup, render
from latent_terrain.graphs import set_value
from latent_terrain.graphs.examples import example
from latent_terrain.nodes.rotate import Front, Rotate
from latent_terrain.testing import setup_for

RATE = 48_000
places = st.floats(-1.0, 1.0, width=32)
widths = st.floats(1.0, 64.0, width=32)


def gains(place: float, speakers: int = 4, width: float = 2.0, front: Front = "between", channel: int = 0, of: int = 1):
    """What each speaker gets of one channel that is 1."""
    audio = np.zeros((of, 8), np.float32)
    audio[channel] = 1.0
    return Rotate(setup_for(8), speakers, front).process(audio, np.empty((speakers, 8), np.float32), place, width)[:, 0]


@given(places, st.integers(2, 64), widths, st.sampled_from(["between", "speaker"]))
def test_a_sound_is_as_loud_everywhere_at_any_width(place: float, speakers: int, width: float, front: Front) -> None:
    found = gains(place, speakers, width, front)
    assert float(np.sum(found.astype(np.float64) ** 2)) == pytest.approx(1.0, abs=1e-5)
    assert found.min() >= -1e-6


@given(places, st.integers(2, 64))
def test_at_width_2_it_is_between_two_neighbours(place: float, speakers: int) -> None:
    found = np.flatnonzero(gains(place, speakers) > 1e-3)
    assert len(found) in (1, 2)
    assert len(found) == 1 or (found[1] - found[0]) in (1, speakers - 1)


def test_the_ring_goes_clockwise_from_the_front() -> None:
    half = 0.5**0.5
    for place, expected in {
        0.0: [half, half, 0, 0],
        0.25: [0, 1, 0, 0],
        0.5: [0, half, half, 0],
        1.0: [0, 0, half, half],
        -1.0: [0, 0, half, half],
        -0.25: [1, 0, 0, 0],
    }.items():
        np.testing.assert_allclose(gains(place), expected, atol=1e-6)
    np.testing.assert_allclose(gains(0.0, front="speaker"), [1, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(gains(0.5, front="speaker"), [0, 1, 0, 0], atol=1e-6)


def test_it_is_what_supercolliders_panaz_gives() -> None:
    """Its formula, at its widths that leave no gap; there a width of 3 is louder by as much as it is wider."""
    for speakers in (4, 5, 8):
        for width in (2.0, 3.0):
            for place in np.linspace(-1, 1, 23):
                at = place * 0.5 * speakers + width * 0.5 + 0.5
                steps = (at - np.arange(speakers)) / width
                steps -= speakers / width * np.floor(steps * width / speakers)
                panaz = np.where(steps > 1, 0.0, np.sin(np.pi * steps)) / (width / 2) ** 0.5
                np.testing.assert_allclose(gains(float(place), speakers, width), panaz, atol=1e-5)


def test_a_field_of_as_many_channels_as_speakers_is_itself_and_turns_as_one() -> None:
    for front in ("between", "speaker"):
        for channel in range(4):
            for turn in range(-2, 3):
                found = gains(turn / 2, front=front, channel=channel, of=4)
                np.testing.assert_allclose(found, np.eye(4)[(channel + turn) % 4], atol=1e-6)


def test_stereo_comes_from_both_sides() -> None:
    left, right = (gains(0.0, channel=channel, of=2) for channel in range(2))
    np.testing.assert_allclose(left, [0.5**0.5, 0, 0, 0.5**0.5], atol=1e-6)
    np.testing.assert_allclose(right, [0, 0.5**0.5, 0.5**0.5, 0], atol=1e-6)


def test_the_widest_reaches_all_speakers_alike() -> None:
    np.testing.assert_allclose(gains(0.3, 4, 64.0), 0.5, atol=0.01)


@given(st.lists(places, min_size=1, max_size=16), st.lists(widths, min_size=1, max_size=16), st.integers(1, 16))
def test_a_moving_place_and_width_are_the_same_as_steady_ones(
    moves: list[float], spreads: list[float], channels: int
) -> None:
    count = min(len(moves), len(spreads))
    audio = np.random.default_rng(1).standard_normal((channels, count)).astype(np.float32)
    node, line = Rotate(setup_for(16), 5), np.empty((5, count), np.float32)
    at, over = (np.array([each[:count]], np.float32) for each in (moves, spreads))
    both = node.process(audio, line, at, over).copy()  # type: ignore[arg-type]
    only_at = node.process(audio, line, at, 2.0).copy()  # type: ignore[arg-type]
    only_over = node.process(audio, line, 0.25, over).copy()  # type: ignore[arg-type]
    for sample in range(count):
        now = np.empty((5, 1), np.float32)
        for found, place, width in (
            (both, moves[sample], spreads[sample]),
            (only_at, moves[sample], 2.0),
            (only_over, 0.25, spreads[sample]),
        ):
            expected = node.process(audio[:, sample : sample + 1], now, place, width)[:, 0]
            np.testing.assert_allclose(found[:, sample], expected, atol=2e-4)


def levels(sound: NDArray[np.float32], every: int) -> NDArray[np.float64]:
    """The level of each channel over time, ``[times, channels]``."""
    whole = sound.astype(np.float64)[:, : sound.shape[1] // every * every]
    return np.sqrt(np.mean(whole.reshape(len(sound), -1, every) ** 2, axis=2)).T


@pytest.mark.parametrize("block", [64, 256, 32_768])
def test_four_channels_rotating(block: int) -> None:
    """
    pulses --> rotate (place: lfo, saw, once in two seconds) --> audio_out

    Heard in the example that ships: each speaker is loudest when its time comes, one after the other, and all
    together are always as loud.
    """
    patch = example("rotate")
    assert patch is not None
    patch = set_value(set_value(patch, "pulse", "low", 1.0), "out", "level", 0.0)
    setup = offline_setup(patch, Path(), RATE, block, channels=4)
    sound = np.concatenate([part.copy() for part in render(patch, load_palette(), setup, 4 * RATE)], axis=1)
    every = RATE // 20
    found = levels(sound, every)
    np.testing.assert_allclose(np.sum(found**2, axis=1), np.sum(found[0] ** 2), rtol=0.02)
    loudest = np.argmax(found[:40], axis=0)
    np.testing.assert_allclose(loudest, [15, 25, 35, 5], atol=1, err_msg="in twentieths of a second, from behind on")
    np.testing.assert_allclose(found[:40], found[40:80], atol=0.02)
