"""Sounds added to what is open: found on a thread, put in as one step, and never into another patch."""

import shutil
import time
from pathlib import Path

import pytest

from latent_terrain.graphs import Patch, add_node, save
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.editor.actions import ACTIONS, perform
from latent_terrain.ui.editor.actions.dropped import take_dropped
from latent_terrain.ui.editor.actions.setting_questions import asks_elsewhere
from latent_terrain.ui.editor.actions.sounds import ask_part, facts, relink, remove, shift, shown_node
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.patcher.window_requests import ChooseFile, ChooseOne, ChooseSounds, Show, TypeText
from latent_terrain.ui.sound_list import listed

from ....ui.patcher.benches import desk_of
from ....waiting import eventually


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "own"
    home.mkdir()
    for name in ("a.wav", "b.wav", "c.flac"):
        (home / name).write_bytes(b"")
    return home


def until(desk: Desk, count: int) -> None:
    """Until so many steps are made."""

    def is_made() -> bool:
        desk.tick(time.monotonic())
        return len(desk.document.history.labels) >= count

    eventually(is_made)


def test_a_folder_becomes_a_map_that_is_open_and_sounds_in_one_step(folder: Path) -> None:
    desk = desk_of(Patch())
    desk.sounds.add([folder])
    until(desk, 1)
    assert [Path(one).name for one in listed(desk.patch, "sounds")] == ["a.wav", "b.wav", "c.flac"]
    assert desk.sound.status.is_on
    assert "map" in desk.settings.panels
    assert desk.document.history.undo_label == "add 3 sounds"
    desk.undo()
    assert not desk.patch.nodes


def test_what_is_found_after_another_patch_was_opened_is_left(folder: Path) -> None:
    desk = desk_of(Patch())
    desk.sounds.add([folder])
    desk.begin(add_node(Patch(), "sine", "other"))
    eventually(lambda: not desk.sounds._found.empty())
    desk.tick(time.monotonic())
    assert set(desk.patch.nodes) == {"other"}


def test_while_locked_nothing_is_added(folder: Path) -> None:
    desk = desk_of(Patch())
    desk.is_locked = True
    desk.sounds.add([folder])
    assert "lock is on" in desk.log.entries[-1].text
    assert desk.sounds._found.empty()


def test_the_question_begins_in_the_folder_used_last(folder: Path) -> None:
    desk = desk_of(Patch())
    desk.settings.sound_folder = str(folder)
    perform(desk, ACTIONS["file.add_sounds"])
    ask = desk.asks.pop()
    assert isinstance(ask, ChooseSounds)
    assert ask.begin == folder
    desk.settings.sound_folder = str(folder / "gone")
    perform(desk, ACTIONS["file.add_sounds"])
    ask = desk.asks.pop()
    assert isinstance(ask, ChooseSounds)
    assert ask.begin == Path.home()


def test_sounds_are_removed_reordered_cut_and_found_again(folder: Path) -> None:
    desk = desk_of(Patch())
    desk.sounds.add([folder])
    until(desk, 1)
    node = shown_node(desk)
    assert node == "sounds"
    assert shift(desk, node, frozenset({2}), -1) == {1}
    assert [one.name for one in facts(desk, node)] == ["a.wav", "c.flac", "b.wav"]
    assert [one.index for one in facts(desk, node, "B.W")] == [2]
    ask_part(desk, node, 0)
    ask = desk.asks.pop()
    assert isinstance(ask, TypeText)
    ask.then("3, 1")
    assert "the second larger" in desk.log.entries[-1].text
    ask.then("1.5, 3")
    assert facts(desk, node)[0].part == "1.5 … 3 s"
    ask.then("2, 4")
    assert "has changed meanwhile" in desk.log.entries[-1].text
    assert remove(desk, node, {1})
    moved = folder.parent / "elsewhere"
    shutil.move(folder, moved)
    assert [one.is_missing for one in facts(desk, node)] == [True, True]
    relink(desk, node, facts(desk, node)[0])
    question = desk.asks.pop()
    assert isinstance(question, ChooseFile)
    question.then(moved / "a.wav")
    assert [(one.name, one.part, one.is_missing) for one in facts(desk, node)] == [
        ("a.wav", "1.5 … 3 s", False),
        ("b.wav", "", False),
    ], "what lay beside it is found with it"


def test_a_card_leads_to_the_list_and_the_codec_is_the_patchs() -> None:
    desk = desk_of(STARTERS["walk"].build())
    assert asks_elsewhere(desk, "sounds", "sounds")
    assert desk.asks.pop() == Show("sounds")
    assert asks_elsewhere(desk_of(add_node(Patch(), "encode", "ear")), "ear", "sounds")
    assert not asks_elsewhere(desk, "sounds", "average")
    assert not asks_elsewhere(desk, "nobody", "sounds")


def test_drops_are_what_they_are(folder: Path, tmp_path: Path) -> None:
    desk = desk_of(Patch())
    found: list[Path] = []
    take_dropped(desk, (folder / "a.wav",), lambda *paths: found.extend(paths))
    ask = desk.asks.pop()
    assert isinstance(ask, ChooseOne), "on a map with sounds it is asked what is meant"
    dict(ask.choices)["Find on the map"]()
    assert found == [folder / "a.wav"]
    take_dropped(desk, (folder,))
    until(desk, 1)
    assert len(listed(desk.patch, "sounds")) == 3
    take_dropped(desk, (folder / "mine.npz",))
    assert str(desk.patch.nodes["decoder"].values["codec"]).endswith("mine.npz")
    other = save(add_node(Patch(), "sine", "tone"), tmp_path / "other.ltp")
    desk.document.history.mark_saved()
    take_dropped(desk, (other,))
    assert set(desk.patch.nodes) == {"tone"}
    take_dropped(desk, (folder / "mine.npz",))
    assert "add sounds first" in desk.log.entries[-1].text
