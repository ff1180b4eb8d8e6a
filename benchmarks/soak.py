"""Soak: whether anything grows while a patch plays for long and everything is done to it that can be.

Run: .venv/bin/python benchmarks/soak.py [--minutes 30] [--warm-up 3] [--rate 10] [--json]
Plays ``walk`` unheard as ``latent-terrain run`` does, with OSC, OSCQuery and the pad beside it, and a client attached.
Edits (nodes and cords come and go, lines are drawn), snapshots stored, recalled and removed, swaps of the model and of
the terrain, takes, undo, and messages (OSC, some malformed; HTTP; sockets that come and go), so many of each a second.
After the warm-up, of every process: how much its memory (RSS and what of it is its own), descriptors, threads have
grown at the end, beside the growth for 30 minutes from a line through all that was measured; and the files and shared
memory that are left.
"""

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from outside import message

from latent_terrain.engine.session import Client
from latent_terrain.graphs import EditError, Patch, add_node, connect, remove_node, set_content, set_value

CLI = (sys.executable, "-m", "latent_terrain.ui.cli")
MEASURE_SECONDS, SWAP_SECONDS = 5.0, 7.0
CODECS = ("builtin:bank", "builtin:nothing")
"""The second is not there: the decoder is made anew with each."""
THIRTY_MINUTES = 1800.0


def of_process(process: int) -> dict[str, float]:
    """Memory in MB, descriptors and threads of a process."""
    words = dict(re.findall(r"(\w+):\s+(\d+)", Path(f"/proc/{process}/status").read_text()))
    return {
        "rss_mb": int(words["VmRSS"]) / 1024,
        "own_mb": int(words["RssAnon"]) / 1024,
        "descriptors": len(os.listdir(f"/proc/{process}/fd")),
        "threads": int(words["Threads"]),
    }


