"""Which pane has the keys: every panel clicked with a real mouse, and the keys that delete pressed there.

Run in a process of its own by test_focus.py: the library takes one window a process.
"""

from pathlib import Path

import numpy as np
import pytest

from latent_terrain.nodes.gui.drawing import Drawing
from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.ui.editor import app
from latent_terrain.ui.editor.actions import ACTIONS, MENUS, perform
from latent_terrain.ui.editor.actions.keymap import is_of_map
from latent_terrain.ui.editor.dialogs.dialogs import Dialogs
from latent_terrain.ui.editor.panels.pages import Pages
from latent_terrain.ui.map.sheet import Sheet
from latent_terrain.ui.patcher.window_requests import Show, ShowHelp

from ..map_panel.map_by_hand import blank
from .conftest import Person
from .pressing import middle, press


@pytest.fixture
def mapped(person: Person) -> Person:
    """Somebody before a patch with two sounds, each with its line, the map below it; the terrain is chosen."""
    settings = person.desk.settings
    settings.panels[:] = []
    settings.keys.clear()
    for panel in person.app.panels:
        if isinstance(panel, Pages | Dialogs):
            panel.close()
    person.wait(2)
    person.desk.begin(blank())
    person.desk.maps.way = "docked"
    perform(person.desk, ACTIONS["view.map"])
    person.wait(2)
    sheet = sheet_of(person)
    sheet.put(
        Drawing({number: Polyline(np.array([[-12.0 + 9 * number, 2], [-9, -2]])) for number in (0, 1)}), "two lines"
    )
    person.desk.select(["terrain"])
    person.wait(3)
    return person


def sheet_of(person: Person) -> Sheet:
    hand = person.desk.maps.current
    assert hand is not None
    return hand.sheet


def first_row(person: Person) -> tuple[int, int]:
    """Where the row of the first sound is in the list beside the map."""
    return middle(person, sheet_of(person).sounds[0].name)


def click_at(person: Person, place: tuple[float, float]) -> None:
    person.do("mousemove", round(place[0]), round(place[1]))
    person.wait(2)
    person.do("click", 1)
    person.wait(2)


def canvas_ground(person: Person) -> tuple[float, float]:
    """A place of the canvas where nothing stands."""
    left, top = person.app.canvas.corner
    return left + 20, top + 20


def corner_of(window: int) -> tuple[float, float]:
    """Near the lower left corner of a window, where nothing stands."""
    import dearpygui.dearpygui as dpg

    (x, y), high = dpg.get_item_pos(window), dpg.get_item_height(window)
    return x + 14, y + high - 14


def delete_all(person: Person) -> None:
    person.do("key", "Delete", "ctrl+a", "Delete", "BackSpace", "x")
    person.wait(2)


def test_a_map_that_is_opened_has_the_keys_and_gives_them_back_when_it_goes(mapped: Person) -> None:
    assert mapped.desk.focus == "map"
    mapped.key("F4")
    assert mapped.desk.focus == "canvas"
    mapped.key("F4")
    assert mapped.desk.focus == "map"
    mapped.key("Escape")
    assert mapped.desk.focus == "canvas"
    mapped.key("shift+F4")
    assert mapped.desk.focus == "map", "also in a window of its own"
    mapped.key("F11", "Escape")
    assert mapped.desk.focus == "map", "nothing else is seen"


def test_a_map_in_a_window_of_its_own_leaves_nothing_behind_when_it_is_put_away(mapped: Person) -> None:
    import dearpygui.dearpygui as dpg

    before = dpg.get_windows()
    mapped.key("shift+F4")
    assert len(dpg.get_windows()) == len(before) + 1
    mapped.key("shift+F4")
    assert dpg.get_windows() == before
    assert not mapped.app.map.is_open
    mapped.key("shift+F4")
    assert mapped.app.map.window is not None, "it comes again"
    mapped.key("F4")
    mapped.wait(4)
    mapped.desk.ask(Show("log"))
    mapped.wait(4)
    log_top, map_top = dpg.get_item_pos(mapped.app._bottom)[1], dpg.get_item_pos(mapped.app.map.home)[1]
    assert log_top > map_top, "docked again, it is where it was"


def test_delete_after_a_click_in_the_list_of_sounds_is_about_the_sound(mapped: Person) -> None:
    click_at(mapped, first_row(mapped))
    assert mapped.desk.focus == "sounds"
    mapped.key("Delete")
    assert set(mapped.patch.nodes) == set(blank().nodes)
    assert set(sheet_of(mapped).drawing.lines) == {1}, "the line of the sound"


@pytest.mark.parametrize("label", ["Training lines", "Playback paths", "Move", "Pad"])
def test_a_click_on_the_maps_tools_gives_the_map_the_keys(mapped: Person, label: str) -> None:
    click_at(mapped, canvas_ground(mapped))
    assert mapped.desk.focus == "canvas"
    mapped.desk.select(["terrain"])
    press(mapped, label)
    assert mapped.desk.focus == "map"
    delete_all(mapped)
    assert set(mapped.patch.nodes) == set(blank().nodes)


