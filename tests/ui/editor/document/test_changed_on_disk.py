"""Files that others change while they are open: seen, asked about, and nothing of either side is lost."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine.offline import offline_setup
from latent_terrain.engine.training.jobs import run_jobs
from latent_terrain.graphs import Patch, add_node, load_file, save, set_value
from latent_terrain.graphs.files import autosave_of, autosaves_of, previous_of
from latent_terrain.nodes.audiofile import write_sound
from latent_terrain.ui.editor.actions import ACTIONS, perform
from latent_terrain.ui.editor.document.changed_on_disk import LOOK_SECONDS
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.patcher.window_requests import ChooseFile, Confirm

from ....waiting import eventually
from ...patcher.benches import PALETTE, chain, desk_of


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return save(chain(), tmp_path / "mine.ltp")


@pytest.fixture
def desk(path: Path) -> Desk:
    made = desk_of(Patch())
    assert made.open(path)
    return made


def theirs_of(path: Path) -> Patch:
    """Somebody else's edit, saved."""
    patch = add_node(load_file(path), "noise", "hiss")
    save(patch, path)
    return patch


def question(desk: Desk) -> Confirm:
    asks = [one for one in desk.asks if isinstance(one, Confirm)]
    desk.asks.clear()
    [ask] = asks
    return ask


def answer(ask: Confirm, label: str) -> None:
    dict(ask.choices)[label]()


def test_another_windows_save_is_seen_and_asked_about_once(desk: Desk, path: Path) -> None:
    desk.tick(10.0)
    assert not desk.asks
    theirs_of(path)
    for moment in range(5):
        desk.tick(20.0 + moment * LOOK_SECONDS * 2)
    ask = question(desk)
    assert "mine was changed by another program" in ask.text
    assert [label for label, _ in ask.choices] == [
        "Merge",
        "Take theirs",
        "Keep mine",
        "Difference",
        "Save as …",
        "Later",
    ]


def test_saving_over_it_is_asked_about_and_merging_keeps_both(desk: Desk, path: Path) -> None:
    desk.edit(lambda patch: set_value(patch, "gain", "level", 2.0), "louder")
    theirs_of(path)
    perform(desk, ACTIONS["file.save"])
    assert load_file(path).nodes["gain"].values.get("level") != 2.0, "not saved before the answer"
    answer(question(desk), "Merge")
    assert "hiss" in desk.patch.nodes
    assert desk.patch.nodes["gain"].values["level"] == 2.0
    perform(desk, ACTIONS["file.save"])
    assert not desk.asks
    found = load_file(path)
    assert "hiss" in found.nodes
    assert found.nodes["gain"].values["level"] == 2.0
    desk.undo()
    assert "hiss" not in desk.patch.nodes, "one step of undo"


def test_what_both_turned_is_told_and_both_are_there(desk: Desk, path: Path) -> None:
    desk.edit(lambda patch: set_value(patch, "gain", "level", 2.0), "louder")
    save(set_value(load_file(path), "gain", "level", 5.0), path)
    perform(desk, ACTIONS["file.save"])
    answer(question(desk), "Merge")
    assert [desk.patch.nodes[name].values["level"] for name in ("gain", "gain-theirs")] == [2.0, 5.0]
    assert any("gain.level: both sides changed it" in entry.text for entry in desk.log.entries)


def test_keeping_mine_saves_at_once_and_theirs_is_the_version_before(desk: Desk, path: Path) -> None:
    desk.edit(lambda patch: set_value(patch, "gain", "level", 2.0), "louder")
    theirs_of(path)
    perform(desk, ACTIONS["file.save"])
    answer(question(desk), "Keep mine")
    assert not desk.asks
    assert "hiss" not in load_file(path).nodes
    assert load_file(path).nodes["gain"].values["level"] == 2.0
    assert "hiss" in load_file(previous_of(path)).nodes


def test_taking_theirs_is_an_edit_that_can_be_undone(desk: Desk, path: Path) -> None:
    desk.edit(lambda patch: set_value(patch, "gain", "level", 2.0), "louder")
    theirs = theirs_of(path)
    desk.tick(10.0)
    answer(question(desk), "Take theirs")
    assert desk.patch == theirs
    assert not desk.document.history.is_modified
    desk.undo()
    assert desk.patch.nodes["gain"].values["level"] == 2.0
    assert desk.document.history.is_modified


def test_the_difference_is_shown_with_the_same_choices(desk: Desk, path: Path) -> None:
    theirs_of(path)
    desk.tick(10.0)
    answer(question(desk), "Difference")
    again = question(desk)
    assert "+ node hiss (noise)" in again.text
    assert "Difference" not in dict(again.choices)
    answer(again, "Save as …")
    assert isinstance(desk.asks.popleft(), ChooseFile)


def test_a_file_touched_or_saved_as_it_was_asks_nothing(desk: Desk, path: Path) -> None:
    os.utime(path, ns=(1, 1))
    desk.tick(10.0)
    save(load_file(path), path)
    desk.tick(20.0)
    path.unlink()
    desk.tick(30.0)
    assert not desk.asks
    perform(desk, ACTIONS["file.save"])
    assert path.exists()


