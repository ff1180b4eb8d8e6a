"""Sounds to find on the map: dropped, pasted and recorded ones, without a window and without an engine."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from latent_terrain.graphs import Patch, add_node, save
from latent_terrain.nodes.audiofile.permission import may_write
from latent_terrain.nodes.gui.timed_paths import RecordedGesture
from latent_terrain.ui.editor.actions import ACTIONS, perform
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.map_panel.queries import LONGEST_SECONDS, MICROPHONE, TAPE, Queries, sounds_in
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.map.hand import Wanted
from latent_terrain.ui.map.sheet import Sheet
from latent_terrain.ui.map.sound_search import FoundSound

from ...map.sheets import PALETTE, map_node

RATE = 44_100


class HandSeeker:
    """Finds what a test puts into ``answers``; ``asked`` are the files it was asked for."""

    def __init__(self) -> None:
        self.asked: list[Path] = []
        self.answers: list[FoundSound] = []
        self.is_busy = False

    def ask(self, patch: Patch, map_node: str, terrain: str, sound: Path, folder: Path) -> bool:
        self.asked.append(sound)
        self.is_busy = True
        return True

    def ready(self) -> FoundSound | None:
        self.is_busy = self.is_busy and not self.answers
        return self.answers.pop(0) if self.answers else None

    def close(self) -> None:
        pass


class Bench:
    """A desk with a map of a terrain, and its queries."""

    def __init__(self, folder: Path) -> None:
        self.sound = SilentEditorSound()
        self.desk = Desk(PALETTE, self.sound, Settings(learns_by_itself=False))
        assert self.desk.open(save(add_node(map_node(), "audio_out", name="out"), folder / "piece.ltp"))
        self.seeker = HandSeeker()
        self.queries = Queries(self.desk, self.seeker)
        self.sheet = Sheet(self.desk, "map")

    @property
    def heard(self) -> Patch:
        """What is heard in place of the document."""
        heard = self.sound.instead[-1]
        assert heard is not None
        return heard

    @property
    def said(self) -> str:
        return self.desk.log.entries[-1].text

    def hears(self) -> None:
        self.sound.is_on = True
        self.sound.numbers = {"inputs": 1, "recording": None}


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "music").mkdir()
    return Bench(tmp_path / "music")


def wav(path: Path) -> Path:
    soundfile.write(path, np.zeros(100), RATE)
    return path


def test_a_text_names_sound_files_as_file_managers_and_people_write_them(tmp_path: Path) -> None:
    one, two = wav(tmp_path / "über a.wav"), wav(tmp_path / "b#1.wav")
    (tmp_path / "notes.txt").write_text("x")
    assert sounds_in(f"{one.as_uri()}\r\n{two.as_uri()}\r\n", Path("/")) == (one, two)
    assert sounds_in(f"copy\n{one.as_uri()}", Path("/")) == (one,)
    assert sounds_in(f'"{one}"\n b#1.wav \n{one}', tmp_path) == (one, two)
    assert sounds_in(f"file://localhost{one}", tmp_path) == (one,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gone.wav",
        "notes.txt",
        ".",
        "file://elsewhere/a.wav",
        "file:///%00.wav",
        "a\0.wav",
        "~nobody-of-that-name/a.wav",
        "file://[/a.wav",
        "x" * 300 + ".wav",
        "y\n" * 200_000,
    ],
)
def test_a_text_that_names_no_sound_is_no_sound(tmp_path: Path, text: str) -> None:
    (tmp_path / "notes.txt").write_text("x")
    assert sounds_in(text, tmp_path) == ()


def test_dropped_sounds_are_found_one_after_the_other_and_each_path_is_a_step_of_undo(
    bench: Bench, tmp_path: Path
) -> None:
    one, two = wav(tmp_path / "one.wav"), wav(tmp_path / "two.wav")
    bench.queries.find(bench.sheet, one, two, tmp_path)
    assert "not a sound file" in bench.said
    bench.queries.tick(0.0)
    bench.queries.tick(0.1)
    assert bench.seeker.asked == [one]
    path = RecordedGesture(np.array([[0.0, 1.0, 1.0], [1.0, 2.0, 1.0]]), "one")
    before = bench.desk.patch
    bench.seeker.answers.append(FoundSound("one.wav", "map", "high (90%)", path))
    bench.queries.tick(0.2)
    assert bench.seeker.asked == [one, two]
    assert bench.desk.document.history.undo_label == "Find one.wav"
    assert len(bench.sheet.drawing.play) == 1
    bench.desk.undo()
    assert bench.desk.patch == before
    bench.seeker.answers.append(FoundSound("two.wav", "map", "the sound is silent; nothing found"))
    bench.queries.tick(0.3)
    assert bench.desk.patch == before
    assert "silent" in bench.desk.toasts[-1]


def test_a_name_that_no_window_can_show_is_refused_in_letters_that_it_can(bench: Bench, tmp_path: Path) -> None:
    bench.queries.find(bench.sheet, tmp_path / os.fsdecode(b"caf\xe9.wav"))
    bench.queries.tick(0.0)
    assert bench.seeker.asked == []
    assert "not UTF-8" in bench.desk.toasts[-1]
    assert bench.desk.toasts[-1].encode(), "half letters end the window"


def test_what_was_looked_for_in_another_patch_is_not_put_into_this_one(bench: Bench, tmp_path: Path) -> None:
    bench.queries.find(bench.sheet, wav(tmp_path / "one.wav"), wav(tmp_path / "two.wav"))
    bench.queries.tick(0.0)
    bench.desk.begin(map_node())
    path = RecordedGesture(np.array([[0.0, 1.0, 1.0], [1.0, 2.0, 1.0]]), "one")
    bench.seeker.answers.append(FoundSound("one.wav", "map", "high (90%)", path))
    before = bench.desk.patch
    for now in (0.1, 0.2, 0.3):
        bench.queries.tick(now)
    assert bench.desk.patch is before
    assert [one.name for one in bench.seeker.asked] == ["one.wav"]
    bench.queries.find(Sheet(bench.desk, "map"), tmp_path / "two.wav")
    bench.queries.tick(0.4)
    assert [one.name for one in bench.seeker.asked] == ["one.wav", "two.wav"]


def test_a_pasted_sound_is_found_and_copied_nodes_are_still_pasted(bench: Bench, tmp_path: Path) -> None:
    one = wav(tmp_path / "one.wav")
    bench.queries.paste(bench.sheet, one.as_uri())
    bench.queries.tick(0.0)
    assert bench.seeker.asked == [one]
    bench.queries.paste(bench.sheet, "a letter")
    assert "no sound file" in bench.said
    bench.desk.select(["terrain"])
    assert perform(bench.desk, ACTIONS["edit.copy"])
    count = len(bench.desk.patch.nodes)
    bench.queries.paste(bench.sheet, "a letter")
    assert len(bench.desk.patch.nodes) == count + 1


def test_a_sound_is_recorded_beside_the_patch_in_silence_and_then_found(bench: Bench) -> None:
    bench.hears()
    before = bench.desk.patch
    bench.queries.record(bench.sheet, 10.0)
    played = bench.heard
    assert played.nodes["out"].muted
    assert played.nodes[MICROPHONE].values["channels"] == 1
    target = Path(str(played.nodes[TAPE].values["file"]))
    assert target.parent == bench.desk.document.folder / "recordings"
    assert may_write(target, bench.desk.document.folder)
    bench.sound.readings[TAPE, "seconds"] = np.array([3.2], np.float32)
    assert "3 of 30 s" in bench.queries.words
    assert bench.desk.patch is before
    bench.queries.record(bench.sheet, 13.0)
    assert bench.sound.instead[-1] is None
    assert bench.queries.words == ""
    bench.queries.tick(13.1)
    assert bench.seeker.asked == []
    bench.queries.record(bench.sheet, 13.1)
    assert "still being finished" in bench.said
    wav(target)
    bench.queries.tick(13.2)
    assert bench.seeker.asked == [target]
    assert str(target) in " ".join(one.text for one in bench.desk.log.entries)


def test_a_recording_ends_by_itself_and_one_that_brings_nothing_is_told(bench: Bench) -> None:
    bench.hears()
    bench.queries.record(bench.sheet, 10.0)
    bench.queries.tick(10.0 + LONGEST_SECONDS - 0.1)
    assert bench.queries.words
    bench.queries.tick(10.0 + LONGEST_SECONDS)
    assert not bench.queries.words
    assert bench.sound.instead[-1] is None
    bench.queries.tick(10.0 + 3 * LONGEST_SECONDS)
    assert "nothing was recorded" in bench.said


def test_a_recording_of_a_patch_that_was_closed_meanwhile_is_kept_but_not_looked_for(bench: Bench) -> None:
    bench.hears()
    bench.queries.record(bench.sheet, 0.0)
    target = Path(str(bench.heard.nodes[TAPE].values["file"]))
    bench.desk.begin(map_node())
    bench.queries.tick(1.0)
    wav(target)
    bench.queries.tick(1.1)
    bench.queries.tick(1.2)
    assert bench.seeker.asked == []
    assert str(target) in " ".join(one.text for one in bench.desk.log.entries)


def test_a_patch_without_a_file_has_its_recordings_kept_in_the_users_folder(bench: Bench, tmp_path: Path) -> None:
    bench.desk.begin(map_node())
    bench.hears()
    bench.queries.record(Sheet(bench.desk, "map"), 0.0)
    target = Path(str(bench.heard.nodes[TAPE].values["file"]))
    assert target.is_relative_to(tmp_path / "data")
    assert may_write(target, bench.desk.document.folder)


def test_without_sound_input_or_terrain_a_sentence_says_what_to_do(bench: Bench) -> None:
    def refusal() -> str:
        bench.queries.record(bench.sheet, 0.0)
        assert not bench.queries.words
        return bench.desk.toasts[-1]

    assert "turn audio on" in refusal()
    bench.hears()
    bench.sound.numbers = {"inputs": 0, "recording": None}
    assert "choose an input device" in refusal()
    bench.sound.numbers = {"inputs": 2}
    assert "started elsewhere" in refusal()
    bench.hears()
    bench.desk.play_instead(lambda patch: patch)
    assert "a line is playing" in refusal()
    bench.desk.play_instead(None)
    bench.desk.edit(lambda patch: type(patch)({"map": patch.nodes["map"]}), "no terrain")
    assert "connect a terrain" in refusal()


def test_a_folder_that_cannot_be_made_is_told(bench: Bench) -> None:
    (bench.desk.document.folder / "recordings").write_text("a file")
    bench.hears()
    bench.queries.record(bench.sheet, 0.0)
    assert "can't record there" in bench.said
    assert not bench.desk.plays_instead


def test_the_menu_opens_the_map_and_asks_its_window(bench: Bench) -> None:
    bench.desk.settings.panels.clear()
    assert perform(bench.desk, ACTIONS["map.find_recorded"])
    assert perform(bench.desk, ACTIONS["map.find_pasted"])
    hand = bench.desk.maps.current
    assert hand is not None
    assert hand.wanted == [Wanted("record"), Wanted("paste")]
    assert bench.desk.settings.panels == ["map"]
