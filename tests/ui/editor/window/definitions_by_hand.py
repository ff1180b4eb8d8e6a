"""Definitions by hand, in a real window with a real engine: made, opened, edited inside while they play, left, undone.

Run in a process of its own by test_in_windows.py: the library takes one window a process.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from latent_terrain.engine.palette import load_palette
from latent_terrain.graphs import Patch, add_node, connect, set_value
from latent_terrain.ui.editor.actions import ACTIONS, perform
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.sound.engine_sound import EngineSound
from latent_terrain.ui.editor.sound.interface import DeviceChoice

from ..map_panel.map_by_hand import Player
from .conftest import screen  # noqa: F401
from .pressing import is_offered, press, press_row


@pytest.fixture(scope="module")
def window(screen: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Player]:  # noqa: F811
    os.environ.update(DISPLAY=screen, XDG_CONFIG_HOME=str(tmp_path_factory.mktemp("config")))
    from latent_terrain.ui.editor.app import App
    from latent_terrain.ui.editor.document.desk import Desk
    from latent_terrain.ui.editor.panels import all_panels

    palette = load_palette()
    settings = Settings(window=[1280, 800], panels=["inspector"], opens_map=False)
    desk = Desk(palette, EngineSound(palette, DeviceChoice(device="none")), settings)
    app = App(desk, all_panels(), is_framed=False)
    person = Player(app, screen)
    desk.begin()
    person.wait(6)
    yield person
    app.close()
    desk.close()


def chain() -> Patch:
    """
    tone --> gain --> level, out
    """
    patch = add_node(Patch(), "sine", "tone", position=(0, 0))
    patch = add_node(patch, "gain", "gain", position=(260, 0))
    patch = add_node(patch, "meter", "level", position=(560, 0))
    patch = add_node(patch, "audio_out", "out", position=(560, 180))
    patch = set_value(patch, "gain", "level", -12.0)
    for source, target in (("tone.out", "gain.audio"), ("gain.out", "level.audio"), ("gain.out", "out.audio")):
        patch = connect(patch, source, target)
    return patch


@pytest.fixture
def person(window: Player) -> Player:
    """Somebody before a tone that plays."""
    window.desk.begin(chain())
    window.wait(4)
    window.until(lambda: peak(window) > 0.0, "a tone")
    return window


def peak(person: Player) -> float:
    found = person.desk.heard.reading("level", "peak")
    return float(abs(found).max()) if found is not None and found.size else 0.0


def steps(person: Player) -> int:
    return person.desk.document.history.done


def open_by_hand(person: Player, name: str) -> None:
    person.go(person.desk.layout.nodes[name].title.middle)
    scope = person.desk.patch.nodes[name].type
    person.double_click(lambda: person.desk.scopes.scope == scope)
    person.wait(4)


def test_a_chain_is_encapsulated_opened_edited_while_it_plays_left_and_undone(person: Player, tmp_path: Path) -> None:
    before, desk = person.patch, person.desk
    began = steps(person)
    person.click(desk.layout.nodes["tone"].title.middle)
    person.do("keydown", "shift")
    person.click(desk.layout.nodes["gain"].title.middle)
    person.do("keyup", "shift")
    assert desk.selection == {"tone", "gain"}
    person.key("ctrl+shift+e")
    assert desk.selection == {"definition-1-1"}
    assert set(desk.layout.nodes) == {"definition-1-1", "level", "out"}
    quiet = 10 ** (-12 / 20)
    person.until(lambda: 0.8 * quiet < peak(person) < 1.2 * quiet, "the tone of the instance")
    person.wait(6)
    person.picture(tmp_path / "1 encapsulated.png")

    open_by_hand(person, "definition-1-1")
    assert {"definition-1/tone", "definition-1/gain"} <= set(desk.layout.nodes)
    person.wait(6)
    person.picture(tmp_path / "2 opened.png")
    heard = desk.heard.reading("definition-1/tone", "peak.out")
    assert heard is not None
    assert heard.size
    box = next(one.box for one in desk.layout.nodes["definition-1/gain"].controls if one.name == "level")
    person.drag(box.middle, (box.middle[0] + 30, box.middle[1]))
    turned = person.patch.nodes["definition-1/gain"].values["level"]
    assert isinstance(turned, float)
    assert turned > -12
    loud = 10 ** (turned / 20)
    person.until(lambda: 0.9 * loud < peak(person) < 1.1 * loud, "the tone as it was turned inside")
    bounds = desk.layout.bounds
    assert bounds is not None
    name = person.add("gain", (bounds.x0 + 40, bounds.y1 + 60))
    assert name == "definition-1/gain-1"
    person.key("ctrl+z")
    assert name not in person.patch.nodes

    press(person, "Patch")
    assert desk.scopes.scope == ""
    person.key("Home")
    open_by_hand(person, "definition-1-1")
    person.go((bounds.x0 - 30, bounds.y1 + 30))
    person.key("alt+Up")
    assert desk.scopes.scope == ""
    assert desk.selection == {"definition-1-1"}
    person.key("Return")
    assert desk.scopes.scope == "definition-1"
    person.key("Escape")
    assert desk.scopes.scope == ""
    while steps(person) > began:
        person.key("ctrl+z")
    assert person.patch == before
    assert set(desk.layout.nodes) == {"tone", "gain", "level", "out"}
    person.until(lambda: 0.8 * quiet < peak(person) < 1.2 * quiet, "the tone as it was")


def test_an_instance_has_a_menu_and_its_definition_a_name(person: Player, tmp_path: Path) -> None:
    desk = person.desk
    desk.select(["gain"])
    person.key("ctrl+shift+e")
    person.go((desk.layout.nodes["definition-1-1"].box.x0 + 20, desk.layout.nodes["definition-1-1"].box.y1 - 4))
    person.click(desk.layout.nodes["definition-1-1"].title.middle, button=3)
    person.wait(4)
    assert is_offered("Make unique")
    person.picture(tmp_path / "3 menu.png")
    press_row(person, "Open")
    assert desk.scopes.scope == "definition-1"
    desk.scopes.up()
    desk.asks.clear()
    perform(desk, ACTIONS["edit.rename_definition"])
    person.wait(6)
    person.key("ctrl+a")
    person.type("voice")
    person.key("Return")
    assert desk.patch.nodes["definition-1-1"].type == "voice"
    open_by_hand(person, "definition-1-1")
    person.picture(tmp_path / "4 named.png")
    person.key("ctrl+z", "ctrl+z")
    assert desk.scopes.scope == "", "the definition has gone"
    assert set(desk.layout.nodes) == {"tone", "gain", "level", "out"}
