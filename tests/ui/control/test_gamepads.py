"""Gamepads and the patch: nodes follow them, and what they have can be learned."""

from pathlib import Path

import pytest

from latent_terrain.engine import load_palette
from latent_terrain.graphs import Patch, add_node
from latent_terrain.ui.control.dispatcher import Dispatcher
from latent_terrain.ui.control.mapping import ControlMapping, fits, mappings_of
from latent_terrain.ui.control.outside_controls import Inputs, OutsideControls

from ...waiting import eventually
from .toy_playing import Held

PALETTE = load_palette()


def test_a_node_follows_its_gamepad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_PADS", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    patch = add_node(add_node(Patch(), "gamepad", name="mine"), "gamepad", name="yours", values={"device": "wheel"})
    held, told = Held(patch), []
    (tmp_path / "Stadia").write_text("0 0 0 0 0 0; 0 0 0 0\n")
    inputs = Inputs(gamepads=("",), gamepad_backend="tests.engine.sources.gamepad.toy_pads")
    controls = OutsideControls(held, PALETTE, inputs, tmp_path, None, told.append)
    eventually(lambda: "gamepads: listening to Stadia" in told)
    with (tmp_path / "Stadia").open("a") as file:
        file.write("-1 0 0 1 0 0.5; 0 0 1 0\n")
    eventually(lambda: len(held.patch.nodes["mine"].values) == 4)
    assert held.patch.nodes["mine"].values == {"left_x": -1.0, "right_y": 1.0, "right_trigger": 0.5, "x": 1.0}
    assert held.patch.nodes["yours"].values == {"device": "wheel"}
    controls.close()


def test_buttons_are_learned_as_switches_and_sticks_as_ranges(tmp_path: Path) -> None:
    held = Held(add_node(Patch(), "gui", name="walk", values={"pad": 3}))
    dispatcher = Dispatcher(held, PALETTE, tmp_path, None, lambda text: None)
    for param, source in (("playing", "button/6"), ("rate", "axis/1"), ("pad", "button/0")):
        dispatcher.learn("walk", param)
        dispatcher.control(f"gamepad:Stadia/1/{source}", [1.0])
    assert [(one.param, one.mode) for one in mappings_of(held.patch)] == [
        ("playing", "toggle"),
        ("rate", "absolute"),
        ("pad", "momentary"),
    ]
    dispatcher.control("gamepad:Stadia/1/button/6", [1.0])
    assert held.patch.nodes["walk"].values["playing"] is False
    dispatcher.close()


def test_any_device_is_any_of_its_kind() -> None:
    any_pad = ControlMapping("gamepad:*/1/button/0", "walk", "playing", 0.0, 1.0)
    assert fits(any_pad, "gamepad:Stadia/1/button/0")
    assert not fits(any_pad, "midi:Stadia/1/button/0")
    assert not fits(any_pad, "gamepad:Stadia/1/button/1")
