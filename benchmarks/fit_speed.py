"""How fast and how well a terrain learns: ours beside a literal port of the reference's training, on equal pairs.

Run: .venv/bin/python benchmarks/fit_speed.py [--seeds 3] [--json]
18 lines of 74 points, 8 noisy latents; in cells of their own, and one across the other. The reference trains with its
defaults (batches of 32, rate 1e-3) for 300 epochs, as its authors advise about 15 s of, and on separate lines also
with the best settings that its own ranges allow (128, 3e-3). CPU seconds of one thread, set-up of ours included, the
measuring of losses left out on both sides. The port is Python: the compiled original took 0.7 of the port's time for
equal epochs on a machine of this kind. Held out: the places halfway between the points, without noise.
"""

import argparse
import json
import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from lines_to_learn import BOX, Task, crossing, separate
from numpy.typing import NDArray
from reference_loop import predicted, train

from latent_terrain.nodes.terrain.network import TerrainShape, evaluate
from latent_terrain.nodes.terrain.training import Order, TrainingProgress, fit

EPOCHS, REFERENCE_SECONDS = 300, 15.0
LATENTS = 8


@dataclass(frozen=True)
class Land:
    """How a fit ended. seconds: of CPU. slope: root mean square over the canvas; highest: of all |latents| there."""

    seconds: float
    loss: float
    held_out: float
    slope: float
    highest: float


@dataclass(frozen=True)
class Reference:
    """The port: its end, its loss when 15 s were over and how long they were, and its best held-out error."""

    end: Land
    loss_at_15_s: float
    seconds_to_it: float
    best_held_out: float
    best_epoch: int


def reference(task: Task, seed: int, rate: float = 1e-3, batch: int = 32, epochs: int = EPOCHS) -> Reference:
    loss = held_out = seconds = 0.0
    at_15 = (np.inf, 0.0)
    best = (np.inf, 0)
    net = None
    for now in train(task.pairs.x, task.pairs.z, epochs, seed, rate, batch):
        loss = error(predicted(now.net, task.pairs.x), task.pairs.z)
        held_out = error(predicted(now.net, task.between), task.wanted)
        best = min(best, (held_out, now.epoch))
        if now.seconds <= REFERENCE_SECONDS:
            at_15 = min(at_15, (loss, now.seconds))
        seconds, net = now.seconds, now.net
    assert net is not None
    end = Land(seconds, loss, held_out, *tameness(lambda x: predicted(net, x)))
    return Reference(end, *at_15, *best)


def seconds_to(task: Task, seed: int, loss: float) -> float:
    """CPU seconds of our fit until its land has this loss over all pairs; infinite if it never has."""
    spent, reached = 0.0, np.inf
    began = time.thread_time()

    def watch(progress: TrainingProgress) -> bool:
        nonlocal spent, began, reached
        if progress.step % 4 == 0:
            spent += time.thread_time() - began
            if error(evaluate(progress.snapshot(), task.pairs.x), task.pairs.z) <= loss:
                reached = spent
                return False
            began = time.thread_time()
        return True

    fit(task.pairs, TerrainShape(2, LATENTS), BOX, seed=seed, progress=watch)
    return float(reached)


def ours(task: Task, seed: int, order: Order = "lines") -> Land:
    began = time.thread_time()
    weights = fit(task.pairs, TerrainShape(2, LATENTS), BOX, seed=seed, order=order).weights
    seconds = time.thread_time() - began
    return Land(
        seconds,
        error(evaluate(weights, task.pairs.x), task.pairs.z),
        error(evaluate(weights, task.between), task.wanted),
        *tameness(lambda x: evaluate(weights, x)),
    )


def tameness(land: Any) -> tuple[float, float]:
    """Root mean square slope over the canvas, and the highest latent there."""
    x, y = np.meshgrid(np.linspace(-16, 16, 161), np.linspace(-4, 4, 41))
    places = np.stack([x.ravel(), y.ravel()], 1).astype(np.float32)
    here, step = land(places), 0.05
    slopes = [(land(places + np.array(way, np.float32) * step) - here) / step for way in ((1, 0), (0, 1))]
    return float(np.sqrt(sum(np.mean(slope**2) for slope in slopes))), float(np.abs(here).max())


def error(one: NDArray[Any], other: NDArray[Any]) -> float:
    return float(np.mean((np.asarray(one, np.float64) - other) ** 2))


def row(name: str, land: Land) -> None:
    print(
        f"    {name:24} {land.seconds:6.2f} s  loss {land.loss:.3f}  held out {land.held_out:.3f}  "
        f"slope {land.slope:.2f}  highest {land.highest:.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    ours(separate(0), 0)
    found: list[dict[str, Any]] = []
    for seed in range(1, options.seeds + 1):
        apart, across = separate(seed), crossing(seed)
        theirs, tuned = reference(apart, seed), reference(apart, seed, 3e-3, 128, EPOCHS)
        reached = seconds_to(apart, seed, theirs.loss_at_15_s)
        reached_tuned = tuned.seconds_to_it if tuned.loss_at_15_s <= theirs.loss_at_15_s else np.inf
        far = reference(across, seed)
        one = {
            "seed": seed,
            "separate": {
                "reference": asdict(theirs),
                "tuned": asdict(tuned),
                "ours": asdict(ours(apart, seed)),
                "seconds_to_reference_loss": reached,
                "seconds_of_tuned_to_its_loss": reached_tuned,
                "seconds_to_tuned_loss": seconds_to(apart, seed, tuned.loss_at_15_s),
            },
            "crossing": {
                "reference": asdict(far),
                "ours": asdict(ours(across, seed)),
                "ours_unordered": asdict(ours(across, seed, "points")),
            },
        }
        found.append(one)
        if not options.json:
            tell(one)
    if options.json:
        print(json.dumps(found, indent=2))


def tell(one: dict[str, Any]) -> None:
    apart, across = one["separate"], one["crossing"]
    theirs, far = apart["reference"], across["reference"]
    print(f"seed {one['seed']}\n  separate lines")
    row("reference, 300 epochs", Land(**theirs["end"]))
    row("reference, 128 at 3e-3", Land(**apart["tuned"]["end"]))
    row("ours", Land(**apart["ours"]))
    seconds, best = theirs["seconds_to_it"], apart["tuned"]["seconds_to_it"]
    mine, to_tuned = apart["seconds_to_reference_loss"], apart["seconds_to_tuned_loss"]
    print(f"    loss {theirs['loss_at_15_s']:.3f}: {seconds:.1f} s against {mine:.2f} s, {seconds / mine:.0f} times")
    loss = apart["tuned"]["loss_at_15_s"]
    print(f"    loss {loss:.3f} (tuned): {best:.1f} s against {to_tuned:.2f} s, {best / to_tuned:.0f} times sooner")
    print("  lines that cross")
    row("reference, 300 epochs", Land(**far["end"]))
    row("ours, in order", Land(**across["ours"]))
    row("ours, order unknown", Land(**across["ours_unordered"]))
    best = far["best_held_out"]
    print(
        f"    held out, of the reference's best ({best:.3f} after {far['best_epoch']} epochs): "
        f"{across['ours']['held_out'] / best:.2f} in order, {across['ours_unordered']['held_out'] / best:.2f} without"
    )


if __name__ == "__main__":
    main()
