"""Commands from outside, one after the other: undo, snapshots, files inside the folder only, learning."""

import threading
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.messages.children import Brought
from latent_terrain.engine.session import EngineGone
from latent_terrain.engine.session.local import LocalSession
from latent_terrain.engine.sources.midi.controls import Controls
from latent_terrain.graphs import Patch, add_node, load_file, save, set_content, set_value
from latent_terrain.ui.control.dispatcher import ControlError, Dispatcher
from latent_terrain.ui.control.mapping import ControlMapping, mapped, mappings_of

from .toy_playing import Held

PALETTE = load_palette()


def test_undo_takes_back_what_anybody_did_and_a_turn_of_the_hand_is_one_step(
    held: Held, dispatcher: Dispatcher
) -> None:
    held.edit(lambda patch: add_node(patch, "sine", name="new"))
    dispatcher.observe()
    for rate in (1.0, 2.0, 3.0):
        held.turn("map", "rate", rate)
        dispatcher.observe()
    dispatcher.do("/undo", [])
    assert held.patch.nodes["map"].values["rate"] == 1.0
    assert "new" in held.patch.nodes
    dispatcher.do("/undo", [])
    assert "new" not in held.patch.nodes
    dispatcher.do("/redo", [])
    dispatcher.do("/redo", [])
    assert held.patch.nodes["map"].values["rate"] == 3.0
    with pytest.raises(ControlError, match="nothing to redo"):
        dispatcher.do("/redo", [])


def test_an_undo_takes_back_its_step_and_nothing_that_another_does_at_that_moment(
    held: Held, dispatcher: Dispatcher
) -> None:
    held.turn("map", "rate", 2.0)
    dispatcher.observe("script")
    now = held.edit

    def meanwhile(change: Any) -> Patch:
        held.edit = now  # type: ignore[method-assign]
        held.turn("map", "lag", 0.5)
        return now(change)

    held.edit = meanwhile  # type: ignore[method-assign]
    dispatcher.do("/undo", [])
    assert held.patch.nodes["map"].values["rate"] == 1.0
    assert held.patch.nodes["map"].values["lag"] == 0.5


def test_a_snapshot_is_recalled_by_gliding_and_can_be_undone(held: Held, dispatcher: Dispatcher) -> None:
    dispatcher.do("/snapshot/store", [1])
    held.turn("map", "rate", 4.0)
    held.turn("out", "level", -30.0)
    held.turns.clear()
    dispatcher.do("/snapshot/recall", [1, 2.5])
    assert sorted(held.turns) == [("map", "rate", 1.0, 2.5), ("out", "level", 0.0, 2.5)]
    dispatcher.do("/undo", [])
    assert held.patch.nodes["out"].values["level"] == -30.0


def test_lands_come_back_with_their_snapshot(held: Held, dispatcher: Dispatcher) -> None:
    dispatcher.do("/snapshot/store", ["a"])
    before = held.patch.nodes["terrain"].content
    changed = {**before, "learn/fc_out.bias": before["learn/fc_out.bias"] + 1}
    held.edit(lambda patch: set_content(patch, "terrain", changed))
    dispatcher.do("/snapshot/recall", ["a"])
    np.testing.assert_array_equal(held.patch.nodes["terrain"].content["learn/fc_out.bias"], before["learn/fc_out.bias"])
    dispatcher.do("/snapshot/remove", ["a"])
    with pytest.raises(ControlError, match="no snapshot 'a'"):
        dispatcher.do("/snapshot/recall", ["a"])


@pytest.mark.parametrize("name", ["../out", "/etc/passwd", "a/../../b", "", "x\0y", "~/x", "z" * 300])
def test_files_outside_the_folder_are_out_of_reach(dispatcher: Dispatcher, tmp_path: Path, name: str) -> None:
    (tmp_path.parent / "out.ltp").unlink(missing_ok=True)
    for command in ("/patch/load", "/patch/save"):
        if name == "~/x" and command == "/patch/save":
            continue
        with pytest.raises(ControlError):
            dispatcher.do(command, [name])
    assert not (tmp_path.parent / "out.ltp").exists()


