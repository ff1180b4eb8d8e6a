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
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder
from soak import CLI, THIRTY_MINUTES, family, of_process

from latent_terrain.graphs import load_file, save
from latent_terrain.graphs.starters import STARTERS

WARM_UP_SECONDS, MEASURE_SECONDS, TAKE_SECONDS = 60.0, 5.0, 2.0
KEPT_TAKES = 4


class Served:
    """A service in a folder, and what is said to it by OSC."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, folder / "state" / "state.ltp"
        self.osc, self.port = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(0.2)
        self.log = (folder / "log").open("a")
        self.start()

    def start(self) -> None:
        """Start it, and wait until it plays."""
        words = ["serve", str(self.folder / "stage.ltp"), "--device", "none", "--state", str(self.state.parent)]
        words += ["--osc", str(self.osc), "--health", str(self.port)]
        self.process = subprocess.Popen([*CLI, *words], stdout=self.log, stderr=self.log)
        until(lambda: self.health().get("blocks_last_second", 0) > 0, 60.0)

    def health(self) -> dict[str, Any]:
        """What it tells of itself."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            return dict(json.load(error))
        except OSError:
            return {}

    def send(self, address: str, *values: float | str) -> None:
        """Send a message."""
        message = OscMessageBuilder(address)
        for value in values:
            message.add_arg(value)
        self.socket.sendto(message.build().dgram, ("127.0.0.1", self.osc))

    def heard(self, *wanted: str, seconds: float = 60.0) -> list[Any]:
        """The values of the next message with one of these addresses; None came in time: nothing."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(OSError):
                message = OscMessage(self.socket.recv(65_536))
                if message.address in wanted:
                    return [message.address, *message.params]
        return []

    def engine(self) -> int:
        """The process that plays."""
        return next(process for name, process in family(self.process.pid).items() if "session.host" in name)


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
            served.process.kill()


def kept_busy(served: Served, minutes: float, every: float) -> dict[str, Any]:
    """Record and train again and again."""
    memory: dict[str, list[tuple[float, float]]] = {}
    begun: dict[str, Any] = {}
    begin, measured, due, trained, seconds = time.monotonic(), 0.0, 0.0, 0, list[float]()
    served.send("/subscribe", "/training/*")
    while (now := time.monotonic() - begin) < WARM_UP_SECONDS + 60 * minutes:
        if now >= due:
            due = now + every
            served.send("/take/start", "terrain")
            time.sleep(TAKE_SECONDS)
            served.send("/take/stop", "terrain", f"take {trained}")
            if trained >= KEPT_TAKES:
                served.send("/take/delete", "terrain", 1)
            started = time.monotonic()
            served.send("/train", "terrain")
            ended = served.heard("/training/ended", seconds=every)
            trained += bool(ended and ended[1])
            seconds.append(time.monotonic() - started)
        served.send("/node/walk/frequency", 0.3 + 0.2 * float(np.sin(now)))
        time.sleep(0.1)
        if now - measured >= MEASURE_SECONDS and now >= WARM_UP_SECONDS:
            measured = now
            begun = begun or counts(served)
            for name, process in family(served.process.pid).items():
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
    from latent_terrain.engine.session import Client

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

    until(is_back, 60.0)
    return {"seconds_until_a_frozen_engine_is_heard_again": round(time.monotonic() - stopped, 1)}


def killed(served: Served) -> dict[str, Any]:
    """How old the state is that a kill -9 leaves: a param counts tenths of seconds, and the worst of five is told."""
    worst = 0.0
    for _ in range(5):
        begin = time.monotonic()
        while time.monotonic() - begin < 7.3:
            served.send("/node/decoder-glide/time", round(time.monotonic() - begin, 2) * 10)
            time.sleep(0.05)
        served.process.send_signal(signal.SIGKILL)
        lived = time.monotonic() - begin
        served.process.wait()
        time.sleep(1.0)
        kept = float(load_file(served.state).nodes["decoder-glide"].values["time"]) / 10  # type: ignore[arg-type]
        worst = max(worst, lived - kept)
        served.start()
    return {"seconds_lost_by_kill_9": round(worst, 2)}


def free_port(kind: int) -> int:
    """A port that nobody has."""
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def until(is_true: Any, seconds: float) -> None:
    """Wait for something."""
    end = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > end:
            raise TimeoutError(re.sub(r"\s+", " ", str(is_true)))
        time.sleep(0.05)


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
