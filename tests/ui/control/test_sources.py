"""Nodes of other people whose params say where their value comes from are heard as the built-in ones are."""

import socket
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

import numpy as np
import pytest

from latent_terrain.engine import Palette, Param, Setting, Signal, load_palette, node, spec_of
from latent_terrain.engine.sources.osc.packets import packed
from latent_terrain.graphs import Patch, add_node, set_value
from latent_terrain.ui.control.dispatcher import Dispatcher
from latent_terrain.ui.control.outside_controls import Inputs, OutsideControls
from latent_terrain.ui.control.pad.surface import Surface

from ...waiting import eventually
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


@node(role="osc_sender")
class TheirSender:
    """Somebody else's way to tell others."""

    def __init__(self, address: Annotated[str, Setting()] = "/theirs") -> None:
        pass

    def process(self, out: Signal, rate: Annotated[float, Param(1, 100)] = 50.0) -> Signal:
        return out


THEIRS = {spec.type: spec for spec in map(spec_of, (TheirWheel, TheirSender))}
PALETTE = Palette(MappingProxyType({**load_palette().specs, **THEIRS}))


@pytest.fixture
def held() -> Held:
    return Held(add_node(Patch(), "their_wheel", name="wheel"))


@pytest.fixture
def dispatcher(held: Held, tmp_path: Path) -> Iterator[Dispatcher]:
    made = Dispatcher(held, PALETTE, tmp_path, None, lambda text: None)
    yield made
    made.close()


def test_it_is_heard_from_osc_midi_and_gamepads_in_the_units_of_its_params(held: Held, dispatcher: Dispatcher) -> None:
    for source, numbers in (
        ("osc:/wheel", [45.0]),
        ("midi:Any/3/cc/1", [0.5]),
        ("gamepad:Stadia/1/axis/2", [1.0]),
        ("midi:Any/3/cc/2", [1.0]),
        ("midi:Any/3/note/60", [0.5, 60.0, 0.5]),
    ):
        dispatcher.control(source, numbers)
    assert held.patch.nodes["wheel"].values == {"angle": 45.0, "speed": 4.0, "steps": 4, "shape": "star", "on": True}


def test_what_osc_sends_beyond_the_range_is_held_at_its_end(held: Held, dispatcher: Dispatcher) -> None:
    dispatcher.control("osc:/wheel", [1e9])
    assert held.patch.nodes["wheel"].values["angle"] == 90.0


def test_the_address_it_listens_to_is_listened_for_its_default_too(held: Held, dispatcher: Dispatcher) -> None:
    assert dispatcher.addresses() == {"/wheel"}
    held.edit(lambda patch: set_value(patch, "wheel", "where", "/turned"))
    assert dispatcher.addresses() == {"/turned"}
    held.edit(lambda patch: add_node(patch, "osc_in"))
    assert (dispatcher.addresses(), dispatcher.vectors()) == ({"/turned"}, {"/osc/in"})


def test_it_follows_a_finger_on_the_pad(held: Held) -> None:
    held.edit(lambda patch: add_node(patch, "gui", name="map"))
    surface = Surface(held, PALETTE)
    assert surface.touch([[7, 0.1, 0.1, 0.5, 0, 0], [9, 0.25, 0.5, 0.5, 0, 0]]) == 2
    assert held.patch.nodes["wheel"].values["place"] == 25.0


def test_packets_of_osc_reach_it_and_what_it_sends_goes_out(held: Held, tmp_path: Path) -> None:
    held.edit(lambda patch: add_node(patch, "their_sender", name="sender"))
    held.shows = lambda node, name: np.array([0.5], np.float32) if (node, name) == ("sender", "values") else None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", 0))
        far.settimeout(20)
        inputs = Inputs(("127.0.0.1", 0), send_to=far.getsockname())
        controls = OutsideControls(held, PALETTE, inputs, tmp_path, None, lambda text: None)
        try:
            assert far.recv(1024) == packed("/theirs", [0.5])
            assert controls.osc is not None
            there = ("127.0.0.1", controls.osc.port)
            eventually(lambda: far.sendto(packed("/wheel", [30.0]), there) and turned(held))
        finally:
            controls.close()


def turned(held: Held) -> bool:
    return held.patch.nodes["wheel"].values.get("angle") == 30.0