def opened(person: Person, name: str) -> tuple[float, float]:
    """Open a panel; where nothing stands in it."""
    import dearpygui.dearpygui as dpg

    person.desk.ask(Show(name))
    person.wait(5)
    place = next(one.place for one in person.app.panels if one.name == name)
    return dpg.get_viewport_client_width() - 40 if place == "right" else 300, dpg.get_viewport_client_height() - 30


@pytest.mark.parametrize("name", ["inspector", "history", "log", "scopes"])
def test_keys_after_a_click_in_a_panel_delete_nothing_of_the_patch(mapped: Person, name: str) -> None:
    click_at(mapped, opened(mapped, name))
    assert mapped.desk.focus == name
    delete_all(mapped)
    assert set(mapped.patch.nodes) == set(blank().nodes)
    assert len(sheet_of(mapped).drawing.lines) == 2
    mapped.desk.ask(Show(name))
    mapped.wait(4)
    assert mapped.desk.focus == "canvas", "a panel that is closed has no keys"


@pytest.mark.parametrize("name", ["settings", "keys", "controls", "devices", "starters", "help"])
def test_keys_after_a_click_on_a_page_delete_nothing_of_the_patch(mapped: Person, name: str) -> None:
    mapped.desk.ask(ShowHelp("gain") if name == "help" else Show(name))
    mapped.wait(6)
    pages = next(panel for panel in mapped.app.panels if isinstance(panel, Pages))
    (window,) = pages.panes.values()
    click_at(mapped, corner_of(window))
    assert mapped.desk.focus == "pages"
    delete_all(mapped)
    assert set(mapped.patch.nodes) == set(blank().nodes)
    mapped.key("Escape")
    mapped.wait(3)
    assert not pages.panes
    assert mapped.desk.focus == "canvas"


def test_keys_that_mean_something_everywhere_do_so_in_the_map_and_in_a_panel(mapped: Person) -> None:
    count = len(mapped.desk.document.history.labels)
    for place in (first_row(mapped), opened(mapped, "history")):
        click_at(mapped, place)
        mapped.key("ctrl+z")
        assert mapped.desk.document.history.done == count - 1
        mapped.key("ctrl+shift+z")
        mapped.key("F3")
        assert mapped.desk.shows_loads
        mapped.key("F3")


def test_the_canvas_that_was_clicked_deletes_what_is_chosen(mapped: Person) -> None:
    click_at(mapped, canvas_ground(mapped))
    mapped.desk.select(["terrain"])
    mapped.do("mousemove", *middle(mapped, "Playback paths"))
    mapped.key("Delete")
    assert set(mapped.patch.nodes) == set(blank().nodes) - {"terrain"}, "the pointer may rest anywhere"


def test_one_sees_what_has_the_keys(mapped: Person, tmp_path: Path) -> None:
    from PIL import Image

    def edge_is_lit(view: object) -> bool:
        left, top = view.corner  # type: ignore[attr-defined]
        picture = np.asarray(Image.open(mapped.picture(tmp_path / "window.png")).convert("RGB"))
        column = picture[round(top) + 30 : round(top) + 60, round(left) + 1]
        return bool(np.allclose(column, mapped.app._look.chosen[:3], atol=12))

    app = mapped.app
    mapped.wait(4)
    assert (edge_is_lit(app.canvas), edge_is_lit(app.map.view)) == (False, True)
    mapped.key("Escape")
    mapped.wait(4)
    assert (edge_is_lit(app.canvas), edge_is_lit(app.map.view)) == (True, False)


def test_a_panel_that_is_closed_gives_way_to_the_one_before(mapped: Person) -> None:
    panels = mapped.desk.settings.panels
    panels[:] = []
    mapped.key("ctrl+i", "ctrl+h")
    assert panels == ["history"]
    mapped.key("ctrl+h")
    assert panels == ["inspector"]
    mapped.key("ctrl+2", "ctrl+grave")
    assert panels == ["inspector", "log"], "below, as beside"
    mapped.key("ctrl+grave")
    assert panels == ["inspector", "scopes"]
    mapped.key("ctrl+2", "ctrl+i")
    assert panels == []


X_NAMES = {"Backspace": "BackSpace", "Enter": "Return", "Space": "space", ",": "comma", ".": "period", "/": "slash"}
X_NAMES |= {"-": "minus", "=": "equal", "`": "grave"}


@pytest.mark.parametrize("menu", MENUS)
def test_every_shortcut_is_heard(mapped: Person, menu: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(app, "perform", lambda desk, action: not done.append(action.name))
    for action in ACTIONS.values():
        mapped.desk.focus = "map" if is_of_map(action.name) else "canvas"
        for key in action.keys if action.menu.partition("/")[0] == menu else ():
            *held, last = key.split("+")
            done.clear()
            mapped.do(
                "key", "+".join([*map(str.lower, held), X_NAMES.get(last, last.lower() if len(last) == 1 else last)])
            )
            for _ in range(20):  # a busy machine takes the two halves of a key in frames of their own
                if not done:
                    mapped.wait(1)
            assert done == [action.name], key
