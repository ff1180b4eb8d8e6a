"""Playing live with a RAVE-sized codec while all kinds of things happen, beside a plain C client of the same JACK.

Run: .venv/bin/python benchmarks/live.py [--seconds 60] [--block 128] [--scene NAME] [--json]
Needs jackd (Debian: jackd2). Scenes: idle; a trainer fitting all the time; an editor busy in its own process; 200 patch
edits, 20 terrain swaps and 5 model swaps a minute. Each scene plays the walk on jackd's dummy device in a process of
its own (live_player.py); then jack_simple_client plays under the same load, once for the scenes that have none but
their own. Xruns of both are counted in jackd's log.
Roughness is the largest second difference of the sound played: a click would stand out of the steady tone.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="latent-terrain-benchmark-")  # what is allowed here is forgotten

HERE = Path(__file__).parent
RATE = 48_000
CLIENT_SETTLING_SECONDS = 1.5
FITTING = """
import os; os.nice(10)
import numpy as np
from latent_terrain.nodes.terrain.dataset import pair
from latent_terrain.nodes.terrain.network import TerrainShape
from latent_terrain.nodes.terrain.training import fit
from latent_terrain.engine import Trajectories
random = np.random.default_rng(0)
lines = [random.uniform(-4, 4, (150, 2)).cumsum(0).astype(np.float32) for _ in range(8)]
latents = [random.normal(size=(150, 16)).astype(np.float32) for _ in range(8)]
names = tuple(map(str, range(8)))
pairs = pair(Trajectories(names, tuple(lines)), Trajectories(names, tuple(latents)))
while True:
    fit(pairs, TerrainShape(2, 16, 0.1, 128, 256), seed=1)
"""
EDITING = """
import time, msgpack
nodes = {str(number): {"type": "sine", "values": {"frequency": float(number)}} for number in range(20_000)}
while True:
    msgpack.unpackb(msgpack.packb(nodes))
    end = time.perf_counter() + 0.03
    while time.perf_counter() < end:
        sum(range(1000))
