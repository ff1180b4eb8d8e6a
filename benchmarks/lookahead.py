"""How late a codec is heard, and why: device buffers of every size, and what a busy moment costs afterwards.

Run: .venv/bin/python benchmarks/lookahead.py [--seconds 10] [--json]
Needs jackd (Debian: jackd2). The walk plays on jackd's dummy device. First with buffers of 16 to 8192 samples, in
blocks as large as the buffer and in blocks of 256: counted are frames that came late (a larger buffer must never have
more). Then, for a minute at blocks of 128, with a busy second in which programs of a higher real-time priority hold
all processors for 60 ms at a time: the lookahead before, at its most, and at the end.
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

from live import Jack

BUFFERS = (16, 64, 128, 256, 512, 1024, 2048, 4096, 8192)
HOG = """
import os, time
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(90))
for _ in range(8):
    end = time.perf_counter() + 0.06
    while time.perf_counter() < end:
        pass
    time.sleep(0.06)
"""


def played(jack: Jack, block: int, seconds: float) -> dict[str, Any]:
    """What ``run`` tells after playing so long in blocks of a size."""
    words = ["run", "walk", "--device", "system", "--block", str(block), "--seconds", str(seconds), "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "latent_terrain.ui.cli", *words],
        env=jack.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout.strip():
        raise SystemExit(done.stderr)
    told = json.loads(done.stdout)
    (stream,) = told["streams"].values()
    rate = told["sample_rate"]
    return {
        "block": block,
        "frames": stream["frames"],
        "late_frames": told["late_frames"],
        "lookahead_ms": round(1000 * stream["lookahead"] / rate, 1),
        "xruns": told["xruns"],
    }


def busy(block: int) -> dict[str, Any]:
    """In a process that JACK's server is told to: the lookahead through a minute with a busy second in it."""
    from latent_terrain.engine.session import Client
    from latent_terrain.engine.session.client import Hosting
    from latent_terrain.graphs import load_file
    from latent_terrain.graphs.starters import STARTERS

    client = Client.start(load_file(STARTERS["walk"].file), Hosting("", "system", "none", 48_000, block))
    client.wait(60.0)

    def lookahead() -> tuple[float, int]:
        status = client.status()
        (stream,) = status["streams"].values()
        return 1000 * stream["lookahead"] / status["sample_rate"], status["late_frames"]

    time.sleep(8.0)
    before, _ = lookahead()
    hogs = [subprocess.Popen([sys.executable, "-c", HOG]) for _ in range(os.cpu_count() or 1)]
    most = before
    for hog in hogs:
        while hog.poll() is None:
            most = max(most, lookahead()[0])
            time.sleep(0.1)
    _, late = lookahead()
    time.sleep(50.0)
    after, late_after = lookahead()
    client.close(stops_engine=True)
    return {
        "block": block,
        "before_ms": round(before, 1),
        "most_ms": round(most, 1),
        "after_ms": round(after, 1),
        "late_frames_in_the_busy_second": late,
        "late_frames_after": late_after - late,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--busy", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.busy:
        print(json.dumps(busy(128)))
        sys.stdout.flush()
        os._exit(0)  # PortAudio and a JACK server that is about to go do not part well
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for buffer in BUFFERS:
            jack = Jack(buffer, Path(folder) / "jack.log")
            try:
                for block in dict.fromkeys((buffer, 256)):
                    found.append({"buffer": buffer, **played(jack, block, options.seconds)})
                    if not options.json:
                        print(
                            "buffer {buffer}, blocks of {block}: {late_frames} of {frames} frames late, lookahead "
                            "{lookahead_ms} ms, {xruns} xruns".format(**found[-1]),
                            flush=True,
                        )
            finally:
                jack.stop()
        jack = Jack(128, Path(folder) / "jack.log")
        try:
            done = subprocess.run(
                [sys.executable, __file__, "--busy"], env=jack.environment, capture_output=True, text=True, check=False
            )
        finally:
            jack.stop()
    if not done.stdout.strip():
        raise SystemExit(done.stderr)
    moment = json.loads(done.stdout.splitlines()[-1])
    if options.json:
        print(json.dumps({"buffers": found, "busy": moment}, indent=2))
        return
    print(
        "a busy second at blocks of {block}: lookahead {before_ms} ms before, {most_ms} at its most, {after_ms} ms "
        "50 s later; {late_frames_in_the_busy_second} frames late then, {late_frames_after} afterwards".format(**moment)
    )


if __name__ == "__main__":
    main()
