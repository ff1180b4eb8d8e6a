"""The desk: edits, choices, files and learning, as every gesture and panel uses them."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine.typed import number, read_value
from latent_terrain.graphs import (
    History,
    Patch,
    PatchFileError,
    add_node,
    load_file,
    rename_node,
    save,
    set_content,
    set_value,
)
from latent_terrain.graphs.files import autosave
from latent_terrain.graphs.remembered import take_said
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.editor.actions import ACTIONS, MENUS, perform
from latent_terrain.ui.editor.actions.clipboard import paste_text
from latent_terrain.ui.editor.actions.keymap import Keymap, is_of_map, normal
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.settings import Settings, load_settings
from latent_terrain.ui.editor.panels.node_search import find
from latent_terrain.ui.editor.sound.interface import Happening, JobResult
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.editor.sound.training import to_learn
from latent_terrain.ui.patcher.ports import PortPlace
from latent_terrain.ui.patcher.window_requests import ChooseFile, Confirm, Quit, TypeText

from ...patcher.benches import PALETTE, chain, desk_of


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def desk() -> Desk:
    return desk_of(chain())


def do(desk: Desk, name: str) -> bool:
    return perform(desk, ACTIONS[name])


def sound(desk: Desk) -> SilentEditorSound:
    assert isinstance(desk.sound, SilentEditorSound)
    return desk.sound


def test_every_edit_is_heard_and_undone(desk: Desk) -> None:
    before = desk.patch
    desk.select(["gain"])
    assert do(desk, "edit.delete")
    assert sound(desk).played[-1] is desk.patch
    assert "gain" not in desk.patch.nodes
    assert not desk.selection
    do(desk, "edit.undo")
    assert desk.patch == before
    assert sound(desk).played[-1] == before


def test_an_edit_that_cannot_be_made_is_a_sentence_in_the_log(desk: Desk) -> None:
    assert not desk.edit(lambda patch: rename_node(patch, "gain", "tone"), "rename")
    assert desk.log.entries[-1].severity == "warning"
    assert "tone" in desk.log.entries[-1].text


def test_what_is_turned_under_the_hand_is_one_step(desk: Desk) -> None:
    for value in (1.0, 2.0, 3.0):
        desk.turn("gain", "level", value, "one")
    desk.end_gesture()
    desk.turn("gain", "level", 4.0, "two")
    assert sound(desk).turned[-1] == ("gain", "level", 4.0)
    desk.undo()
    assert desk.patch.nodes["gain"].values["level"] == 3.0
    desk.undo()
    assert "level" not in desk.patch.nodes["gain"].values


def test_deleting_can_let_the_flow_go_on(desk: Desk) -> None:
    desk.select(["gain"])
    do(desk, "edit.delete_join")
    assert [(cord.source, cord.target) for cord in desk.patch.cords] == [("tone.out", "out.audio")]


def test_nodes_are_copied_as_text_between_windows(desk: Desk) -> None:
    desk.select(["tone", "gain"])
    do(desk, "edit.copy")
    other = desk_of(Patch())
    assert paste_text(other, f"\n{desk.clipboard_text}   \n", (100, 50))
    assert {node.type for node in other.patch.nodes.values()} == {"sine", "gain"}
    assert len(other.patch.cords) == 1
    assert min(node.position[0] for node in other.patch.nodes.values()) == 100
    for foreign in ("hello", "", desk.clipboard_text[:-30], desk.clipboard_text.replace("A", "!")):
        before = other.patch
        assert not paste_text(other, foreign)
        assert other.patch is before


def test_duplicates_keep_inputs_when_asked(desk: Desk) -> None:
    desk.select(["gain"])
    do(desk, "edit.duplicate")
    (copy,) = desk.selection
    assert not any(copy in (cord.source_node, cord.target_node) for cord in desk.patch.cords)
    desk.select(["gain"])
    do(desk, "edit.duplicate_fed")
    (fed,) = desk.selection
    assert any((cord.source, cord.target) == ("tone.out", f"{fed}.audio") for cord in desk.patch.cords)


@pytest.mark.parametrize("name", [name for name in ACTIONS if name != "file.quit"])
def test_every_action_can_be_done_on_an_empty_and_on_a_full_patch(name: str) -> None:
    for desk in (desk_of(Patch()), desk_of(chain())):
        for chosen in ((), ("gain",), ("tone", "gain", "out")):
            desk.select([one for one in chosen if one in desk.patch.nodes])
            do(desk, name)
        desk.tick(0.0)


def test_every_action_stands_in_a_menu_and_no_two_have_one_key() -> None:
    assert {one.top for one in ACTIONS.values()} <= set(MENUS)
    for on_map in (False, True):
        keys = [normal(key) for one in ACTIONS.values() if is_of_map(one.name) == on_map for key in one.keys]
        assert len(keys) == len(set(keys))


def test_locked_what_changes_the_patch_is_refused_with_a_sentence(desk: Desk) -> None:
    do(desk, "view.lock")
    desk.select(["gain"])
    before = desk.patch
    for name, action in ACTIONS.items():
        if action.is_structural:
            assert not do(desk, name)
    assert desk.patch is before
    assert "performance lock" in desk.log.entries[-1].text


def test_unsaved_work_is_asked_about_before_it_is_closed(desk: Desk, tmp_path: Path) -> None:
    desk.edit(lambda patch: set_value(patch, "gain", "level", 2.0), "louder")
    do(desk, "file.quit")
    ask = desk.asks.popleft()
    assert isinstance(ask, Confirm)
    labels = dict(ask.choices)
    labels["Cancel"]()
    assert not desk.asks
    labels["Save"]()
    choose = desk.asks.popleft()
    assert isinstance(choose, ChooseFile)
    choose.then(tmp_path / "mine.ltp")
    assert isinstance(desk.asks.popleft(), Quit)
    assert load_file(tmp_path / "mine.ltp").nodes["gain"].values["level"] == 2.0


@pytest.mark.parametrize("bytes_", [b"", b"junk", b"\x81" * 5000, b'{"nodes": {}}'])
def test_a_file_that_is_no_patch_opens_nothing_and_says_why(desk: Desk, tmp_path: Path, bytes_: bytes) -> None:
    bad = tmp_path / "bad.ltp"
    bad.write_bytes(bytes_)
    before = desk.patch
    assert not desk.open(bad)
    assert desk.patch is before
    assert desk.log.entries[-1].severity == "error"
    assert not desk.open(tmp_path / "nowhere.ltp")


def test_saving_keeps_the_view_and_opening_brings_it_back(desk: Desk, tmp_path: Path) -> None:
    desk.view = type(desk.view)((120.0, -40.0), 0.8)
    steps = desk.document.history.labels
    desk.edit(lambda patch: set_value(patch, "gain", "level", 2.0), "louder")
    do(desk, "file.save_as")
    choose = desk.asks.popleft()
    assert isinstance(choose, ChooseFile)
    choose.then(tmp_path / "seen.ltp")
    assert len(desk.document.history.labels) == len(steps) + 1, "looking is no step"
    assert not desk.document.history.is_modified
    other = desk_of(Patch())
    assert other.open(tmp_path / "seen.ltp")
    assert (other.view.corner, other.view.scale) == ((120.0, -40.0), 0.8)
    assert other.document.title == "seen"


def test_work_is_kept_aside_and_found_again_after_a_crash(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "mine.ltp"
    save(desk.patch, path)
    assert desk.open(path)
    desk.edit(lambda patch: set_value(patch, "gain", "level", 2.0), "louder")
    assert desk.document.keep_copy(1000.0) is not None
    assert desk.document.keep_copy(1000.1) is None, "nothing new"
    crashed = desk_of(Patch())
    assert crashed.open(path)
    assert "Recover" in crashed.log.entries[-1].text
    do(crashed, "file.recover")
    assert crashed.patch.nodes["gain"].values["level"] == 2.0
    assert crashed.document.history.is_modified
    autosave(crashed.patch, path)
    desk.document.save()
    assert desk.document.recovered() is None, "saving needs no copy any more"


def test_a_window_that_is_torn_away_loses_nothing(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "mine.ltp"
    save(desk.patch, path)
    assert desk.open(path)
    desk.edit(lambda patch: set_value(patch, "gain", "level", 2.0), "louder")
    desk.close()
    again = desk_of(Patch())
    assert again.open(path)
    copy = again.document.recovered()
    assert copy is not None
    assert load_file(copy).nodes["gain"].values["level"] == 2.0


def test_what_one_does_not_want_to_save_is_let_go(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "mine.ltp"
    save(desk.patch, path)
    assert desk.open(path)
    desk.edit(lambda patch: set_value(patch, "gain", "level", 2.0), "louder")
    desk.document.keep_copy(1e9)
    do(desk, "file.quit")
    ask = desk.asks.popleft()
    assert isinstance(ask, Confirm)
    dict(ask.choices)["Don't save"]()
    desk.close()
    again = desk_of(Patch())
    assert again.open(path)
    assert again.document.recovered() is None


def test_an_unknown_type_keeps_its_data_through_the_editor(desk: Desk, tmp_path: Path) -> None:
    from dataclasses import replace

    from latent_terrain.graphs import Node

    odd = Node("from the future", {"deep": [1, {"a": 2}]}, {"x/1": np.arange(4)}, (10, 20))
    patch = replace(desk.patch, nodes={**desk.patch.nodes, "odd": odd})
    save(patch, tmp_path / "odd.ltp")
    assert desk.open(tmp_path / "odd.ltp")
    desk.select(["odd"])
    for name in ("edit.duplicate", "edit.mute", "edit.copy"):
        do(desk, name)
    desk.layout  # noqa: B018
    desk.document.save()
    assert load_file(tmp_path / "odd.ltp").nodes["odd"].values == odd.values


def test_what_was_learned_enters_the_patch_as_one_step(desk: Desk) -> None:
    desk.add("terrain", (0, 300))
    steps = len(desk.document.history.labels)
    for number_ in range(3):
        content = {"learn/x": np.full(3, number_)}
        sound(desk).given.append(JobResult("terrain-1", content, number_ == 2, training=7))
        desk.tick(float(number_))
    assert len(desk.document.history.labels) == steps + 1
    assert desk.document.history.undo_label == "terrain-1 trained"
    assert desk.patch.nodes["terrain-1"].content["learn/x"][0] == 2
    desk.undo()
    assert not desk.patch.nodes["terrain-1"].content


def test_what_a_stroke_asked_for_is_undone_with_it(desk: Desk) -> None:
    desk.add("terrain", (0, 300))
    desk.edit(lambda patch: set_value(patch, "terrain-1", "steps", 30), "stroke")
    desk._learn()
    desk.edit(lambda patch: add_node(patch, "gain", "meanwhile"), "another")
    sound(desk).given.append(JobResult("terrain-1", {"learn/x": np.ones(3)}, True, training=1))
    desk.tick(0.0)
    assert desk.document.history.undo_label == "another"
    assert sound(desk).played[-1].nodes["terrain-1"].content
    desk.undo()
    assert desk.patch.nodes["terrain-1"].content
    desk.undo()
    assert not desk.patch.nodes["terrain-1"].content
    desk.redo()
    assert desk.patch.nodes["terrain-1"].content, "what was learned comes back with the stroke"


def test_what_was_learned_of_one_document_does_not_come_into_the_next(desk: Desk) -> None:
    with_land = add_node(desk.patch, "terrain", "land")
    desk.begin(with_land)
    desk._learn()
    desk.begin(set_value(with_land, "land", "steps", 30))
    sound(desk).given.append(JobResult("land", {"learn/x": np.ones(3)}, True, training=1))
    desk.begin(set_value(with_land, "land", "steps", 40))
    desk.tick(0.0)
    assert not desk.patch.nodes["land"].content


def test_steps_of_a_history_that_is_another_are_not_taken_for_those_that_asked(desk: Desk) -> None:
    desk.add("terrain", (0, 300))
    desk._learn()
    desk.document.history = History(desk.patch)
    desk.edit(lambda patch: set_value(patch, "terrain-1", "steps", 30), "another step of this number")
    sound(desk).given.append(JobResult("terrain-1", {"learn/x": np.ones(3)}, True, training=1))
    desk.tick(0.0)
    assert desk.document.history.undo_label == "terrain-1 trained"


def test_happenings_are_told_once_and_counted(desk: Desk) -> None:
    for _ in range(3):
        sound(desk).happened.append(Happening("the device is gone", severity="warning", node="out"))
    desk.tick(0.0)
    assert (desk.log.entries[-1].text, desk.log.entries[-1].count) == ("the device is gone", 3)


def test_only_what_is_learned_from_makes_it_learn_again() -> None:
    patch = load_file(STARTERS["walk"].file)
    mark = to_learn(patch, PALETTE)
    assert to_learn(set_value(patch, "map", "rate", 0.5), PALETTE) == mark, "a param is no lesson"
    assert to_learn(set_value(patch, "terrain", "gauss", 0.2), PALETTE) != mark
    assert to_learn(set_content(patch, "map", {"lines/0000": np.zeros((2, 2))}, replace=False), PALETTE) != mark
    learned = {"learn/fc_out.bias": np.zeros(8, np.float32)}
    assert to_learn(set_content(patch, "terrain", learned, replace=False), PALETTE) == mark
    assert to_learn(chain(), PALETTE) is None


def test_the_search_knows_names_of_other_programs_and_what_fits() -> None:
    assert find(PALETTE, "dac~")[0].type == "audio_out"
    assert find(PALETTE, "nn~")[0].type == "decoder"
    assert find(PALETTE, "vca")[0].type == "gain"
    assert find(PALETTE, "gain")[0].type == "gain"
    assert find(PALETTE, "audio ou")[0].type == "audio_out"
    assert find(PALETTE, "zzzz") == []
    assert find(PALETTE, "", recent=["pan"])[0].type == "pan"
    latent = PortPlace("terrain", "out", "latent", False, False, (0, 0))
    fitting = find(PALETTE, "", latent)
    assert "decoder" in [one.type for one in fitting]
    assert "metro" not in [one.type for one in fitting]
    assert next(one.port for one in fitting if one.type == "decoder") == "latents"


def test_keys_can_be_changed_and_are_remembered(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "settings.json")
    keymap = Keymap({name: one.keys for name, one in ACTIONS.items()}, settings)
    assert keymap.action_for("ctrl+shift+z") == keymap.action_for("Ctrl+Y") == "edit.redo"
    assert keymap.bind("edit.mute", "Ctrl+D") == "edit.duplicate"
    again = Keymap({name: one.keys for name, one in ACTIONS.items()}, load_settings(tmp_path / "settings.json"))
    assert again.action_for("Ctrl+D") == "edit.mute"
    again.reset("edit.mute")
    assert again.action_for("M") == "edit.mute"


def test_broken_settings_are_put_aside_and_said(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text("{broken")
    settings = load_settings(file)
    assert settings.theme == "dark"
    assert "kept as" in "".join(take_said())
    assert (tmp_path / "settings.json.damaged-1").read_text() == "{broken"
    file.write_text('{"theme": 5, "ui_scale": 99, "from": "the future", "block": true}')
    odd = load_settings(file)
    assert (odd.theme, odd.ui_scale, odd.block) == ("dark", 4.0, 256)
    odd.save()
    assert '"from": "the future"' in file.read_text()


@pytest.mark.parametrize(
    ("text", "value"),
    [("2*pi", 6.2832), ("-3", -3.0), ("440 Hz", 440.0), ("1e3", 1000.0), ("(1+2)/4", 0.75), ("5%", 5.0)],
)
def test_numbers_are_typed_with_units_and_little_sums(text: str, value: float) -> None:
    assert number(text) == pytest.approx(value, abs=1e-3)


@pytest.mark.parametrize(
    "text", ["", "two", "__import__('os')", "9**9**9**9", "1/0", "[1]", "1e400", "a" * 3000, "(" * 3000]
)
def test_what_is_no_number_is_refused_and_never_run(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        number(text)


def test_typed_values_fit_what_they_are_for() -> None:
    level, voices = PALETTE["gain"].params["level"], PALETTE["gui"].settings["layout"]
    assert read_value("3", level, None) == 3.0
    with pytest.raises(ValueError, match="out of range"):
        read_value("900", level, None)
    with pytest.raises(ValueError, match="choose one of"):
        read_value("sideways", None, voices)
    assert read_value("a.wav, b.wav", None, PALETTE["encode"].settings["sounds"]) == ["a.wav", "b.wav"]
    assert read_value("-8, -8, 8, 8", None, PALETTE["terrain"].settings["box"]) == [-8.0, -8.0, 8.0, 8.0]


def test_settings_without_a_place_are_simply_not_kept() -> None:
    Settings(path=None).save()
    Settings(path=Path("/proc/nowhere/settings.json")).save()


def test_renaming_follows_into_the_choice(desk: Desk) -> None:
    desk.select(["gain"])
    do(desk, "edit.rename")
    ask = desk.asks.popleft()
    assert isinstance(ask, TypeText)
    ask.then("volume")
    assert desk.selection == {"volume"}
    with pytest.raises(PatchFileError):
        desk.document.save()


def test_beside_a_folder_that_takes_no_file_the_copy_goes_into_the_users_folder(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.ltp"
    save(desk.patch, path)
    assert desk.open(path)
    real = os.open
    refusals = []

    def refusing(name: Any, flags: int, *more: Any, **named: Any) -> int:
        if Path(name).parent == tmp_path and flags & os.O_CREAT:
            refusals.append(name)
            raise PermissionError(13, "Permission denied")
        return real(name, flags, *more, **named)

    with monkeypatch.context() as patching:
        patching.setattr(os, "open", refusing)
        for number, level in enumerate((2.0, 3.0)):
            desk.edit(lambda patch, level=level: set_value(patch, "gain", "level", level), "louder")  # type: ignore[misc]
            desk.tick(1e6 * (number + 1))
    assert refusals
    told = [entry.text for entry in desk.log.entries if "mine is autosaved" in entry.text]
    assert len(told) == 1, "said once"
    assert "permission denied" in told[0]
    again = desk_of(Patch())
    assert again.open(path)
    copy = again.document.recovered()
    assert copy is not None
    assert copy.parent != tmp_path
    assert load_file(copy).nodes["gain"].values["level"] == 3.0
    desk.document.save()
    assert again.document.recovered() is None, "saving needs no copy any more"


def test_where_no_copy_can_be_kept_at_all_that_is_said_once(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.ltp"
    save(desk.patch, path)
    assert desk.open(path)

    def refusing(*_: Any, **__: Any) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patching:
        patching.setattr(os, "open", refusing)
        for number, level in enumerate((2.0, 3.0)):
            desk.edit(lambda patch, level=level: set_value(patch, "gain", "level", level), "louder")  # type: ignore[misc]
            desk.tick(1e6 * (number + 1))
    [told] = [entry for entry in desk.log.entries if "mine can't be autosaved" in entry.text]
    assert told.severity == "warning"
    assert "no space left on device" in told.text


def test_what_is_being_recorded_is_in_what_is_saved_and_counts_as_unsaved(desk: Desk, tmp_path: Path) -> None:
    assert desk.edit(lambda patch: add_node(patch, "record", name="take"), "add")
    desk.document.save(tmp_path / "kept.ltp")
    sound(desk).playing = {"take": {"takes/0001": np.ones((3, 2), np.float32)}}

    do(desk, "file.new")
    asked = [one for one in desk.asks if isinstance(one, Confirm)]
    assert asked, "the take is not saved yet"
    asked[-1].choices[0][1]()
    assert load_file(tmp_path / "kept.ltp").nodes["take"].content["takes/0001"].shape == (3, 2)
