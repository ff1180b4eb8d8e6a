"""The service on real processes: state through kill -9, a frozen engine, recordings, commands, health, and its end."""

import json
import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from latent_terrain.engine.processes.interpreter import CLI, run_python, start_python
from latent_terrain.graphs import load_file, save
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.cli import main

from ...waiting import eventually

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 is of POSIX")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Served:
    """A service in a process of its own, as a system would start it."""

    def __init__(self, folder: Path, runtime: Path, *words: str) -> None:
        self.folder, self.port = folder, free_port()
        self.runtime = {"XDG_RUNTIME_DIR": str(runtime), "OMP_NUM_THREADS": "1"}
        self.said = folder / "said"
        self._stderr = self.said.open("a")
        state = ("--state", str(folder / "state"), "--health", str(self.port), "--device", "none")
        self.process = start_python(
            [*CLI, "serve", str(folder / "stage.ltp"), *state, *words], self.runtime, stderr=self._stderr
        )
        eventually(lambda: self.health().get("blocks_last_second", 0) > 0, 60)

    def health(self) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            found = json.load(error)
        except OSError:
            assert self.process.poll() is None, self.said.read_text()
            return {}
        return found

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return run_python([*CLI, *words], self.runtime, timeout=120)

    def engine(self) -> int:
        found = json.loads(self.command("engines", "--json").stdout)["engines"]
        return int(found[0]["process"]) if found else 0

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(60)
        self._stderr.close()
        return code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save(load_file(STARTERS["live-record"].file), tmp_path / "stage.ltp")
    return tmp_path


@pytest.fixture
def runtime() -> Iterator[Path]:
    """Where engines are found; the paths of sockets are short."""
    with TemporaryDirectory(prefix="lt-") as name:
        yield Path(name)


@pytest.fixture
def running(folder: Path) -> Iterator[list[Served]]:
    found: list[Served] = []
    yield found
    for one in found:
        with suppress(OSError):
            one.process.kill()
        one.process.wait(30)


def names_of(served: Served, node: str) -> list[str]:
    with suppress(FileNotFoundError):
        return [
            name for name in load_file(served.folder / "state" / "state.ltp").nodes[node].content if "takes" in name
        ]
    return []


def test_what_was_recorded_and_trained_survives_kill_9_and_a_frozen_engine(
    folder: Path, runtime: Path, running: list[Served]
) -> None:
    one = Served(folder, runtime)
    running.append(one)
    assert one.command("tell", "/take/start", "terrain").returncode == 0
    eventually(lambda: len(names_of(one, "places")) == 2)  # a take that goes on is in the state, too
    stopped = one.command("tell", "/take/stop", "terrain", "door", "--json")
    assert stopped.returncode == 0, stopped.stderr
    trained = one.command("tell", "/train", "terrain", "--json")
    assert trained.returncode == 0, trained.stderr
    assert json.loads(trained.stdout)["error_variance"] < 0.5

    frozen = one.engine()
    os.kill(frozen, signal.SIGSTOP)
    eventually(lambda: one.health().get("restarts") == 1 and one.health()["is_well"], 60)
    assert "the sound has stood still" in one.said.read_text()
    assert one.engine() != frozen
    assert not _is_there(frozen)

    eventually(lambda: "takes/0002 door" in names_of(one, "places"))
    before = load_file(folder / "state" / "state.ltp")
    child = one.engine()
    one.end(signal.SIGKILL)
    eventually(lambda: not _is_there(child), 20)  # nobody plays on

    again = Served(folder, runtime)
    running.append(again)
    status = again.command("status", "--json")
    assert status.returncode == 0, status.stdout
    assert json.loads(status.stdout)["patch"].endswith("stage.ltp")
    listed = again.command("tell", "/take/list", "places").stdout
    assert "door" in listed
    again.command("tell", "/take/start", "terrain")
    eventually(lambda: len(names_of(again, "places")) == 3)  # and another can be recorded
    assert again.command("tell", "/take/stop", "terrain", "gate").returncode == 0
    assert again.end() == 0
    after = load_file(folder / "state" / "state.ltp")
    assert after.nodes["terrain"].content == before.nodes["terrain"].content
    assert "ended, and saved" in again.said.read_text()


