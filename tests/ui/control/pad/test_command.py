"""``latent-terrain pad``: it finds the engine that runs, prints its address, and ends politely."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from latent_terrain.engine.session import Client
from latent_terrain.engine.session.server import Server
from latent_terrain.ui.cli.pad import _show_code

from ....engine.session.toy_player import ToyPlayer
from ....waiting import eventually
from .playing import walk

aiohttp = pytest.importorskip("aiohttp", reason="the pad needs aiohttp: pip install '.[pad]'")
SECONDS = 30.0


@pytest.fixture(autouse=True)
def _own_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))


def test_without_an_engine_it_says_how_to_start_one(call: Callable[..., object]) -> None:
    answer = call("pad")
    assert answer.code == 1  # type: ignore[attr-defined]
    assert "latent-terrain run" in answer.err  # type: ignore[attr-defined]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no polite interrupt for a process")
def test_it_plays_the_engine_that_runs_and_lets_it_walk_on_at_the_end() -> None:
    player = ToyPlayer()
    player.patch = walk()
    server = Server(player)
    client = Client.attach(server.address, lambda news: None)
    command = [sys.executable, "-m", "latent_terrain.ui.cli", "pad", "--port", "0", "--quiet"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}, cwd=Path.cwd())
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        before = client.patch.nodes["map"].values["mode"]

        async def touch() -> None:
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(address.replace("/?", "/touch?")) as device,
            ):
                await device.send_json({"touch": [[1, 0.75, 0.5, 0.5, 0, 0]]})
                await asyncio.to_thread(eventually, lambda: client.patch.nodes["map"].values.get("hand_x") == 8.0)

        asyncio.run(touch())
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 0
        eventually(lambda: client.patch.nodes["map"].values["mode"] == before)
    finally:
        process.kill()
        client.close()
        server.close()


def test_the_code_to_scan_is_shown_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("segno", reason="codes to scan need segno")
    _show_code("http://127.0.0.1:8710/?token=x")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) > 10
    assert {len(line) for line in lines} == {len(lines[0])}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no polite interrupt for a process")
def test_run_brings_its_own_pad(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "latent_terrain.ui.cli",
        "run",
        "walk",
        "--device",
        "none",
        "--pad",
        "--seconds",
        "60",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ})
    try:
        assert process.stderr is not None
        line = ""
        while not line.startswith("http://127.0.0.1:"):
            line = process.stderr.readline()
            assert line, "it ended without an address"

        async def look() -> int:
            async with aiohttp.ClientSession() as session, session.get(line.strip()) as answer:
                return int(answer.status)

        assert asyncio.run(look()) == 200
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=SECONDS)
        assert process.returncode == 0
    finally:
        process.kill()
