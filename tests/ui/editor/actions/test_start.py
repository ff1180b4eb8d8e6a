"""What the editor opens with: what was asked for, and first of all what might be lost."""

import os
from pathlib import Path

import pytest

from latent_terrain.engine import load_palette
from latent_terrain.graphs import Patch, add_node, autosave, load_file, save
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.editor.actions.start import open_first
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.document import left_behind, state_folder
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.patcher.window_requests import Confirm, Show

PALETTE = load_palette()
ONE = add_node(Patch(), "sine", "one")
TWO = add_node(ONE, "gain", "two")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return Desk(PALETTE, SilentEditorSound(), Settings(path=tmp_path / "settings.json"))


def answer(desk: Desk, word: str) -> None:
    """Give the answer that begins so to the question asked last."""
    ask = desk.asks.pop()
    assert isinstance(ask, Confirm)
    next(then for label, then in ask.choices if label.startswith(word))()


def test_with_nothing_asked_for_the_starters_are_shown(desk: Desk) -> None:
    open_first(desk)
    assert list(desk.asks) == [Show("starters")]
    assert desk.patch.nodes == {}


def test_a_starter_is_opened_as_a_copy_unless_a_file_has_its_name(desk: Desk, tmp_path: Path) -> None:
    open_first(desk, "walk")
    assert desk.patch == load_file(STARTERS["walk"].file)
    assert desk.document.path is None
    save(ONE, tmp_path / "walk")
    open_first(desk, "walk")
    assert desk.patch == ONE


def test_what_runs_already_is_opened_without_a_question(desk: Desk) -> None:
    open_first(desk, running=TWO)
    assert desk.patch == TWO
    assert not desk.asks


@pytest.mark.parametrize(("word", "wanted"), [("Recovered", TWO), ("Last", ONE)])
def test_a_newer_copy_of_the_file_is_offered(desk: Desk, tmp_path: Path, word: str, wanted: Patch) -> None:
    file = tmp_path / "mine.ltp"
    save(ONE, file)
    os.utime(file, (1e9, 1e9))
    autosave(TWO, file)
    open_first(desk, str(file))
    assert desk.patch == ONE
    answer(desk, word)
    assert desk.patch == wanted
    assert load_file(file) == ONE


def left(number: int = 2**22 + 7) -> Path:
    state_folder().mkdir(parents=True, exist_ok=True)
    return save(TWO, state_folder() / f"{number}.ltp")


def test_a_patch_that_never_had_a_file_is_offered_and_kept_until_it_is_kept_again(desk: Desk) -> None:
    copy = left()
    open_first(desk)
    assert copy.exists()
    answer(desk, "Recover")
    assert desk.patch == TWO
    assert desk.document.history.is_modified
    assert not copy.exists()
    assert (state_folder() / f"{os.getpid()}.ltp").exists()


def test_what_was_left_behind_can_wait_or_go(desk: Desk) -> None:
    copy = left()
    open_first(desk)
    answer(desk, "Later")
    assert left_behind() == [copy]
    open_first(desk)
    answer(desk, "Discard")
    assert left_behind() == []
    assert desk.patch.nodes == {}


def test_a_broken_copy_is_a_sentence_and_is_not_thrown_away(desk: Desk) -> None:
    copy = left()
    copy.write_bytes(b"cut off")
    open_first(desk)
    answer(desk, "Recover")
    assert [entry.severity for entry in desk.log.entries] == ["error"]
    assert copy.exists()


def test_the_file_that_an_editor_broke_down_on_is_named(desk: Desk, tmp_path: Path) -> None:
    desk.settings.opening = str(tmp_path / "bad.ltp")
    open_first(desk)
    assert "bad.ltp" in desk.log.entries[0].text
    assert desk.settings.opening == ""
