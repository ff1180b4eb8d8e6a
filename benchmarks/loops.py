"""What code per sample costs: a state-variable filter beside plain nodes, and how long until it can be heard.

Run: .venv/bin/python benchmarks/loops.py [--json]
Microseconds of CPU time of one thread for a block, median of passes, all in one run: 64 filters written with
``per_sample`` and 64 one-pole filters as an ``expr`` formula, each with params at rest and with a cord into the cutoff,
beside 64 gains and 64 sines of this program (plain numpy), and SignalFlow's filters where that is installed. Then, in
fresh processes, how long renders wait for loops.
"""

import argparse
import importlib
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

from latent_terrain.engine import Engine, Help, Palette, Param, Sample, State, load_palette, per_sample, spec_of
from latent_terrain.engine.offline import offline_setup
from latent_terrain.graphs import Patch, add_node, connect

RATE, VOICES = 48_000.0, 64
PASSES, BLOCKS = 9, 300
Cutoff = Annotated[float, Param(10.0, 20_000.0, unit="Hz", curve="log", help="cutoff frequency")]
Damping = Annotated[float, Param(0.05, 2.0, help="2: none of it rings")]
FORMULA = "g = tan(pi * min(p1 / sr, 0.49)); y[-1] + 2 * g / (1 + g) * (in1 - y[-1])"
"""One pole, as a formula has one history."""


def coefficients(cutoff: Cutoff = 1000.0, damping: Damping = 1.0, sample_rate: float = 0.0) -> tuple[float, float]:
    g = math.tan(math.pi * min(cutoff / sample_rate, 0.49))
    return g, 1.0 / (1.0 + g * (g + damping))


@per_sample(prepare=coefficients)
def bench_svf(
    audio: Annotated[Sample, Help("the sound")], g: float, scale: float, one: State = 0.0, two: State = 0.0
) -> tuple[float, float, float]:
    """Lets the low part of a sound through."""
    band = (one + g * (audio - two)) * scale
    low = two + g * band
    return low, 2.0 * band - one, 2.0 * low - two


def palette() -> Palette:
    return Palette({**load_palette().specs, "bench_svf": spec_of(bench_svf)})


def voices(type_: str, port: str, values: dict[str, object], modulated: str = "") -> Patch:
    """So many nodes of a type, all fed by one noise. modulated: a param that an lfo of its own drives in each."""
    patch = add_node(add_node(Patch(), "noise", name="noise"), "audio_out", name="out")
    patch = add_node(patch, "lfo", name="lfo", values={"rate": 2.0, "low": 200.0, "high": 2000.0})
    for number in range(VOICES):
        name = f"it-{number}"
        patch = add_node(patch, type_, name=name, values=values)  # type: ignore[arg-type]
        if port:
            patch = connect(patch, "noise.out", f"{name}.{port}")
        if modulated:
            patch = connect(patch, "lfo.out", f"{name}.{modulated}")
    return connect(patch, "it-0.out", "out.audio")


def microseconds(patch: Patch, block: int) -> float:
    """Per block, of the whole patch."""
    engine = Engine(patch, palette(), offline_setup(patch, Path(), RATE, block))
    for _ in range(50):
        engine.process()
    assert not engine.faults()
    found = []
    for _ in range(PASSES):
        begin = time.thread_time()
        for _ in range(BLOCKS):
            engine.process()
        found.append((time.thread_time() - begin) / BLOCKS * 1e6)
    engine.close()
    return statistics.median(found)


def signalflow(block: int) -> float:
    """SignalFlow's own filter as often, of one noise, into a sum; µs per block. Raises ImportError without it."""
    peer: Any = importlib.import_module("signalflow")
    config = peer.AudioGraphConfig()
    config.output_buffer_size, config.sample_rate = block, int(RATE)
    graph = peer.AudioGraph(config, output_device=peer.AudioOut_Dummy(2, block), start=False)
    noise = peer.WhiteNoise()
    graph.play(peer.Sum([peer.SVFilter(noise, "low_pass", 1000, 0.5) for _ in range(VOICES)]))
    buffer = peer.Buffer(2, block)
    found = []
    for _ in range(PASSES):
        begin = time.thread_time()
        for _ in range(BLOCKS):
            graph.render_to_buffer(buffer)
        found.append((time.thread_time() - begin) / BLOCKS * 1e6)
    graph.destroy()
    return statistics.median(found)


def waits() -> dict[str, float]:
    """In fresh processes: numba's import, the first loop compiled, another one, and both loaded from the disk."""
    code = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); import loops;"
        "from latent_terrain.engine.loops.library import library;"
        "from latent_terrain.nodes.expr.code import description; from latent_terrain.nodes.expr.grammar import read;"
        "a = time.perf_counter(); import numba; b = time.perf_counter();"
        "kinds = [loops.bench_svf.kind, description(read(loops.FORMULA))]; times = [b - a];"
        "ranges = [loops.bench_svf.ranges, ((0.5, -1.0, 1.0),)];\n"
        "for kind, span in zip(kinds, ranges):\n"
        "    c = time.perf_counter(); one = library.get(kind, span); one.wait(); assert not one.problem, one.problem\n"
        "    times.append(time.perf_counter() - c)\n"
        "print(*times)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "XDG_CACHE_HOME": folder}
        words = [sys.executable, "-c", code, str(Path(__file__).parent)]
        runs = [subprocess.run(words, env=environment, capture_output=True, text=True, check=True) for _ in range(3)]
    first, _, again = ([float(one) for one in run.stdout.split()] for run in runs)
    return {
        "import numba, s": again[0],
        "first loop compiled, s": first[1],
        "another compiled, s": first[2],
        "first loop from disk, ms": again[1] * 1e3,
        "another from disk, ms": again[2] * 1e3,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    found: dict[str, dict[str, float]] = {}
    for block in (64, 256):
        plain = {
            "gain": microseconds(voices("gain", "audio", {"level": -6.0}), block),
            "sine": microseconds(voices("sine", "", {}), block),
        }
        ours = {
            "svf": microseconds(voices("bench_svf", "audio", {}), block),
            "svf, a cord each": microseconds(voices("bench_svf", "audio", {}, "cutoff"), block),
            "expr": microseconds(voices("expr", "in1", {"formula": FORMULA, "p1": 1000.0}), block),
            "expr, a cord each": microseconds(voices("expr", "in1", {"formula": FORMULA}, "p1"), block),
            "gain, a cord each": microseconds(voices("gain", "audio", {}, "level"), block),
            "sine, a cord each": microseconds(voices("sine", "", {}, "frequency"), block),
        }
        try:
            plain["SignalFlow's svf"] = signalflow(block)
            found[f"block {block}, of SignalFlow's"] = {"svf": ours["svf"] / plain["SignalFlow's svf"]}
        except ImportError as error:
            print(f"without SignalFlow ({error}); pip install signalflow to see it beside ours")
        found[f"block {block}, µs for {VOICES}"] = plain | ours
        found[f"block {block}, of {VOICES} sines"] = {name: one / plain["sine"] for name, one in ours.items()}
    found["until it sounds"] = waits()
    if as_json:
        print(json.dumps(found))
        return
    for title, rows in found.items():
        print(title)
        for name, value in rows.items():
            print(f"  {name:<26} {value:8.2f}")


if __name__ == "__main__":
    main()