"""
SCENES = {"idle": None, "a trainer fits": FITTING, "an editor is busy": EDITING, "edits and swaps": None}


def prepared(folder: Path) -> list[str]:
    """Two codecs and two patches to play; the words for live_player.py."""
    from bank_walk import bank_walk
    from singing import save_singing

    from latent_terrain.engine import load_palette
    from latent_terrain.engine.offline import offline_setup
    from latent_terrain.engine.training.jobs import run_jobs
    from latent_terrain.graphs import save, set_value

    codecs = [str(save_singing(folder / name, level)) for name, level in (("one.ts", 0.4), ("two.ts", 0.3))]
    patch = bank_walk()
    save(patch, folder / "walk.ltp")
    other = set_value(patch, "terrain", "variant", 3)
    other = run_jobs(other, load_palette(), offline_setup(other, folder), only="terrain").patch
    save(set_value(other, "terrain", "variant", 0), folder / "other.ltp")
    return [str(folder / "walk.ltp"), "--lands", str(folder / "other.ltp"), "--codecs", *codecs]


class Jack:
    """A server of our own, and how many xruns it has logged for whom."""

    def __init__(self, block: int, log: Path) -> None:
        name = f"lt-live-{os.getpid()}"
        self.environment = {
            **os.environ,
            "JACK_NO_AUDIO_RESERVATION": "1",
            "JACK_NO_START_SERVER": "1",
            "JACK_DEFAULT_SERVER": name,
            "OMP_NUM_THREADS": "1",
        }
        self._log = log
        urgent = subprocess.run(["chrt", "-f", "70", "true"], check=False, capture_output=True).returncode == 0
        words = ["jackd", "-n", name, *(["-R", "-P70"] if urgent else ["-r"]), "-d", "dummy"]
        self.is_urgent = urgent
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [*words, "-r", str(RATE), "-p", str(block)], env=self.environment, stdout=out, stderr=out
            )
        end = time.monotonic() + 20
        while subprocess.run(["jack_lsp"], env=self.environment, capture_output=True, check=False).returncode:
            if time.monotonic() > end:
                raise SystemExit("jackd does not start; see whether another one runs")
            time.sleep(0.1)

    def xruns(self) -> int:
        return self._log.read_text(errors="replace").count("was not finished, state = Running")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


@contextmanager
def disturbance(code: str | None) -> Iterator[None]:
    if code is None:
        yield
        return
    process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "OMP_NUM_THREADS": "1"})
    try:
        yield
    finally:
        process.kill()
        process.wait()


def c_client(jack: Jack, seconds: float) -> int:
    """Xruns of a plain C client in so many seconds, after it has settled."""
    client = subprocess.Popen(
        ["jack_simple_client"], env=jack.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(CLIENT_SETTLING_SECONDS)
    before = jack.xruns()
    time.sleep(seconds)
    found = jack.xruns() - before
    client.terminate()
    client.wait()
    return found


def scene(
    name: str, jack: Jack, words: list[str], seconds: float, block: int, c_client_xruns: dict[str | None, int]
) -> dict[str, Any]:
    """One scene: ours, then the C client, under the same load, unless its xruns under that load are known."""
    more = ["--edits"] if name == "edits and swaps" else []
    with disturbance(SCENES[name]):
        done = subprocess.run(
            [
                sys.executable,
                str(HERE / "live_player.py"),
                *words,
                "--seconds",
                str(seconds),
                "--block",
                str(block),
                *more,
            ],
            env=jack.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        ours = json.loads(done.stdout.splitlines()[-1])
        blocks = round(seconds * RATE / block)
        if SCENES[name] not in c_client_xruns:
            c_client_xruns[SCENES[name]] = c_client(jack, seconds)
        theirs = c_client_xruns[SCENES[name]]
    return {
        "scene": name,
        **ours,
        "xrun_share": round(ours["xruns"] / max(ours["blocks"], 1), 6),
        "c_client_xruns": theirs,
        "c_client_xrun_share": round(theirs / blocks, 6),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="per scene and client")
    parser.add_argument("--block", type=int, default=128)
    parser.add_argument("--scene", choices=list(SCENES), action="append", help="only this one; may be repeated")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not shutil.which("jackd") or not shutil.which("jack_simple_client"):
        raise SystemExit("this needs JACK; on Debian and Ubuntu: sudo apt-get install jackd2")
    rows: list[dict[str, Any]] = []
    theirs: dict[str | None, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        words = prepared(Path(folder))
        jack = Jack(options.block, Path(folder) / "jackd.log")
        try:
            for name in options.scene or SCENES:
                rows.append(scene(name, jack, words, options.seconds, options.block, theirs))
                if not options.json:
                    print(line(rows[-1], rows[0]), flush=True)
        finally:
            jack.stop()
    if options.json:
        print(json.dumps(rows, indent=1))


def line(row: dict[str, Any], still: dict[str, Any]) -> str:
    latency = row["latency_ms"]
    stream = row["streams"]["decoder"]
    return (
        f"{row['scene']}: {row['blocks']} blocks of {row['block']}; xruns {row['xruns']} ({row['xrun_share']:.3%}; "
        f"plain C client {row['c_client_xruns']}, {row['c_client_xrun_share']:.3%}); late frames {row['late_frames']}; "
        f"load p50/p99 {row['load_p50']:.0%}/{row['load_p99']:.0%}; frame computed in {stream['computing_ms'][0]} ms "
        f"(p99 {stream['computing_ms'][1]}); latency ms device {latency['device']} block {latency['block']} codec "
        f"{latency['codec']}; roughness {row['roughness'] / still['roughness']:.2f} x that of idle; done {row['done']}"
    )


if __name__ == "__main__":
    main()
