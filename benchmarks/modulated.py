"""What one cord per voice costs, beside the peers in the same run, and what an edit costs.

Run: .venv/bin/python benchmarks/modulated.py [--json]
Microseconds of CPU time of one thread for a block: so many voices of lfo, sine and gain, summed; the lfo drives the
sine's frequency, or the sine stands still; by compiled code, and by numpy alone. The same graph in SignalFlow and pyo
(``pip install signalflow pyo``) and Pure Data (``pd``), those that are installed; passes are interleaved, medians told.
Then milliseconds of CPU time from one cord edited to its plan, and from a patch to its plan, for 1000 and 3000 nodes.
"""

import argparse
import importlib
import itertools
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from latent_terrain.engine import Engine, load_palette
from latent_terrain.engine.kernels.code import Play, code
from latent_terrain.engine.offline import offline_setup
from latent_terrain.graphs import Patch, add_node, connect, disconnect

RATE, PASSES, PEER_PASSES, BLOCKS = 48_000, 9, 3, 1000
RENDER_SECONDS = 10.0
PALETTE = load_palette()
Once = Callable[[], float]
"""One pass: µs per block."""


def patch_of(voices: int, is_moving: bool) -> Patch:
    """lfo-n --> sine-n --> gain-n, and the sum of all."""
    patch = add_node(Patch(), "audio_out", name="out")
    for voice in range(voices):
        patch = add_node(patch, "sine", name=f"sine-{voice}", values={"frequency": 100.0 + voice})
        patch = add_node(patch, "gain", name=f"gain-{voice}", values={"level": -40.0})
        patch = connect(patch, f"sine-{voice}.out", f"gain-{voice}.audio")
        if is_moving:
            values = {"rate": 0.3 + voice / 100, "low": 100.0, "high": 400.0 + voice}
            patch = add_node(patch, "lfo", name=f"lfo-{voice}", values=values)
            patch = connect(patch, f"lfo-{voice}.out", f"sine-{voice}.frequency")
        if voice:
            before = "gain-0" if voice == 1 else f"sum-{voice - 1}"
            patch = add_node(patch, "add", name=f"sum-{voice}")
            patch = connect(connect(patch, f"{before}.out", f"sum-{voice}.a"), f"gain-{voice}.out", f"sum-{voice}.b")
    return connect(patch, f"sum-{voices - 1}.out", "out.audio")


def ours(voices: int, block: int, is_moving: bool, play: Play | None = None) -> Once:
    """This program's. play: the compiled code, or numpy alone."""
    patch = patch_of(voices, is_moving)
    engine = Engine(patch, PALETTE, offline_setup(patch, Path(), RATE, block))

    def once() -> float:
        code.play = play
        engine.process()
        begin = time.thread_time()
        for _ in range(BLOCKS):
            engine.process()
        return (time.thread_time() - begin) / BLOCKS * 1e6

    return once


def printed(code: str) -> Once:
    """What a program in a process of its own prints last: both peers can make their graph only once."""

    def once() -> float:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
        return float(done.stdout.split()[-1])

    return once


def signalflow(voices: int, block: int, is_moving: bool) -> Once:
    """SignalFlow's."""
    importlib.import_module("signalflow")
    return printed(f"""
import time
import signalflow as peer
config = peer.AudioGraphConfig()
config.output_buffer_size, config.sample_rate = {block}, {RATE}
graph = peer.AudioGraph(config, output_device=peer.AudioOut_Dummy(2, {block}), start=False)
def tone(voice):
    hertz = peer.SineLFO(0.3 + voice / 100, 100, 400 + voice) if {is_moving} else 100 + voice
    return peer.SineOscillator(hertz) * 0.01
graph.play(peer.Sum([tone(voice) for voice in range({voices})]))
buffer = peer.Buffer(2, {block})
for _ in range(50):
    graph.render_to_buffer(buffer)
begin = time.thread_time()
for _ in range({BLOCKS}):
    graph.render_to_buffer(buffer)
print((time.thread_time() - begin) / {BLOCKS} * 1e6)
""")