def test_a_patch_is_saved_and_loaded_and_loading_can_be_undone(
    held: Held, dispatcher: Dispatcher, tmp_path: Path
) -> None:
    assert dispatcher.do("/patch/save", []) == ("/done", ["own.ltp"])
    save(add_node(Patch(), "sine", name="alone"), tmp_path / "other.ltp")
    dispatcher.do("/patch/load", ["other"])
    assert list(held.patch.nodes) == ["alone"]
    dispatcher.do("/undo", [])
    assert "terrain" in held.patch.nodes
    (tmp_path / "broken.ltp").write_bytes(b"nonsense")
    with pytest.raises(ControlError, match="broken"):
        dispatcher.do("/patch/load", ["broken"])


def test_transport_turns_all_that_plays(held: Held, dispatcher: Dispatcher) -> None:
    dispatcher.do("/transport/stop", [])
    assert held.patch.nodes["map"].values["playing"] is False
    dispatcher.do("/transport/tempo", [90])
    assert held.patch.nodes["map"].values["tempo"] == 90.0
    with pytest.raises(ControlError, match="10 to 400"):
        dispatcher.do("/transport/tempo", ["fast"])


def test_values_are_told(dispatcher: Dispatcher) -> None:
    assert dispatcher.do("/get", ["/node/map/rate"]) == ("/node/map/rate", [1.0])
    assert dispatcher.do("/get", ["/node/map/tempo"]) == ("/node/map/tempo", [120.0])
    assert dispatcher.do("/sync", [7]) == ("/synced", [7])
    for odd in ([], ["/node/map"], ["/node/gone/x"], [3]):
        with pytest.raises(ControlError, match="address of a param"):
            dispatcher.do("/get", odd)


def test_what_is_asked_is_done_in_order_and_answered(dispatcher: Dispatcher) -> None:
    answers: SimpleQueue[tuple[str, list[Any]]] = SimpleQueue()

    def answer(address: str, values: list[Any]) -> None:
        answers.put((address, values))

    for command, arguments in (("/undo", []), ("/snapshot/store", ["x"]), ("/dance", []), ("/sync", [1])):
        dispatcher.ask(command, arguments, answer)
    found = [answers.get(timeout=20) for _ in range(4)]
    assert [one[0] for one in found] == ["/fail", "/done", "/fail", "/synced"]
    assert "nothing to undo" in found[0][1][0]


def test_a_controller_that_moves_after_learn_turns_that_param(held: Held, dispatcher: Dispatcher) -> None:
    dispatcher.do("/learn", ["map", "rate"])
    dispatcher.control("midi:Launch/1/cc/21", [0.0])
    assert mappings_of(held.patch)[0].node == "map"
    dispatcher.control("midi:Launch/1/cc/21", [1.0])
    high = PALETTE.specs["gui"].params["rate"].span[1]
    assert held.patch.nodes["map"].values["rate"] == high
    dispatcher.control("midi:Launch/1/cc/22", [0.0])
    assert held.patch.nodes["map"].values["rate"] == high
    with pytest.raises(ControlError, match="no such param"):
        dispatcher.do("/learn", ["map", "wings"])


def test_a_learned_osc_address_is_listened_to(held: Held, dispatcher: Dispatcher) -> None:
    dispatcher.do("/learn", ["out", "level"])
    dispatcher.control("osc:/fader/1", [0.0])
    assert dispatcher.addresses() == {"/fader/1"}
    dispatcher.control("osc:/fader/1", [1.0])
    assert held.patch.nodes["out"].values["level"] == PALETTE.specs["audio_out"].params["level"].high


def test_an_osc_pair_turns_two_params_each_over_its_own_range(held: Held, dispatcher: Dispatcher) -> None:
    for number, param in ((1, "hand_x"), (2, "hand_y")):
        one = ControlMapping(f"osc:/xy#{number}", "map", param, -2.0, 2.0, given=(0.0, 100.0))
        held.edit(lambda patch, one=one: mapped(patch, one))  # type: ignore[misc]
    dispatcher.control("osc:/xy", [75.0, 0.0])
    values = held.patch.nodes["map"].values
    assert (values["hand_x"], values["hand_y"]) == (1.0, -2.0)


