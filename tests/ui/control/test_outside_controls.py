"""OSC over real sockets: commands are answered as scsynth does, values told to who subscribed, times kept."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.messages import LearnControl
from latent_terrain.engine.values import FloatArray
from latent_terrain.graphs import Patch, add_node, connect, load_file
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.control.mapping import mappings_of
from latent_terrain.ui.control.outside_controls import Inputs, OutsideControls
from tests.engine.sources.osc.words import bundle, message

from ...waiting import eventually
from .toy_playing import Held

PALETTE = load_palette()
NTP = 2_208_988_800


class Far:
    """A program far away: sends to the hands, and hears what comes back."""

    def __init__(self, controls: OutsideControls, timed: list[tuple[Any, ...]]) -> None:
        self.controls, self.timed = controls, timed
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(20)

    def send(self, *packets: bytes) -> None:
        assert self.controls.osc is not None
        for packet in packets:
            self.socket.sendto(packet, ("127.0.0.1", self.controls.osc.port))

    def heard(self) -> tuple[str, list[Any]]:
        from pythonosc.osc_message import OscMessage

        found = OscMessage(self.socket.recv(65_536))
        return found.address, list(found)


@pytest.fixture
def held() -> Held:
    patch = load_file(STARTERS["walk"].file)
    patch = add_node(patch, "osc_in", name="eeg", values={"address": "/eeg"})
    return Held(add_node(patch, "osc_out", name="tell", values={"address": "/where"}))


@pytest.fixture
def far(held: Held, tmp_path: Path) -> Iterator[Far]:
    timed: list[tuple[Any, ...]] = []
    plain = held.turn

    def turn(*arguments: Any) -> None:
        if len(arguments) > 4 and arguments[4]:
            timed.append(arguments)
        else:
            plain(*arguments)

    held.turn = turn  # type: ignore[method-assign]
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.bind(("127.0.0.1", 0))
    listening.settimeout(20)

    def reading(node: str, name: str) -> FloatArray | None:
        return np.array([0.25, -1.0], np.float32) if (node, name) == ("tell", "values") else None

    held.shows = reading
    inputs = Inputs(("127.0.0.1", 0), (), ("127.0.0.1", listening.getsockname()[1]))
    controls = OutsideControls(held, PALETTE, inputs, tmp_path, None, lambda text: None)
    made = Far(controls, timed)
    made.send(message("/sync", 0))
    assert made.heard() == ("/synced", [0])
    made.out = listening  # type: ignore[attr-defined]
    yield made
    controls.close()
    made.socket.close()
    listening.close()


def test_commands_are_answered_in_order(far: Far, held: Held) -> None:
    far.send(message("/undo"), message("/snapshot/store", 3), message("/sync", 42), message("/get", "/node/map/rate"))
    answers = [far.heard() for _ in range(4)]
    assert answers == [
        ("/fail", ["/undo", "nothing to undo"]),
        ("/done", ["/snapshot/store"]),
        ("/synced", [42]),
        ("/node/map/rate", [1.0]),
    ]
    assert "3" in held.patch.view["snapshots"]


def test_who_subscribes_hears_what_is_turned_by_others(far: Far, held: Held) -> None:
    far.send(message("/subscribe", "/node/map/*"))
    assert far.heard() == ("/done", ["/subscribe"])
    eventually(lambda: far.controls.osc is not None and far.controls.osc.listeners == 1)
    held.turn("out", "level", -9.0)
    held.turn("map", "rate", 2.5)
    assert far.heard() == ("/node/map/rate", [2.5])
    far.send(message("/unsubscribe"))
    assert far.heard() == ("/done", ["/unsubscribe"])
    far.send(message("/subscribe"))
    assert far.heard()[0] == "/fail"


def test_a_pair_a_sensor_and_a_value_are_heard(far: Far, held: Held) -> None:
    def value(node: str, param: str) -> Any:
        return held.patch.nodes[node].values.get(param)

    far.send(message("/node/map/xy", 1.5, -2.0), message("/eeg", 0.75), message("/node/out/level", -6.0))
    eventually(lambda: value("map", "hand_y") == -2.0 and value("map", "hand_x") == 1.5)
    eventually(lambda: value("eeg", "a") == 0.75 and value("out", "level") == -6.0)


def test_a_bundle_for_later_keeps_its_time(far: Far) -> None:
    now = int(time.time()) + NTP
    far.send(bundle(message("/node/out/level", -6.0), seconds=now + 60))
    eventually(lambda: bool(far.timed))
    assert far.timed == [("out", "level", -6.0, 0.0, now + 60 - NTP)]
    far.send(bundle(message("/node/out/level", -7.0), seconds=now - 60), message("/sync", 1))
    assert far.heard() == ("/synced", [1])
    assert len(far.timed) == 1, "what lies behind is for now"


def test_an_unknown_address_is_learned(far: Far, held: Held) -> None:
    far.send(message("/learn", "map", "rate"))
    assert far.heard() == ("/done", ["/learn"])
    eventually(lambda: _sent(far, message("/fader/7", 0.5)) and bool(mappings_of(held.patch)))
    assert mappings_of(held.patch)[0].source == "osc:/fader/7"
    high = PALETTE.specs["gui"].params["rate"].span[1]
    eventually(lambda: _sent(far, message("/fader/7", 1.0)) and held.patch.nodes["map"].values["rate"] == high)


def test_a_snapshot_that_an_editor_marks_is_learned_and_recalled_by_a_message_without_numbers(
    far: Far, held: Held
) -> None:
    far.send(message("/snapshot/store", 1))
    assert far.heard() == ("/done", ["/snapshot/store"])
    held.turn("map", "rate", 2.0)
    held.do(LearnControl(param="1"))
    eventually(lambda: _sent(far, message("/scene")) and bool(mappings_of(held.patch)))
    assert (mappings_of(held.patch)[0].source, mappings_of(held.patch)[0].target) == ("osc:/scene", "snapshot 1")
    assert held.learning is None
    eventually(lambda: _sent(far, message("/scene")) and held.patch.nodes["map"].values["rate"] == 1.0)


def test_what_a_signal_is_goes_out_once_it_has_changed(far: Far) -> None:
    from pythonosc.osc_message import OscMessage

    found = OscMessage(far.out.recv(65_536))  # type: ignore[attr-defined]
    assert (found.address, list(found)) == ("/where", [0.25, -1.0])


def test_files_outside_are_refused_over_the_wire_too(far: Far) -> None:
    for name in ("../../etc/passwd", "/etc/passwd"):
        far.send(message("/patch/load", name))
        address, (command, why) = far.heard()
        assert (address, command) == ("/fail", "/patch/load")
        assert "in the folder of the one that plays" in why


def _sent(far: Far, packet: bytes) -> bool:
    far.send(packet)
    return True


def test_instances_and_nodes_in_definitions_are_turned_and_told(far: Far, held: Held) -> None:
    def with_voice(patch: Patch) -> Patch:
        for type_, name in (("param", "voice/pitch"), ("sine", "voice/osc"), ("voice", "voice-1")):
            patch = add_node(patch, type_, name=name)
        return connect(patch, "voice/pitch.out", "voice/osc.frequency")

    held.edit(with_voice)

    def turned(address: str, value: float, node: str, param: str) -> bool:
        far.send(message(address, value))
        return held.patch.nodes[node].values.get(param) == value

    eventually(lambda: turned("/node/voice-1/pitch", 330.0, "voice-1", "pitch"))
    eventually(lambda: turned("/node/voice/osc/frequency", 550.0, "voice/osc", "frequency"))
    far.send(message("/get", "/node/voice-1/pitch"))
    assert far.heard() == ("/node/voice-1/pitch", [330.0])
    far.send(message("/subscribe", "/node/voice/*/*"), message("/sync", 1))
    while far.heard() != ("/synced", [1]):
        pass
    held.turn("voice/osc", "frequency", 110.0)
    assert far.heard() == ("/node/voice/osc/frequency", [110.0])
