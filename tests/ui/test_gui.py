"""The editor from the command line: opened with what was asked for, or refused in a sentence."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import latent_terrain.ui.cli as cli
from latent_terrain.engine.session import Client, Server
from latent_terrain.engine.session.registry import find_engines
from latent_terrain.graphs import add_node
from latent_terrain.ui.editor import app, panels
from latent_terrain.ui.editor.document.desk import Desk

from ..engine.session.toy_player import ToyPlayer
from .conftest import Answer, tone_patch

Call = Callable[..., Answer]
command = import_module("latent_terrain.ui.cli.gui")


class Window:
    """A window that is none: lives until ``until`` says so, and remembers its desk."""

    until: Callable[[Desk], bool] = staticmethod(lambda desk: True)
    last: "Window"

    def __init__(self, desk: Desk, panels: Any, title: str) -> None:
        self.desk, self.is_closed, self.title = desk, False, title
        Window.last = self

    def run(self, started: Callable[[], None]) -> None:
        import time

        started()
        end = time.monotonic() + 30.0
        while not Window.until(self.desk):
            assert time.monotonic() < end, "it never happened"
            self.desk.tick(time.monotonic())
            time.sleep(0.005)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path_factory.mktemp("own")))
    monkeypatch.setattr(command, "window_trouble", lambda: "")
    monkeypatch.setattr(panels, "all_panels", list)
    monkeypatch.setattr(app, "App", Window)
    monkeypatch.setattr(Window, "until", staticmethod(lambda desk: True))


def test_without_a_display_a_sentence_says_what_to_do(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "window_trouble", lambda: "there is no display; run it without")
    answer = call("gui")
    assert (answer.code, answer.out, answer.err) == (1, "", "there is no display; run it without\n")


def test_no_words_open_the_editor_where_there_is_a_display_and_help_elsewhere(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "has_display", lambda: False)
    assert "Usage: latent-terrain" in call().out
    monkeypatch.setattr(cli, "has_display", lambda: True)
    monkeypatch.setattr(command, "window_trouble", lambda: "this is the editor")
    assert call().err == "this is the editor\n"


def test_a_patch_is_opened_without_sound(call: Call, tone: Path) -> None:
    assert call("gui", tone, "--no-sound").code == 0
    desk = Window.last.desk
    assert desk.document.path == tone
    assert desk.patch == tone_patch()
    assert Window.last.is_closed
    assert find_engines() == []


def test_a_patch_is_opened_and_played_and_its_engine_ends_with_the_window(
    call: Call, tone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Window, "until", staticmethod(lambda desk: desk.sound.status.numbers.get("blocks", 0) > 0))
    assert call("gui", tone, "--device", "none", "--rate", "44100", "--block", "128").code == 0
    numbers = Window.last.desk.sound.status.numbers
    assert (numbers["sample_rate"], numbers["block"], numbers["device"]) == (44_100, 128, "none")
    assert find_engines() == []


def test_a_file_that_is_none_is_told_in_the_window(call: Call, tmp_path: Path) -> None:
    (tmp_path / "odd.ltp").write_bytes(b"this is no patch")
    for name in ("odd.ltp", "missing.ltp"):
        assert call("gui", tmp_path / name, "--no-sound").code == 0
        desk = Window.last.desk
        assert desk.patch.nodes == {}
        assert [entry.severity for entry in desk.log.entries] == ["error"]


def test_attached_it_edits_what_plays_already_and_leaves_it_playing(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = ToyPlayer()
    player.patch = tone_patch()
    server = Server(player)

    def until(desk: Desk) -> bool:
        if "mine" not in desk.patch.nodes:
            desk.edit(lambda patch: add_node(patch, "gain", "mine"), "add")
        return "mine" in player.patch.nodes and "theirs" in desk.patch.nodes

    other = Client.attach(server.address, lambda news: None)
    other.edit(lambda patch: add_node(patch, "gain", "theirs"))
    monkeypatch.setattr(Window, "until", staticmethod(until))
    assert call("gui", "--attach").code == 0
    assert sorted(player.patch.nodes) == ["gain-1", "mine", "out", "sine-1", "theirs"]
    assert server.clients == 1
    other.close()
    server.close()


def test_the_map_alone_shows_what_plays_and_keeps_nothing_of_its_own(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(panels, "map_alone", list)
    player = ToyPlayer()
    player.patch = tone_patch()
    server = Server(player)

    def until(desk: Desk) -> bool:
        desk.edit(lambda patch: add_node(patch, "gain", "mine"), "add")
        return True

    monkeypatch.setattr(Window, "until", staticmethod(until))
    assert call("gui", "--attach", "--map").code == 0
    desk = Window.last.desk
    assert Window.last.title == "Map"
    assert desk.settings.panels == ["map"]
    assert not desk.settings.learns_by_itself
    assert not desk.document.is_unsaved
    assert not list(tmp_path.rglob("*.ltp*")), "no copy is kept aside that the next start would offer"
    server.close()
    assert call("gui", "--map").code == 2


def test_attaching_to_nothing_is_a_sentence(call: Call) -> None:
    answer = call("gui", "--attach")
    assert answer.code == 3
    assert "latent-terrain run PATCH" in answer.err
    assert call("gui", "walk", "--attach").code == 2


def test_safe_it_comes_with_its_own_settings_and_without_sound(call: Call, tone: Path) -> None:
    assert call("gui", "--safe").code == 0
    assert Window.last.desk.settings.path is None
    assert find_engines() == []
