"""Finding a sound among others, frame by frame: the right one, its time, silence and odd input."""

import numpy as np
import pytest
from numpy.typing import NDArray

from latent_terrain.nodes.location.alignment import find, stretches
from latent_terrain.nodes.location.features import HOP_SECONDS, FrameFeatures, frames_of
from latent_terrain.nodes.location.known import MOST_MOMENTS, Known, thinned
from latent_terrain.nodes.location.locator import SoundLocator
from latent_terrain.nodes.location.path import LAG_FRAMES, PathFinder

RATE = 44_100
Array = NDArray[np.float32]


def tones(low: float, high: float, seconds: float = 1.0, rate: float = RATE, seed: int = 0) -> Array:
    """A buzz that glides, with a little noise."""
    time = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * np.cumsum(low * (high / low) ** (time / seconds)) / rate
    buzz = sum(np.sin(number * phase) / number for number in range(1, 9))
    noise = np.random.default_rng(seed).normal(size=len(time))
    return np.asarray(0.2 * buzz + 0.002 * noise, np.float32)


def sounds(rate: float = RATE) -> dict[str, Array]:
    noise = np.random.default_rng(5).normal(size=round(rate)).astype(np.float32)
    return {
        "low": tones(110, 220, rate=rate, seed=1),
        "high": tones(660, 1000, rate=rate, seed=2),
        "noise": 0.1 * noise * np.linspace(1, 0.2, len(noise), dtype=np.float32),
    }


def known_of(some: dict[str, Array]) -> Known:
    heard = [frames_of(one, RATE) for one in some.values()]
    kept = thinned([one for one, _ in heard], [silent for _, silent in heard], list(some))
    places = np.stack([kept.line * 10.0, kept.share], axis=1).astype(np.float32)
    return kept.known(places)


KNOWN = known_of(sounds())


@pytest.mark.parametrize("name", list(sounds()))
def test_a_sound_is_found_where_it_is(name: str) -> None:
    steps = list(find(KNOWN, sounds()[name], RATE))
    assert [step.seconds for step in steps] == pytest.approx(HOP_SECONDS * np.arange(len(steps)))
    lines = [KNOWN.names[KNOWN.line[step.moment]] for step in steps]
    assert lines.count(name) > 0.95 * len(steps)
    late = [abs(float(KNOWN.seconds[step.moment]) - step.seconds) for step in steps]
    assert np.median(late) < 0.03
    assert np.median([step.confidence for step in steps]) > 0.8


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
def test_a_quiet_noisy_take_half_a_semitone_off_is_found_at_any_rate(rate: float) -> None:
    take = 0.05 * tones(110 * 1.02, 220 * 1.02, rate=rate, seed=9)
    steps = list(find(KNOWN, np.asarray(take, np.float32), rate))
    lines = [int(KNOWN.line[step.moment]) for step in steps if step.moment >= 0]
    assert lines.count(0) > 0.9 * len(lines) > 30


def test_silence_has_no_place_and_what_comes_before_it_is_told() -> None:
    query = np.concatenate([np.zeros(RATE // 2, np.float32), sounds()["high"], np.zeros(RATE // 2, np.float32)])
    steps = list(find(KNOWN, query, RATE))
    found = stretches(KNOWN, steps)
    assert [one.name for one in found] == ["high"]
    assert found[0].begin == pytest.approx(0.5, abs=0.06)
    assert found[0].end == pytest.approx(1.5, abs=0.06)
    assert all(step.confidence == 0 and step.moment == -1 for step in steps[:15] + steps[-15:])
    assert stretches(KNOWN, list(find(KNOWN, np.zeros(RATE, np.float32), RATE))) == []


def test_one_sound_after_another_is_two_stretches() -> None:
    query = np.concatenate([sounds()["noise"][: RATE // 2], sounds()["low"][RATE // 4 :]])
    found = stretches(KNOWN, list(find(KNOWN, query, RATE)))
    longest = [one for one in found if one.end - one.begin > 0.2]
    assert [one.name for one in longest] == ["noise", "low"]
    assert longest[1].from_ == pytest.approx(0.25, abs=0.15)


def test_something_else_is_found_with_little_confidence() -> None:
    whistle = np.asarray(0.3 * np.sin(2 * np.pi * 3500 * np.arange(RATE) / RATE), np.float32)
    sure = np.mean([step.confidence for step in find(KNOWN, whistle, RATE)])
    assert sure < np.mean([step.confidence for step in find(KNOWN, sounds()["low"], RATE)]) - 0.3


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30, 1.0, 1e-9])
def test_odd_numbers_come_to_no_harm(value: float) -> None:
    finder = PathFinder(KNOWN, RATE)
    window = np.full(finder.features.window, value, np.float32)
    spot = finder.hear(window)
    assert spot is None or 0 <= spot.confidence <= 1
    good = sounds()["low"]
    for frame in range(20):
        spot = finder.hear(good[frame * 1024 : frame * 1024 + finder.features.window])
    assert spot is not None
    assert KNOWN.line[spot.moment] == 0


def test_places_come_the_same_at_any_split_into_blocks_and_after_a_reset() -> None:
    query = np.concatenate([sounds()["noise"][:9000], np.zeros(9000, np.float32), sounds()["high"][:20_000]])
    finder = SoundLocator(KNOWN, 48_000)

    def played(block: int) -> Array:
        finder.reset()
        out = np.zeros((4, len(query)), np.float32)
        for begin in range(0, len(query), block):
            part = slice(begin, min(begin + block, len(query)))
            finder.process(query[part], out[:2, part], out[2:3, part], out[3:4, part], 0.04, 0.2)
        return out

    whole = played(len(query))
    assert whole[2].max() > 0.8
    for block in (1024, 257, 64):
        np.testing.assert_allclose(played(block), whole, atol=1e-5)
    np.testing.assert_array_equal(played(257), played(257))


def test_a_place_is_known_within_150_ms() -> None:
    assert LAG_FRAMES * HOP_SECONDS + FrameFeatures(RATE).window / 2 / RATE <= 0.15


def test_very_many_moments_are_thinned_out_and_still_found() -> None:
    random = np.random.default_rng(0)
    cepstra = [random.normal(size=(200, 18)).astype(np.float32) for _ in range(300)]
    kept = thinned(cepstra, [np.zeros(200, np.bool_)] * 300, [str(number) for number in range(300)])
    assert 0.5 * MOST_MOMENTS < len(kept.line) <= MOST_MOMENTS
    assert len(np.unique(kept.line)) == 300
    known = kept.known(np.zeros((len(kept.line), 2), np.float32))
    finder = PathFinder(known, RATE)
    for frame in range(0, 20 * 1024, 1024):
        assert finder.hear(tones(200, 300)[frame : frame + finder.features.window]) is not None


def test_one_moment_is_enough() -> None:
    alone = Known(
        np.zeros((1, 18), np.float32),
        np.ones((1, 2), np.float32),
        np.zeros(1, np.int64),
        np.zeros(1, np.float32),
        ("a",),
    )
    assert [step.moment for step in find(alone, tones(100, 200), RATE)] == [0] * 44
