"""The computer's own keys as a piano."""

from latent_terrain.engine import load_palette
from latent_terrain.ui.editor.actions import ACTIONS, perform
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.sound.silent import SilentEditorSound

PALETTE = load_palette()


def playing() -> Desk:
    desk = Desk(PALETTE, SilentEditorSound(), Settings())
    desk.add("keyboard", (0.0, 0.0))
    perform(desk, ACTIONS["control.keys"])
    assert desk.keys.is_on
    return desk


def value(desk: Desk, param: str) -> object:
    return next(node for node in desk.patch.nodes.values() if node.type == "keyboard").values.get(param)


def test_letters_are_notes_as_long_as_they_are_held() -> None:
    desk = playing()
    assert desk.keys.press("A")
    assert (value(desk, "note"), value(desk, "gate"), value(desk, "velocity")) == (60.0, 1.0, 96 / 127)
    assert desk.keys.press("T")
    assert value(desk, "note") == 66.0
    assert desk.keys.press("T"), "repeated by the system: no new note"
    desk.keys.release("T")
    assert (value(desk, "note"), value(desk, "gate")) == (60.0, 1.0)
    desk.keys.release("A")
    assert value(desk, "gate") == 0.0
    assert not desk.keys.press("Q")
    assert not desk.keys.press("1"), "pads are reached as before"


def test_octave_and_loudness_are_changed_while_keys_are_held() -> None:
    desk = playing()
    desk.keys.press("A")
    for _ in range(20):
        desk.keys.press("X")
    desk.keys.press("P")
    assert value(desk, "note") == 108 + 15
    for _ in range(9):
        desk.keys.press("C")
    desk.keys.press("S")
    assert value(desk, "velocity") == 16 / 127
    desk.keys.release("P")
    desk.keys.release("S")
    assert value(desk, "note") == 60.0, "the first is held still, at its own pitch"


def test_keys_of_which_nobody_said_that_they_are_up_are_let_go() -> None:
    desk = playing()
    desk.keys.press("A")
    desk.keys.press("D")
    desk.keys.let_go(lambda key: key == "A")
    assert (value(desk, "note"), value(desk, "gate")) == (60.0, 1.0)
    perform(desk, ACTIONS["sound.panic"])
    assert value(desk, "gate") == 0.0
    desk.keys.press("A")
    perform(desk, ACTIONS["control.keys"])
    assert value(desk, "gate") == 0.0
    assert not desk.keys.press("A")


def test_notes_are_one_step_of_undo_and_their_sources_are_heard_by_name() -> None:
    desk = playing()
    desk.add("midi_in", (0.0, 300.0))
    before = desk.patch
    for key in "ASDF":
        desk.keys.press(key)
        desk.keys.release(key)
    desk.undo()
    assert desk.patch == before


def test_where_nothing_hears_keys_it_is_said() -> None:
    desk = Desk(PALETTE, SilentEditorSound(), Settings())
    perform(desk, ACTIONS["control.keys"])
    assert "no keyboard node" in desk.toasts[-1]
    assert desk.keys.press("A")
