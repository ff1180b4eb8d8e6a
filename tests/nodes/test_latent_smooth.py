from fractions import Fraction

import numpy as np

from latent_terrain.engine import FrameTimes
from latent_terrain.nodes.latent_smooth import LatentSmooth
from latent_terrain.testing import RATE, setup_for

TIMES = FrameTimes(Fraction(480), 4800)


def run(latents: np.ndarray, time: float) -> np.ndarray:
    return LatentSmooth(setup_for(4800)).process(latents, np.empty_like(latents), TIMES, time)


def test_f35_it_covers_two_thirds_of_a_jump_in_its_time() -> None:
    step = np.ones((2, 11), np.float32)
    step[:, 0] = 0.0
    heard = run(step, 100.0)
    assert abs(heard[0, 10] - (1 - np.exp(-10 * 480 / RATE / 0.1))) < 1e-5


def test_no_time_lets_everything_through_and_the_first_frame_is_taken_as_it_is() -> None:
    latents = np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32)
    np.testing.assert_allclose(run(latents, 0.0), latents, atol=1e-6)
    assert (run(latents, 5000.0)[:, 0] == latents[:, 0]).all()


def test_a_frame_that_is_no_number_holds_the_one_before() -> None:
    latents = np.ones((2, 4), np.float32)
    latents[0, 2] = np.nan
    assert (run(latents, 10.0) == 1.0).all()
