"""The built-in codec as an instrument: it streams, forgets, survives, and sounds near what it heard."""

import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_terrain.nodes.codec.bank import load_bank, load_bank_file
from latent_terrain.nodes.codec.bank.codec import bundled_weights
from latent_terrain.nodes.codec.bank.decoder import BankDecoder
from latent_terrain.nodes.codec.interface import Array, Codec, CodecError
from latent_terrain.nodes.codec.likeness import decibels, distance, reproduce
from latent_terrain.nodes.codec.recipe.sounds import read_sound
from latent_terrain.nodes.codec.training.measure import (
    brightness_travel,
    latent_figures,
    onset_lag,
    random_levels,
    walk_evenness,
)

WEIGHTS = Path(__file__).parents[3] / "nodes" / "codec" / "bank" / "weights.npz"
SOUNDS = sorted((Path(__file__).parents[3] / "graphs" / "starters" / "sounds").glob("*.flac"))
FRAMES, LATENTS = 12, 16
CLOSE = 1e-5


def some_latents(lanes: int = 1, frames: int = FRAMES, seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal((lanes, LATENTS, frames)).astype(np.float32)


def some_sound(lanes: int = 1, frames: int = FRAMES, seed: int = 0) -> Array:
    random = np.random.default_rng(seed)
    return (random.standard_normal((lanes, 1, frames * 1024)) * 0.1).astype(np.float32)


splits = st.lists(st.sampled_from([1, 2, 3, 5, 16, 20]), min_size=1, max_size=5)


def test_the_bank_is_a_codec_that_knows_its_facts() -> None:
    codec = load_bank()
    facts = codec.facts
    assert isinstance(codec, Codec)
    assert (facts.name, facts.latent_dim, facts.ratio, facts.sample_rate) == ("builtin:bank", LATENTS, 1024, 44100)
    assert (facts.channels, facts.input_channels, facts.is_stochastic) == (1, 1, False)
    assert len(set(facts.labels)) == LATENTS
    assert facts.labels[-1] == "loudness"
    assert not any(label.startswith("latent") for label in facts.labels[:3])


@settings(max_examples=12)
@given(splits)
def test_decoding_in_any_split_equals_decoding_at_once(split: list[int]) -> None:
    latents = some_latents(frames=sum(split))
    codec = load_bank()
    borders = np.cumsum([0, *split])
    parts = [codec.decode(latents[:, :, a:b]) for a, b in pairwise(borders)]
    whole = load_bank().decode(latents)
    assert whole.shape == (1, 1, sum(split) * 1024)
    np.testing.assert_array_equal(np.concatenate(parts, axis=2), whole)


@settings(max_examples=12)
@given(splits)
def test_encoding_in_any_split_equals_encoding_at_once(split: list[int]) -> None:
    sound = some_sound(frames=sum(split))
    codec = load_bank()
    borders = np.cumsum([0, *split]) * 1024
    parts = [codec.encode(sound[:, :, a:b]) for a, b in pairwise(borders)]
    whole = load_bank().encode(sound)
    assert whole.shape == (1, LATENTS, sum(split))
    np.testing.assert_array_equal(np.concatenate(parts, axis=2), whole)


def test_a_long_stream_in_short_calls_does_not_drift_from_one_long_call() -> None:
    latents = some_latents(frames=640)
    codec = load_bank()
    short = np.concatenate([codec.decode(latents[:, :, k : k + 2]) for k in range(0, 640, 2)], axis=2)
    np.testing.assert_array_equal(short, load_bank().decode(latents))


def test_after_a_reset_everything_repeats_bit_for_bit() -> None:
    codec = load_bank()
    first, heard = codec.decode(some_latents()), codec.encode(some_sound())
    codec.decode(some_latents(seed=5))
    codec.reset()
    np.testing.assert_array_equal(codec.decode(some_latents()), first)
    np.testing.assert_array_equal(codec.encode(some_sound()), heard)


def test_resetting_one_lane_leaves_the_others_playing() -> None:
    latents, sound = some_latents(lanes=3), some_sound(lanes=3)
    codec, undisturbed = load_bank().new_instance(lanes=3), load_bank().new_instance(lanes=3)
    first, heard = codec.decode(latents), codec.encode(sound)
    undisturbed.decode(latents)
    undisturbed.encode(sound)
    codec.reset(1)
    second, heard_again = codec.decode(latents), codec.encode(sound)
    np.testing.assert_array_equal(second[1], first[1])
    np.testing.assert_array_equal(heard_again[1], heard[1])
    np.testing.assert_array_equal(second[[0, 2]], undisturbed.decode(latents)[[0, 2]])
    np.testing.assert_array_equal(heard_again[[0, 2]], undisturbed.encode(sound)[[0, 2]])


def test_a_lane_of_a_batch_sounds_as_it_would_alone() -> None:
    latents, sound = some_latents(lanes=3), some_sound(lanes=3)
    batch = load_bank().new_instance(lanes=3)
    decoded, encoded = batch.decode(latents), batch.encode(sound)
    for lane in range(3):
        alone = load_bank()
        np.testing.assert_allclose(decoded[lane], alone.decode(latents[lane : lane + 1])[0], atol=CLOSE, rtol=0)
        np.testing.assert_allclose(encoded[lane], alone.encode(sound[lane : lane + 1])[0], atol=CLOSE, rtol=0)


def test_two_instances_do_not_hear_each_other() -> None:
    one = load_bank()
    other = one.new_instance(seed=3)
    expected = load_bank().decode(some_latents(frames=6))
    parts = []
    for k in range(6):
        parts.append(one.decode(some_latents(frames=6)[:, :, k : k + 1]))
        other.decode(some_latents(seed=9, frames=3))
        other.encode(some_sound())
    np.testing.assert_allclose(np.concatenate(parts, axis=2), expected, atol=CLOSE, rtol=0)


@pytest.mark.parametrize("value", [1e3, -1e3, 1e30, np.inf, -np.inf, np.nan])
def test_wild_latents_stay_finite_and_are_soon_forgotten(value: float) -> None:
    codec, calm = load_bank(), load_bank()
    wild = np.full((1, LATENTS, 3), value, np.float32)
    assert np.isfinite(codec.decode(wild)).all()
    calm.decode(np.zeros((1, LATENTS, 3), np.float32))
    after, expected = codec.decode(some_latents(frames=16)), calm.decode(some_latents(frames=16))
    levels = [np.sqrt(np.mean(part[:, :, 6 * 1024 :] ** 2)) for part in (after, expected)]
    assert np.isfinite(after).all()
    assert 0.5 < levels[0] / levels[1] < 2.0


@pytest.mark.parametrize("value", [1e6, np.inf, np.nan])
def test_wild_sound_gives_finite_latents_that_recover(value: float) -> None:
    codec = load_bank()
    assert np.isfinite(codec.encode(np.full((1, 1, 2048), value, np.float32))).all()
    after = codec.encode(some_sound(frames=24))
    np.testing.assert_allclose(after[:, :, -4:], load_bank().encode(some_sound(frames=24))[:, :, -4:], atol=CLOSE)


def test_no_frames_in_gives_nothing_out() -> None:
    codec = load_bank()
    assert codec.decode(np.zeros((1, LATENTS, 0), np.float32)).shape == (1, 1, 0)
    assert codec.encode(np.zeros((1, 1, 0), np.float32)).shape == (1, LATENTS, 0)


@pytest.mark.parametrize("shape", [(1, 15, 2), (2, 16, 2), (16, 2)])
def test_latents_of_a_wrong_shape_are_refused_in_words(shape: tuple[int, ...]) -> None:
    with pytest.raises(CodecError, match="16 latents"):
        load_bank().decode(np.zeros(shape, np.float32))


@pytest.mark.parametrize("shape", [(1, 2, 1024), (1, 1, 1000), (2, 1, 1024), (1024,)])
def test_sound_of_a_wrong_shape_is_refused_in_words(shape: tuple[int, ...]) -> None:
    with pytest.raises(CodecError, match="pad the end"):
        load_bank().encode(np.zeros(shape, np.float32))


def test_lanes_that_do_not_exist_are_refused_in_words() -> None:
    with pytest.raises(CodecError, match="at least one lane"):
        load_bank().new_instance(lanes=0)
    with pytest.raises(CodecError, match="no lane 1"):
        load_bank().reset(1)


def test_decoding_needs_neither_torch_nor_scipy() -> None:
    program = (
        "import sys, numpy as np; from latent_terrain.nodes.codec.bank import load_bank; b = load_bank(); "
        "b.encode(b.decode(np.zeros((1, 16, 2), np.float32))); "
        "sys.exit(' '.join(name for name in ('torch', 'scipy') if name in sys.modules) or None)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("held_frames", [1, 8])
def test_random_latents_are_neither_silent_nor_a_blast(held_frames: int) -> None:
    low, high = np.percentile(random_levels(load_bank(), count=200, held_frames=held_frames), [5, 95])
    assert low > -45
    assert high < -8


def test_the_last_latent_is_the_level_in_decibels_whatever_the_others_are() -> None:
    latents = some_latents(lanes=3, frames=1).repeat(24, axis=2)
    levels = []
    for value in (-1.0, 0.0, 1.0):
        latents[:, -1] = value
        sound = load_bank().new_instance(lanes=3).decode(latents)[:, 0, 8 * 1024 :]
        levels.append([decibels(lane.astype(np.float64)) for lane in sound])
    steps = np.diff(levels, axis=0)
    assert np.ptp(levels[1]) < 3
    assert np.abs(steps - steps.mean()).max() < 0.5
    assert 4 < steps.mean() < 15


def test_no_latent_makes_it_louder_than_nine_decibels_below_full_scale() -> None:
    latents = some_latents(lanes=3, frames=1).repeat(16, axis=2)
    latents[:, -1] = 6.0
    sound = load_bank().new_instance(lanes=3).decode(latents)[:, 0, 8 * 1024 :]
    assert max(decibels(lane.astype(np.float64)) for lane in sound) < -8


def test_held_latents_are_counted() -> None:
    codec = load_bank()
    codec.decode(some_latents(frames=4).clip(-3, 3))
    assert codec.clamped == 0
    codec.decode(np.full((1, LATENTS, 2), np.nan, np.float32))
    assert codec.clamped == 2 * LATENTS
    codec.decode(np.full((1, LATENTS, 1), 7.0, np.float32))
    assert codec.clamped == 3 * LATENTS


def test_sounds_lie_where_the_land_is_walked_and_move_slowly() -> None:
    figures = latent_figures(load_bank(), [read_sound(path) for path in SOUNDS])
    assert np.abs(figures.mean).max() < 2.5
    assert figures.lag1.mean() > 0.8


def test_a_straight_walk_has_no_jumps() -> None:
    assert np.median(walk_evenness(load_bank(), walks=6)) < 3


def test_the_first_axes_change_the_brightness_by_an_octave() -> None:
    assert np.sort(brightness_travel(load_bank())[:4])[-2] > 1.0


def test_there_are_eight_bundled_sounds_at_the_promised_level_and_size() -> None:
    assert len(SOUNDS) == 8
    assert sum(path.stat().st_size for path in SOUNDS) < 1_400_000
    for path in SOUNDS:
        sound, rate = soundfile.read(path)
        assert (rate, sound.shape) == (44100, (110250, 2)), "one bar, the same for all"
        assert np.abs(sound).max() <= 10 ** (-3 / 20) + 1e-3
        assert -24 < 20 * np.log10(np.sqrt((sound**2).mean())) <= -17.9


@pytest.mark.parametrize("path", SOUNDS, ids=lambda path: path.stem)
def test_a_bundled_sound_comes_back_near_its_level_and_spectrum(path: Path) -> None:
    sound = read_sound(path)
    far, silence = distance(reproduce(load_bank(), sound[None])[0], sound), distance(np.zeros(len(sound)), sound)
    assert abs(far.level_db) < 3
    assert far.linear + far.log < 0.85 * (silence.linear + silence.log)


def test_silence_comes_back_as_silence() -> None:
    codec = load_bank()
    sound = codec.decode(codec.encode(np.zeros((1, 1, 32 * 1024), np.float32)))[0, 0, 16 * 1024 :]
    assert np.sqrt(np.mean(sound**2)) < 10 ** (-50 / 20)


def test_no_partial_and_no_noise_band_is_stuck_on() -> None:
    decoder = BankDecoder(bundled_weights()[0], 300)
    latents = some_latents(lanes=300, frames=1)[:, :, 0]
    amplitude, _, noise = decoder.controls(latents)
    for _ in range(7):
        amplitude, _, noise = decoder.controls(latents)
    for control in (amplitude, noise):
        assert np.percentile(control[:, -1], 25, axis=0).max() < 0.05


def test_latents_lag_the_sound_as_the_facts_say() -> None:
    lag = onset_lag(load_bank().encode, load_bank().decode)
    assert abs(lag - load_bank().facts.encoder_latency) <= 64


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda arrays: arrays.pop("about"), "not a codec file of this program"),
        (lambda arrays: arrays.update(about=np.array(arrays["about"].item().replace("2", "1", 1))), "another version"),
        (lambda arrays: arrays.update(mean=arrays["mean"][:-1]), "mean should be"),
        (lambda arrays: arrays.pop("decoder.leave.bias"), "decoder.leave.bias should be"),
        (lambda arrays: arrays.pop("decoder.enter.bias"), "networks are missing"),
        (lambda arrays: arrays.update(level=np.array([np.nan, 1.0])), "level has invalid numbers"),
    ],
)
def test_a_codec_file_that_is_not_whole_is_refused_in_words(
    spoil: Callable[[dict[str, np.ndarray]], object], words: str, tmp_path: Path
) -> None:
    with np.load(WEIGHTS, allow_pickle=False) as read:
        arrays = dict(read)
    spoil(arrays)
    np.savez(tmp_path / "odd.npz", **arrays)
    with pytest.raises(CodecError, match=words):
        load_bank_file(tmp_path / "odd.npz", "odd.npz")


def test_a_codec_file_plays_as_the_built_in_one_it_is_a_copy_of() -> None:
    codec = load_bank_file(WEIGHTS, "mine.npz")
    assert codec.facts.name == "mine.npz"
    np.testing.assert_array_equal(codec.decode(some_latents()), load_bank().decode(some_latents()))


def test_what_is_no_archive_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(CodecError, match=r"text\.npz is not a codec"):
        load_bank_file(tmp_path / "text.npz", "text.npz")
