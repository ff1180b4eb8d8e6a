"""An installation that runs for weeks: everything that happens to one in a year, in two minutes.

Run: python examples/installation/run.py [--away 60] [--folder DIR]
What it plays on is JACK with its dummy device, where ``jackd`` is installed; else it plays unheard, and says so.
"""

import argparse
import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).parents[1]))
from checks import Osc, Program, check, free_port, health, latent_terrain, until

from latent_terrain.graphs import load_file


class Jack:
    """A sound device that comes and goes: a JACK server of this example's own."""

    def __init__(self) -> None:
        self.name = f"lt-example-{os.getpid()}"
        self.is_there = all(shutil.which(one) for one in ("jackd", "jack_lsp"))
        self.environment = {
            "JACK_NO_AUDIO_RESERVATION": "1",
            "JACK_NO_START_SERVER": "1",
            "JACK_DEFAULT_SERVER": self.name,
        }

    def start(self) -> None:
        """Plug it in."""
        words = ["jackd", "-n", self.name, "-r", "-d", "dummy", "-r", "48000", "-p", "256"]
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(words, **quiet)
        answers = ["jack_lsp", "-s", self.name]
        until(lambda: subprocess.run(answers, check=False, **quiet).returncode == 0, 20.0)

    def stop(self) -> None:
        """Unplug it."""
        self.process.terminate()
        self.process.wait()


class Installation:
    """The service with its state, its pad, its recordings and the folder of the night."""

    def __init__(self, folder: Path, jack: Jack) -> None:
        self.folder, self.jack = folder, jack
        self.night, self.recordings = folder / "night", folder / "recordings"
        self.night.mkdir()
        latent_terrain("new", "walk", "-o", folder / "piece.ltp")
        self.osc_port, self.page, self.pad = free_port(2), free_port(), free_port()
        # a disk of which all but 50 MB are in use already, as far as the recording is concerned
        self.least = shutil.disk_usage(folder).free - (50 << 20)
        self.words = [
            "serve", folder / "piece.ltp", "--device", "system" if jack.is_there else "none",
            "--osc", self.osc_port, "--health", self.page, "--state", folder / "state", "--watch", self.night,
            "--pad", "--pad-port", self.pad, "--pad-token-file", folder / "token", "--log", folder / "log",
            "--record", self.recordings, "--record-every", "5s", "--record-keep", "1h", "--disk-free", self.least,
        ]  # fmt: skip
        self.service = Program(folder / "said", *map(str, self.words), environment=jack.environment)
        self.osc = Osc(self.osc_port)

    def health(self) -> dict[str, Any]:
        """What it tells of itself."""
        return health(self.page)[1]

    def is_playing(self) -> bool:
        """Whether blocks are played."""
        return self.health().get("blocks_last_second", 0) > 0

    def state(self) -> Any:
        """The patch as it is on the disk now."""
        return load_file(self.folder / "state" / "state.ltp")


def begins(one: Installation) -> None:
    """It starts before its sound device exists, and waits for it."""
    check("it plays", until(one.is_playing))
    if one.jack.is_there:
        code, told = health(one.page)
        check("without its device it is not well, and says so (503)", code == 503, "; ".join(told["why"]))
        one.jack.start()
        check("the device comes, and it is heard (200)", until(lambda: health(one.page)[0] == 200))
    else:
        print("        (jackd is not installed: it plays unheard, and no device is lost)")
    unit = latent_terrain(*map(str, one.words), "--unit", "systemd")
    (one.folder / "piece.service").write_text(unit)
    check("a unit file for systemd is written", "Type=notify" in unit and str(one.folder) in unit)


def power_cut(one: Installation) -> None:
    """What was turned is found again after a kill -9 of everything, and it is at most seconds old."""
    begin = time.monotonic()
    while time.monotonic() - begin < 8.0:
        one.osc.send("/node/map/hand_x", time.monotonic() - begin)
        time.sleep(0.05)
    one.service.kill()
    lived = time.monotonic() - begin
    kept = float(one.state().nodes["map"].values["hand_x"])
    check("a kill -9 costs 5 seconds of turning at most", 0 <= lived - kept <= 5.0, f"{lived - kept:.1f} s")
    check("its helpers have ended with it", until(lambda: not listens(one.pad), 20.0))
    one.service.start()
    check("it is back", until(one.is_playing))
    check("its state is as it was", one.osc.ask("/get", "/node/map/hand_x", answer="/node/map/hand_x") == [kept])


