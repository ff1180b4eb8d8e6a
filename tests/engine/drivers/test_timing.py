"""How time is kept: the spread of loads and of lateness, over the whole run and the latest second."""

import tracemalloc
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine.drivers import Quantiles, Timing, TimingReport

RATE, BLOCK = 48_000, 480
PERIOD = BLOCK / RATE


def play(timing: Timing, lates: Sequence[float], load: float = 0.1, begin: float = 100.0) -> None:
    for index, late in enumerate(lates):
        at = begin + index * PERIOD + late
        timing.begin(at)
        timing.end(at + load * PERIOD, BLOCK)


def test_nothing_played_is_all_zero() -> None:
    report = Timing(RATE).report()
    assert report == TimingReport(report.whole, report.whole, 0.0)
    assert (report.whole.blocks, report.whole.load, report.whole.late_ms) == (0, Quantiles(), Quantiles())


@given(st.lists(st.floats(1e-4, 5.0), min_size=1, max_size=300))
def test_the_spread_of_loads_is_right_within_a_bin(loads: list[float]) -> None:
    timing = Timing(RATE)
    for index, load in enumerate(loads):
        timing.begin(index * 10.0 + 1.0)
        timing.end(index * 10.0 + 1.0 + load * PERIOD, BLOCK)
    found = timing.report().whole.load
    low, high = np.quantile(loads, (0.5, 0.99), method="inverted_cdf")
    assert found.p50 == pytest.approx(low, rel=0.13)
    assert found.p99 == pytest.approx(high, rel=0.13)
    assert found.max == pytest.approx(max(loads), rel=1e-6)


def test_calls_in_time_are_not_late_and_late_ones_are_by_as_much() -> None:
    timing = Timing(RATE)
    play(timing, [0.0] * 50 + [0.003] + [0.0] * 50)
    late = timing.report().whole.late_ms
    assert late.p50 < 0.05
    assert late.max == pytest.approx(3.0, abs=0.1)


def test_an_early_call_shows_that_those_before_were_late() -> None:
    timing = Timing(RATE)
    play(timing, [0.002, 0.0, 0.002])
    assert timing.report().whole.late_ms.max == pytest.approx(2.0, abs=0.1)


def test_a_device_whose_clock_is_slower_is_not_taken_for_late() -> None:
    timing = Timing(RATE)
    play(timing, [index * PERIOD * 5e-4 for index in range(20_000)])
    assert timing.report().whole.late_ms.max < 0.1


def test_after_a_break_in_the_sound_time_is_counted_anew() -> None:
    for breaks in (Timing.underrun, lambda timing: timing.miss(3)):
        timing = Timing(RATE)
        play(timing, [0.0] * 10)
        breaks(timing)
        play(timing, [0.0] * 10, begin=100.0 + 10 * PERIOD + 0.1)
        assert timing.report().whole.late_ms.max < 0.1


def test_a_call_that_is_very_late_counts_once() -> None:
    timing = Timing(RATE)
    play(timing, [0.0] * 10 + [0.5] * 200)
    report = timing.report().whole.late_ms
    assert report.max == pytest.approx(500.0, rel=0.01)
    assert report.p50 < 0.1


def test_the_latest_second_forgets_the_one_before() -> None:
    timing = Timing(RATE)
    play(timing, [0.0] * 100, load=0.8)
    timing.underrun()
    timing.overflow()
    timing.miss(2)
    for second in range(1, 4):
        play(timing, [0.0] * 101, load=0.1, begin=100.0 + 1.01 * second)
    report = timing.report()
    assert report.whole.load.max == pytest.approx(0.8)
    assert (report.whole.underruns, report.whole.overflows, report.whole.missed) == (1, 1, 2)
    assert report.recent.load.max == pytest.approx(0.1)
    assert 100 <= report.recent.blocks <= 101
    assert (report.recent.underruns, report.recent.overflows, report.recent.missed) == (0, 0, 0)


def test_the_measured_rate_is_that_of_the_calls() -> None:
    timing = Timing(RATE)
    play(timing, [0.0] * 101)
    assert timing.report().rate_hz == pytest.approx(RATE)


@pytest.mark.parametrize("value", [0.0, 1e-12, 1e9])
def test_numbers_beyond_the_bins_are_counted_too(value: float) -> None:
    timing = Timing(RATE)
    timing.begin(1.0)
    timing.end(1.0 + value, BLOCK)
    found = timing.report().whole
    assert found.blocks == 1
    assert found.load.p50 == pytest.approx(found.load.max, abs=1e-6) or found.load.max > 99


def test_keeping_time_takes_no_memory() -> None:
    timing = Timing(RATE)
    noise = np.random.default_rng(1).random(3000) * 0.01
    lates: list[float] = [float(one) for one in noise]

    def grown(work: Callable[[], None]) -> int:
        tracemalloc.start()
        work()
        before = tracemalloc.get_traced_memory()[0]
        work()
        after = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return after - before

    play(timing, lates)
    assert grown(lambda: play(timing, lates)) < 2000
