"""The panels by hand: buttons clicked, sliders drawn, files saved and opened, keys changed, in a real window."""

import time
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine.messages import LearnControl
from latent_terrain.graphs import load_file, set_content, set_value
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.editor.actions import ACTIONS, perform
from latent_terrain.ui.editor.dialogs.dialogs import Dialogs
from latent_terrain.ui.editor.document.controllers import learn
from latent_terrain.ui.editor.panels.inspector import NOT_USED
from latent_terrain.ui.editor.panels.keys_page import keymap_of
from latent_terrain.ui.editor.panels.pages import Pages
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.patcher.window_requests import Confirm, Show, ShowHelp, TypeText
from latent_terrain.ui.takes import takes_of

from .conftest import Person
from .pressing import box_with, has_knob, is_offered, knob, middle, place, press, press_row, search, shows


@pytest.fixture(autouse=True)
def _clean(person: Person) -> None:
    person.desk.settings.panels[:] = ["inspector"]
    person.desk.settings.keys.clear()
    person.desk.toasts.clear()
    for panel in person.app.panels:
        if isinstance(panel, Pages | Dialogs):
            panel.close()
    person.wait()


def test_a_slider_of_the_inspector_is_one_step_and_a_double_click_takes_it_back(person: Person) -> None:
    name = person.add("gain", (300, 200))
    person.wait(4)
    item = knob(person, "level")
    person.do("mousemove", *place(item, 0.2))
    person.do("mousedown", 1)
    for share in (0.22, 0.25, 0.28, 0.3):
        person.do("mousemove", *place(item, share))
    person.do("mouseup", 1)
    person.wait(4)
    level = person.patch.nodes[name].values["level"]
    assert isinstance(level, float)
    assert level == pytest.approx(0.1 * 114, abs=1.5), "a tenth of the bar is a tenth of the range, from where it stood"
    assert len(person.desk.document.history.labels) == 2, "adding, and one turn"
    person.do("mousemove", *place(item, 0.5))
    person.do("keydown", "shift")
    person.do("mousedown", 1)
    person.do("mousemove", *place(item, 0.4))
    person.do("mouseup", 1)
    person.do("keyup", "shift")
    person.wait(4)
    assert person.patch.nodes[name].values["level"] == pytest.approx(level - 1.14, abs=0.3), "Shift is ten times finer"
    person.double_click(lambda: "level" not in person.patch.nodes[name].values)
    person.do("keydown", "ctrl")
    person.do("click", 1)
    person.do("keyup", "ctrl")
    person.wait(6)
    person.key("ctrl+a")
    person.type("2*-3")
    person.key("Return")
    assert person.patch.nodes[name].values["level"] == -6.0


def test_the_inspector_folds_what_the_mode_does_not_use(person: Person) -> None:
    name = person.add("gui", (300, 100))
    person.wait(5)
    assert has_knob(person, "rate")
    assert not has_knob(person, "shape")
    press(person, NOT_USED)
    assert has_knob(person, "shape"), "unfolded, it can be turned all the same"
    person.desk.edit(lambda patch: set_value(patch, name, "mode", "orbit"), "mode")
    person.wait(5)
    assert has_knob(person, "shape")
    assert not has_knob(person, "rate")


def test_nodes_chosen_together_are_turned_together(person: Person) -> None:
    one, other = person.add("gain", (200, 150)), person.add("gain", (200, 450))
    person.desk.select([one, other])
    person.wait(5)
    item = knob(person, "level")
    person.do("mousemove", *place(item, 0.4))
    person.do("mousedown", 1)
    person.do("mousemove", *place(item, 0.7))
    person.do("mouseup", 1)
    person.wait(4)
    assert person.patch.nodes[one].values["level"] == person.patch.nodes[other].values["level"] != 0.0
    person.key("ctrl+z")
    assert not person.patch.nodes[one].values


def test_takes_are_renamed_trimmed_moved_and_deleted_in_the_inspector(person: Person) -> None:
    name = person.add("record", (300, 200))
    content = {f"takes/{n + 1:04d}": np.full((n + 5, 2), n, np.float32) for n in range(3)}
    person.desk.edit(lambda patch: set_content(patch, name, content), "recorded")

    def takes() -> list[tuple[str, int]]:
        return [(one.label, len(one.array)) for one in takes_of(person.patch, name)]

    def choose(row: str, what: str) -> None:
        person.wait(4)
        press(person, row)
        press(person, what)
        person.wait(4)

    choose("1  (5 vectors)", "Rename …")
    person.key("ctrl+a")
    person.type("door")
    person.key("Return")
    assert takes() == [("door", 5), ("", 6), ("", 7)]
    choose("1  door  (5 vectors)", "Move down")
    assert takes() == [("", 6), ("door", 5), ("", 7)]
    choose("3  (7 vectors)", "Trim …")
    person.key("ctrl+a")
    person.type("2 - 4")
    person.key("Return")
    assert takes() == [("", 6), ("door", 5), ("", 3)]
    choose("1  (6 vectors)", "Delete")
    assert takes() == [("door", 5), ("", 3)]
    person.key("ctrl+z")
    assert takes() == [("", 6), ("door", 5), ("", 3)], "each is one step"