def in_process_of_its_own(command: list[str], seconds: float, block: int) -> float:
    """µs of a program that renders and ends, for each block of so many seconds; starting it counts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent / (seconds * RATE / block) * 1e6


def pure_data(voices: int, block: int, is_moving: bool) -> Once:
    """Pure Data's, in its batch mode; what it takes to start is measured too, and taken off."""
    if shutil.which("pd") is None:
        raise ImportError("there is no pd")
    lines, objects = ["#N canvas 0 0 9 9 10;"], 0
    cords: list[str] = []

    def add(words: str) -> int:
        nonlocal objects
        lines.append(f"#X obj 0 0 {words};")
        objects += 1
        return objects - 1

    total = add("+~")
    for voice in range(voices):
        tone = add("osc~" if is_moving else f"osc~ {100 + voice}")
        if is_moving:
            parts = [add(f"osc~ {0.3 + voice / 100}"), add(f"*~ {150 + voice / 2}"), add(f"+~ {250 + voice / 2}"), tone]
            cords += [f"#X connect {one} 0 {other} 0;" for one, other in itertools.pairwise(parts)]
        level = add("*~ 0.01")
        cords += [f"#X connect {tone} 0 {level} 0;", f"#X connect {level} 0 {total} 0;"]
    add(f"block~ {block}")
    folder = Path(tempfile.mkdtemp())
    (folder / "inner.pd").write_text("\n".join([*lines, *cords]) + "\n")
    (folder / "outer.pd").write_text("#N canvas 0 0 9 9 10;\n#X obj 0 0 inner;\n")

    def run(seconds: float) -> float:
        words = ["pd", "-nogui", "-batch", "-r", str(RATE), "-path", str(folder), "-send", ";pd dsp 1"]
        timer = folder / f"quit-{seconds}.pd"
        timer.write_text(
            "#N canvas 0 0 9 9 10;\n#X obj 0 0 loadbang;\n"
            f"#X obj 0 0 delay {1000 * seconds};\n#X msg 0 0 \\; pd quit;\n"
            "#X connect 0 0 1 0;\n#X connect 1 0 2 0;\n"
        )
        return in_process_of_its_own([*words, "-open", str(folder / "outer.pd"), "-open", str(timer)], 1.0, block)

    def once() -> float:
        return (run(RENDER_SECONDS) - run(0.001)) / RENDER_SECONDS

    return once


def pyo(voices: int, block: int, is_moving: bool) -> Once:
    """pyo's, offline, in a process of its own (its server can be made once only)."""
    importlib.import_module("pyo")
    return printed(f"""
import pyo, time
server = pyo.Server(sr={RATE}, nchnls=1, buffersize={block}, duplex=0, audio="offline").boot()
server.recordOptions(dur={RENDER_SECONDS}, filename="/dev/null", fileformat=0)
voices = range({voices})
frequency = [100 + one for one in voices]
if {is_moving}:
    rate = [0.3 + one / 100 for one in voices]
    frequency = pyo.Sine(rate, mul=[150 + one / 2 for one in voices], add=[250 + one / 2 for one in voices])
tone = pyo.Sine(frequency, mul=0.01)
total = tone.mix(1).out()
begin = time.process_time()
server.start()
print((time.process_time() - begin) / ({RENDER_SECONDS} * {RATE} / {block}) * 1e6)
""")


def costs(voices: int, block: int, is_moving: bool, missing: set[str]) -> dict[str, float]:
    """µs per block of all who are there."""
    code.wait()
    there = code.play
    if there is None:
        missing.add(f"without compiled code: {code.problem}")
    programs: dict[str, Once] = {"ours": ours(voices, block, is_moving, there)}
    programs["numpy alone"] = ours(voices, block, is_moving)
    for make in (signalflow, pyo, pure_data):
        try:
            programs[make.__name__.replace("_", " ")] = make(voices, block, is_moving)
        except ImportError as error:
            missing.add(f"without {make.__name__}: {error}")
    found: dict[str, list[float]] = {name: [] for name in programs}
    for number in range(PASSES):
        for name, once in programs.items():
            if name in ("ours", "numpy alone") or number < PEER_PASSES:
                found[name].append(once())
    code.play = there
    return {name: statistics.median(each) for name, each in found.items()}


def edits(nodes: int) -> dict[str, float]:
    """Milliseconds of CPU time: a patch of so many nodes compiled, and a cord of it cut and laid."""
    patch = patch_of(nodes // 4, is_moving=True)
    begin = time.process_time()
    engine = Engine(patch, PALETTE, offline_setup(patch, Path(), RATE, 256))
    whole, spent = time.process_time() - begin, list[float]()
    for number in range(8):
        ends = f"gain-{5 + number}.out", f"sum-{5 + number}.b"
        for edit in (disconnect, connect):
            changed = edit(engine.patch, *ends)
            begin = time.process_time()
            engine.update(changed)
            spent.append(time.process_time() - begin)
            for _ in range(8):
                engine.process()
    return {"compile": 1000 * whole, "edit": 1000 * statistics.median(spent), "slowest edit": 1000 * max(spent)}


def main() -> None:
    """Say the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    as_json, missing = parser.parse_args().json, set[str]()
    found = {f"{nodes} nodes, ms": edits(nodes) for nodes in (1000, 3000)}
    for block in (64, 256):
        for voices, is_moving in ((200 // 3, False), (67, True), (333, True)):
            cost = costs(voices, block, is_moving, missing)
            shares = {name: 100 * cost[name] / (block / RATE * 1e6) for name in ("ours", "numpy alone")}
            ratios = {f"of {name}": cost["ours"] / one for name, one in cost.items() if name != "ours"}
            ratios |= {
                f"numpy alone of {name}": cost["numpy alone"] / cost[name] for name in cost.keys() - shares.keys()
            }
            found[f"{voices} voices, {'moving' if is_moving else 'still'}, block {block}"] = {
                **{f"{name}, µs": one for name, one in cost.items()},
                **{f"{name}, share of the block, %": one for name, one in shares.items()},
                **ratios,
            }
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for text in sorted(missing):
        print(text)
    for title, rows in found.items():
        print(title)
        for name, value in rows.items():
            print(f"  {name:<28} {value:9.2f}")


if __name__ == "__main__":
    main()
