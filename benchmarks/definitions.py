"""What an edit inside a definition costs, and what playing instances costs beside the same nodes in the patch.

Run: .venv/bin/python benchmarks/definitions.py [--json]
A patch of 1000 nodes, of which a definition of eight (lfo, oscillators, ring, scale, gain, pan) is used 16 times:
milliseconds of CPU time from a cord inside it cut or laid, or a node put into it, to the plans of all instances; from
one of its params turned; and microseconds of a block of 128 beside the same patch written out, interleaved.
"""

import argparse
import json
import os
import statistics
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from latent_terrain.engine import Engine, load_palette
from latent_terrain.engine.kernels.code import code
from latent_terrain.engine.offline import offline_setup
from latent_terrain.graphs import Patch, add_node, connect, disconnect, remove_node, set_value
from latent_terrain.graphs.definitions import unpack

RATE, BLOCK, NODES, USES, PASSES = 48_000, 128, 1000, 16, 9
PALETTE = load_palette()


def voice(patch: Patch) -> Patch:
    """in --> ring; lfo --> osc.frequency, osc --> ring --> gain --> pan --> sound; lfo --> scale --> gain.level"""
    nodes = ["lfo", "sine", "phasor", "multiply", "scale", "gain", "pan", "add"]
    for type_ in nodes:
        patch = add_node(patch, type_, name=f"voice/{type_}")
    for type_, name in (("inlet", "in"), ("outlet", "sound"), ("param", "pitch")):
        patch = add_node(patch, type_, name=f"voice/{name}")
    patch = set_value(set_value(patch, "voice/lfo", "low", 100.0), "voice/scale", "out_low", -40.0)
    for source, target in (
        ("pitch.out", "lfo.high"),
        ("lfo.out", "sine.frequency"),
        ("sine.out", "multiply.a"),
        ("in.out", "multiply.b"),
        ("phasor.out", "add.a"),
        ("multiply.out", "add.b"),
        ("add.out", "gain.audio"),
        ("lfo.out", "scale.audio"),
        ("scale.out", "gain.level"),
        ("gain.out", "pan.audio"),
        ("pan.out", "sound.audio"),
    ):
        patch = connect(patch, f"voice/{source}", f"voice/{target}")
    return patch


def patch_of() -> Patch:
    """Instances in a row, and as many other nodes as are lacking."""
    patch = add_node(add_node(voice(Patch()), "audio_out", name="out"), "lfo", name="all")
    before = ""
    for number in range(USES):
        patch = add_node(patch, "voice", name=f"voice-{number}", values={"pitch": 300.0 + 10 * number})
        patch = add_node(patch, "add", name=f"sum-{number}")
        patch = connect(connect(patch, "all.out", f"voice-{number}.in"), f"voice-{number}.sound", f"sum-{number}.a")
        if before:
            patch = connect(patch, f"{before}.out", f"sum-{number}.b")
        before = f"sum-{number}"
    for number in range((NODES - USES * 10) // 2):
        patch = add_node(patch, "sine", name=f"tone-{number}", values={"frequency": 50.0 + number})
        patch = add_node(patch, "add", name=f"more-{number}")
        patch = connect(patch, f"tone-{number}.out", f"more-{number}.a")
        patch = connect(patch, f"{before}.out", f"more-{number}.b")
        before = f"more-{number}"
    return connect(patch, f"{before}.out", "out.audio")


def engine_of(patch: Patch) -> Engine:
    """Ready to play."""
    return Engine(patch, PALETTE, offline_setup(patch, Path(), RATE, BLOCK))


def edits(patch: Patch) -> dict[str, float]:
    """Milliseconds of CPU time of the median edit of each kind."""
    engine, spent = engine_of(patch), dict[str, list[float]]()
    ends = "voice/in.out", "voice/multiply.b"
    for number in range(8):
        kinds = {
            "a cord inside": lambda one: disconnect(one, *ends),
            "a cord inside, back": lambda one: connect(one, *ends),
            "a node inside": lambda one: add_node(one, "noise", name="voice/noise"),
            "a node inside, away": lambda one: remove_node(one, "voice/noise"),
            "a param inside": lambda one, to=-30.0 - number: set_value(one, "voice/scale", "out_low", to),
        }
        for name, edit in kinds.items():
            changed = edit(engine.patch)
            begin = time.process_time()
            engine.update(changed)
            spent.setdefault(name, []).append(time.process_time() - begin)
            for _ in range(12):
                engine.process()
    return {f"{name}, ms": 1000 * statistics.median(each) for name, each in spent.items()}


def costs(patch: Patch) -> dict[str, float]:
    """Microseconds of a block, of instances and of the same written out."""
    written = patch
    for number in range(USES):
        written, _ = unpack(written, f"voice-{number}")
    engines = {"instances": engine_of(patch), "written out": engine_of(written)}
    found: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(PASSES):
        for name, engine in engines.items():
            begin = time.thread_time()
            for _ in range(200):
                engine.process()
            found[name].append((time.thread_time() - begin) / 200 * 1e6)
    return {f"{name}, µs": statistics.median(each) for name, each in found.items()}


def main() -> None:
    """Say the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    code.wait()
    patch = patch_of()
    found = {"nodes": float(len(engine_of(patch).compiled.instances)), **edits(patch), **costs(patch)}
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        print(f"{name:<24} {value:9.2f}")


if __name__ == "__main__":
    main()
