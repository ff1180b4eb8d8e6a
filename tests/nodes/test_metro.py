from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine import Events
from latent_terrain.nodes.metro import Metro

from .battery import RATE, setup_for


def ticks(samples: int, block: int, restarts: tuple[int, ...] = (), follow: str = "tempo", **params: Any) -> Events:
    setup = setup_for(block)
    metro, found = Metro(setup, follow), []  # type: ignore[arg-type, var-annotated]
    for start in range(0, samples, block):
        restart = [(at - start, 1.0) for at in restarts if start <= at < start + block]
        out = metro.process([], restart, **params)
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
    found = [number * 2**16 + offset for number in range(900) for offset, _ in metro.process([], every=600_000.0)]
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
    assert metro.process([]) == [(0, 0.0)]
    assert metro.process([], running=False) == []
    assert metro.process([]) == [(0, 0.0)]
