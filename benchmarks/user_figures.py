"""What a user waits for: the demo from command to files, help, check, and rendering the demo's walk at several blocks.

Run: .venv/bin/python benchmarks/user_figures.py [--json]
Whole processes, wall clock, peak memory of the process; python starting numpy and typer stands beside as the baseline.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CLI = [sys.executable, "-m", "latent_terrain.ui.cli"]
PASSES = 3


def measured(words: list[str], passes: int = PASSES) -> dict[str, Any]:
    """Median wall seconds and largest peak memory of a command over some runs."""
    walls, peaks = [], []
    for _ in range(passes):
        began = time.perf_counter()
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        walls.append(time.perf_counter() - began)
        peaks.append(usage.ru_maxrss / 1024)
        if process.returncode:
            raise SystemExit(f"{' '.join(words)} failed with {process.returncode}")
    return {"seconds": round(statistics.median(walls), 2), "peak_mb": round(max(peaks))}


def render_speed(patch: Path, block: int, folder: Path) -> float:
    words = [
        *CLI,
        "render",
        str(patch),
        "-o",
        str(folder / "x.wav"),
        "--seconds",
        "30",
        "--block",
        str(block),
        "--json",
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout)["times_real_time"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        walk = folder / "demo" / "walk.ltp"
        found = {
            "demo": measured([*CLI, "demo", "--out", str(folder / "demo")]),
            "check": measured([*CLI, "check", str(walk)]),
            "--help": measured([*CLI, "--help"]),
            "python -c 'import numpy, typer'": measured([sys.executable, "-c", "import numpy, typer"]),
        }
        speeds = {block: round(render_speed(walk, block, folder), 1) for block in (64, 256, 4096, 32_768)}
    if as_json:
        print(json.dumps({"commands": found, "render_times_real_time": speeds}, indent=2))
        return
    for command, figures in found.items():
        print(f"{command:<34} {figures['seconds']:>6} s  {figures['peak_mb']:>5} MB")
    for block, speed in speeds.items():
        print(f"render of the walk, block {block:>6}: {speed} x real time")


if __name__ == "__main__":
    main()
