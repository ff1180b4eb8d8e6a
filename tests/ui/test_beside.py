"""Programs beside an engine: killed, they come back at their address; without it, they say so and end."""

import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from latent_terrain.engine.processes.alive import is_running
from latent_terrain.engine.processes.policy import USUAL
from latent_terrain.engine.session import Server
from latent_terrain.ui.child_command import ChildCommand
from latent_terrain.ui.cli import follow as following
from latent_terrain.ui.control.pad import TOKEN

from ..engine.session.toy_player import ToyPlayer
from ..waiting import eventually
from .control.pad.playing import walk

pytest.importorskip("aiohttp", reason="the pad and OSCQuery need aiohttp")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that kills at once")
SERVED = r"http://127\.0\.0\.1:\d+/\S*"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(following, "say", lines.append)
    return lines


def engine(name: str = "") -> Server:
    player = ToyPlayer()
    player.patch = walk()
    return Server(player, name)


@pytest.fixture
def server() -> Iterator[Server]:
    made = engine()
    yield made
    made.close()


def is_served(address: str) -> bool:
    try:
        with urllib.request.urlopen(address) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_a_killed_pad_comes_back_at_its_address_and_it_is_said(server: Server, said: list[str]) -> None:
    with closing(ChildCommand("the pad", ["pad", "--wait", "10"], said.append, {TOKEN: "kept"})) as beside:
        eventually(lambda: bool(said))
        address = said[0]
        assert address.endswith("?token=kept")
        assert is_served(address)
        first = beside.pid
        os.kill(first, signal.SIGKILL)
        eventually(lambda: beside.pid != first)
        eventually(lambda: is_served(address))
        interrupted = "the pad crashed and was restarted"
        assert [one for one in said if "crashed" in one] == [interrupted]
        assert said.count(address) == 1
        last = beside.pid
    with pytest.raises(ProcessLookupError):
        os.kill(last, 0)


def test_one_that_keeps_ending_is_given_up_in_a_sentence(server: Server, said: list[str]) -> None:
    with closing(ChildCommand("OSCQuery", ["oscquery", "--wait", "10"], said.append)) as beside:
        for _ in range(len(USUAL.pauses) + 1):
            before = beside.pid
            os.kill(before, signal.SIGKILL)
            eventually(lambda before=before: beside.pid != before or "keeps crashing" in "".join(said))  # type: ignore[misc]
        assert "OSCQuery stopped: it keeps crashing" in said[-1]
        assert not beside.is_kept


def test_what_a_command_says_is_told_and_one_that_has_ended_is_not_started_again(said: list[str]) -> None:
    with closing(ChildCommand("the pad", ["pad"], said.append)) as beside:
        eventually(lambda: not beside.is_kept)
    assert said == ["no engine is running; start one with latent-terrain run PATCH", "the pad has ended"]


def test_it_ends_as_by_ctrl_c_when_its_parent_is_killed(server: Server) -> None:
    begin = "import threading; from latent_terrain.ui.child_command import ChildCommand\n"
    begin += "beside = ChildCommand('OSCQuery', ['oscquery', '--port', '0'], lambda text: print(text, flush=True))\n"
    begin += "print(beside.pid, flush=True); threading.Event().wait()"
    parent = subprocess.Popen([sys.executable, "-c", begin], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid, address = int(parent.stdout.readline()), parent.stdout.readline().strip()
    assert is_served(address)
    parent.kill()
    parent.communicate()
    eventually(lambda: not is_running(pid))


@pytest.mark.parametrize("command", ["pad", "oscquery"])
def test_without_its_engine_it_says_so_and_ends(command: str, tmp_path: Path) -> None:
    """The engine is killed, so that nobody could tell its programs."""
    play = "import sys; from latent_terrain.engine.session import Server; sys.path.insert(0, sys.argv[1])\n"
    play += "from toy_player import ToyPlayer; from latent_terrain.graphs import load_file\n"
    play += "player = ToyPlayer(); player.patch = load_file(sys.argv[2]); Server(player); sys.stdin.read()"
    from latent_terrain.graphs import save

    file, toys = save(walk(), tmp_path / "walk.ltp"), Path(__file__).parents[1] / "engine" / "session"
    playing = subprocess.Popen([sys.executable, "-c", play, str(toys), str(file)], stdin=subprocess.PIPE)
    words = [sys.executable, "-m", "latent_terrain.ui.cli", command, "--port", "0", "--wait", "30"]
    beside = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert beside.stdout is not None
        assert re.match(SERVED, beside.stdout.readline())
        playing.kill()
        _, errors = beside.communicate(timeout=following.WAIT_SECONDS + 30)
    finally:
        playing.kill()
        playing.communicate()
        beside.kill()
    assert "the engine stopped" in errors
    assert "no new engine started" in errors
    assert beside.returncode == 0


def test_it_takes_up_the_engine_that_comes_in_its_place(said: list[str]) -> None:
    first = engine("walk")
    from latent_terrain.engine.session import Client

    client = Client.attach(first.address, lambda news: None)
    follows = following.Following(client, "the pad")
    assert follows.look()
    first.close()
    eventually(lambda: not client.engine)
    assert follows.look()
    other = engine("another")
    assert follows.look()
    assert client.engine is None, "it took up an engine that plays something else"
    second = engine("walk")
    try:
        assert follows.look()
        client.turn("map", "hand_x", 3.0)
        eventually(lambda: ("map", "hand_x", 3.0) in second.player.turns)  # type: ignore[attr-defined]
        assert said[-1] == "the pad goes on with the engine walk"
    finally:
        client.close()
        second.close()
        other.close()


def test_asked_to_end_it_stays_no_longer(server: Server) -> None:
    from latent_terrain.engine.session import Client

    client = Client.attach(server.address, lambda news: None)
    follows = following.Following(client, "the pad")
    ended = threading.Event()
    ended.set()
    follows.stay(ended)
    client.close()
