"""Sensors over OSC: what rows of numbers cost the engine, beside the same patch without them, in one run.

Run: .venv/bin/python benchmarks/sensors.py [--seconds S] [--rounds N] [--block 256] [--json]
Plays `osc_in` unheard on a clock. A sender in a process of its own sends rows to the real gateway: 8 channels at 100
Hz; 4 at 1 kHz (params of the patch); 16 and 64 at 1 kHz. By turns nothing is sent (quiet), the same to an address that
nobody takes (a machine as busy, and a gateway), and to that of `osc_in`. cpu: the processor time of all threads of the
engine's process, the audio thread's too, as a share of the blocks' time; cost: of rows that are taken above those that
are not, and above quiet, the median of rounds; p50: half of the blocks took at most this share of their time. gateway:
the processor time of the gateway's process, as a share of one core.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import stage
from stage import RATE

from latent_terrain.engine import Palette, load_palette
from latent_terrain.engine.live import Live
from latent_terrain.engine.messages import RowsAt
from latent_terrain.engine.session import Server
from latent_terrain.graphs import Patch, add_node, connect
from latent_terrain.ui.control.outside_controls import Inputs, OutsideControls

SCENES = {"8 x 100 Hz": (8, 100), "4 x 1 kHz": (4, 1000), "16 x 1 kHz": (16, 1000), "64 x 1 kHz": (64, 1000)}
PHASES = ("quiet", "not taken", "taken")
SETTLING_SECONDS = 0.3
SENDER = """
import math, socket, struct, sys, time
port, address, channels, rate, seconds = int(sys.argv[1]), sys.argv[2].encode(), *map(float, sys.argv[3:])
channels = int(channels)
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
head = address + b"\\0" + (b"," + b"f" * channels).ljust(4 * (1 + (channels + 1) // 4), b"\\0")
begin, number = time.monotonic(), 0
while number < rate * seconds:
    row = [0.5 + 0.4 * math.sin(0.01 * number + one) for one in range(channels)]
    out.sendto(head + struct.pack(f">{channels}f", *row), ("127.0.0.1", port))
    number += 1
    time.sleep(max(0.0, begin + number / rate - time.monotonic()))
"""


class _Player:
    def __init__(self, live: Live) -> None:
        self._live = live

    def do(self, order: object) -> None:
        """As a performance does."""
        if isinstance(order, RowsAt):
            self._live.engine.setup.vectors.follow(order.path, order.addresses)

    def reading(self, node: str, name: str) -> None:
        """Nothing is sent."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._live, name)


def patch_of(channels: int) -> Patch:
    patch = add_node(Patch(), "osc_in", name="eeg", values={"address": "/sensor", "size": channels})
    patch = connect(add_node(patch, "pick", name="one"), "eeg.out", "one.audio")
    return connect(add_node(patch, "audio_out", name="out"), "one.out", "out.audio")


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def scene(palette: Palette, folder: Path, how: argparse.Namespace, channels: int, rate: int) -> dict[str, float]:
    on = stage.Stage(patch_of(channels), palette, folder, how.block, 60.0, 0.5)
    server = Server(_Player(on.live), "benchmark")
    controls = OutsideControls(server, palette, Inputs(("127.0.0.1", 0)), folder, None, lambda text: None)
    assert controls.osc is not None
    on.keep(0.5)
    found: dict[str, list[dict[str, float]]] = {phase: [] for phase in PHASES}
    for _ in range(how.rounds):
        for phase in PHASES:
            address = "/sensor" if phase == "taken" else "/nobody"
            words = (controls.osc.port, address, channels, rate, how.seconds + 3 * SETTLING_SECONDS)
            sender = subprocess.Popen([sys.executable, "-c", SENDER, *map(str, words)]) if phase != "quiet" else None
            on.keep(SETTLING_SECONDS)
            found[phase].append(measured(on, controls.osc.pid, how.seconds))
            if sender is not None:
                sender.wait()
    controls.close()
    server.close()
    on.close()
    cpu = {phase: np.array([one["cpu"] for one in rows]) for phase, rows in found.items()}
    return {
        **{f"cpu {phase}": float(np.median(each)) for phase, each in cpu.items()},
        "cost": float(np.median(cpu["taken"] - cpu["not taken"])),
        "above_quiet": float(np.median(cpu["taken"] - cpu["quiet"])),
        **{f"p50 {phase}": float(np.median([one["p50"] for one in rows])) for phase, rows in found.items()},
        **{key: float(np.median([one[key] for one in found["taken"]])) for key in ("gateway", "rows_per_second")},
    }


def measured(on: stage.Stage, gateway: int, seconds: float) -> dict[str, float]:
    engine, inbox = on.live.engine, on.live.engine.setup.vectors.inbox("/sensor")
    blocks, spent, theirs, rows = engine.blocks, time.process_time(), processor_seconds(gateway), inbox.count
    on.keep(seconds)
    return {
        "cpu": (time.process_time() - spent) / ((engine.blocks - blocks) * on.block / RATE),
        "p50": on.driver.timing.report().recent.load.p50,
        "gateway": (processor_seconds(gateway) - theirs) / seconds,
        "rows_per_second": (inbox.count - rows) / seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--block", type=int, default=256)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    palette = load_palette()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder
        for name, (channels, rate) in SCENES.items():
            row = scene(palette, Path(folder), options, channels, rate)
            found[name] = {key: round(value, 4) for key, value in row.items()}
    if options.json:
        print(json.dumps(found, indent=1))
        return
    for name, row in found.items():
        print(f"{name:>12}: {row}")


if __name__ == "__main__":
    main()
