"""What plays is listed, and can be ended, from the command line."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from latent_terrain.engine.session import Client
from latent_terrain.engine.session.client import Hosting
from latent_terrain.engine.session.registry import find_engines
from latent_terrain.graphs import Patch, add_node
from latent_terrain.ui.cli import main

from ..waiting import eventually

LINK = Path(__file__).parents[1] / "engine" / "session"


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Client]]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(LINK))
    made: list[Client] = []

    def begin(name: str) -> Client:
        hosting = Hosting(player="toy_player:ToyPlayer", name=name, patch=f"{name}.ltp", owner=os.getpid())
        made.append(Client.start(add_node(Patch(), "gain"), hosting, lambda news: None))
        return made[-1]

    yield begin
    for one in made:
        one.close(stops_engine=True)


def test_nothing_is_listed_where_nothing_plays(call, start) -> None:
    assert call("engines").out.strip() == "no engine is running"
    assert call("engines", "--stop", "--json").document == {"stopped": {}}
    assert call("engines", "walk").code == 2


def test_engines_are_listed_by_names_of_their_own_with_who_listens(call, start) -> None:
    walk, again = start("walk"), start("walk")
    rows = call("engines", "--json").document["engines"]
    assert {(row["name"], row["process"], row["patch"], row["clients"]) for row in rows} == {
        ("walk", walk.engine, "walk.ltp", 1),
        ("walk-2", again.engine, "walk.ltp", 1),
    }
    assert all(row["is_playing"] is False and row["since"] > 0 for row in rows), "a toy makes no blocks"
    assert "not playing" in call("engines", "walk").out
    assert call("engines", "walk-2", "--json").document["engines"][0]["process"] == again.engine


def test_one_is_stopped_by_name_or_all_and_none_is_started_again(call, start) -> None:
    walk, other = start("walk"), start("orbit")
    answer = call("engines", "--stop")
    assert answer.code == 2
    assert "which one" in answer.err
    assert call("engines", "--stop", "walk").code == 0
    assert [one.name for one in find_engines()] == ["orbit"]
    eventually(lambda: walk.engine is None)
    assert json.loads(call("engines", "--stop", str(other.engine), "--json").out) == {"stopped": {"orbit": True}}
    start("third")
    assert call("engines", "--stop", "all").code == 0
    assert find_engines() == []


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="Windows has no such rights")
def test_a_runtime_folder_that_is_open_to_others_is_a_sentence_of_every_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "latent-terrain").mkdir()
    (tmp_path / "latent-terrain").chmod(0o777)
    for words in (["engines"], ["status"], ["tell", "/undo"], ["run", "walk", "--device", "none", "--seconds", "0.1"]):
        assert main(words) == 1
        said = capsys.readouterr().err
        assert "open to others; remove it and try again" in said
        assert "internal error" not in said
