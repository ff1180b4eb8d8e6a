"""How good a land is, is measured as its author did; and it is good a step beside its lines too."""

import numpy as np
import pytest

from latent_terrain.nodes.terrain.dataset import Pairs
from latent_terrain.nodes.terrain.network import TerrainError, TerrainShape, evaluate, initial_weights
from latent_terrain.nodes.terrain.quality import quality
from latent_terrain.nodes.terrain.training import fit

BOX = ((-16.0, -4.0), (16.0, 4.0))


def test_f30_b45_a_known_error_has_a_known_number_of_decibels(land):
    weights = land()
    x = np.random.default_rng(0).uniform(-4, 4, (60, 2)).astype(np.float32)
    given = evaluate(weights, x)
    sign = np.where(np.arange(60) % 2, 1.0, -1.0)[:, None]
    pairs = Pairs(x, (given + 0.01 * sign).astype(np.float32), (20, 40))
    found = quality(weights, pairs)
    spans = [float(np.ptp(part)) for part in np.split(pairs.z, [20])]
    assert found.by_trajectory == pytest.approx([20 * np.log10(span / 0.01) for span in spans], abs=0.01)
    assert found.psnr_db == pytest.approx(np.mean(found.by_trajectory))
    assert found.error == pytest.approx(1e-4, rel=1e-3)
    assert found.validation_db < found.psnr_db
    assert quality(weights, pairs) == found, "the shaking has a seed"


def test_a_land_that_knows_all_is_bounded_not_infinite(land):
    weights = land()
    x = np.zeros((3, 2), np.float32)
    assert np.isfinite(quality(weights, Pairs(x, evaluate(weights, x), (3,))).psnr_db)


def test_what_does_not_fit_is_refused_with_a_sentence():
    weights = initial_weights(TerrainShape(2, 4, width=8, features=16), 0)
    with pytest.raises(TerrainError, match="trained on"):
        quality(weights, Pairs(np.zeros((2, 2), np.float32), np.zeros((2, 3), np.float32), (2,)))
    with pytest.raises(TerrainError, match="no training pairs"):
        quality(weights, Pairs(np.zeros((0, 2), np.float32), np.zeros((0, 4), np.float32), ()))


@pytest.mark.parametrize("gauss", [0.1, 0.2])
def test_a_step_beside_short_and_thin_lines_the_land_is_tame(gauss):
    """As automatic layouts draw them; learned over the lines alone, the land had 22 and 18.5 dB there."""
    random = np.random.default_rng(2)
    x, z = [], []
    for _ in range(8):
        begin, way = random.uniform(-1, 1, 2) * (14, 3), random.uniform(0, 6)
        time = np.linspace(0, 1, 100)[:, None]
        x.append(begin + time * 5.0 * np.array([np.cos(way), np.sin(way) / 3]))
        z.append(np.sin(8 * time * random.uniform(0.3, 1.5, 8) + random.uniform(0, 6, 8)))
    pairs = Pairs(np.concatenate(x).astype(np.float32), np.concatenate(z).astype(np.float32), (100,) * 8)
    found = quality(fit(pairs, TerrainShape(2, 8, gauss), BOX, seed=1).weights, pairs, 32.0)
    assert found.validation_db > 25.0
