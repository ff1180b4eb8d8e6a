"""What a node costs: a patch of about 200 nodes beside the same arithmetic as a bare list of numpy calls.

Run: .venv/bin/python benchmarks/node_cost.py [--json]
66 voices of sine, gain and add into one another, as in docs/design.md; CPU time of one thread, median of passes.
Beside it the same patch with every node called by itself, and the block in which all sines are turned at once.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest.mock import patch as patched

import numpy as np

from latent_terrain.engine import Engine, Palette, compile_patch, load_palette
from latent_terrain.engine.offline import offline_setup
from latent_terrain.graphs import Patch, add_node, connect

VOICES = 66
RATE = 48_000.0
PASSES, BLOCKS = 9, 300


def voices() -> Patch:
    patch = add_node(Patch(), "audio_out", name="out")
    for voice in range(VOICES):
        sine, gain, add = f"sine-{voice}", f"gain-{voice}", f"add-{voice}"
        patch = add_node(patch, "sine", name=sine, values={"frequency": 50.0 + 7 * voice})
        patch = add_node(patch, "gain", name=gain, values={"level": -40.0})
        patch = add_node(patch, "add", name=add)
        patch = connect(connect(patch, f"{sine}.out", f"{gain}.audio"), f"{gain}.out", f"{add}.a")
        if voice:
            patch = connect(patch, f"add-{voice - 1}.out", f"{add}.b")
    return connect(patch, f"add-{VOICES - 1}.out", "out.audio")


def bare(block: int) -> Callable[[], None]:
    """The same sums without an engine: numpy calls on preallocated arrays."""
    phases, steps = np.zeros(VOICES), (50.0 + 7 * np.arange(VOICES)) / RATE
    ramp, turns = np.arange(1, block + 1, dtype=np.float64), np.zeros(block)
    sound, total = np.zeros(block, np.float32), np.zeros(block, np.float32)
    level = np.float32(0.01)

    def run() -> None:
        total.fill(0.0)
        for voice in range(VOICES):
            np.multiply(ramp, steps[voice], out=turns)
            np.add(turns, phases[voice], out=turns)
            phases[voice] = turns[-1] % 1.0
            np.multiply(turns, 2 * np.pi, out=turns)
            np.sin(turns, out=sound, casting="same_kind")
            np.multiply(sound, level, out=sound)
            np.add(total, sound, out=total)

    return run


def microseconds(run: Callable[[], object]) -> float:
    for _ in range(50):
        run()
    found = []
    for _ in range(PASSES):
        begin = time.thread_time()
        for _ in range(BLOCKS):
            run()
        found.append((time.thread_time() - begin) / BLOCKS * 1e6)
    return statistics.median(found)


def one_by_one(patch: Patch, palette: Palette, block: int) -> Engine:
    """An engine that calls every node by itself."""
    with patched("latent_terrain.engine.engine.compile_patch", partial(compile_patch, batching=False)):
        return Engine(patch, palette, offline_setup(patch, Path(), RATE, block))


def turning(engine: Engine) -> Callable[[], object]:
    """A block in which every sine's frequency has just been turned."""
    hertz = 50.0

    def run() -> None:
        nonlocal hertz
        hertz = 50.0 + (hertz + 1.0) % 400.0
        for voice in range(VOICES):
            engine.turn(f"sine-{voice}", "frequency", hertz + voice)
        engine.process()

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    palette, patch = load_palette(), voices()
    rows = []
    for block in (64, 256):
        engine = Engine(patch, palette, offline_setup(patch, Path(), RATE, block))
        ours, baseline = microseconds(engine.process), microseconds(bare(block))
        apart = microseconds(one_by_one(patch, palette, block).process)
        turned = microseconds(turning(engine))
        nodes, deadline = len(patch.nodes), block / RATE * 1e6
        rows.append(
            {
                "block": block,
                "nodes": nodes,
                "us_per_block": round(ours, 1),
                "us_per_node": round(ours / nodes, 2),
                "bare_numpy_us_per_block": round(baseline, 1),
                "ratio_to_bare_numpy": round(ours / baseline, 2),
                "share_of_deadline": round(ours / deadline, 3),
                "one_by_one_us_per_block": round(apart, 1),
                "one_by_one_share_of_deadline": round(apart / deadline, 3),
                "all_sines_turned_us_per_block": round(turned, 1),
                "all_sines_turned_share_of_deadline": round(turned / deadline, 3),
            }
        )
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    for row in rows:
        print(
            f"block {row['block']:>4}: {row['us_per_block']:>7} µs for {row['nodes']} nodes, "
            f"{row['us_per_node']} µs a node, {100 * row['share_of_deadline']:.1f} % of the block's time; "
            f"one by one {row['one_by_one_us_per_block']} µs, {100 * row['one_by_one_share_of_deadline']:.1f} %; "
            f"all sines turned {row['all_sines_turned_us_per_block']} µs, "
            f"{100 * row['all_sines_turned_share_of_deadline']:.1f} %; "
            f"bare numpy {row['bare_numpy_us_per_block']} µs (ours / bare {row['ratio_to_bare_numpy']})"
        )


if __name__ == "__main__":
    main()