def test_a_patch_is_saved_and_opened_through_the_chooser(person: Person, tmp_path: Path) -> None:
    person.add("sine", (300, 200))
    built = person.patch
    person.key("ctrl+s")
    person.wait(6)
    person.key("ctrl+a")
    person.type("by hand")
    person.key("Return")
    person.wait(4)
    assert load_file(tmp_path / "by hand.ltp").nodes == built.nodes
    person.key("ctrl+n")
    assert not person.patch.nodes, "saved work is not asked about"
    person.key("ctrl+o")
    person.wait(6)
    press(person, "by hand.ltp")
    press(person, "Open")
    person.wait(4)
    assert person.patch.nodes == built.nodes


def test_a_file_that_is_there_is_written_over_only_after_a_question(person: Person, tmp_path: Path) -> None:
    (tmp_path / "mine.ltp").write_bytes(b"something else")
    person.add("sine", (300, 200))
    for answer in ("Escape", "Return"):
        person.key("ctrl+shift+s")
        person.wait(6)
        person.key("ctrl+a")
        person.type("mine")
        person.key("Return")
        person.wait(4)
        assert (tmp_path / "mine.ltp").read_bytes() == b"something else"
        person.key(answer)
        person.wait(4)
        assert (tmp_path / "mine.ltp").read_bytes() == b"something else", "Enter replaces nothing"
    person.key("ctrl+shift+s")
    person.wait(6)
    person.key("ctrl+a")
    person.type("mine")
    person.key("Return")
    person.wait(4)
    press(person, "Replace")
    assert set(load_file(tmp_path / "mine.ltp").nodes) == {"sine-1"}


def test_unsaved_work_is_asked_about_and_escape_gives_up(person: Person) -> None:
    person.add("sine", (300, 200))
    person.key("ctrl+n")
    person.wait(4)
    assert shows("Unsaved changes")
    person.key("Escape")
    assert not shows("Unsaved changes")
    assert len(person.patch.nodes) == 1
    assert person.desk.selection, "the key that closed the question chose nothing else"
    person.key("ctrl+n")
    person.wait(4)
    press(person, "Don't save")
    assert not person.patch.nodes


def test_questions_wait_for_each_other_and_the_same_one_is_asked_once(person: Person) -> None:
    said: list[str] = []
    confirm = Confirm("Sure?", (("Yes", lambda: said.append("yes")), ("No", lambda: said.append("no"))))
    person.desk.ask(confirm)
    person.desk.ask(confirm)
    person.desk.ask(TypeText("Name", "one", said.append))
    person.wait(6)
    person.key("Return")
    person.wait(6)
    assert said == ["yes"]
    person.key("ctrl+a")
    person.type("two")
    person.key("Return")
    assert said == ["yes", "two"]
    person.desk.ask(confirm)
    person.wait(6)
    person.key("Escape")
    assert said == ["yes", "two", "no"], "Escape is the last answer"


def test_what_was_deleted_comes_back_by_the_button_under_the_canvas(person: Person) -> None:
    name = person.add("sine", (300, 200))
    person.key("Delete")
    person.wait(4)
    assert not person.patch.nodes
    press(person, "Undo")
    assert set(person.patch.nodes) == {name}


def test_the_search_is_walked_with_arrows_and_clicked(person: Person) -> None:
    person.go((300, 200))
    person.key("Tab")
    person.wait(5)
    person.key("Down", "Down", "Up", "Down")
    person.key("Return")
    first = person.patch.nodes
    assert len(first) == 1
    person.go((300, 400))
    person.key("Tab")
    person.wait(5)
    person.type("metro")
    press(person, "metro")
    assert "metro" in {node.type for node in person.patch.nodes.values()}


def test_a_right_click_mutes_and_clicking_beside_closes_the_menu(person: Person) -> None:
    name = person.add("sine", (300, 200))
    x, y = person.patch.nodes[name].position
    person.click((x + 20, y + 8), 3)
    person.wait(6)
    press_row(person, "Mute")
    assert person.patch.nodes[name].muted
    assert not is_offered("Duplicate with inputs")
    person.click((x + 20, y + 8), 3)
    person.wait(6)
    assert is_offered("Duplicate with inputs")
    person.click((x + 20, y + 400))
    person.wait(4)
    assert not is_offered("Duplicate with inputs")


def test_a_key_is_changed_by_pressing_another(person: Person) -> None:
    name = person.add("sine", (300, 200))
    person.desk.ask(Show("keys"))
    person.wait(5)
    search(person, "Mute", "M, Ctrl+M")
    person.key("j")
    person.wait(3)
    assert keymap_of(person.desk).action_for("J") == "edit.mute"
    assert not person.patch.nodes[name].muted, "the key was caught, not done"
    person.key("Escape")
    assert not shows("Keys")
    person.go((600, 500))
    person.key("j")
    assert person.patch.nodes[name].muted