def family(process: int) -> dict[str, int]:
    """A process and all that came of it, by what each is for."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            children.setdefault(int((folder / "stat").read_text().rpartition(")")[2].split()[1]), []).append(
                int(folder.name)
            )
    found: dict[str, int] = {}
    waiting = [process]
    while waiting:
        one = waiting.pop()
        waiting += children.get(one, [])
        with suppress(OSError):
            words = Path(f"/proc/{one}/cmdline").read_text().split("\0")
            name = next((word for word in words if ":" in word and "." in word), "") or " ".join(words[4:5])
            found[f"{name.removeprefix('latent_terrain.') or 'engine'} {one}"] = one
    return found


def left(folder: Path) -> dict[str, int]:
    """Files under a folder, and pieces of shared memory of ours."""
    memory = Path("/dev/shm")
    return {
        "files": sum(1 for one in folder.rglob("*") if one.is_file()),
        "shared_memory": sum(1 for one in memory.glob("latent-terrain-*")) if memory.is_dir() else 0,
    }


class Hand:
    """Does things to what plays, one of each a step."""

    def __init__(self, client: Client, osc: int, query: str, pad: str) -> None:
        self.client, self.osc, self.query, self.pad = client, osc, query, pad
        self.random = np.random.default_rng(1)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.count = 0
        self.swapped = 0.0
        self.begin = client.patch

    def step(self) -> None:
        """One of each, a swap now and then."""
        self.count += 1
        self.edit()
        self.send()
        if self.count % 5 == 0:
            self.ask()
        if time.monotonic() - self.swapped > SWAP_SECONDS:
            self.swapped = time.monotonic()
            self.swap()

    def edit(self) -> None:
        """A node comes or goes, a line is drawn, a param is set."""
        name = f"soak-{self.count // 2 % 7}"
        patch = self.client.patch
        if name in patch.nodes:
            patch = remove_node(patch, name)
        else:
            patch = connect(add_node(patch, "gain", name=name, values={"level": -60.0}), f"{name}.out", "out.audio")
        line = self.random.uniform(-3, 3, (40, 2)).astype(np.float32)
        patch = set_content(patch, "map", {"play/0": line}, replace=False)
        self.client.update(set_value(patch, "map", "rate", float(self.random.uniform(0.1, 1.0))))

    def send(self) -> None:
        """OSC, as it comes and as it should not."""
        slot = self.count % 8
        packets = [message("/node/map/hand_x", float(self.random.uniform(-3, 3))) for _ in range(10)]
        packets += [message(f"/node/none-{self.count}/level", 1.0), self.random.bytes(24), b"#bundle\0" + bytes(12)]
        word = ("/snapshot/store", "/snapshot/recall", "/snapshot/remove")[self.count % 3]
        packets += [message(word, float(slot)), self.word("/undo"), self.word("/status"), self.word("/sync")]
        for packet in packets:
            self.socket.sendto(packet, ("127.0.0.1", self.osc))

    @staticmethod
    def word(address: str) -> bytes:
        """A command without arguments."""
        raw = address.encode()
        return raw + bytes(4 - len(raw) % 4) + b",\0\0\0"

    def ask(self) -> None:
        """HTTP, and connections that say nothing or half of it."""
        for address in (self.query, self.pad):
            with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
                answer.read()
        for words in (b"", b"GET / HTTP/1.1\r\nHo", b"\xff" * 50 + b"\r\n\r\n"):
            port = int(self.query.split(":")[2].strip("/"))
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as one:
                one.sendall(words)

    def swap(self) -> None:
        """Another model, another terrain, and the takes."""
        patch = with_takes(self.client.patch)
        number = int(time.monotonic() / SWAP_SECONDS)
        learned = {
            key: (one * np.float32(self.random.uniform(0.9, 1.1)) if one.dtype == np.float32 else one)
            for key, one in self.begin.nodes["terrain"].content.items()
        }
        patch = set_content(patch, "terrain", learned, replace=False)
        with suppress(EditError):
            patch = set_value(patch, "decoder", "codec", CODECS[number % 2])
        self.client.update(set_value(patch, "takes", "recording", number % 2 == 0))
        with suppress(Exception):
            self.client.keep_takes(5.0)
        kept = with_takes(self.client.patch).nodes["takes"]
        if len(kept.content) > 8:  # or what is recorded would be what grows
            self.client.update(set_content(with_takes(self.client.patch), "takes", {}))


def with_takes(patch: Patch) -> Patch:
    """A patch that records; what was undone is done again."""
    if "takes" in patch.nodes:
        return patch
    return connect(add_node(patch, "record", name="takes"), "map.xy", "takes.input")


def soak(minutes: float, warm_up: float, rate: float) -> dict[str, Any]:
    """Do it; gives what grew."""
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    for name in ("run", "tmp", "data", "cache", "config", "home"):
        (folder / name).mkdir(mode=0o700)
    places = {"XDG_RUNTIME_DIR": "run", "TMPDIR": "tmp", "XDG_DATA_HOME": "data", "XDG_CACHE_HOME": "cache"}
    places |= {"XDG_CONFIG_HOME": "config", "HOME": "home"}
    os.environ |= {key: str(folder / name) for key, name in places.items()}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        osc = probe.getsockname()[1]
    words = [*CLI, "run", "walk", "--device", "none", "--osc", str(osc), "--oscquery", "--pad"]
    log = (folder / "log").open("w+")
    process = subprocess.Popen(words, stdout=log, stderr=log, cwd=folder / "home")
    try:
        addresses: list[str] = []
        while len(addresses) < 2:
            time.sleep(0.2)
            addresses = re.findall(r"http://\S+", (folder / "log").read_text())
        pad = next(one for one in addresses if "token" in one)
        query = next(one for one in addresses if "token" not in one)
        client = Client.attach(heard=lambda news: None)
        client.subscribe()
        client.update(with_takes(client.patch))
        client.wait()
        hand = Hand(client, osc, query, pad)
        found: dict[str, list[tuple[float, dict[str, float]]]] = {}
        before: dict[str, int] = {}
        begin = time.monotonic()
        measured = 0.0
        while (now := time.monotonic() - begin) < 60 * (warm_up + minutes):
            hand.step()
            if now - measured > MEASURE_SECONDS:
                measured = now
                if now > 60 * warm_up:
                    before = before or left(folder)
                    for name, one in {**family(process.pid), "client (this)": os.getpid()}.items():
                        with suppress(OSError):
                            found.setdefault(name, []).append((now, of_process(one)))
            time.sleep(max(0.0, begin + hand.count / rate - time.monotonic()))
        after = left(folder)
        has_ended = process.poll() is not None
        client.close()
        if options_log := os.environ.get("SOAK_LOG"):
            shutil.copy(folder / "log", options_log)
        return {
            "minutes": minutes,
            "steps": hand.count,
            "engine_ended": has_ended,
            "log_bytes": (folder / "log").stat().st_size,
            "left": {key: after[key] - before.get(key, 0) for key in after},
            "processes": {name: grown(rows) for name, rows in found.items()},
        }
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def grown(rows: list[tuple[float, dict[str, float]]]) -> dict[str, float]:
    """From the first to the last measure, and of memory what a line through all of them makes of 30 minutes."""
    times = np.array([when for when, _ in rows])
    made = {key: round(rows[-1][1][key] - rows[0][1][key], 2) for key in rows[0][1]}
    made["rss_at_first"] = round(rows[0][1]["rss_mb"], 1)
    if len(rows) > 2:
        own = np.array([row["own_mb"] for _, row in rows])
        made["own_mb_in_30_minutes"] = round(float(np.polyfit(times, own, 1)[0]) * THIRTY_MINUTES, 2)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--warm-up", type=float, default=3.0)
    parser.add_argument("--rate", type=float, default=10.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = soak(options.minutes, options.warm_up, options.rate)
    if options.json:
        print(json.dumps(found, indent=1))
        return
    for name, row in found.pop("processes").items():
        print(f"{name}: {row}")
    print(found)


if __name__ == "__main__":
    main()
