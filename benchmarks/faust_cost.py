"""What a Faust program costs: a reverb's block by compiled code and by Faust's interpreter, and what runs meanwhile.

The reverb is ``re.zita_rev1_stereo``. *by its C interface* is how the node calls it; *by its Python package* keeps the
interpreter lock. ``python benchmarks/faust_cost.py``
"""

import importlib
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from latent_terrain.nodes.faust_program.compiler import compile_apart
from latent_terrain.nodes.faust_program.library import Instance, Program
from latent_terrain.nodes.faust_program.source import read_code

RATE, BLOCKS, LONG = 48_000, (64, 256), 48_000 * 200
CODE = 'import("stdfaust.lib"); process = re.zita_rev1_stereo(0, 200, 6000, 2, 2, 48000);'


def median_us(call: Callable[[], object], times: int = 500) -> float:
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken) * 1e6


def beside(call: Callable[[], object]) -> float:
    """How fast another thread of Python runs while something is computed, as a part of how fast it runs alone."""
    has_ended, counted = threading.Event(), [0]

    def count() -> None:
        while not has_ended.is_set():
            counted[0] += 1

    thread = threading.Thread(target=count)
    thread.start()
    begin, before = time.perf_counter(), counted[0]
    has_ended.wait(0.5)
    alone = (counted[0] - before) / (time.perf_counter() - begin)
    begin, before = time.perf_counter(), counted[0]
    call()
    share = (counted[0] - before) / (time.perf_counter() - begin) / alone
    has_ended.set()
    thread.join()
    return share


def main() -> None:
    try:
        cyfaust: Any = importlib.import_module("cyfaust")
    except ImportError as error:
        print(f"skipped: Faust programs need cyfaust-llvm ({error})")
        return
    sys.setswitchinterval(0.0001)  # as the engine does
    # kept: their instances are nothing without them
    factories = {
        "by its Python package": cyfaust.llvm_create_dsp_factory_from_string("it", CODE, "", -1),
        "Faust's interpreter": cyfaust.create_dsp_factory_from_string("it", CODE),
    }
    theirs: dict[str, Any] = {name: factory.create_dsp_instance() for name, factory in factories.items()}
    source = read_code(CODE, Path())
    begin = time.perf_counter()
    machine = compile_apart(source).machine
    print(f"compiled and tried in a process of its own: {time.perf_counter() - begin:.2f} s, {len(machine)} bytes")
    begin = time.perf_counter()
    program = Program(machine)
    print(f"its code loaded: {(time.perf_counter() - begin) * 1e3:.2f} ms")
    for one in theirs.values():
        one.init(RATE)
    for block in BLOCKS:
        instance = Instance(program, RATE, block)
        instance.given[:] = noise = np.random.default_rng(0).uniform(-1, 1, (2, block)).astype(np.float32)
        out = np.zeros_like(noise)
        rows = {"by its C interface": median_us(lambda: instance.compute(block))}  # noqa: B023
        for name, one in theirs.items():
            rows[name] = median_us(lambda: one.compute(block, noise, out))  # noqa: B023
        for name, taken in rows.items():
            print(f"block {block}, {name}: {taken:.1f} µs, {taken / (block / RATE) / 1e4:.2f} % of the block")
    instance = Instance(program, RATE, LONG)
    share = beside(lambda: instance.compute(LONG))
    print(f"another thread beside a long block, by its C interface: {share:.1%} of its speed alone")
    share = beside(lambda: theirs["by its Python package"].compute(LONG, instance.given, instance.made))
    print(f"another thread beside a long block, by its Python package: {share:.1%} of its speed alone")


if __name__ == "__main__":
    main()