def test_letters_in_a_search_of_a_page_are_no_keys_of_the_canvas(person: Person) -> None:
    name = person.add("sine", (300, 200))
    person.desk.ask(ShowHelp(""))
    person.wait(6)
    person.do("mousemove", *box_with("search"))
    person.do("click", 1)
    person.wait(3)
    person.type("mxb")
    assert set(person.patch.nodes) == {name}
    assert not person.patch.nodes[name].muted
    person.key("Escape")


def test_an_example_sounds_with_one_click(person: Person) -> None:
    import dearpygui.dearpygui as dpg

    person.desk.ask(Show("starters"))
    end = time.monotonic() + 60
    while not all(dpg.does_item_exist(f"starter {name}") for name in STARTERS):
        assert time.monotonic() < end, "the pictures did not come"
        person.wait(2)
    person.wait(6)  # a picture that comes between press and release would take the click away
    x, y = middle(person, "Start from my sounds …")
    person.do("mousemove", x, y + 100)
    person.do("click", 1)
    person.wait(4)
    assert "decoder" in {node.type for node in person.patch.nodes.values()}
    assert isinstance(person.desk.sound, SilentEditorSound)
    assert person.desk.sound.is_on
    person.desk.sound.switch(False)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_panel_and_page_stands_a_change_of_theme(person: Person, theme: str) -> None:
    person.add("terrain", (300, 200))
    person.desk.settings.theme = theme
    for name in ("history", "log", "scopes", "inspector", "starters", "keys", "settings", "devices"):
        person.desk.ask(Show(name))
        person.wait(3)
    person.desk.say("something is odd", "warning")
    for action in ("view.lock", "view.loads"):
        perform(person.desk, ACTIONS[action])
        person.wait(2)
    perform(person.desk, ACTIONS["view.loads"])
    person.wait(2)
    assert set(person.patch.nodes) == {"terrain-1"}
    person.desk.settings.theme = "dark"


def test_a_right_click_on_a_param_of_the_inspector_takes_it_back(person: Person) -> None:
    name = person.add("gain", (300, 200))
    person.desk.turn(name, "level", -20.0, "hand")
    person.desk.end_gesture()
    person.wait(4)
    person.do("mousemove", *place(knob(person, "level"), 0.5))
    person.wait(2)
    person.do("click", 3)
    person.wait(4)
    press_row(person, "Reset to default")
    assert "level" not in person.patch.nodes[name].values


def test_choosing_and_opening_again_and_again_leaves_nothing_behind(person: Person) -> None:
    import dearpygui.dearpygui as dpg

    one, other = person.add("gain", (200, 150)), person.add("gui", (200, 450))
    counts = []
    for _ in range(4):
        for name in (one, other):
            person.desk.select([name])
            person.wait(3)
        for page in ("keys", "settings", "starters"):
            person.desk.ask(Show(page))
            person.wait(3)
        person.desk.ask(TypeText("Name", "", lambda text: None))
        person.wait(4)
        person.key("Escape")
        for panel in person.app.panels:
            if isinstance(panel, Pages):
                panel.close()
        person.wait(3)
        counts.append(len(dpg.get_all_items()))
    assert counts[-1] <= counts[1], "pictures and themes are made once"


def test_a_controller_is_learned_from_a_card_and_escape_gives_it_up(person: Person) -> None:
    import dearpygui.dearpygui as dpg

    def is_waiting() -> bool:
        words = f"move a controller for {name} rate … Esc cancels"
        return any(dpg.get_value(one) == words for one in dpg.get_all_items() if "mvText" in dpg.get_item_type(one))

    name = person.add("lfo", (300, 200))
    rate = next(one for one in person.desk.layout.nodes[name].controls if one.name == "rate")
    person.click(rate.box.middle, 3)
    person.wait(6)
    assert is_offered("MIDI/OSC Learn")
    person.key("Escape")
    learn(person.desk, name, "rate")
    person.wait(4)
    assert is_waiting()
    person.key("Escape")
    person.wait(4)
    assert person.desk.sound.learning is None
    assert not is_waiting()


def test_snapshots_and_controllers_are_on_one_page(person: Person) -> None:
    from latent_terrain.ui.control.mapping import ControlMapping, mapped, mappings_of

    person.desk.start_from("walk")
    perform(person.desk, ACTIONS["control.page"])
    person.wait(6)
    press(person, "Store snapshot")
    person.desk.turn("map", "rate", 3.0, "hand")
    person.wait(4)
    press(person, "Recall 1")
    assert person.patch.nodes["map"].values["rate"] == 1.0
    press(person, "MIDI/OSC Learn")
    assert person.desk.sound.learning == LearnControl(param="1", seconds=2.0)
    person.desk.sound.do(LearnControl())
    turning = ControlMapping("midi:Launch Control/1/cc/21", "map", "rate", 0.0, 2.0)
    recalling = ControlMapping("midi:Keys/1/program", "", "", 0.0, 1.0, mode="follow")
    person.desk.edit(lambda patch: mapped(mapped(patch, turning), recalling), "map")
    for left in (1, 0):
        person.wait(6)
        press(person, "Remove")
        assert len(mappings_of(person.patch)) == left
