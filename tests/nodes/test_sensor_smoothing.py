"""one_euro and median: calm at rest, quick when moved, each channel by itself, and no number is no harm."""

import math

import numpy as np
import pytest

from latent_terrain.nodes.median import Median
from latent_terrain.nodes.one_euro import OneEuro

from .sensing import BLOCK, RATE, held, played, setup

STEP_SECONDS = BLOCK / RATE


def reference(values: np.ndarray, min_cutoff: float, beta: float, d_cutoff: float) -> np.ndarray:
    """Casiez et al. 2012, as their paper has it, for one channel."""

    def alpha(cutoff: float) -> float:
        return 1.0 / (1.0 + 1.0 / (2 * math.pi * cutoff * STEP_SECONDS))

    found, speed = [float(values[0])], 0.0
    for value in values[1:]:
        speed += alpha(d_cutoff) * ((float(value) - found[-1]) / STEP_SECONDS - speed)
        found.append(found[-1] + alpha(min_cutoff + beta * abs(speed)) * (float(value) - found[-1]))
    return np.array(found)


def test_the_one_euro_filter_is_the_papers() -> None:
    random = np.random.default_rng(0)
    values = np.cumsum(random.normal(size=(300, 2)) * 0.05, axis=0)
    out = played(OneEuro(setup()), held(values, BLOCK), min_cutoff=2.0, beta=3.0, d_cutoff=1.5)
    for channel in range(2):
        wanted = reference(values[:, channel], 2.0, 3.0, 1.5)
        np.testing.assert_allclose(out[channel, BLOCK - 1 :: BLOCK], wanted, atol=1e-4)


def test_it_is_calm_at_rest_and_follows_a_jump_sooner_than_a_lowpass_as_calm() -> None:
    random = np.random.default_rng(0)
    still = 0.5 + 0.02 * random.normal(size=(1500, 1))
    moved = np.concatenate([still, still + np.clip(np.arange(1500)[:, None] / 300, 0, 1)])
    calm = played(OneEuro(setup()), held(moved, BLOCK), min_cutoff=0.5, beta=0.0)[0, ::BLOCK]
    quick = played(OneEuro(setup()), held(moved, BLOCK), min_cutoff=0.5, beta=5.0)[0, ::BLOCK]
    assert quick[750:1500].std() < 0.3 * 0.02
    assert abs(quick[1800] - 1.5) < 0.5 * abs(calm[1800] - 1.5)


def test_the_median_leaves_out_spikes_and_keeps_steps() -> None:
    values = np.repeat([[0.0], [1.0]], 200, axis=0)
    spiky = values.copy()
    spiky[5::17] = 100.0
    out = played(Median(setup(), window=20.0), held(spiky, BLOCK))[0, BLOCK - 1 :: BLOCK]
    assert set(np.unique(out).tolist()) == {0.0, 1.0}
    assert int(np.argmax(out > 0.5)) - 200 <= math.ceil(0.020 / STEP_SECONDS / 2) + 1


@pytest.mark.parametrize("made", [lambda: OneEuro(setup()), lambda: Median(setup(), window=20.0)])
def test_what_is_no_number_is_passed_over_and_other_channels_go_on(made: object) -> None:
    values = np.tile([[0.5, 0.0]], (400, 1))
    values[:, 1] = np.linspace(0, 1, 400)
    broken = values.copy()
    broken[100:300:2, 0] = np.nan
    broken[200:250, 0] = np.inf
    out = played(made(), held(broken, BLOCK))  # type: ignore[operator]
    assert np.isfinite(out).all()
    np.testing.assert_allclose(out[0], 0.5, atol=1e-5)
    np.testing.assert_array_equal(out[1], played(made(), held(values, BLOCK))[1])  # type: ignore[operator]
