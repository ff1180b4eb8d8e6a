"""``builtin:sounds`` as a codec: exact along a line, whole at any speed, alive where time stands still."""

from itertools import pairwise

import numpy as np
import pytest

from latent_terrain.nodes.codec.interface import CodecError
from latent_terrain.nodes.codec.sounds import SoundsCodec
from latent_terrain.nodes.codec.sounds.analysis import analyse
from latent_terrain.nodes.codec.sounds.encoder import LEAP, Moments, SoundsEncoder
from latent_terrain.nodes.codec.sounds.layout import LATENTS, PLACE_LATENTS, RATIO, SAMPLE_RATE

from .made import HITS, Floats, codec_of, drums, latents, noise, own, tone

FRAMES = 60


def walk(seed: int = 0, frames: int = FRAMES) -> Floats:
    """Restless latents over all of a codec's places: still, slow, fast, elsewhere."""
    random = np.random.default_rng(seed)
    made = np.empty((1, LATENTS, frames), np.float32)
    at = random.standard_normal(LATENTS) * 2
    for frame in range(frames):
        if random.random() < 0.1:
            at = random.standard_normal(LATENTS) * 2
        at[PLACE_LATENTS] += random.choice([0.0, 0.01, 0.023, 0.05])
        made[0, :, frame] = at
    return made


@pytest.fixture(scope="module")
def codec() -> SoundsCodec:
    return codec_of(tone(), drums(), noise())


@pytest.mark.parametrize("sound", [tone(), drums(), noise(), np.stack([tone(1.0), noise(1.0)])])
def test_a_walk_along_a_line_is_the_recording_to_the_last_sample(sound: Floats) -> None:
    codec = codec_of(sound, tone(1.0, 90.0))
    played = codec.new_instance().decode(latents(codec, 0))[0]
    np.testing.assert_array_equal(played, own(codec, 0))
    peak = np.abs(own(codec, 0)[:, : sound.shape[-1]] - np.atleast_2d(sound)).max()
    assert peak <= 0.51 * float(codec.loaded.corpus.sounds[0].scale)


def test_a_long_sound_plays_through_its_pieces_without_a_seam() -> None:
    codec = codec_of(np.concatenate([noise(7.0, 1), tone(7.0), noise(7.0, 2)]), drums())
    np.testing.assert_array_equal(codec.new_instance().decode(latents(codec, 0))[0], own(codec, 0))


@pytest.mark.parametrize("split", [[1] * FRAMES, [7] * 8 + [4], [FRAMES]])
def test_any_split_gives_the_same_bytes(codec: SoundsCodec, split: list[int]) -> None:
    once, parts = codec.new_instance(seed=3).decode(walk()), codec.new_instance(seed=3)
    borders = np.cumsum([0, *split])
    found = [parts.decode(walk()[:, :, a:b]) for a, b in pairwise(borders)]
    np.testing.assert_array_equal(np.concatenate(found, axis=2), once)


def test_a_reset_begins_anew_and_lanes_do_not_hear_each_other(codec: SoundsCodec) -> None:
    both = np.concatenate([walk(1), walk(2)])
    stream = codec.new_instance(lanes=2, seed=5)
    first = stream.decode(both)
    stream.reset(0)
    again = stream.decode(both)
    np.testing.assert_array_equal(again[0], first[0])
    assert not np.array_equal(again[1], first[1])
    stream.reset()
    np.testing.assert_array_equal(stream.decode(both), first)
    np.testing.assert_array_equal(codec.new_instance(seed=5).decode(walk(1))[0], first[0])


def test_another_seed_is_heard_only_where_something_is_left_to_chance(codec: SoundsCodec) -> None:
    still = np.repeat(latents(codec, 2)[:, :, 40:41], FRAMES, axis=2)
    one, other = (codec.new_instance(seed=seed).decode(still) for seed in (1, 2))
    assert not np.array_equal(one, other)
    one, other = (codec.new_instance(seed=seed).decode(latents(codec, 2)) for seed in (1, 2))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_wild_latents_give_numbers_and_are_soon_forgotten(codec: SoundsCodec, value: float) -> None:
    stream = codec.new_instance()
    wild = walk(3, 10)
    wild[0, 3] = value
    wild[0, PLACE_LATENTS, 5:] = value
    assert np.isfinite(stream.decode(wild)).all()
    stream.decode(latents(codec, 0)[:, :, :30])
    after = stream.decode(latents(codec, 0)[:, :, 30:])
    np.testing.assert_allclose(after[0], own(codec, 0)[:, 30 * RATIO :], atol=1e-3)