def test_nodes_hear_their_controllers(held: Held, dispatcher: Dispatcher) -> None:
    patch = add_node(held.patch, "osc_in", name="eeg", values={"address": "/eeg", "size": 2})
    patch = add_node(patch, "midi_in", name="wheel", values={"listen": "bend", "device": "keys"})
    patch = add_node(patch, "keyboard", name="keys", values={"channel": 2})
    held.edit(lambda _: patch)
    assert (dispatcher.addresses(), dispatcher.vectors()) == (set(), {"/eeg"})
    dispatcher.keep(Brought("/eeg", 3, [0.5, -3.0, 9.0]))
    dispatcher.control("midi:My Keys/2/bend/0", [0.75])
    dispatcher.control("midi:My Keys/2/note/64", [0.5, 64.0, 0.5])
    dispatcher.control("midi:My Keys/3/note/70", [0.5, 70.0, 0.5])
    values = {name: dict(held.patch.nodes[name].values) for name in ("eeg", "wheel", "keys")}
    assert (values["eeg"]["a"], values["eeg"]["b"]) == (0.5, -3.0)
    assert "c" not in values["eeg"]
    assert values["wheel"]["value"] == 0.75
    assert (values["keys"]["note"], values["keys"]["gate"], values["keys"]["bend"]) == (64.0, 1.0, 0.5)
    dispatcher.control("midi:My Keys/2/note/64", [0.0, -1.0, 0.0])
    assert held.patch.nodes["keys"].values["gate"] == 0.0


def test_saved_mappings_and_snapshots_are_in_the_file(held: Held, dispatcher: Dispatcher, tmp_path: Path) -> None:
    dispatcher.do("/learn", ["map", "rate"])
    dispatcher.control("midi:Launch/1/cc/21", [0.5])
    dispatcher.do("/snapshot/store", [1])
    dispatcher.do("/patch/save", ["kept"])
    again = load_file(tmp_path / "kept.ltp")
    assert mappings_of(again) == mappings_of(held.patch)
    held.edit(lambda _: set_value(again, "map", "rate", 7.0))
    dispatcher.do("/snapshot/recall", [1])
    assert held.patch.nodes["map"].values["rate"] == 1.0


def test_sync_is_answered_once_what_was_edited_plays_and_knobs_turn_meanwhile(
    held: Held, dispatcher: Dispatcher
) -> None:
    plays, answers = threading.Event(), []
    held.wait = lambda seconds=30.0: plays.wait(20)  # type: ignore[method-assign]
    dispatcher.ask("/sync", [7], lambda address, values: answers.append((address, values)))
    dispatcher.do("/learn", ["map", "rate"])
    dispatcher.control("osc:/fader", [0.5])
    assert not answers
    plays.set()
    dispatcher.close()
    assert answers == [("/synced", [7])]


def test_what_was_recorded_is_in_what_is_saved(held: Held, dispatcher: Dispatcher, tmp_path: Path) -> None:
    take = {"takes/0001": np.ones((3, 2), np.float32)}
    held.recorded = lambda patch: add_node(patch, "record", name="take", content=take)
    assert dispatcher.do("/patch/save", ["kept"]) == ("/done", ["kept.ltp"])
    np.testing.assert_array_equal(load_file(tmp_path / "kept.ltp").nodes["take"].content["takes/0001"], np.ones((3, 2)))
    assert not dispatcher.history.is_modified


def test_where_takes_cannot_be_fetched_all_else_is_saved_and_it_is_told(
    held: Held, dispatcher: Dispatcher, tmp_path: Path
) -> None:
    def gone(patch: Patch) -> Patch:
        raise EngineGone("the engine has ended")

    held.recorded = gone
    with pytest.raises(ControlError, match="without the latest recordings: the engine has ended"):
        dispatcher.do("/patch/save", ["kept"])
    assert load_file(tmp_path / "kept.ltp") == held.patch


