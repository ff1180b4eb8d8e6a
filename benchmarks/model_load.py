"""What a player hears of a 150 MB model: while it is tried in its confined process, and while it is swapped in.

Run: .venv/bin/python benchmarks/model_load.py [--seconds S] [--block 128] [--json]
Plays the walk with a RAVE-sized codec on a clock (no sound device), in three scenes of S seconds: quiet; a model of
150 MB is examined again and again as strangers are; the playing codec is swapped for that model and back, loaded
anew each time. Told per scene: blocks that were missed, frames that came late, how full the blocks were, the longest
silence, and roughness (the largest second difference of the sound) as a ratio to the quiet scene's: a click stands out.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path
from typing import Any

os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="latent-terrain-benchmark-")  # what is allowed here is forgotten

import numpy as np
import torch
from bank_walk import bank_walk
from live_player import SETTLING_SECONDS, longest_silence
from singing import Singing, save_singing
from stage import RATE, Stage
from torch import Tensor

from latent_terrain.engine import load_palette
from latent_terrain.graphs import set_value
from latent_terrain.nodes.codec.trust import digest_of, trust

BALLAST = 31_500_000
"""Parameters that are loaded, kept and copied as any, one of which is used: 126 MB beside the decoder's 24."""


EXAMINE = (
    "import sys, pathlib; from latent_terrain.nodes.codec.trial import examine; examine(pathlib.Path(sys.argv[1]))"
)


class Large(Singing):
    """The same voice in a file of 150 MB."""

    def __init__(self, level: float) -> None:
        super().__init__(level)
        self.ballast = torch.nn.Parameter(torch.rand(BALLAST) * 1e-9)

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        return self.sung(z) + self.ballast[0]


def save_large(path: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.script(Large(0.3).eval()).save(str(path))
    trust(digest_of(path.read_bytes()), path.name)
    return path


class Scenes(Stage):
    """A stage on which things are done beside the sound."""

    def __init__(self, folder: Path, seconds: float, block: int) -> None:
        self.seconds = seconds
        self.small, self.large = save_singing(folder / "small.ts", 0.4), save_large(folder / "large.ts")
        patch = set_value(bank_walk(), "decoder", "codec", str(self.small))
        super().__init__(patch, load_palette(), folder, block, 3 * seconds + SETTLING_SECONDS + 60.0, SETTLING_SECONDS)

    def quiet(self) -> dict[str, Any]:
        self.keep(self.seconds)
        return {}

    def examined(self) -> dict[str, Any]:
        times: list[float] = []
        stop = threading.Event()

        def look() -> None:  # as an editor or a command does, in a process of its own
            while not stop.is_set():
                began = time.monotonic()
                subprocess.run([sys.executable, "-c", EXAMINE, str(self.large)], check=True)
                times.append(round(time.monotonic() - began, 2))

        looking = threading.Thread(target=look)
        looking.start()
        self.keep(self.seconds)
        stop.set()
        while looking.is_alive():
            self.keep(0.1)
        return {"examined": len(times), "examined_s": times}

    def swapped(self) -> dict[str, Any]:
        times: list[float] = []
        end = time.monotonic() + self.seconds
        number = 0
        while time.monotonic() < end or number % 2:
            number += 1
            codec = self.large if number % 2 else self.small
            patch = set_value(self.live.patch, "decoder", "codec", str(codec))
            done = threading.Event()
            began = time.monotonic()

            def change(patch: Any = patch, done: threading.Event = done) -> None:
                self.live.update(patch)
                done.set()

            threading.Thread(target=change).start()
            while not done.is_set():
                self.keep(0.02)
            times.append(round(time.monotonic() - began, 2))
            self.keep(1.0)
        return {"swaps": number, "swapped_s": times}

    def scene(self, name: str) -> dict[str, Any]:
        """Play one scene and tell what was heard of it."""
        before, place, late = self.driver.timing.report().whole, self.tape.place, self.live.late_frames
        told = getattr(self, name)()
        after, sound = self.driver.timing.report().whole, self.tape.sound[:, place : self.tape.place].astype(np.float64)
        return {
            "scene": name,
            "blocks": after.blocks - before.blocks,
            "missed": after.missed - before.missed,
            "late_frames": self.live.late_frames - late,
            "load_p99": round(self.driver.timing.report().whole.load.p99, 4),
            "silent_ms": round(longest_silence(sound) / RATE * 1000, 2),
            "roughness": float(np.abs(np.diff(sound, 2, axis=1)).max()),
            **told,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--block", type=int, default=128)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scenes = Scenes(Path(folder), options.seconds, options.block)
        size = round(scenes.large.stat().st_size / 1e6)
        rows = []
        for name in ("quiet", "examined", "swapped"):
            row = scenes.scene(name)
            rows.append({**row, "roughness_ratio": round(row["roughness"] / (rows or [row])[0]["roughness"], 3)})
            if not options.json:
                print(line(rows[-1]), flush=True)
        scenes.close()
    if options.json:
        print(json.dumps({"megabytes": size, "scenes": rows}, indent=1))
    else:
        print(f"the model has {size} MB")


def line(row: dict[str, Any]) -> str:
    times = row.get("examined_s") or row.get("swapped_s") or []
    more = f"; {len(times)} times, each {min(times)}–{max(times)} s" if times else ""
    return (
        f"{row['scene']}: {row['blocks']} blocks, missed {row['missed']}, late frames {row['late_frames']}, load p99 "
        f"{row['load_p99']:.0%}, longest silence {row['silent_ms']} ms, roughness {row['roughness_ratio']}{more}"
    )


if __name__ == "__main__":
    main()
