"""Trackers hear what was done to a sound, and nothing where nothing was done."""

import numpy as np
import pytest

from latent_terrain.nodes.codec.training.trackers import (
    Tracked,
    mean_of,
    modulation,
    offset,
    onset_f1,
    onsets,
    pitch,
    pitch_error,
    repetition,
    tonality,
    track,
)

RATE = 44100


def tone(hertz: float, seconds: float = 1.5) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    parts = [np.sin(2 * np.pi * hertz * number * time) / number for number in range(1, 8)]
    return np.asarray(0.2 * np.sum(parts, axis=0), np.float32)


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.3, 0.3, round(seconds * RATE)).astype(np.float32)


def hits(moved: float = 0.0) -> np.ndarray:
    sound = np.zeros(2 * RATE, np.float32)
    for place in (0.2, 0.55, 0.9, 1.3, 1.62):
        start = round((place + moved) * RATE)
        sound[start : start + 4000] += noise(4000 / RATE) * np.exp(-np.arange(4000) / 700).astype(np.float32)
    return sound


@pytest.mark.parametrize("sound", [tone(220), noise(1), hits()], ids=["tone", "noise", "hits"])
def test_a_copy_is_equal(sound) -> None:
    found = track(sound, sound, RATE)
    assert (found.mel_db, found.level_db, found.offset_ms) == (0, 0, 0)
    assert found.onset_f1 in (None, 1.0)
    assert found.wrong_f0 in (None, 0.0)


def test_a_semitone_is_a_hundred_cents_and_wrong() -> None:
    wrong, _ = pitch_error(pitch(tone(220 * 2 ** (1 / 12)), RATE), pitch(tone(220), RATE))
    assert wrong == 1.0
    wrong, cents = pitch_error(pitch(tone(220 * 2 ** (0.2 / 12)), RATE), pitch(tone(220), RATE))
    assert wrong == 0.0
    assert cents == pytest.approx(20, abs=1.5)


@pytest.mark.parametrize("hertz", [82.4, 220.0, 659.3])
@pytest.mark.parametrize("rate", [22050, 44100, 48000])
def test_the_pitch_of_a_tone_is_found_at_any_rate(hertz, rate) -> None:
    time = np.arange(rate) / rate
    found = pitch(np.asarray(0.3 * np.sin(2 * np.pi * hertz * time), np.float32), rate)
    assert np.median(np.abs(1200 * np.log2(found.hertz / hertz))) < 10
    assert found.is_clear.mean() > 0.9


def test_noise_has_no_pitch_to_get_wrong() -> None:
    assert pitch_error(pitch(tone(220), RATE), pitch(noise(1.5), RATE)) == (None, None)
    assert track(noise(1, seed=1), noise(1), RATE).wrong_f0 is None


def test_a_sound_stretched_to_twice_its_length_keeps_its_pitch() -> None:
    glide = np.concatenate([tone(220, 1.0), tone(330, 1.0)])
    slow = np.concatenate([tone(220, 2.0), tone(330, 2.0)])
    wrong, cents = pitch_error(pitch(slow, RATE), pitch(glide, RATE), stretch=2.0)
    assert (wrong or 0) < 0.05
    assert cents == pytest.approx(0, abs=2)
    assert (pitch_error(pitch(glide, RATE), pitch(glide, RATE), stretch=2.0)[0] or 0) > 0.4


def test_onsets_are_found_where_they_are() -> None:
    assert onsets(hits(), RATE) == pytest.approx([0.2, 0.55, 0.9, 1.3, 1.62], abs=0.012)


def test_onsets_50_ms_late_are_lost_unless_the_offset_is_taken_off() -> None:
    assert track(hits(0.05), hits(), RATE, align=False).onset_f1 == 0.0
    aligned = track(hits(0.05), hits(), RATE)
    assert aligned.onset_f1 == 1.0
    assert aligned.offset_ms == pytest.approx(50, abs=0.05)
    assert aligned.mel_db < 0.2


def test_what_is_missing_and_what_is_added_costs_f1() -> None:
    wanted = np.array([0.1, 0.5, 0.9])
    assert onset_f1(wanted[:2], wanted) == pytest.approx(0.8)
    assert onset_f1(np.array([0.1, 0.3, 0.5, 0.9]), wanted) == pytest.approx(6 / 7)
    assert onset_f1(np.zeros(0), wanted) == 0.0
    assert onset_f1(wanted, np.zeros(0)) is None


@pytest.mark.parametrize("late", [-700, 0, 333, 4096])
def test_an_offset_is_found_to_the_sample(late) -> None:
    sound = np.concatenate([noise(0.3) * 0.1, hits(), noise(0.3) * 0.1])
    copy = np.roll(sound, late)
    assert offset(copy, sound, RATE) == late


def test_half_as_loud_is_6_db_and_silence_is_far_away() -> None:
    found = track(0.5 * noise(1), noise(1), RATE)
    assert found.level_db == pytest.approx(-6.02, abs=0.05)
    assert found.mel_db == pytest.approx(6.02, abs=0.2)
    assert track(np.zeros(RATE), noise(1), RATE).mel_db > 30


def test_tones_are_tonal_tremolo_is_modulation_and_a_loop_repeats() -> None:
    assert tonality(tone(220)) > tonality(noise(1)) + 15
    time = np.arange(2 * RATE) / RATE
    shaken = tone(220, 2.0) * np.asarray(1 + 0.5 * np.sin(2 * np.pi * 8 * time), np.float32)
    assert modulation(shaken, RATE) > modulation(tone(220, 2.0), RATE) + 5
    grain = noise(0.1) * np.hanning(4410).astype(np.float32)
    assert repetition(np.tile(grain, 20), RATE) > 0.9
    assert repetition(noise(2), RATE) < 0.3


def test_silence_short_sounds_and_no_numbers_are_no_crash() -> None:
    found = track(np.zeros(RATE), np.zeros(RATE), RATE)
    assert (found.mel_db, found.onset_f1, found.wrong_f0) == (0, None, None)
    assert np.isfinite([found.tonality_db, found.modulation_db]).all()
    assert np.isfinite(track(np.full(RATE, np.nan), noise(1), RATE).mel_db)
    with pytest.raises(ValueError, match="too short"):
        track(noise(0.05), noise(0.05), RATE)


def test_a_mean_leaves_out_what_says_nothing() -> None:
    rows = [Tracked(1.0, None, 0.5, 3.0, 0.0, 0.0, 0.0), Tracked(3.0, 0.5, None, None, 0.0, 0.0, 0.0)]
    means = mean_of(rows)
    assert (means["mel_db"], means["onset_f1"], means["wrong_f0"]) == (2.0, 0.5, 0.5)
    assert mean_of([])["mel_db"] is None
