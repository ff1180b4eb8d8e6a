"""Playing from outside by command: run with OSC and OSCQuery beside it, listen to what plays, and what can't be."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.ui.cli import main
from tests.engine.sources.osc.words import message

from ..waiting import eventually

COMMAND = [sys.executable, "-m", "latent_terrain.ui.cli"]


class Told:
    """A command that runs, and what it says."""

    def __init__(self, *words: str, folder: Path) -> None:
        environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder, env=environment
        )

    def until(self, pattern: str) -> re.Match[str]:
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if found := re.search(pattern, line):
                return found
        raise AssertionError(said)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=30)


@pytest.fixture
def udp() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.settimeout(20)
        made.bind(("127.0.0.1", 0))
        yield made


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def asked(udp: socket.socket, port: int, *packet: Any) -> tuple[str, list[Any]]:
    from pythonosc.osc_message import OscMessage

    udp.sendto(message(*packet), ("127.0.0.1", port))
    answer = OscMessage(udp.recv(65_536))
    return answer.address, list(answer)


def test_run_follows_osc_and_tells_surfaces_what_there_is(tmp_path: Path, udp: socket.socket) -> None:
    port = free_port()
    run = Told("run", "walk", "--device", "none", "--osc", str(port), "--oscquery", folder=tmp_path)
    try:
        address = run.until(r"http://127.0.0.1:\d+/").group()
        assert asked(udp, port, "/snapshot/store", 1) == ("/done", ["/snapshot/store"])
        udp.sendto(message("/node/map/rate", 2.0), ("127.0.0.1", port))
        assert asked(udp, port, "/get", "/node/map/rate") == ("/node/map/rate", [2.0]), "what was set is read"

        def told() -> dict[str, list[float]]:
            with urllib.request.urlopen(f"{address}node/map/rate?VALUE") as answer:
                found: dict[str, list[float]] = json.load(answer)
                return found

        eventually(lambda: told() == {"VALUE": [2.0]})  # its process hears a moment later
        with urllib.request.urlopen(f"{address}?HOST_INFO") as answer:
            assert json.load(answer)["OSC_PORT"] == port
        assert asked(udp, port, "/patch/save", "kept") == ("/done", ["/patch/save", "kept.ltp"])
        assert (tmp_path / "kept.ltp").exists()
        assert asked(udp, port, "/undo") == ("/done", ["/undo"])
        assert asked(udp, port, "/patch/load", "../../etc/passwd")[0] == "/fail"
    finally:
        run.end()


def test_listen_plays_what_runs_already_and_ends_with_it(tmp_path: Path, udp: socket.socket) -> None:
    port = free_port()
    run = Told("run", "walk", "--device", "none", folder=tmp_path)
    run.until("playing")
    ear = Told("listen", "--osc", str(port), "--wait", "20", folder=tmp_path)
    try:
        ear.until("listening for OSC")
        assert asked(udp, port, "/sync", 5) == ("/synced", [5])
        udp.sendto(message("/node/out/level", -12.0), ("127.0.0.1", port))
        end = time.monotonic() + 20
        while asked(udp, port, "/get", "/node/out/level") != ("/node/out/level", [-12.0]):
            assert time.monotonic() < end
        assert asked(udp, port, "/status")[0] == "/status.reply"
        run.end()
        ear.process.communicate(timeout=30)
        assert ear.process.returncode == 0
    finally:
        run.end()
        ear.end()


def test_run_takes_part_in_link_and_says_that_it_does(tmp_path: Path, udp: socket.socket) -> None:
    pytest.importorskip("link", reason="Ableton Link needs LinkPython-extern")
    port = free_port()
    run = Told("run", "walk", "--device", "none", "--osc", str(port), "--link", folder=tmp_path)
    try:
        run.until("Ableton Link on: sharing tempo")
        run.until("listening for OSC")
        assert asked(udp, port, "/transport/tempo", 133.0) == ("/done", ["/transport/tempo"])
        end = time.monotonic() + 20
        while asked(udp, port, "/get", "/node/map/tempo") != ("/node/map/tempo", [133.0]):
            assert time.monotonic() < end
    finally:
        run.end()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["listen"], "no input given"),
        (["listen", "--osc", "nowhere"], "not a valid address"),
        (["run", "walk", "--device", "none", "--oscquery"], "needs --osc"),
        (["run", "walk", "--device", "none", "--osc-to", "9001"], "needs --osc"),
        (["repl", "nowhere.ltp"], "nowhere.ltp"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert main(words) in (1, 2, 3)
    assert says in capsys.readouterr().err
