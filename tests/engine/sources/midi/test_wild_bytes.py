"""Whatever a MIDI device sends, what follows is understood; whatever is to be sent, what follows is sent."""

import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.messages import LearnControl, Message, decode
from latent_terrain.engine.messages.children import TO_DEVICES
from latent_terrain.engine.sources.midi.controls import Controls
from latent_terrain.engine.sources.midi.devices import OpenDevices
from latent_terrain.engine.sources.midi.sender import _Sender
from latent_terrain.engine.typed import is_number
from latent_terrain.graphs import Patch, add_node, set_view
from latent_terrain.ui.control.dispatcher import Dispatcher

from ....ui.control.toy_playing import Held
from ....waiting import eventually
from ....wild import FEW, MANY, packed, value

PALETTE = load_palette()


@pytest.mark.parametrize("cases", [10 * FEW, pytest.param(10 * MANY, marks=pytest.mark.slow)])
def test_any_bytes_are_events_with_numbers_or_nothing(cases: int) -> None:
    chance, controls, now = random.Random(cases), Controls(), 0.0
    for _ in range(cases):
        now += chance.choice((0.0, 0.01, 1.0, -1.0))
        message = chance.randbytes(chance.randrange(5))
        if chance.random() < 0.7:
            message = bytes([chance.randrange(0x80, 0x100), *(chance.randrange(0x80) for _ in range(2))])
        for name, numbers in controls.take(message, now):
            assert name.count("/") in (1, 2)
            assert numbers
            assert all(map(is_number, numbers)), (message, name, numbers)
    assert list(Controls().take(bytes([0xB0, 80, 127]), 0.0)) == [("1/cc/80", [1.0])]


def test_any_mapping_in_a_patch_and_any_source_leave_the_conductor_going(tmp_path: Path) -> None:
    chance = random.Random(3)
    patch = Patch()
    for type_, values in (("gain", {"level": -3.0}), ("osc_in", {"address": "/a"}), ("midi_in", {}), ("keyboard", {})):
        patch = add_node(patch, type_, name=type_, values=values)
    held, said = Held(add_node(patch, "gamepad", name="gamepad")), []
    conductor = Dispatcher(held, PALETTE, tmp_path, None, said.append)
    right: dict[str, Any] = {"source": "osc:/a#1", "node": "gain", "param": "level", "low": -60.0, "high": 0.0}
    sources = (
        "osc:/a",
        "osc:/a#" + "9" * 5000,
        "midi:K/1/cc/2",
        "midi:K/1/note/3",
        "gamepad:S/1/axis/0",
        "midi:K/1/bend/0",
    )
    for _ in range(FEW):
        mapping = {**right, "source": chance.choice(sources), chance.choice([*right, "mode", "given"]): plain(chance)}
        wild = set_view(held.patch, "controls", [mapping, plain(chance)])
        wild = set_view(wild, "snapshots", {"1": plain(chance), "2": {"values": plain(chance)}})
        held.edit(lambda _, wild=wild: wild)  # type: ignore[misc]
        for source in sources[:1] + sources[2:]:
            conductor.control(source, [chance.uniform(0, 1) for _ in range(chance.randrange(1, 4))])
        for command in ("/snapshot/recall", "/snapshot/store", "/learn", "/get", "/patch/load", "/transport/tempo"):
            answers: list[Any] = []
            conductor.ask(command, [value(chance), value(chance)], lambda *one: answers.append(one))  # noqa: B023
    last: list[Any] = []
    conductor.ask("/get", [1], lambda *one: last.append(one))
    eventually(lambda: last)  # or what was asked before may still be done while the end is looked at
    conductor.close()
    held.do(LearnControl())  # what was asked may have been to learn
    held.edit(lambda patch: set_view(patch, "controls", [right]))
    conductor.control("osc:/a", [1.0])
    assert held.patch.nodes["gain"].values["level"] == 0.0


def test_what_is_no_message_is_left_out_and_the_next_is_sent() -> None:
    said: list[Message] = []

    class Parent:
        def send(self, message: Message) -> None:
            said.append(message)

    sender = _Sender(OpenDevices(Parent(), [], list, lambda name: None, ""))  # type: ignore[arg-type]
    chance = random.Random(2)
    for _ in range(FEW):
        for wild in ([[value(chance), value(chance)]], value(chance)):
            with suppress(ValueError, OverflowError):  # no bytes can be this, or they are no message
                sender.take(decode(packed({"op": "sendmidi", "messages": wild})[4:], TO_DEVICES).messages)
    before = len(sender.waiting)
    sender.take([(1.0, b"\x90\x40\x7f")])
    assert len(sender.waiting) == before + 1
    assert said == []


def plain(chance: random.Random) -> Any:
    """A value that a patch can hold."""
    from latent_terrain.graphs.checks import EditError, checked_value

    while True:
        try:
            return checked_value("x", value(chance))
        except EditError:
            continue
