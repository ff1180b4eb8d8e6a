"""Playing from outside: how steadily OSC arrives, what a flood costs, and how soon a snapshot is heard.

Run: .venv/bin/python benchmarks/outside.py [--seconds S] [--block 256] [--json]
Plays unheard on a clock. Jitter: a value is sent every 50 ms (and a random part of a block), and the block in which the
sound begins to change is found in what was played; how far these delays are from their median, in blocks. Flood: 20,000
messages a second, a tenth of them malformed, beside the blocks that were missed and the load without them. Snapshot: 50
nodes and a learned terrain; from the call to the first changed sample, and the largest step of the sound against that
of the same sound at rest.
"""

import argparse
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import stage
from bank_walk import bank_walk
from stage import RATE

from latent_terrain.engine import Palette, load_palette
from latent_terrain.engine.live import Live
from latent_terrain.engine.session import Server
from latent_terrain.graphs import Patch, add_node, connect
from latent_terrain.ui.control.outside_controls import Inputs, OutsideControls

FLOOD = """
import socket, sys, time
packets = [bytes.fromhex(one) for one in sys.argv[3:]]
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
end, number = time.monotonic() + float(sys.argv[2]), 0
begin = time.monotonic()
while time.monotonic() < end:
    for _ in range(200):
        out.sendto(packets[number % len(packets)], ("127.0.0.1", int(sys.argv[1])))
        number += 1
    time.sleep(max(0.0, begin + number / 20_000 - time.monotonic()))
print(number / (time.monotonic() - begin))
"""


def message(address: str, value: float) -> bytes:
    def text(word: str) -> bytes:
        raw = word.encode()
        return raw + bytes(4 - len(raw) % 4)

    return text(address) + text(",f") + struct.pack(">f", value)


class Stage(stage.Stage):
    """A stage with OSC."""

    def __init__(self, patch: Patch, palette: Palette, folder: Path, block: int, seconds: float) -> None:
        super().__init__(patch, palette, folder, block, seconds, 0.0)
        self.server = Server(_Player(self.live), "benchmark")
        self.hands = OutsideControls(self.server, palette, Inputs(("127.0.0.1", 0)), folder, None, lambda text: None)
        assert self.hands.osc is not None
        self.osc = self.hands.osc
        self.keep(1.5)

    def close(self) -> None:
        """Listen and play no more."""
        self.hands.close()
        self.driver.stop()
        self.server.close()
        self.live.close()


