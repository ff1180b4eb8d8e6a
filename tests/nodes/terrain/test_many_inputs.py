"""Terrains of 8, 16 and 64 sensors: learned well in any unit, between the moments that were recorded too."""

import time

import numpy as np
import pytest

from latent_terrain.nodes.terrain.dataset import Pairs
from latent_terrain.nodes.terrain.fit_as_needed import GAUSS
from latent_terrain.nodes.terrain.inference import Inference
from latent_terrain.nodes.terrain.network import TerrainShape, evaluate
from latent_terrain.nodes.terrain.quality import relative_error
from latent_terrain.nodes.terrain.recipe import gauss_over
from latent_terrain.nodes.terrain.residual import made_residual
from latent_terrain.nodes.terrain.training import fit

LATENTS, MOMENTS = 8, 250


def movement(random: np.random.Generator, size: int) -> np.ndarray:
    """A body's slow movement ``[moments, size]``."""
    time_ = np.arange(MOMENTS) / MOMENTS
    waves = [
        random.normal() * np.sin(2 * np.pi * (random.uniform(0.5, 4) * time_ + random.uniform()))
        for _ in range(4 * size)
    ]
    return np.stack([sum(waves[4 * index : 4 * index + 4]) for index in range(size)], axis=1)


def takes(channels: int, low: float, high: float, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """What so many noisy sensors say of a body of three movements, and latents that follow it."""
    random = np.random.default_rng(0)
    felt, heard = random.normal(size=(3, channels)) / np.sqrt(3), random.normal(size=(3, LATENTS))
    shift, found = random.uniform(-1, 1, channels), []
    for _ in range(count):
        moved = movement(random, 3)
        seen = 0.5 + 0.5 * np.tanh(0.6 * moved @ felt + 0.3 * shift) + 0.005 * random.normal(size=(MOMENTS, channels))
        latents = np.tanh(0.5 * moved @ heard) + 0.3 * np.sin(1.2 * moved @ heard)
        found.append(((low + (high - low) * seen).astype(np.float32), latents.astype(np.float32)))
    return found


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-4.0, 4.0), (0.0, 1023.0)])
@pytest.mark.parametrize(("channels", "most"), [(8, 0.02), (16, 0.2), (64, 0.1)])
def test_sensors_are_learned_well_at_between_and_beyond_the_takes(
    channels: int, most: float, low: float, high: float
) -> None:
    *known, other = takes(channels, low, high, 7)
    is_learned = np.arange(MOMENTS) % 5 != 2
    x, z = (np.concatenate([take[side][is_learned] for take in known]) for side in (0, 1))
    shape = TerrainShape(channels, LATENTS, GAUSS)
    weights = fit(Pairs(x, z, (int(is_learned.sum()),) * 6), shape).weights

    def lost(places: np.ndarray, latents: np.ndarray) -> float:
        return relative_error(float(np.mean((evaluate(weights, places) - latents) ** 2)), latents)

    between = [np.concatenate([take[side][~is_learned] for take in known]) for side in (0, 1)]
    assert lost(x, z) < 0.002
    assert lost(between[0], between[1]) < 0.004
    assert lost(*other) < most


def test_a_map_has_the_roughness_that_was_asked_for_and_more_coordinates_that_of_their_spread() -> None:
    random = np.random.default_rng(0)
    assert gauss_over(random.uniform(-4, 4, (50, 2)).astype(np.float32), 0.1) == 0.1
    assert gauss_over(random.uniform(-4, 4, (50, 1)).astype(np.float32), 0.3) == 0.3
    many = random.normal(size=(4000, 16)).astype(np.float32)
    assert gauss_over(many, 0.1) == pytest.approx(0.1 * 2 / 4, rel=0.02)
    assert gauss_over(100 * many, 0.1) == pytest.approx(gauss_over(many, 0.1) / 100, rel=1e-4)
    assert gauss_over(many, 0.0) == 0.0
    assert gauss_over(np.ones((9, 16), np.float32), 0.1) == 0.1
    assert gauss_over(1e-9 * many, 0.1) == 10.0


def test_a_moment_of_64_sensors_takes_a_small_part_of_a_frame() -> None:
    known = takes(64, 0.0, 1.0, 6)
    x, z = (np.concatenate([take[side] for take in known]) for side in (0, 1))
    pairs = Pairs(x, z, (MOMENTS,) * 6)
    weights = fit(pairs, TerrainShape(64, LATENTS, GAUSS), steps=20).weights
    weights = {**weights, **made_residual(x, z - evaluate(weights, x), pairs.lengths, 1.0, 1.0)}
    player, out = Inference(weights, 4), np.zeros((LATENTS, 1), np.float32)
    spent = []
    for row in x[::5]:
        begin = time.perf_counter()
        player.evaluate(row[:, None], out)
        spent.append(time.perf_counter() - begin)
    assert np.median(spent) < 0.1 * 2048 / 48_000