def test_a_file_that_became_something_else_is_told(desk: Desk, path: Path) -> None:
    path.write_bytes(b"<<<<<<< HEAD")
    desk.tick(10.0)
    assert not desk.asks
    assert any("can't be read" in entry.text for entry in desk.log.entries)


EDITOR = """
import sys
from pathlib import Path
from latent_terrain.graphs import load_file, set_value
from latent_terrain.ui.editor.document.document import Document
from latent_terrain.ui.editor.document.settings import Settings
document = Document(Settings())
document.open(Path(sys.argv[1]))
document.history.apply(lambda patch: set_value(patch, "gain", "level", float(sys.argv[2])), "louder")
assert document.keep_copy(1e9)
print("kept", flush=True)
sys.stdin.read()
"""


def test_two_windows_on_one_file_keep_their_copies_apart(desk: Desk, path: Path) -> None:
    desk.edit(lambda patch: set_value(patch, "gain", "level", 2.0), "louder")
    assert desk.document.keep_copy(1e9) is not None
    other = subprocess.Popen(
        [sys.executable, "-c", EDITOR, str(path), "5.0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"kept"
        kept = [load_file(one).nodes["gain"].values["level"] for one in autosaves_of(path)]
        assert kept in ([2.0, 5.0], [5.0, 2.0])
        assert desk.document.recovered() is None, "the other window is open, and this one's copy is its own"
    finally:
        other.kill()
        other.communicate()
    copy = desk.document.recovered()
    assert copy is not None
    assert copy == autosave_of(path, other.pid), "now it was left by a crash"
    assert load_file(copy).nodes["gain"].values["level"] == 5.0
    desk.document.save()
    assert list(autosaves_of(path)) == [copy], "nobody's copy is deleted unasked"


def taught_desk(tmp_path: Path) -> Desk:
    for name, seed in (("one", 1), ("two", 2)):
        sound = np.random.default_rng(seed).uniform(-0.3, 0.3, (1, 22_050)).astype(np.float32)
        write_sound(tmp_path / f"{name}.wav", sound, 44_100)
    patch = add_node(Patch(), "encode", "sounds", {"sounds": ["one.wav", "two.wav"]})
    patch = run_jobs(patch, PALETTE, offline_setup(patch, tmp_path)).patch
    desk = desk_of(Patch())
    assert desk.open(save(patch, tmp_path / "sounds.ltp"))
    return desk


def ticked(desk: Desk, since: float) -> list[Confirm]:
    """What is asked once the sounds have been looked at."""
    desk.tick(since)
    eventually(lambda: not desk.on_disk._is_looking)
    desk.tick(since)
    found = [one for one in desk.asks if isinstance(one, Confirm)]
    desk.asks.clear()
    return found


def test_a_sound_edited_in_another_program_is_offered_to_be_learned(tmp_path: Path) -> None:
    desk = taught_desk(tmp_path)
    assert ticked(desk, 10.0) == []
    write_sound(tmp_path / "two.wav", np.zeros((1, 30_000), np.float32), 44_100)
    [ask] = ticked(desk, 20.0)
    assert ask.text == "sounds: two.wav has changed since training."
    assert dict(ask.choices).keys() == {"Retrain", "Dismiss"}
    assert ticked(desk, 30.0) == [], "asked once"
    (tmp_path / "one.wav").unlink()
    [ask] = ticked(desk, 40.0)
    assert "one.wav is gone" in ask.text


def test_what_is_seen_of_one_documents_sounds_is_not_asked_in_the_next(tmp_path: Path) -> None:
    desk = taught_desk(tmp_path)
    write_sound(tmp_path / "two.wav", np.zeros((1, 30_000), np.float32), 44_100)
    desk.on_disk.tick(20.0)
    desk.begin(desk.patch)
    eventually(lambda: not desk.on_disk._is_looking)
    desk.on_disk._looked_at = 21.0
    desk.on_disk.tick(21.0)
    assert not desk.asks


def test_what_changed_while_the_editor_was_closed_is_seen_too(tmp_path: Path) -> None:
    taught_desk(tmp_path)
    write_sound(tmp_path / "one.wav", np.zeros((1, 30_000), np.float32), 44_100)
    again = desk_of(Patch())
    assert again.open(tmp_path / "sounds.ltp")
    [ask] = ticked(again, 10.0)
    assert "one.wav has changed" in ask.text


def test_sounds_that_are_added_are_trained_and_no_question(tmp_path: Path) -> None:
    desk = taught_desk(tmp_path)
    (tmp_path / "three.wav").write_bytes((tmp_path / "one.wav").read_bytes())
    desk.settings.learns_by_itself = True
    sounds = ["one.wav", "two.wav", "three.wav"]
    desk.edit(lambda patch: set_value(patch, "sounds", "sounds", sounds), "add 1 sound")
    assert desk.is_training
    desk.on_disk.tick(10.0)
    eventually(lambda: not desk.on_disk._is_looking)
    desk.on_disk.tick(10.0)
    assert not desk.asks
    desk._learn_at = None
    desk.on_disk.tick(20.0)
    eventually(lambda: not desk.on_disk._is_looking)
    desk.on_disk.tick(20.0)
    assert [type(one) for one in desk.asks] == [Confirm], "what nobody trains is asked about"