def frozen(one: Installation) -> None:
    """An engine that stands still is started again."""
    if not sys.platform.startswith("linux"):
        return
    before = engine(one)
    os.kill(before, 19)  # SIGSTOP
    began = time.monotonic()
    check("a frozen engine is noticed", until(lambda: "the sound has stood still" in one.service.text, 10.0))
    check("another plays within seconds", until(lambda: engine(one) not in (0, before) and one.is_playing(), 20.0))
    print(f"        ({time.monotonic() - began:.1f} s)")


def device_gone(one: Installation, seconds: float) -> None:
    """The device goes for a while."""
    if not one.jack.is_there:
        return
    check("it is heard", until(lambda: health(one.page)[0] == 200))
    one.jack.stop()
    check("a lost device is not well", until(lambda: health(one.page)[0] == 503), "; ".join(one.health()["why"]))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.2)
    check("it plays on without it", one.is_playing())
    one.jack.start()
    check("the device is back, and it is heard again", until(lambda: health(one.page)[0] == 200))


def disk_full(one: Installation) -> None:
    """The disk fills, and is emptied."""
    check("it records", until(lambda: any(one.recordings.glob("*.flac"))))
    filler = one.folder / "filler"
    with filler.open("wb") as file:
        for _ in range(60):
            file.write(os.urandom(1 << 20))
    check("recording stops before the disk is full", until(lambda: "recording has stopped" in one.service.text))
    check("which is not well", until(lambda: health(one.page)[0] == 503), "; ".join(one.health()["why"]))
    check("the sound goes on", one.is_playing())
    filler.unlink()
    check("it records again when there is room", until(lambda: "recording again" in one.service.text))


def night(one: Installation) -> None:
    """A sound that was recorded in the night comes onto the map, and the others stay where they are."""
    before, late = lines(one), one.health()["late_frames"]
    with resources.as_file(resources.files("latent_terrain.graphs.starters") / "sounds" / "04-beat.flac") as path:
        sound, rate = soundfile.read(path)
    soundfile.write(one.night / "last night.wav", sound[len(sound) // 4 : len(sound) // 2], rate)
    # training gives way to all else on the machine: seconds alone, minutes where others work
    check("it is added, and trained", until(lambda: len(lines(one)) == len(before) + 1, 300.0))
    after = lines(one)
    stayed = all(any(np.array_equal(line, other) for other in after) for line in before)
    check("the lines of before are where they were", stayed, f"{len(before)} lines")
    print(f"        ({one.health()['late_frames'] - late} frames came late meanwhile)")


def visitors(one: Installation) -> None:
    """A visitor's phone opens the address that is printed on the wall, also after a restart."""
    token = (one.folder / "token").read_text().strip()
    moved = asyncio.run(touched(one, token))
    check("the printed address is true after all this, and a finger steers", moved)


async def touched(one: Installation, token: str) -> bool:
    """Whether a finger on the pad moves the hand of the map."""
    import aiohttp

    address = f"http://127.0.0.1:{one.pad}"
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{address}/?token={token}") as page:
            if page.status != 200:
                return False
        async with session.ws_connect(f"{address}/touch?token={token}") as finger:
            await finger.send_json({"touch": [[1, 0.25, 0.5, 0.7, 0, 0]]})
            for _ in range(100):
                await asyncio.sleep(0.05)
                found = one.osc.ask("/get", "/node/map/mode", answer="/node/map/mode")
                if found == ["hand"]:
                    return True
    return False


def lines(one: Installation) -> list[Any]:
    """The lines of the map as they are in the state."""
    with suppress(OSError):
        content = one.state().nodes["map"].content
        return [array for name, array in content.items() if name.startswith("arrange/line/")]
    return []


def engine(one: Installation) -> int:
    """The process that plays; 0 for none."""
    found = json.loads(latent_terrain("engines", "--json"))["engines"]
    return next((int(each["process"]) for each in found if each["patch"] == str(one.folder / "piece.ltp")), 0)


def listens(port: int) -> bool:
    """Whether somebody answers at a port."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
        return True
    return False


def main() -> None:
    """Do it all, in a folder of its own unless one is named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--away", type=float, default=60.0, help="how long the device is gone, seconds")
    parser.add_argument("--folder", type=Path, help="where to; default: a folder that goes afterwards")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lt-") as own:
        folder = asked.folder or Path(own)
        folder.mkdir(parents=True, exist_ok=True)
        jack = Jack()
        one = Installation(folder.absolute(), jack)
        try:
            begins(one)
            power_cut(one)
            frozen(one)
            device_gone(one, asked.away)
            disk_full(one)
            night(one)
            visitors(one)
            check("it ends as it should when it is told to", one.service.end() == 0)
        finally:
            with suppress(OSError):
                one.service.process.kill()
            if jack.is_there:
                with suppress(AttributeError, OSError):
                    jack.stop()


if __name__ == "__main__":
    main()
