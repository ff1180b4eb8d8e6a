"""Brighter is larger, ranges are kept, and no value at all breaks a picture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from latent_terrain.nodes.terrain.colours import TerrainColours, auto_range, principal_axes
from latent_terrain.nodes.terrain.network import TerrainError, TerrainShape, initial_weights
from latent_terrain.nodes.terrain.plot import plot
from latent_terrain.ui.terrain_image.colour import (
    alike,
    coloured,
    four_channels,
    map_names,
    scaled,
)

any_float = st.floats(width=32)


def lightness(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(float) @ (0.2126, 0.7152, 0.0722)


def own_colours(values: np.ndarray) -> TerrainColours:
    """The colours of a picture by itself."""
    places = np.nan_to_num(values.reshape(len(values), -1).T, posinf=0.0, neginf=0.0)
    axes = principal_axes(places)
    spans = np.array([auto_range(one) for one in (places @ axes.T).T], np.float32)
    return TerrainColours(axes, spans, np.zeros((len(values), 2), np.float32), np.zeros(2, np.float32))


def test_f39_grey_is_the_references_clamp():
    values = np.array([[-9, -1, 1.5, 4, 9]], np.float32)
    assert coloured(values)[0, :, 0].tolist() == [0, 0, 128, 255, 255]
    assert scaled(values, -1, 4)[0].tolist() == [0, 0, 0.5, 1, 1]


def test_a_range_of_nothing_gives_a_flat_picture():
    assert not coloured(np.array([[-1.0, 0, 1]], np.float32), 2, 2).any()


def test_a_reversed_range_turns_the_colours_round():
    values = np.linspace(-1, 4, 50, dtype=np.float32)[None]
    np.testing.assert_allclose(scaled(values, 4, -1), 1 - scaled(values, -1, 4), atol=1e-6)


@pytest.mark.parametrize("name", map_names())
def test_every_map_gets_brighter_with_the_value(name):
    ramp = lightness(coloured(np.linspace(0, 1, 256, dtype=np.float32)[None], 0, 1, name)[0])
    assert (np.diff(ramp) > -0.8).all()
    assert ramp[-1] - ramp[0] > 150


def test_an_unknown_map_is_refused_with_those_there_are():
    with pytest.raises(TerrainError, match="ember"):
        coloured(np.zeros((1, 1), np.float32), name="jet")
    with pytest.raises(TerrainError, match="range"):
        coloured(np.zeros((1, 1), np.float32), float("nan"), 1)


def test_f40_four_channels_are_brightness_times_red_green_and_blue():
    lowest, highest = np.full((4, 1, 1), -1.0), np.full((4, 1, 1), 4.0)
    assert four_channels(highest)[0, 0].tolist() == [255, 255, 255]
    assert four_channels(lowest)[0, 0].tolist() == [0, 0, 0]
    bright = lowest.copy()
    bright[0] = 4
    assert four_channels(bright)[0, 0].tolist() == [round(255 * part) for part in (0.9, 0.75, 0.6)]
    half = np.array([1.5, 4, -1, 1.5]).reshape(4, 1, 1)
    assert four_channels(half)[0, 0].tolist() == [round(127.5 * part) for part in (1.0, 0.75, 0.8)]
    with pytest.raises(TerrainError, match="four-channel"):
        four_channels(np.zeros((3, 1, 1)))


def test_f41_the_automatic_range_leaves_out_the_rarest_values():
    values = np.concatenate([np.linspace(0, 1, 1000), [np.nan, np.inf, 1e9]])
    low, high = auto_range(values)
    assert (low, high) == pytest.approx((0.01, 0.99), abs=0.005)
    assert auto_range(np.full(5, 7.0)) == (6.5, 7.5)
    assert auto_range(np.full(5, np.nan)) == (-1.0, 4.0)


def test_f41_places_that_sound_alike_look_alike_and_others_do_not():
    values = np.zeros((8, 4, 30), np.float32)
    values[:, :, 10:20] = np.arange(8)[:, None, None]
    values[::2, :, 20:] = -5
    pixels = alike(values, own_colours(values))
    for start in (0, 10, 20):
        assert (pixels[:, start : start + 10] == pixels[0, start]).all()
    assert len({tuple(pixels[0, column]) for column in (5, 15, 25)}) == 3


@given(values=arrays(np.float32, (4, 3, 5), elements=any_float), name=st.sampled_from(map_names()))
def test_no_value_breaks_a_picture(values, name):
    clipped = np.clip(values, -1e6, 1e6)
    for pixels in (
        coloured(values[0], *auto_range(values[0]), name),
        four_channels(values),
        alike(clipped, own_colours(clipped)),
    ):
        assert pixels.shape == (3, 5, 3)
        assert pixels.dtype == np.uint8


@pytest.mark.parametrize("channels", [1, 2])
def test_fewer_than_three_channels_still_make_a_picture(channels):
    values = np.random.default_rng(0).standard_normal((channels, 4, 4)).astype(np.float32)
    assert len(np.unique(alike(values, own_colours(values)).reshape(-1, 3), axis=0)) > 4


def test_b17_the_last_four_latents_can_be_seen_in_colour():
    weights = initial_weights(TerrainShape(2, 8), 0)
    values = plot(weights, (-16, -4, 16, 4), (12, 4), channels=[4, 5, 6, 7])
    assert four_channels(values).shape == (4, 12, 3)
    np.testing.assert_allclose(values, plot(weights, (-16, -4, 16, 4), (12, 4))[4:], atol=1e-6)
