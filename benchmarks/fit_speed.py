"""How long a terrain takes to learn: the recipe beside the reference's own training (plain Adam), on the same pairs.

Run: .venv/bin/python benchmarks/fit_speed.py [--json]
18 smooth curves in cells of their own, 74 points each, 8 noisy latents; the network of nn.terrain~ (2 to 8, width 128).
CPU time of one thread. Held out: the points halfway between, without noise.
"""

import argparse
import json
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latent_terrain.engine import Trajectories
from latent_terrain.nodes.terrain.dataset import Pairs, pair
from latent_terrain.nodes.terrain.network import TerrainShape, evaluate
from latent_terrain.nodes.terrain.training import TrainingProgress, fit

CURVES, POINTS, LATENTS, NOISE = 18, 74, 8, 0.3
EPOCHS = 150
BOX = (np.array([-16.0, -4.0]), np.array([16.0, 4.0]))
SEEDS = (1, 2, 3)


@dataclass
class Race:
    """One seed: seconds and losses of both, and when the recipe passed where plain training ended."""

    plain_seconds: float
    plain_loss: float
    plain_held_out: float
    recipe_seconds: float
    recipe_loss: float
    recipe_held_out: float
    passed_after: float


def curves(seed: int) -> tuple[Pairs, NDArray[np.float32], NDArray[np.float32]]:
    random = np.random.default_rng(seed)
    places, sounds, between, wanted = [], [], [], []
    for curve in range(CURVES):
        time_ = np.linspace(0, 1, 2 * POINTS - 1)
        left, top = -16 + 32 * (curve % 6) / 6 + 0.6, -4 + 8 * (curve // 6) / 3 + 0.4
        bend = random.uniform(0, 2 * np.pi, 2)
        path = np.stack([left + 4.1 * time_, top + 0.9 + 0.8 * np.sin(3 * time_ + bend[0]) * np.cos(bend[1])], 1)
        speeds, phases = random.uniform(1, 9, (3, LATENTS)), random.uniform(0, 2 * np.pi, (3, LATENTS))
        sound = np.sin(time_[:, None, None] * speeds + phases).sum(1) / np.sqrt(1.5)
        places.append(path[::2].astype(np.float32))
        sounds.append((sound[::2] + NOISE * random.standard_normal((POINTS, LATENTS))).astype(np.float32))
        between.append(path[1::2])
        wanted.append(sound[1::2])
    names = tuple(str(curve) for curve in range(CURVES))
    pairs = pair(Trajectories(names, tuple(places)), Trajectories(names, tuple(sounds)))
    return pairs, np.concatenate(between).astype(np.float32), np.concatenate(wanted).astype(np.float32)


def race(seed: int) -> Race:
    pairs, between, wanted = curves(seed)
    shape = TerrainShape(2, LATENTS)
    steps = EPOCHS * -(-len(pairs.x) // 32)
    began = time.thread_time()
    plain = fit(pairs, shape, BOX, method="plain", steps=steps, seed=seed)
    plain_seconds = time.thread_time() - began
    passed: list[float] = []
    began = time.thread_time()

    def watch(progress: TrainingProgress) -> bool:
        if not passed and progress.step % 20 == 0:
            weights = progress.snapshot()
            paused = time.thread_time()
            if float(np.mean((evaluate(weights, pairs.x) - pairs.z) ** 2)) <= plain.loss:
                passed.append(paused - began)
        return True

    recipe = fit(pairs, shape, BOX, seed=seed, progress=watch)
    watched = time.thread_time() - began
    began = time.thread_time()
    fit(pairs, shape, BOX, seed=seed)
    alone = time.thread_time() - began

    def held_out(weights: dict[str, NDArray[np.float32]]) -> float:
        return float(np.mean((evaluate(weights, between) - wanted) ** 2))

    return Race(
        plain_seconds,
        plain.loss,
        held_out(plain.weights),
        alone,
        recipe.loss,
        held_out(recipe.weights),
        min(passed[0], alone) if passed else watched,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    race(0)
    races = [race(seed) for seed in SEEDS]
    if as_json:
        print(json.dumps([vars(one) for one in races], indent=2))
        return
    for seed, one in zip(SEEDS, races, strict=True):
        sooner = one.plain_seconds / one.passed_after
        plain = f"{one.plain_seconds:.2f} s, loss {one.plain_loss:.3f}, held out {one.plain_held_out:.3f}"
        recipe = f"{one.recipe_seconds:.2f} s, loss {one.recipe_loss:.3f}, held out {one.recipe_held_out:.3f}"
        print(f"seed {seed}: plain  {plain}\n        recipe {recipe}")
        print(f"        passed plain's end after {one.passed_after:.2f} s, {sooner:.0f} times sooner")


if __name__ == "__main__":
    main()