def test_a_message_of_more_numbers_than_are_taken_is_told_once_with_what_to_do(
    held: Held, dispatcher: Dispatcher
) -> None:
    said: list[str] = []
    dispatcher.tell = said.append
    values = {"address": "/eeg", "size": 2}
    held.edit(lambda patch: add_node(patch, "osc_in", name="eeg", values=values))  # type: ignore[arg-type]
    for _ in range(3):
        dispatcher.keep(Brought("/eeg", 3, [0.1, 0.2, 0.3]))
    dispatcher.control("osc:/other", [0.1, 0.2, 0.3])
    assert said == ["eeg: /eeg brings 3 numbers, 2 are taken; set its size to 3"]


def test_a_sensor_of_many_channels_turns_no_params_and_leaves_no_steps_to_undo(
    held: Held, dispatcher: Dispatcher
) -> None:
    said: list[str] = []
    dispatcher.tell = said.append
    values = {"address": "/eeg", "size": 16}
    held.edit(lambda patch: add_node(patch, "osc_in", name="eeg", values=values))  # type: ignore[arg-type]
    before = held.patch
    for number in range(100):
        dispatcher.keep(Brought("/eeg", 10_000, [0.001 * number] * 128))
    assert held.patch is before
    assert said == ["eeg: /eeg brings 10000 numbers, 16 are taken; set its size to 128"]


def played(dispatcher: Dispatcher, *messages: bytes, device: str = "Keys") -> None:
    """Raw MIDI from a device."""
    controls = Controls()
    for number, message in enumerate(messages):
        for name, numbers in controls.take(message, 0.01 * number):
            dispatcher.control(f"midi:{device}/{name}", numbers)


def two_scenes(held: Held, dispatcher: Dispatcher) -> None:
    """Slot 1 is slow, slot 2 fast, and it is neither now."""
    for slot, rate in ((1, 0.5), (2, 2.0)):
        held.turn("map", "rate", rate)
        dispatcher.do("/snapshot/store", [slot])
    held.turn("map", "rate", 1.0)
    held.turns.clear()


def rates(held: Held) -> list[tuple[Any, float]]:
    return [(value, seconds) for node, param, value, seconds in held.turns if (node, param) == ("map", "rate")]


def test_a_key_that_is_learned_for_a_snapshot_recalls_it_when_pressed_and_can_be_undone(
    held: Held, dispatcher: Dispatcher
) -> None:
    two_scenes(held, dispatcher)
    dispatcher.do("/learn", ["snapshot", 1, 1.5])
    played(dispatcher, b"\x90\x3c\x40", b"\x90\x3c\x00")
    assert [one.target for one in mappings_of(held.patch)] == ["snapshot 1"]
    assert not held.turns, "the press that is learned is let go, and recalls nothing"
    played(dispatcher, b"\x90\x3c\x70", b"\x80\x3c\x00", b"\x90\x3d\x70")
    dispatcher.close()
    assert rates(held) == [(0.5, 1.5)]
    dispatcher.do("/undo", [])
    assert held.patch.nodes["map"].values["rate"] == 1.0
    dispatcher.do("/undo", [])
    assert mappings_of(held.patch) == (), "what was learned is a step too"


@pytest.mark.parametrize(
    "source", ["midi:Launch/1/cc/20", "gamepad:Stadia/1/button/3", "osc:/scene/2", "midi:Keys/1/program/9"]
)
def test_whatever_is_pressed_recalls_its_snapshot(held: Held, dispatcher: Dispatcher, source: str) -> None:
    two_scenes(held, dispatcher)
    dispatcher.do("/learn", ["snapshot", "2"])
    dispatcher.control(source, [1.0])
    dispatcher.control(source, [1.0] if "program" in source else [0.0])
    dispatcher.control(source, [1.0])
    dispatcher.close()
    assert rates(held)[:1] == [(2.0, 0.0)]
    assert dispatcher.addresses() == ({"/scene/2"} if source.startswith("osc:") else set())