class _Player:
    def __init__(self, live: Live) -> None:
        self._live = live

    def do(self, order: object) -> None:
        """Nothing is asked for."""

    def reading(self, node: str, name: str) -> None:
        """Nothing is sent."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._live, name)


def jitter(palette: Palette, folder: Path, block: int, seconds: float) -> dict[str, Any]:
    patch = add_node(Patch(), "slider", name="knob")
    patch = connect(add_node(patch, "audio_out", name="out"), "knob.out", "out.audio")
    on = Stage(patch, palette, folder, block, seconds + 10)
    out, random = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), np.random.default_rng(1)
    sent: list[tuple[float, float]] = []
    for number in range(int(seconds / 0.05)):
        on.keep(0.05 + float(random.uniform(0.0, block / RATE)))
        value = 0.1 + 0.8 * ((number * 7919) % 1000) / 1000
        sent.append((time.perf_counter(), value))
        out.sendto(message("/node/knob/value", value), ("127.0.0.1", on.osc.port))
    on.keep(0.2)
    count = len(on.times)
    ends = on.tape.sound[0, : count * block].reshape(count, block)[:, -1]
    times, delays = np.array(on.times), []
    steps = np.flatnonzero(np.abs(np.diff(ends)) > 1e-6) + 1
    for at, _ in sent:
        after = steps[times[steps] > at]
        if len(after):
            delays.append((times[after[0]] - at) * RATE / block)
    on.close()
    found = np.array(delays)
    away = np.abs(found - np.median(found))
    return {
        "values": len(sent),
        "delay_blocks_median": round(float(np.median(found)), 2),
        "jitter_blocks_median": round(float(np.median(away)), 2),
        "jitter_blocks_p99": round(float(np.percentile(away, 99)), 2),
    }


def flood(palette: Palette, folder: Path, block: int, seconds: float) -> dict[str, Any]:
    on = Stage(bank_walk(), palette, folder, block, 2 * seconds + 20)
    rows = {}
    for name in ("quiet", "flood"):
        before, late = on.driver.timing.report().whole, on.live.late_frames
        process = None
        if name == "flood":
            good = [message(f"/node/map/{param}", 0.1 * part) for part in range(9) for param in ("hand_x",)]
            packets = [one.hex() for one in (*good, b"\xff/nonsense")]
            process = subprocess.Popen(
                [sys.executable, "-c", FLOOD, str(on.osc.port), str(seconds), *packets], stdout=subprocess.PIPE
            )
        on.keep(seconds)
        after = on.driver.timing.report()
        rows[name] = {
            "blocks": after.whole.blocks - before.blocks,
            "missed": after.whole.missed - before.missed,
            "late_frames": on.live.late_frames - late,
            "load_p99": round(after.recent.load.p99, 3),
        }
        if process is not None:
            said, _ = process.communicate()
            rows[name]["sent_per_second"] = round(float(said))
            rows[name]["counts"] = dict(on.osc.counts)
    # sockets that connect to the link and say nothing
    from latent_terrain.engine.session.registry import connect as reach

    before = on.driver.timing.report().whole
    idle = [reach(on.server.address, 5.0) for _ in range(50)]
    on.keep(2.0)
    rows["half_open"] = {"sockets": len(idle), "missed": on.driver.timing.report().whole.missed - before.missed}
    for one in idle:
        one.close()
    on.close()
    return rows


def snapshot(palette: Palette, folder: Path, block: int) -> dict[str, Any]:
    patch = bank_walk()
    for number in range(22):
        patch = add_node(patch, "sine", name=f"tone-{number}", values={"frequency": 200.0 + 7 * number})
        patch = add_node(patch, "gain", name=f"level-{number}", values={"level": -40.0})
        patch = connect(patch, f"tone-{number}.out", f"level-{number}.audio")
        patch = connect(patch, f"level-{number}.out", "out.audio")
    on = Stage(patch, palette, folder, block, 60)
    conductor = on.hands.conductor
    conductor.do("/snapshot/store", ["a"])
    for number in range(22):
        on.server.turn(f"level-{number}", "level", -60.0)
        on.server.turn(f"tone-{number}", "frequency", 300.0 + number)
    on.server.turn("decoder-glide", "time", 200.0)
    content = dict(on.server.patch.nodes["terrain"].content)
    content["learn/fc_out.bias"] = content["learn/fc_out.bias"] * 0.5
    from latent_terrain.graphs import set_content

    on.server.edit(lambda one: set_content(one, "terrain", content))
    on.keep(3.0)
    first: list[float] = []
    living = on.live.engine.compiled.instances["level-0"].knobs["level"]
    place = on.tape.place

    def watch() -> None:
        end = time.perf_counter() + 2.0
        while time.perf_counter() < end and not first:
            if living.is_moving:
                first.append(time.perf_counter())
            time.sleep(0.0002)

    watching = threading.Thread(target=watch)
    watching.start()
    on.keep(0.1)
    began = time.perf_counter()
    conductor.do("/snapshot/recall", ["a", 1.0])
    took = time.perf_counter() - began
    watching.join()
    on.keep(3.0)
    sound = on.tape.sound[:, place : on.tape.place].astype(np.float64)
    before = on.tape.sound[:, place - RATE : place].astype(np.float64)
    after = on.tape.sound[:, on.tape.place - RATE : on.tape.place].astype(np.float64)
    steps = [float(np.abs(np.diff(one, 2, axis=1)).max()) for one in (before, sound, after)]
    nodes = len(on.server.patch.nodes)
    on.close()
    return {
        "nodes": nodes,
        "call_ms": round(took * 1000, 2),
        "first_effect_ms": round((first[0] - began) * 1000, 2) if first else None,
        "roughness_ratio": round(steps[1] / max(steps[0], steps[2]), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--block", type=int, default=256)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    palette = load_palette()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder
        found = {
            "jitter": jitter(palette, Path(folder), options.block, options.seconds),
            "flood": flood(palette, Path(folder), options.block, options.seconds),
            "snapshot": snapshot(palette, Path(folder), options.block),
        }
    if options.json:
        print(json.dumps(found, indent=1))
        return
    for name, row in found.items():
        print(f"{name}: {row}")


if __name__ == "__main__":
    main()
