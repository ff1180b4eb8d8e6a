"""Service: a patch that is served and retrained while it plays: late frames, memory, and what a kill -9 costs.

Run: .venv/bin/python benchmarks/service.py [--minutes 10] [--every 20] [--json]
``latent-terrain serve`` plays ``live-record`` unheard on a clock, as a system would start it. Every so often a take is
recorded into the pair of record nodes, by OSC, and the terrain is trained with it; the oldest takes go. Told are: late
frames, xruns and missed blocks since the first minute; how much each process has grown in so long (own memory, and per
30 minutes from a line through all that was measured); then how old the state is that a kill -9 of the engine, and of
the whole service, leaves, by a param that is turned all the time; and how long a frozen engine is away.
"""

import argparse
import json
import os
import signal
import socket
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from soak import THIRTY_MINUTES, family, of_process

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
from checks import Osc, Program, free_port, health, until

from latent_terrain.engine.session import Client
from latent_terrain.graphs import load_file, save
from latent_terrain.graphs.starters import STARTERS

WARM_UP_SECONDS, MEASURE_SECONDS, TAKE_SECONDS = 60.0, 5.0, 2.0
KEPT_TAKES = 4


class Served:
    """A service in a folder, and what is said to it by OSC."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, folder / "state" / "state.ltp"
        self.port, port = free_port(), free_port(socket.SOCK_DGRAM)
        self.osc = Osc(port)
        words = ["serve", folder / "stage.ltp", "--device", "none", "--state", self.state.parent]
        self.program = Program(folder / "log", *words, "--osc", str(port), "--health", str(self.port))
        self.wait()

    def wait(self) -> None:
        """Wait until it plays."""
        if not until(lambda: self.health().get("blocks_last_second", 0) > 0):
            raise TimeoutError(self.program.text)

    def health(self) -> dict[str, Any]:
        """What it tells of itself."""
        return health(self.port)[1]

    def engine(self) -> int:
        """The process that plays."""
        return next(process for name, process in family(self.program.process.pid).items() if "session.host" in name)


def retrained(minutes: float, every: float) -> dict[str, Any]:
    """Do it all; gives the figures."""
    folder = Path(tempfile.mkdtemp(prefix="service-"))
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    save(load_file(STARTERS["live-record"].file), folder / "stage.ltp")
    served = Served(folder)
    try:
        found = kept_busy(served, minutes, every)
        found |= frozen(served) | killed(served)
        return found
    finally:
        with suppress(OSError):
            served.program.kill()


def kept_busy(served: Served, minutes: float, every: float) -> dict[str, Any]:
    """Record and train again and again."""
    memory: dict[str, list[tuple[float, float]]] = {}
    begun: dict[str, Any] = {}
    begin, measured, due, trained, seconds = time.monotonic(), 0.0, 0.0, 0, list[float]()
    served.osc.send("/subscribe", "/training/*")
    while (now := time.monotonic() - begin) < WARM_UP_SECONDS + 60 * minutes:
        if now >= due:
            due = now + every
            served.osc.send("/take/start", "terrain")
            time.sleep(TAKE_SECONDS)
            served.osc.send("/take/stop", "terrain", f"take {trained}")
            if trained >= KEPT_TAKES:
                served.osc.send("/take/delete", "terrain", 1)
            started = time.monotonic()
            served.osc.send("/train", "terrain")
            ended = served.osc.heard("/training/ended", seconds=every)
            trained += bool(ended and ended[1])
            seconds.append(time.monotonic() - started)
        served.osc.send("/node/walk/frequency", 0.3 + 0.2 * float(np.sin(now)))
        time.sleep(0.1)
        if now - measured >= MEASURE_SECONDS and now >= WARM_UP_SECONDS:
            measured = now
            begun = begun or counts(served)
            for name, process in family(served.program.process.pid).items():
                with suppress(OSError):
                    memory.setdefault(name, []).append((now, of_process(process)["own_mb"]))
    ended_at = counts(served)
    blocks = max(1, ended_at["blocks"] - begun["blocks"])
    return {
        "minutes": minutes,
        "trained": trained,
        "median_seconds_of_training": round(float(np.median(seconds)), 2),
        "late_frames": ended_at["late_frames"] - begun["late_frames"],
        "xruns_and_missed_per_mille": round(1000 * (ended_at["lost"] - begun["lost"]) / blocks, 3),
        "grown_mb": {name: round(points[-1][1] - points[0][1], 2) for name, points in memory.items()},
        "grown_mb_per_30_minutes": {name: slope(points) for name, points in memory.items()},
    }


def counts(served: Served) -> dict[str, int]:
    """Blocks, late frames, and what was lost of blocks."""
    client = Client.attach(heard=lambda news: None)
    try:
        status = client.status()
    finally:
        client.close()
    lost = int(status["xruns"]) + int(status["missed_blocks"])
    return {"blocks": int(status["blocks"]), "late_frames": int(status["late_frames"]), "lost": lost}


def slope(points: list[tuple[float, float]]) -> float:
    """How many MB in 30 minutes, from a line through all points."""
    if len(points) < 3:
        return 0.0
    times, sizes = np.array(points).T
    return round(float(np.polyfit(times, sizes, 1)[0]) * THIRTY_MINUTES, 2)


def frozen(served: Served) -> dict[str, Any]:
    """How long an engine that stands still is away."""
    before = served.engine()
    os.kill(before, signal.SIGSTOP)
    stopped = time.monotonic()

    def is_back() -> bool:
        with suppress(StopIteration):
            return served.engine() != before and served.health().get("blocks_last_second", 0) > 0
        return False

    until(is_back)
    return {"seconds_until_a_frozen_engine_is_heard_again": round(time.monotonic() - stopped, 1)}


def killed(served: Served) -> dict[str, Any]:
    """How old the state is that a kill -9 leaves: a param counts tenths of seconds, and the worst of five is told."""
    worst = 0.0
    for _ in range(5):
        begin = time.monotonic()
        while time.monotonic() - begin < 7.3:
            served.osc.send("/node/decoder-glide/time", round(time.monotonic() - begin, 2) * 10)
            time.sleep(0.05)
        served.program.kill()
        lived = time.monotonic() - begin
        time.sleep(1.0)
        kept = float(load_file(served.state).nodes["decoder-glide"].values["time"]) / 10  # type: ignore[arg-type]
        worst = max(worst, lived - kept)
        served.program.start()
        served.wait()
    return {"seconds_lost_by_kill_9": round(worst, 2)}


def main() -> None:
    """Say the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--every", type=float, default=20.0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = retrained(asked.minutes, asked.every)
    if asked.json:
        print(json.dumps(found, indent=2))
        return
    for key, value in found.items():
        if isinstance(value, dict):
            print(f"{key.replace('_', ' ')}:")
            for name, one in value.items():
                print(f"    {name:<60} {one}")
        else:
            print(f"{key.replace('_', ' ')}: {value}")


if __name__ == "__main__":
    main()