def test_it_records_in_files_adds_what_comes_overnight_and_one_serves_at_a_time(
    folder: Path, runtime: Path, running: list[Served]
) -> None:
    night = folder / "night"
    night.mkdir()
    one = Served(folder, runtime, "--record", str(folder / "rec"), "--record-every", "1s", "--record-keep", "3s")
    running.append(one)
    other = run_python(
        [*CLI, "serve", str(folder / "stage.ltp"), "--state", str(folder / "state"), "--device", "none"],
        one.runtime,
        60,
    )
    assert other.returncode == 1
    assert "serves this already" in other.stderr
    eventually(lambda: "recorded 1." in one.said.read_text() and one.said.read_text().count("recorded") > 4, 60)
    assert one.end() == 0
    kept = sorted(path.name for path in (folder / "rec").iterdir())
    assert 1 <= len(kept) <= 4, kept
    assert all(name.startswith("stage ") and name.endswith(".flac") for name in kept)


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["gone.ltp"], 3, "gone.ltp: no such file"),
        (["walk"], 2, "walk is a starter; save a copy first"),
        (["."], 3, "this is a folder"),
        (["stage.ltp", "--record", "rec", "--record-every", "x"], 2, "is no time"),
        (["stage.ltp", "--record", "rec", "--record-keep", "1m"], 2, "keep at least one file"),
        (["stage.ltp", "--health", "nowhere"], 2, "give a port"),
        (["stage.ltp", "--watch", "gone"], 3, "no such folder"),
        (["stage.ltp", "--pad-port", "80"], 2, "need --pad"),
        (["stage.ltp", "--unit", "cron"], 2, "choose systemd or launchd"),
        (["damaged.ltp", "--state", "state"], 3, "damaged.ltp"),
    ],
)
def test_what_cannot_be_served_is_a_sentence_with_its_code(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    text: str,
) -> None:
    monkeypatch.chdir(folder)
    (folder / "damaged.ltp").write_bytes(b"garbage")
    assert main(["serve", *words]) == code
    assert text in capsys.readouterr().err


def test_nothing_that_plays_is_told_as_not_well(folder: Path) -> None:
    here = {"XDG_RUNTIME_DIR": str(folder)}
    found = run_python([*CLI, "status", "--json"], here, 60)
    assert found.returncode == 1
    assert json.loads(found.stdout)["why"] == ["nothing plays: there is no engine, or it does not answer"]
    assert run_python([*CLI, "tell", "/train"], here, 60).returncode == 1


def _is_there(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except (OSError, IndexError):
        return False


def test_an_engine_that_somebody_stops_ends_the_service(folder: Path, runtime: Path, running: list[Served]) -> None:
    one = Served(folder, runtime)
    running.append(one)
    assert one.command("engines", "--stop").returncode == 0
    assert one.process.wait(60) == 0
    assert "the engine was stopped by somebody" in one.said.read_text()


def test_a_state_that_could_not_be_saved_at_the_end_is_told_and_its_exit_code_is_1(
    folder: Path, runtime: Path, running: list[Served]
) -> None:
    one = Served(folder, runtime)
    running.append(one)
    (folder / "state" / "state.ltp").unlink(missing_ok=True)
    (folder / "state" / "state.ltp").mkdir()  # no file can take its place
    assert one.command("tell", "/node/walk/frequency", "0.3").returncode == 0
    assert one.end() == 1
    assert "ended, but its state could not be saved" in one.said.read_text()


def test_a_port_for_health_that_is_taken_is_a_sentence(
    folder: Path, runtime: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = ["serve", str(folder / "stage.ltp"), "--state", str(folder / "state"), "--health", str(port)]
        assert main(words) == 1
    assert f"--health 127.0.0.1:{port}: the port is in use; choose another" in capsys.readouterr().err
