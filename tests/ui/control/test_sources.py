"""Nodes of other people whose params say where their value comes from are heard as the built-in ones are."""

from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

import pytest

from latent_terrain.engine import Palette, Param, Setting, Signal, load_palette, node, spec_of
from latent_terrain.graphs import Patch, add_node, set_value
from latent_terrain.ui.control.conductor import Conductor
from latent_terrain.ui.pad.surface import Surface

from .toy_playing import Held


@node
class TheirWheel:
    """Somebody else's node."""

    def __init__(self, where: Annotated[str, Setting()] = "/wheel") -> None:
        pass

    def process(
        self,
        out: Signal,
        angle: Annotated[float, Param(-90, 90, source="osc:{where}")] = 0.0,
        speed: Annotated[float, Param(0, 8, source="midi:cc/1")] = 0.0,
        steps: Annotated[int, Param(0, 4, source="gamepad:axis/2")] = 0,
        shape: Annotated[Literal["round", "square", "star"], Param(0, 1, source="midi:cc/2")] = "round",
        on: Annotated[bool, Param(0, 1, source="midi:key/gate")] = False,
        place: Annotated[float, Param(0, 100, source="pad:finger/2/x")] = 0.0,
    ) -> Signal:
        return out


BUILT_IN = load_palette()
PALETTE = Palette(MappingProxyType({**BUILT_IN.specs, "their_wheel": spec_of(TheirWheel)}))


@pytest.fixture
def held() -> Held:
    return Held(add_node(Patch(), "their_wheel", name="wheel"))


@pytest.fixture
def conductor(held: Held, tmp_path: Path) -> Iterator[Conductor]:
    made = Conductor(held, PALETTE, tmp_path, None, lambda text: None)
    yield made
    made.close()


def test_it_is_heard_from_osc_midi_and_gamepads_in_the_units_of_its_params(held: Held, conductor: Conductor) -> None:
    for source, numbers in (
        ("osc:/wheel", [45.0]),
        ("midi:Any/3/cc/1", [0.5]),
        ("gamepad:Stadia/1/axis/2", [1.0]),
        ("midi:Any/3/cc/2", [1.0]),
        ("midi:Any/3/note/60", [0.5, 60.0, 0.5]),
    ):
        conductor.control(source, numbers)
    assert held.patch.nodes["wheel"].values == {"angle": 45.0, "speed": 4.0, "steps": 4, "shape": "star", "on": True}


def test_what_osc_sends_beyond_the_range_is_held_at_its_end(held: Held, conductor: Conductor) -> None:
    conductor.control("osc:/wheel", [1e9])
    assert held.patch.nodes["wheel"].values["angle"] == 90.0


def test_the_address_it_listens_to_is_listened_for_its_default_too(held: Held, conductor: Conductor) -> None:
    assert conductor.addresses() == {"/wheel"}
    held.edit(lambda patch: set_value(patch, "wheel", "where", "/turned"))
    assert conductor.addresses() == {"/turned"}
    held.edit(lambda patch: add_node(patch, "osc_in"))
    assert conductor.addresses() == {"/turned", "/osc/in"}


def test_it_follows_a_finger_on_the_pad(held: Held) -> None:
    held.edit(lambda patch: add_node(patch, "gui", name="map"))
    surface = Surface(held, PALETTE)
    assert surface.touch([[7, 0.1, 0.1, 0.5, 0, 0], [9, 0.25, 0.5, 0.5, 0, 0]]) == 2
    assert held.patch.nodes["wheel"].values["place"] == 25.0