def test_latents_that_are_all_0_are_silence(codec: SoundsCodec) -> None:
    stream = codec.new_instance()
    stream.decode(latents(codec, 0)[:, :, :20])
    quiet = stream.decode(np.zeros((1, LATENTS, 30), np.float32))
    assert np.abs(quiet[:, :, -RATIO:]).max() == 0
    assert np.abs(codec_of().decode(walk())).max() == 0, "no sounds at all"


def test_a_tone_that_is_held_goes_on_steadily(codec: SoundsCodec) -> None:
    still = np.repeat(latents(codec, 0)[:, :, 40:41], 170, axis=2)
    played = codec.new_instance().decode(still)[0, 0, SAMPLE_RATE // 2 :]
    levels = np.sqrt((played[: len(played) // 441 * 441].reshape(-1, 441) ** 2).mean(axis=1))
    usual = np.sqrt((tone() ** 2).mean())
    assert levels.min() > 0.7 * usual
    assert levels.max() < 1.4 * usual
    spectrum = np.abs(np.fft.rfft(played * np.hanning(len(played))))
    assert abs(spectrum.argmax() * SAMPLE_RATE / len(played) - 330) < 2


def test_noise_that_is_held_does_not_repeat(codec: SoundsCodec) -> None:
    still = np.repeat(latents(codec, 2)[:, :, 40:41], 170, axis=2)
    played = codec.new_instance().decode(still)[0, 0, SAMPLE_RATE // 2 :].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(played, 2 * len(played))) ** 2
    likeness = np.fft.irfft(spectrum)[: SAMPLE_RATE // 2]
    assert np.abs(likeness[2000:]).max() < 0.5 * likeness[0]


@pytest.mark.parametrize("speed", [0.5, 0.75, 1.5, 2.0])
def test_at_another_speed_every_hit_is_heard_once_and_in_time(speed: float) -> None:
    codec = codec_of(drums(), tone())
    whole = latents(codec, 0)[0]
    at = np.arange(0, whole.shape[1] - 1, speed)
    given = np.stack([np.interp(at, np.arange(whole.shape[1]), row) for row in whole])[np.newaxis].astype(np.float32)
    played = codec.new_instance().decode(given)[0, 0]
    heard = analyse(played).onsets / SAMPLE_RATE
    wanted = np.array(HITS) / speed
    assert len(heard) == len(wanted)
    np.testing.assert_allclose(heard, wanted, atol=0.025)


def test_a_tone_keeps_its_pitch_at_half_speed() -> None:
    codec = codec_of(tone(3.0), noise())
    whole = latents(codec, 0)[0]
    given = np.repeat(whole, 2, axis=1)
    given[PLACE_LATENTS] = np.interp(np.arange(given.shape[1]) / 2, np.arange(whole.shape[1]), whole[PLACE_LATENTS])
    played = codec.new_instance().decode(given[np.newaxis])[0, 0]
    spectrum = np.abs(np.fft.rfft(played * np.hanning(len(played))))
    assert abs(spectrum.argmax() * SAMPLE_RATE / len(played) - 330) < 1


def between(codec: SoundsCodec, share: float, frames: int = 40) -> Floats:
    """A line's time at a place between the first two sounds."""
    one, other = latents(codec, 0), latents(codec, 1)
    made = one[:, :, 20 : 20 + frames].copy()
    made[:, :PLACE_LATENTS] = (1 - share) * one[:, :PLACE_LATENTS, :1] + share * other[:, :PLACE_LATENTS, :1]
    return np.asarray(made, np.float32)


def test_styles_of_blending() -> None:
    codec = codec_of(tone(), noise())
    given = between(codec, 0.45)
    played = {}
    for number, style in enumerate(("together", "nearest", "cross")):
        controls = np.zeros((1, 2, given.shape[2]), np.float32)
        controls[:, 0] = number
        played[style] = codec.new_instance().decode(np.concatenate([given, controls], axis=1))[0]
    alone = own(codec, 0)[:, 20 * RATIO : 60 * RATIO]
    np.testing.assert_allclose(played["nearest"][:, 2 * RATIO :], alone[:, 2 * RATIO :], atol=1e-6)
    assert np.abs(played["together"] - alone)[:, 8 * RATIO :].max() > 0.02
    bright = {
        style: float((np.abs(np.fft.rfft(one[0] * np.hanning(len(one[0])))) ** 2)[len(one[0]) // 8 :].sum())
        for style, one in played.items()
    }
    assert bright["cross"] > 5 * bright["nearest"], "the tone has the colours of the noise"


def test_even_loudness_brings_sounds_to_one_level() -> None:
    codec = codec_of(0.05 * tone(), noise())
    given = latents(codec, 0)
    controls = np.zeros((1, 2, given.shape[2]), np.float32)
    levels = []
    for even in (0.0, 1.0):
        controls[:, 1] = even
        sound = codec.new_instance().decode(np.concatenate([given, controls], axis=1))[0, :, SAMPLE_RATE // 2 :]
        levels.append(20 * np.log10(np.sqrt((sound[:, :-RATIO] ** 2).mean())))
    assert levels[0] < -40
    assert abs(levels[1] + 20) < 2


@pytest.mark.parametrize("shape", [(1, 8, 3), (2, 9, 3), (9, 3), (1, 10, 3)])
def test_latents_of_a_wrong_shape_are_refused_in_words(codec: SoundsCodec, shape: tuple[int, ...]) -> None:
    with pytest.raises(CodecError, match=r"decodes latents shaped \[1, 9, frames\]"):
        codec.decode(np.zeros(shape, np.float32))


def test_a_live_sound_becomes_the_moments_that_it_is_most_like() -> None:
    codec = codec_of(tone(), drums(), noise())
    for number, sound in enumerate((tone(), drums(), noise())):
        whole = sound[: len(sound) // RATIO * RATIO]
        found = codec.new_instance().encode(whole[np.newaxis, np.newaxis])[0].T
        apart = np.linalg.norm(
            found[:, None, :PLACE_LATENTS]
            - np.stack([latents(codec, one)[0, :PLACE_LATENTS, 0] for one in range(3)])[None],
            axis=2,
        )
        heard = np.abs(whole.reshape(-1, RATIO)).max(axis=1) > 1e-3
        assert (apart.argmin(axis=1)[heard] == number).mean() > 0.9
    silent = codec.new_instance().encode(np.zeros((1, 1, 4 * RATIO), np.float32))
    assert not silent.any()


def test_encoding_in_any_split_gives_the_same() -> None:
    codec = codec_of(tone(), drums())
    sound = np.asarray(noise()[: 40 * RATIO] + drums()[: 40 * RATIO])[np.newaxis, np.newaxis]
    once, parts = codec.new_instance().encode(sound), codec.new_instance()
    found = [parts.encode(sound[:, :, at : at + 5 * RATIO]) for at in range(0, 40 * RATIO, 5 * RATIO)]
    np.testing.assert_array_equal(np.concatenate(found, axis=2), once)


def test_who_skips_a_moment_stays_in_its_sound() -> None:
    """From a sound's last moment one comes to the second of the next by a leap, as to its first."""
    encoder = SoundsEncoder(Moments(codec_of(tone(0.2), noise(0.2)).loaded.corpus))
    begin = -(-round(0.2 * SAMPLE_RATE) // RATIO)
    encoder._costs.fill(LEAP)
    encoder._costs[begin - 1] = 0.0
    encoder.hear(noise(0.2)[:RATIO], np.empty(LATENTS, np.float32))
    unlike = encoder._moments.unlikeness(encoder._past)
    costs = encoder._costs - unlike
    assert abs(float(costs[begin + 1] - costs[begin])) < 1e-4
