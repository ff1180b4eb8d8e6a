"""Another sample rate keeps pitch and level, comes soon, and is the same however the stream is cut."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_terrain.nodes.codec.polyphase import Polyphase
from latent_terrain.nodes.codec.queue import RateBridge

RATES = [(44_100, 48_000), (48_000, 44_100), (22_050, 48_000), (96_000, 44_100), (44_100, 88_200), (16_000, 44_100)]


def wave(hertz: float, rate: int, seconds: float = 0.5) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate).astype(np.float32)[np.newaxis]


@pytest.mark.parametrize(("source", "target"), RATES)
@pytest.mark.parametrize("hertz", [50.0, 997.0, 6500.0])
def test_a_tone_is_the_same_tone_at_its_instant(source: int, target: int, hertz: float) -> None:
    made = Polyphase(Fraction(target, source), 1).convert(wave(hertz, source))[0]
    wanted = wave(hertz, target)[0, : len(made)]
    inside = slice(200, -200)
    assert np.abs(made[inside] - wanted[inside]).max() < 3e-4


@pytest.mark.parametrize(("source", "target"), [rates for rates in RATES if rates[1] < rates[0]])
def test_what_the_lower_rate_cannot_carry_is_not_heard(source: int, target: int) -> None:
    alias = Polyphase(Fraction(target, source), 1).convert(wave(0.54 * target, source))[0, 300:-300]
    assert 20 * np.log10(np.abs(alias).max()) < -75


@settings(max_examples=30, deadline=None)
@given(rates=st.sampled_from(RATES), cuts=st.lists(st.integers(0, 3000), max_size=8))
def test_any_cutting_gives_the_same_bits(rates: tuple[int, int], cuts: list[int]) -> None:
    ratio = Fraction(rates[1], rates[0])
    sound = np.random.default_rng(1).standard_normal((2, 3000)).astype(np.float32)
    whole, stream = Polyphase(ratio, 2).convert(sound), Polyphase(ratio, 2)
    edges = sorted({0, *cuts, 3000})
    parts = [stream.convert(sound[:, begin:end]) for begin, end in pairwise(edges)]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


@settings(max_examples=30, deadline=None)
@given(rates=st.sampled_from(RATES), step=st.integers(1, 900))
def test_the_bridge_never_owes_a_sample_and_lags_little(rates: tuple[int, int], step: int) -> None:
    bridge = RateBridge(*rates, 1)
    pushed = made = 0
    for _ in range(40):
        pushed += step
        made += bridge.convert(np.zeros((1, step), np.float32)).shape[1]
        assert made >= int(pushed * bridge.ratio)
    assert bridge.delay / rates[1] < 0.0025, "seconds"


def test_rates_in_an_unusual_relation_are_converted_too() -> None:
    bridge = RateBridge(44_100, 44_101, 1)
    made = bridge.convert(wave(440.0, 44_100))
    assert np.abs(made).max() > 0.9