def test_programs_recall_the_snapshots_of_their_numbers_by_one_mapping(held: Held, dispatcher: Dispatcher) -> None:
    said: list[str] = []
    dispatcher.tell = said.append
    two_scenes(held, dispatcher)
    dispatcher.do("/learn", ["snapshot", "*", 2])
    played(dispatcher, b"\xb0\x15\x7f", b"\xc0\x05")  # a knob has no number to follow
    played(dispatcher, b"\xc0\x02", b"\xc0\x01", b"\xc1\x02", b"\xc0\x07", b"\xc0\x07")
    dispatcher.close()
    assert [(one.source, one.mode) for one in mappings_of(held.patch)] == [("midi:Keys/1/program", "follow")]
    assert rates(held) == [(2.0, 2.0), (0.5, 2.0)]
    assert said[1:] == ["no snapshot '7'; available: 1, 2"]


@pytest.mark.parametrize("param", ["pad", "line"])
def test_programs_choose_the_pad_or_line_of_their_number(held: Held, dispatcher: Dispatcher, param: str) -> None:
    dispatcher.do("/learn", ["map", param, "*"])
    played(dispatcher, b"\xc0\x00", b"\xc0\x03")
    assert held.patch.nodes["map"].values[param] == 3
    if param == "pad":  # it has nine
        played(dispatcher, b"\xc0\x0a")
        assert held.patch.nodes["map"].values[param] == 3


def test_osc_and_keys_are_followed_by_their_numbers_too(held: Held, dispatcher: Dispatcher) -> None:
    dispatcher.do("/learn", ["map", "pad", "*"])
    dispatcher.control("osc:/pad", [1.0])
    dispatcher.control("osc:/pad", [4.0])
    assert held.patch.nodes["map"].values["pad"] == 4
    grid = ControlMapping("midi:*/*/note", "map", "pad", -35.0, 1.0, mode="follow")
    held.edit(lambda patch: mapped(patch, grid))
    played(dispatcher, b"\x90\x25\x40", b"\x80\x25\x00")
    assert held.patch.nodes["map"].values["pad"] == 2


def test_mappings_of_snapshots_are_in_the_file_and_play_after_it_is_loaded(
    held: Held, dispatcher: Dispatcher, tmp_path: Path
) -> None:
    two_scenes(held, dispatcher)
    for words, message in ((["snapshot", 1, 0.5], b"\x90\x3c\x40"), (["snapshot", "*"], b"\xc0\x00")):
        dispatcher.do("/learn", words)
        played(dispatcher, message)
    dispatcher.do("/patch/save", ["kept"])
    other = Held(load_file(tmp_path / "kept.ltp"))
    assert mappings_of(other.patch) == mappings_of(held.patch)
    again = Dispatcher(other, PALETTE, tmp_path, None, lambda text: None)
    played(again, b"\xc0\x02", b"\x90\x3c\x40")
    again.close()
    assert rates(other) == [(2.0, 0.0), (0.5, 0.5)]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["snapshot", "a b"], "is not a valid snapshot name"),
        (["snapshot", 1, 601], "0 to 600 seconds"),
        (["snapshot", 1, "slow"], "0 to 600 seconds"),
        (["map", "pad", 2], "takes a node, its param"),
        (["snapshot"], "takes a node and its param, or snapshot"),
        (["", "1x!"], "is not a valid snapshot name"),
    ],
)
def test_what_cannot_be_learned_is_a_sentence(dispatcher: Dispatcher, words: list[Any], sentence: str) -> None:
    with pytest.raises(ControlError, match=sentence):
        dispatcher.do("/learn", words)


def test_a_node_called_snapshot_is_learned_as_any(held: Held, dispatcher: Dispatcher) -> None:
    held.edit(lambda patch: add_node(patch, "gain", name="snapshot"))
    dispatcher.do("/learn", ["snapshot", "level"])
    dispatcher.control("osc:/fader", [0.5])
    assert [one.target for one in mappings_of(held.patch)] == ["snapshot.level"]


def test_what_nothing_can_do_is_a_sentence(tmp_path: Path) -> None:
    dispatcher = Dispatcher(LocalSession(Patch()), PALETTE, tmp_path, None, lambda text: None)
    with pytest.raises(ControlError, match="not playing"):
        dispatcher.do("/transport/bar", [])
    dispatcher.close()
