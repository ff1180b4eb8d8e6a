from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine import Events, Setup
from latent_terrain.nodes.metro import Metro, Ticking
from latent_terrain.testing import RATE, setup_for


def one_block(metro: Metro, block: int, restart: Events | None = None, **params: Any) -> Events:
    out = Ticking([], np.full((1, block), 9.0, np.float32))
    made = metro.process(out, restart, **params)
    assert 0.0 <= made.phase.min() <= made.phase.max() < 1.0
    return made.out


def ticks(samples: int, block: int, restarts: tuple[int, ...] = (), follow: str = "tempo", **params: Any) -> Events:
    setup = setup_for(block)
    metro, found = Metro(setup, follow), []  # type: ignore[arg-type, var-annotated]
    for start in range(0, samples, block):
        restart = [(at - start, 1.0) for at in restarts if start <= at < start + block]
        out = one_block(metro, block, restart, **params)
        found += [(start + offset, value) for offset, value in out if start + offset < samples]
    return found


def test_120_beats_per_minute_are_one_every_half_second_to_the_sample() -> None:
    assert ticks(20 * 24_000, 256) == [(24_000 * number, float(number)) for number in range(20)]


@pytest.mark.parametrize("every", [1.0, 10.0, 333.3, 1000.0])
def test_ticks_come_on_the_first_sample_at_or_after_their_time(every: float) -> None:
    found = [at for at, _ in ticks(480_000, 4096, follow="every", every=every)]
    step = every * RATE / 1000
    expected = np.ceil(np.arange(len(found)) * step - 1e-6)
    assert found == expected.tolist()


def test_the_longest_wait_is_exact_too() -> None:
    setup = setup_for(2**16)
    metro = Metro(setup, "every")
    found = [number * 2**16 + offset for number in range(900) for offset, _ in one_block(metro, 2**16, every=600_000.0)]
    assert found == [0, 28_800_000, 57_600_000][: len(found)]
    assert len(found) >= 2


@given(st.integers(16, 3000), st.lists(st.integers(0, 19_999), max_size=4, unique=True))
def test_blocks_do_not_matter_and_a_restart_begins_on_its_sample(block: int, restarts: list[int]) -> None:
    at = tuple(sorted(restarts))
    found = ticks(20_000, block, at, tempo=1234.5)
    assert found == ticks(20_000, 500, at, tempo=1234.5)
    assert {(sample, 0.0) for sample in at} <= set(found)


def test_switched_off_it_is_still_and_on_again_it_begins() -> None:
    metro = Metro(setup_for(256))
    assert one_block(metro, 256) == [(0, 0.0)]
    assert one_block(metro, 256, running=False) == []
    assert one_block(metro, 256) == [(0, 0.0)]


def test_the_phase_rises_from_tick_to_tick() -> None:
    setup = setup_for(480)
    metro = Metro(setup)
    phases, found = [], []
    for start in range(0, 48_000, 480):
        out = metro.process(Ticking([], np.zeros((1, 480), np.float32)), tempo=150.0, beats=0.5)
        phases.append(out.phase[0].copy())
        found += [start + offset for offset, _ in out.out]
    phase = np.concatenate(phases)
    assert found == list(range(0, 48_000, 9600))
    assert np.flatnonzero(np.diff(phase) < 0).tolist() == [at - 1 for at in found[1:]]
    np.testing.assert_allclose(phase[:9600], np.arange(9600) / 9600, atol=1e-6)


def kept(setup: Setup, metro: Metro, samples: int, **params: Any) -> tuple[Events, np.ndarray]:
    """Ticks and phases while the engine's clock goes on from where it is."""
    found, phases, begin = [], [], setup.clock.sample
    for _ in range(samples // setup.block):
        out = metro.process(Ticking([], np.zeros((1, setup.block), np.float32)), **params)
        found += [(setup.clock.sample - begin + offset, value) for offset, value in out.out]
        phases.append(out.phase[0].copy())
        setup.clock.sample += setup.block
    return found, np.concatenate(phases)


@pytest.mark.parametrize("beats", [0.25, 1.0, 4.0])
@pytest.mark.parametrize("block", [64, 480, 4800])
def test_it_keeps_to_the_beat_of_a_clock_outside(block: int, beats: float) -> None:
    setup = setup_for(block)
    setup.beat.hear(sample=12_000, beat=2.5, tempo=120.0, sample_rate=RATE)
    found, phase = kept(setup, Metro(setup, "beat"), 96_000 * 4, beats=beats, tempo=77.0)
    first = int(np.ceil(2.0 / beats))
    wanted = [((number * beats - 2.0) * 24_000, float(number)) for number in range(first, first + len(found))]
    assert len(found) == {0.25: 64, 1.0: 16, 4.0: 4}[beats]
    assert found == wanted
    places = (2.0 + np.arange(len(phase)) / 24_000) / beats % 1.0
    assert np.abs((phase - places + 0.5) % 1.0 - 0.5).max() < 1e-6


@given(st.lists(st.floats(-0.2, 0.2), min_size=1, max_size=40), st.integers(0, 2))
def test_a_clock_that_is_corrected_never_ticks_twice_or_leaves_one_out(shifts: list[float], coarse: int) -> None:
    setup = setup_for(1024)
    metro, numbers = Metro(setup, "beat"), []
    for shift in shifts:
        setup.beat.hear(setup.clock.sample, setup.clock.sample / 24_000 + shift, 120.0 + coarse, RATE)
        numbers += [value for _, value in kept(setup, metro, 7 * 1024)[0]]
    assert np.diff(numbers).tolist() == [1.0] * (len(numbers) - 1)


def test_a_clock_that_jumps_is_followed_at_once_and_one_that_goes_is_not_missed() -> None:
    setup = setup_for(480)
    metro = Metro(setup, "beat")
    setup.beat.hear(0, 0.0, 120.0, RATE)
    assert [value for _, value in kept(setup, metro, 96_000)[0]] == [0.0, 1.0, 2.0, 3.0]
    setup.beat.hear(setup.clock.sample, 99.5, 120.0, RATE)
    assert kept(setup, metro, 48_000)[0] == [(12_000, 100.0), (36_000, 101.0)]
    setup.beat.hear(setup.clock.sample, 8.0, 60.0, RATE)
    assert kept(setup, metro, 96_000)[0] == [(0, 8.0), (48_000, 9.0)]
    setup.beat.leave()
    assert [value for _, value in kept(setup, metro, 48_000, tempo=240.0)[0]] == [0.0, 1.0, 2.0, 3.0]


def test_numbers_that_no_clock_can_mean_are_not_followed() -> None:
    setup = setup_for(480)
    for sample, beat, tempo in ((0.0, 0.0, 0.0), (0.0, np.nan, 120.0), (np.inf, 0.0, 120.0), (0.0, 0.0, 1e9)):
        setup.beat.hear(sample, beat, tempo, RATE)
        assert setup.beat.moment is None
