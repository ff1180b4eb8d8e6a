"""How well a map keeps what sounds alike together: real recordings, laid out as the product does it.

Run: .venv/bin/python benchmarks/layout.py [--clips FOLDER] [--counts 100,490,1000] [--latents] [--json]
Sounds and their kinds are those of benchmarks/sound_library.py, from the packages that benchmarks/clips.py fetches. Of
each count (up to 300: mean of three draws) it prints the share of the 8 nearest by descriptors that are among the 8
nearest on the map (middle of each line), how many of the 5 nearest on the map are of the same kind, and of the 5
nearest by descriptors, which is about the most there is to be had, CPU seconds of layout and tour, and how far one more
sound moves the others, in distances between lines (median, 95 of 100). --latents: by statistics of the latents of
builtin:sounds, as where no file is known.
"""

import argparse
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from clips import default_folder
from numpy.typing import NDArray
from sound_library import Labelled, library

from latent_terrain.engine import Trajectories
from latent_terrain.nodes.audiofile import Passage, SoundError
from latent_terrain.nodes.codec.sounds.corpus import read_passage
from latent_terrain.nodes.codec.sounds.descriptors import statistics
from latent_terrain.nodes.codec.sounds.moment_latents import latents_of, placed
from latent_terrain.nodes.gui.arrangement import arranged
from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.nodes.gui.neighbours import standardised
from latent_terrain.nodes.gui.units import MapBox

NEAREST, SAME = 8, 5
DRAWS = 3
Array = NDArray[np.float64]
AT_LEAST = {100: (0.5, 0.48), 490: (0.45, 0.55)}


@dataclass(frozen=True)
class Row:
    """Of so many sounds: kept and same as shares, cpu in seconds, moved in distances between lines."""

    sounds: int
    kept: float
    same: float
    same_by_descriptors: float
    cpu_seconds: float
    moved_median: float
    moved_95: float


@dataclass(frozen=True, eq=False)
class Sounds:
    """Everything measured of the recordings, in the library's order."""

    labels: NDArray[np.str_]
    descriptors: Array
    latents: Trajectories


def measured(found: list[Labelled], most: int) -> Sounds:
    """Read and describe the first so many recordings; those that cannot be read are left out."""
    labels, rows, names, latents = list[str](), [], list[str](), []
    for one in found:
        if len(rows) == most:
            break
        try:
            audio = read_passage(Passage(one.path))[0].mean(axis=0)
        except SoundError:
            continue
        labels.append(one.label)
        rows.append(statistics(audio))
        names.append(f"{one.path.parent.name}/{one.path.stem}")
        latents.append(latents_of(placed(audio, str(len(rows)))))
    table = tuple(np.asarray(row, np.float32) for row in rows)
    return Sounds(
        np.array(labels), np.array(rows, np.float64), Trajectories(tuple(names), tuple(latents), descriptors=table)
    )


def row_of(sounds: Sounds, chosen: NDArray[np.intp], by_latents: bool) -> Row:
    """Lay these out, then all of them after all but the last."""
    own = _part(sounds.latents, chosen, by_latents)
    labels, table = sounds.labels[chosen], standardised(sounds.descriptors[chosen])
    start = time.process_time()
    made = arranged("map", own, MapBox(), 0, {}, lambda *_: True)
    seconds = time.process_time() - start
    places = _middles(made, len(chosen))
    here, there = _nearest(places, NEAREST), _nearest(table, NEAREST)
    kept = np.mean([len(set(a) & set(b)) / NEAREST for a, b in zip(here, there, strict=True)])
    fewer = arranged("map", _part(sounds.latents, chosen[:-1], by_latents), MapBox(), 0, {}, lambda *_: True)
    more = _middles(arranged("map", own, MapBox(), 0, fewer, lambda *_: True), len(chosen))
    pitch = np.sqrt(np.prod(MapBox().size) / len(chosen))
    moved = np.linalg.norm(more[:-1] - _middles(fewer, len(chosen) - 1), axis=1) / pitch
    same = [np.mean(labels[nearest[:, :SAME]] == labels[:, np.newaxis]) for nearest in (here, there)]
    return Row(
        len(chosen),
        float(kept),
        float(same[0]),
        float(same[1]),
        seconds,
        float(np.median(moved)),
        float(np.percentile(moved, 95)),
    )


def _part(all_: Trajectories, chosen: NDArray[np.intp], by_latents: bool) -> Trajectories:
    described = () if by_latents else tuple(all_.descriptors[one] for one in chosen)
    return Trajectories(
        tuple(all_.names[one] for one in chosen), tuple(all_.arrays[one] for one in chosen), descriptors=described
    )


def _middles(made: dict[str, Array], count: int) -> Array:
    lines = [Polyline(np.asarray(made[f"line/{index:04d}"], np.float64)) for index in range(count)]
    return np.array([line.position_at(line.length / 2) for line in lines])


def _nearest(table: Array, count: int) -> NDArray[np.intp]:
    distances = np.sum((table[:, np.newaxis] - table) ** 2, axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest: NDArray[np.intp] = np.argsort(distances, axis=1)[:, :count]
    return nearest


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, default=default_folder())
    parser.add_argument("--counts", default="100,490,1000")
    parser.add_argument("--latents", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    counts = [int(one) for one in options.counts.split(",")]
    found = library(options.clips / "raw")
    if not found:
        print(f"{options.clips}/raw holds no packages; fetch them with benchmarks/clips.py --fetch", file=sys.stderr)
        return 1
    sounds = measured(found, max(max(counts), DRAWS * 100))
    rows = []
    for count in counts:
        chosen = np.arange(min(count, len(sounds.labels)))
        draws = [chosen + count * draw for draw in range(DRAWS)] if count <= 300 else [chosen]
        some = [row_of(sounds, one, options.latents) for one in draws if one[-1] < len(sounds.labels)]
        means = [float(np.mean([list(asdict(one).values())[at] for one in some])) for at in range(1, 7)]
        rows.append(Row(len(chosen), *means))
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
        return 0
    print(
        f"{'sounds':>7} {'neighbours kept':>16} {'same kind':>10} {'(by ear)':>9} {'CPU s':>7} {'one more moves':>15}"
    )
    for row in rows:
        least = AT_LEAST.get(row.sounds)
        wanted = f"   at least {least[0]} / {least[1]}" if least else ""
        print(
            f"{row.sounds:7} {row.kept:16.2f} {row.same:10.2f} {row.same_by_descriptors:9.2f} {row.cpu_seconds:7.1f}"
            f" {row.moved_median:7.2f}, {row.moved_95:.2f}{wanted}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
