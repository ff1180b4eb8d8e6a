"""How a terrain learns a large collection: a thousand sounds, thirty thousand pairs.

Run: .venv/bin/python benchmarks/large_terrain.py [--sounds 1000] [--frames 30] [--seed 0] [--json]
Latents as a codec of the user's own sounds has them: eight say which sound, constant along it, and one says when in it.
The sounds come in kinds of about 25; lines lie in a grid on the default canvas, once with alike sounds as neighbours
and once in no order. Printed: seconds of CPU as the terrain node learns by itself (first fit, and the second where
error/variance asks for it), error/variance of the network alone and with what is put back at the lines, the share of
all places on the lines that have the right sound, how far off its time is, and what one place costs while it plays.
"""

import argparse
import json
import time
from functools import partial
from typing import Any

import numpy as np

from latent_terrain.nodes.terrain.dataset import Pairs
from latent_terrain.nodes.terrain.fit_as_needed import AUTO, SMOOTHNESS, fit_as_needed, with_residual
from latent_terrain.nodes.terrain.inference import Inference
from latent_terrain.nodes.terrain.network import FloatArray, TerrainShape, evaluate, network_alone
from latent_terrain.nodes.terrain.quality import relative_error
from latent_terrain.nodes.terrain.training import fit

BOX = (np.array([-16.0, -4.0]), np.array([16.0, 4.0]))
PLACES, SCALE, KIND, FRAMES_PER_SECOND = 8, 3.0, 25, 43.0
CALLS = 2000


def sounds(count: int, seed: int) -> FloatArray:
    """Where each sound is among all, ``[count, 8]``, of rms 3: kinds apart from each other, their sounds closer."""
    random = np.random.default_rng(seed)
    kinds = random.standard_normal((max(1, count // KIND), PLACES)) * np.linspace(1.5, 0.5, PLACES)
    found = kinds[random.integers(0, len(kinds), count)] + 0.4 * random.standard_normal((count, PLACES))
    found -= found.mean(0)
    return (found * (SCALE / np.sqrt((found**2).sum(1).mean()))).astype(np.float32)


def lines(places: FloatArray, frames: int, is_ordered: bool) -> list[FloatArray]:
    """A straight line for each sound in a grid: alike sounds beside each other, or as they come."""
    count = len(places)
    columns = int(np.ceil(np.sqrt(count * 1.6)))
    rows = -(-count // columns)
    order = np.arange(count)
    if is_ordered:
        across = np.argsort(places[:, 0], kind="stable")
        order = np.concatenate([one[np.argsort(places[one, 1])] for one in np.array_split(across, columns)])
    found: list[FloatArray] = [np.zeros((0, 2), np.float32)] * count
    for cell, sound in enumerate(order):
        column, row = divmod(cell, rows)
        left, y = -16 + 32 * (column + 0.08) / columns, -4 + 8 * (row + 0.5) / rows
        line = np.stack([np.linspace(left, left + 32 * 0.84 / columns, frames), np.full(frames, y)], axis=1)
        found[sound] = line.astype(np.float32)
    return found


def measured(count: int, frames: int, is_ordered: bool, seed: int) -> dict[str, Any]:
    where = sounds(count, seed)
    when = (np.arange(frames, dtype=np.float32) - frames / 2) / FRAMES_PER_SECOND
    z = np.concatenate([np.concatenate([np.repeat(one[None], frames, 0), when[:, None]], 1) for one in where])
    pairs = Pairs(np.concatenate(lines(where, frames, is_ordered)), z.astype(np.float32), (frames,) * count)
    began = time.process_time()

    def learn(shape: TerrainShape, steps: int, progress: Any) -> Any:
        return fit(pairs, shape, BOX, steps=steps, seed=1, progress=progress)

    result = fit_as_needed(learn, pairs, TerrainShape(2, PLACES + 1), AUTO, lambda *_: True, may=True)
    learned = time.process_time()
    weights = with_residual(result.weights, pairs, 8.0, SMOOTHNESS)
    put_back = time.process_time()
    own = np.repeat(np.arange(count), frames)
    found: dict[str, Any] = {
        "sounds": count,
        "pairs": len(pairs.x),
        "order": "alike" if is_ordered else "none",
        "learning_s": learned - began,
        "putting_back_s": put_back - learned,
        "steps": result.steps,
    }
    for name, one in (("network", network_alone(weights)), ("terrain", weights)):
        given = evaluate(one, pairs.x)
        off = np.sqrt(np.mean((given[:, -1] - pairs.z[:, -1]) ** 2))
        found[name] = {
            "relative_error": relative_error(float(np.mean((given - pairs.z) ** 2)), pairs.z),
            "right_sound": float(np.mean(nearest(given[:, :-1], where) == own)),
            "time_error_ms": float(off) * 1000,
            "place_us": place_us(one, pairs.x),
        }
    return found


def nearest(given: FloatArray, where: FloatArray) -> np.ndarray[Any, Any]:
    return np.argmax(given @ where.T - (where**2).sum(1) / 2, axis=1)


def place_us(weights: dict[str, FloatArray], x: FloatArray) -> float:
    """What a place on a line costs while it plays, in microseconds of CPU."""
    inference, out = Inference(weights, 1), np.zeros((PLACES + 1, 1), np.float32)
    picked = x[np.random.default_rng(0).integers(0, len(x), CALLS)][:, :, None]
    call = partial(inference.evaluate, out=out)
    began = time.process_time()
    for place in picked:
        call(place)
    return (time.process_time() - began) / CALLS * 1e6


def tell(one: dict[str, Any]) -> None:
    print(
        f"{one['sounds']} sounds, {one['pairs']} pairs, order {one['order']}: {one['learning_s']:.1f} s of CPU "
        f"({one['steps']} steps), {one['putting_back_s']:.2f} s to put back what it misses"
    )
    for name in ("network", "terrain"):
        about = one[name]
        print(
            f"  {'network alone' if name == 'network' else 'with the lines':14}: error/variance "
            f"{about['relative_error']:.4f}, right sound {about['right_sound']:.3f}, time off by "
            f"{about['time_error_ms']:.0f} ms, one place {about['place_us']:.0f} us"
        )


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sounds", type=int, default=1000)
    parser.add_argument("--frames", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    found = [measured(options.sounds, options.frames, one, options.seed) for one in (True, False)]
    if options.json:
        print(json.dumps(found, indent=2))
        return
    for one in found:
        tell(one)


if __name__ == "__main__":
    main()
