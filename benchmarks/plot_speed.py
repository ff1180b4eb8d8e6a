"""How fast a land is drawn and read: the map beside one drawn row by row, and points one by one and in a crowd.

Run: .venv/bin/python benchmarks/plot_speed.py [--json]
600 by 150 places, all latents. Row by row: one forward pass of the plain network for each row, as the reference does.
CPU time of one thread, the best of five.
"""

import argparse
import json
import time
from collections.abc import Callable

import numpy as np

from latent_terrain.nodes.terrain.inference import Inference
from latent_terrain.nodes.terrain.network import FloatArray, TerrainShape, evaluate, initial_weights
from latent_terrain.nodes.terrain.plot import grid, plot, plot_tiles, preview

BOX, SIZE = (-16.0, -4.0, 16.0, 4.0), (600, 150)
SHAPES = {"2 to 8, width 128": TerrainShape(2, 8), "2 to 64, width 256": TerrainShape(2, 64, 0.12, 256, 512)}


def seconds(work: Callable[[], object], times: int = 5) -> float:
    found = []
    for _ in range(times):
        began = time.thread_time()
        work()
        found.append(time.thread_time() - began)
    return min(found)


def microseconds(points: int, shape: TerrainShape) -> float:
    inference = Inference(initial_weights(shape, 0), points)
    places = np.random.default_rng(0).uniform(-4, 4, (2, points)).astype(np.float32)
    out: FloatArray = np.zeros((shape.latent_dim, points), np.float32)
    inference.evaluate(places, out)
    return 1e6 / 500 * seconds(lambda: [inference.evaluate(places, out) for _ in range(500)])


def measured(shape: TerrainShape) -> dict[str, float]:
    weights = initial_weights(shape, 0)
    columns, rows = grid(*BOX, *SIZE)

    def row_by_row() -> None:
        for row in rows:
            evaluate(weights, np.stack([columns, np.full_like(columns, row)], 1))

    plain, ours = seconds(row_by_row), seconds(lambda: plot(weights, BOX, SIZE))
    return {
        "row_by_row_s": plain,
        "map_s": ours,
        "times_faster": plain / ours,
        "first_look_s": seconds(lambda: preview(weights, BOX, SIZE)),
        "first_tile_s": seconds(lambda: next(plot_tiles(weights, BOX, SIZE))),
        "point_us": microseconds(1, shape),
        "points_32_us": microseconds(32, shape),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    found = {name: measured(shape) for name, shape in SHAPES.items()}
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for name, one in found.items():
        print(
            f"{name}: map {one['map_s'] * 1000:.0f} ms, row by row {one['row_by_row_s'] * 1000:.0f} ms "
            f"({one['times_faster']:.1f} times), first look {one['first_look_s'] * 1000:.0f} ms, "
            f"first rows {one['first_tile_s'] * 1000:.0f} ms; "
            f"a point {one['point_us']:.0f} us, 32 points {one['points_32_us']:.0f} us"
        )


if __name__ == "__main__":
    main()
