"""Snapshots, learning and processes beside the editor, without a window."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.messages import LearnControl
from latent_terrain.engine.missing_package import command_in
from latent_terrain.engine.processes.policy import USUAL
from latent_terrain.engine.session import Server
from latent_terrain.ui.control.mapping import ControlMapping, mapped, mappings_of
from latent_terrain.ui.editor.actions import ACTIONS, control_processes, perform
from latent_terrain.ui.editor.actions.control_processes import KINDS, ControlProcesses, follow, is_open_to_phones
from latent_terrain.ui.editor.actions.snapshots import next_slot, recall, remove, store
from latent_terrain.ui.editor.document.controllers import (
    cancel_learning,
    controller_entries,
    forget,
    learn,
    waiting_words,
)
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.panels.controls_page import changed, forgotten, modes_of
from latent_terrain.ui.editor.panels.menus import entries
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.patcher.hits import OnControl
from latent_terrain.ui.patcher.window_requests import OpenMenu

from ...engine.session.toy_player import ToyPlayer
from ...waiting import eventually

PALETTE = load_palette()


def walking() -> tuple[Desk, SilentEditorSound]:
    sound = SilentEditorSound()
    desk = Desk(PALETTE, sound, Settings())
    desk.start_from("walk")
    return desk, sound


def test_a_snapshot_is_kept_recalled_and_each_is_one_step() -> None:
    desk, sound = walking()
    assert store(desk, next_slot(desk.patch))
    desk.turn("map", "rate", 3.0, "hand")
    desk.turn("out", "level", -12.0, "hand 2")
    sound.turned.clear()
    assert recall(desk, "1", 2.0)
    assert sorted(sound.turned) == [("map", "rate", 1.0), ("out", "level", 0.0)]
    assert desk.patch.nodes["map"].values["rate"] == 1.0
    desk.undo()
    assert desk.patch.nodes["map"].values["rate"] == 3.0
    assert next_slot(desk.patch) == "2"
    assert remove(desk, "1")
    assert not recall(desk, "1")
    assert "no snapshot" in desk.toasts[-1]


def test_a_controller_is_asked_for_of_whoever_listens_and_the_patch_stays_as_it_is() -> None:
    desk, sound = walking()
    before = desk.patch
    learn(desk, "map", "rate")
    assert sound.orders == [LearnControl(node="map", param="rate")]
    assert desk.patch is before
    one = ControlMapping("midi:Launch/1/cc/21", "map", "rate", 0.0, 2.0)
    desk.edit(lambda patch: mapped(patch, one), "")
    assert [label for label, _ in controller_entries(desk, ["map"], "rate")] == [
        "MIDI/OSC Learn",
        "Remove mappings",
    ]
    assert controller_entries(desk, ["map", "out"], "rate") == []
    desk.edit(lambda patch: changed(patch, one, low=-1.0, pickup=True), "")
    assert [(found.low, found.pickup) for found in mappings_of(desk.patch)] == [(-1.0, True)]
    forget(desk, "map", "rate")
    assert mappings_of(desk.patch) == ()


def test_a_control_of_a_card_offers_what_the_inspector_does_and_says_that_it_waits() -> None:
    desk, sound = walking()
    place = next(one for one in desk.layout.nodes["map"].controls if one.name == "rate")
    labels = [one.label for one in entries(desk, OpenMenu((0.0, 0.0), OnControl(place)))]
    assert labels[-1] == "MIDI/OSC Learn"
    assert not cancel_learning(desk), "Escape means something else while nothing waits"
    assert waiting_words(desk) == ""
    entries(desk, OpenMenu((0.0, 0.0), OnControl(place)))[-1].act()
    assert waiting_words(desk) == "move a controller for map rate … Esc cancels"
    assert cancel_learning(desk)
    assert (waiting_words(desk), sound.orders[-1]) == ("", LearnControl())


def test_what_runs_beside_is_told_in_the_log_and_ends_with_the_editor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("aiohttp", reason="the pad needs aiohttp")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    desk, _ = walking()
    beside, kind = ControlProcesses(), next(one for one in KINDS if one.name == "pad")

    def logged(words: str) -> bool:
        follow(desk, beside)
        return any(words in line.text for line in desk.log.entries)

    assert beside.switch(kind)
    eventually(lambda: logged("pad: no engine is running"))
    eventually(lambda: not beside.is_on("pad"))
    assert beside.problem("pad").startswith("no engine is running")
    player = ToyPlayer()
    player.patch = desk.patch
    server = Server(player)
    try:
        assert beside.switch(kind)
        eventually(lambda: logged("pad: browser pad is on, playing map"))
        assert list(beside.addresses) == ["pad"]
        assert beside.addresses["pad"].startswith("http://127.0.0.1:")
        assert beside.is_on("pad")
        assert not beside.switch(kind)
        assert (beside.is_on("pad"), beside.addresses) == (False, {})
        beside.switch(kind)
        beside.close()
        assert not beside.is_on("pad")
    finally:
        server.close()


class ToyCommand:
    """A command that says what it is told to say, and ends when it is told to."""

    made: ClassVar[list["ToyCommand"]] = []

    def __init__(self, name: str, words: object, tell: Callable[[str], None], changes: object) -> None:
        self.tell, self.address, self.starts = tell, "", 0
        self.start()
        self.made.append(self)

    def start(self) -> None:
        self.is_kept, self.has_begun, self.starts = True, False, self.starts + 1

    def end(self, why: str) -> None:
        self.tell(why)
        self.is_kept = False

    def close(self) -> None:
        self.is_kept = False


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> list[ToyCommand]:
    monkeypatch.setattr(control_processes, "ChildCommand", ToyCommand)
    ToyCommand.made.clear()
    return ToyCommand.made


def test_what_does_not_begin_says_why_beside_its_box_until_it_is_tried_again(toys: list[ToyCommand]) -> None:
    processes, kind = ControlProcesses(), KINDS[1]
    assert processes.switch(kind)
    assert processes.problem("midi") == ""
    toys[0].end("MIDI needs supriya_midi, which is not installed; run: python -m pip install supriya-midi")
    processes.look(0.0)
    assert not processes.is_on("midi")
    assert command_in(processes.problem("midi")) == "python -m pip install supriya-midi"
    assert processes.switch(kind), "Retry"
    assert (processes.is_on("midi"), processes.problem("midi")) == (True, "")
    assert not processes.switch(kind)
    assert processes.problem("midi") == "", "who switches it off knows why it is off"


def test_what_ends_after_it_has_worked_is_started_again_a_few_times_a_minute(toys: list[ToyCommand]) -> None:
    processes, kind, now = ControlProcesses(), KINDS[0], 0.0
    processes.switch(kind)
    for _ in USUAL.pauses:
        toys[0].has_begun = True
        toys[0].end("the engine stopped")
        processes.look(now)
        assert processes.is_on("osc")
        assert processes.problem("osc") == ""
        now += max(USUAL.pauses)
        processes.look(now)
        assert toys[0].is_kept
    toys[0].has_begun = True
    toys[0].end("the engine stopped")
    processes.look(now)
    assert (processes.is_on("osc"), processes.problem("osc")) == (False, "the engine stopped")
    assert toys[0].starts == 1 + len(USUAL.pauses)


def test_an_address_that_means_this_computer_is_none_for_phones() -> None:
    assert not is_open_to_phones("http://127.0.0.1:8710/?token=a")
    assert is_open_to_phones("http://192.168.1.20:8710/?token=a")
    assert not is_open_to_phones("")


def test_every_kind_is_a_command_there_is() -> None:
    from latent_terrain.ui.cli import _COMMANDS

    assert {one.words[0] for one in KINDS} <= set(_COMMANDS)


def test_snapshots_are_recalled_by_keys() -> None:
    desk, _ = walking()
    perform(desk, ACTIONS["control.store"])
    desk.turn("map", "rate", 3.0, "hand")
    perform(desk, ACTIONS["control.recall_1"])
    assert desk.patch.nodes["map"].values["rate"] == 1.0
    perform(desk, ACTIONS["control.recall_9"])
    assert "no snapshot" in desk.toasts[-1]


def test_a_snapshot_is_learned_listed_changed_and_forgotten_each_one_step() -> None:
    desk, sound = walking()
    store(desk, "1")
    learn(desk, "", "1", seconds=2.0)
    learn(desk, "", "", by_number=True)
    assert sound.orders == [LearnControl(param="1", seconds=2.0), LearnControl(by_number=True)]
    assert "snapshots by their numbers" in desk.log.entries[-1].text
    key = ControlMapping("midi:Keys/1/note/60", "", "1", 0.0, 1.0, mode="momentary", seconds=2.0)
    programs = ControlMapping("midi:Keys/1/program", "", "", 0.0, 1.0, mode="follow")
    fader = ControlMapping("midi:Keys/1/note/60", "map", "pad", 0.0, 9.0)
    for one in (key, programs, fader):
        desk.edit(lambda patch, one=one: mapped(patch, one), "")  # type: ignore[misc]
    assert [one.target for one in mappings_of(desk.patch)] == ["snapshot 1", "snapshot of its number", "map.pad"]
    assert ("follow" in modes_of(programs), "follow" in modes_of(fader)) == (True, False)
    desk.edit(lambda patch: changed(patch, key, seconds=0.5), "")
    assert sorted(one.seconds for one in mappings_of(desk.patch)) == [0.0, 0.0, 0.5]
    assert forgotten(desk, key)
    assert {one.target for one in mappings_of(desk.patch)} == {"snapshot of its number", "map.pad"}
    desk.undo()
    assert len(mappings_of(desk.patch)) == 3


def test_params_of_steps_can_follow_program_numbers() -> None:
    desk, sound = walking()
    entries = dict(controller_entries(desk, ["map"], "pad"))
    entries["Recall by program change"]()
    assert sound.orders == [LearnControl(node="map", param="pad", by_number=True)]
    assert "Recall by program change" not in dict(controller_entries(desk, ["map"], "rate"))
