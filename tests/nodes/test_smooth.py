from itertools import pairwise
from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.nodes.smooth import Smooth
from latent_terrain.testing import setup_for

SAMPLES = 700
AUDIO = np.random.default_rng(2).uniform(-1, 1, (2, SAMPLES)).astype(np.float32)
TIMES = np.random.default_rng(3).uniform(0, 50, (1, SAMPLES)).astype(np.float32)


def plainly(times: np.ndarray) -> np.ndarray:
    out = np.zeros((2, SAMPLES))
    state = AUDIO[:, 0].astype(np.float64)
    for sample in range(SAMPLES):
        keep = exp(-1 / max(float(times[sample]) * 48, 1e-6))
        state = keep * state + (1 - keep) * AUDIO[:, sample]
        out[:, sample] = state
    return out


def run(cuts: list[int], time: float | np.ndarray) -> np.ndarray:
    smooth, out = Smooth(setup_for(SAMPLES)), np.zeros_like(AUDIO)
    edges = sorted({0, SAMPLES, *cuts})
    for begin, end in pairwise(edges):
        now = time[:, begin:end] if isinstance(time, np.ndarray) else time
        smooth.process(AUDIO[:, begin:end], out[:, begin:end], now)  # type: ignore[arg-type]
    return out


@pytest.mark.parametrize("time", [0.0, 0.02, 1.0, 20.0, 10_000.0])
def test_it_is_the_one_pole_it_says(time: float) -> None:
    np.testing.assert_allclose(run([], time), plainly(np.full(SAMPLES, time, np.float32)), atol=1e-6)


def test_a_moving_time_is_followed() -> None:
    np.testing.assert_allclose(run([], TIMES), plainly(TIMES[0]), atol=1e-6)


@given(st.lists(st.integers(1, SAMPLES - 1), max_size=12), st.booleans())
def test_cutting_it_anywhere_changes_no_bit(cuts: list[int], is_moving: bool) -> None:
    time = TIMES if is_moving else 5.0
    assert run(cuts, time).tobytes() == run([], time).tobytes()


def test_a_steady_time_is_the_same_as_one_that_could_move() -> None:
    assert run([100, 300], np.full((1, SAMPLES), 5.0, np.float32)).tobytes() == run([], 5.0).tobytes()


def test_numbers_that_are_none_are_forgotten_after_the_block() -> None:
    smooth = Smooth(setup_for(64))
    broken = np.full((1, 64), np.nan, np.float32)
    smooth.process(broken, np.zeros_like(broken))
    assert (smooth.process(np.ones_like(broken), np.zeros_like(broken)) == 1.0).all()
