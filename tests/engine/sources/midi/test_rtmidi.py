"""RtMidi's devices, through a binding that stands in for it: this machine may have no MIDI."""

import sys
from types import ModuleType
from typing import Any

import pytest

from latent_terrain.engine.missing_package import MissingError
from latent_terrain.engine.sources.midi import rtmidi


class Client:
    names: list[str]
    made: list[Any]

    def __init__(self, client_name: str) -> None:
        self.client_name = client_name
        self.opened: int | None = None
        self.is_deleted = False
        self.made.append(self)

    def get_ports(self) -> list[str]:
        return list(self.names)

    def open_port(self, port: int, name: str) -> None:
        if self.names[port] == "Taken":
            raise RuntimeError("it is taken")
        self.opened = port

    def close_port(self) -> None:
        self.opened = None

    def delete(self) -> None:
        self.is_deleted = True


class MidiIn(Client):
    ignored: dict[str, bool]
    callback: Any = None

    def ignore_types(self, **which: bool) -> None:
        self.ignored = which

    def set_callback(self, callback: Any) -> None:
        self.callback = callback

    def cancel_callback(self) -> None:
        self.callback = None


class MidiOut(Client):
    def __init__(self, client_name: str) -> None:
        super().__init__(client_name)
        self.sent: list[list[int]] = []

    def send_message(self, message: Any) -> None:
        self.sent.append(list(message))


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    module = ModuleType("supriya_midi")
    module.MidiIn, module.MidiOut = MidiIn, MidiOut  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "supriya_midi", module)
    Client.names, Client.made = ["Keys [*] 1", "Knobs", "Taken"], []
    return Client.made


@pytest.mark.parametrize("names", [rtmidi.input_names, rtmidi.output_names])
def test_devices_that_come_later_are_listed_and_no_client_is_left(clients: list[Any], names: Any) -> None:
    assert names() == ["Keys [*] 1", "Knobs", "Taken"]
    Client.names.append("Late")
    assert names() == ["Keys [*] 1", "Knobs", "Taken", "Late"]
    assert all(one.is_deleted for one in clients)


def test_a_device_is_heard_with_its_clock(clients: list[Any]) -> None:
    heard: list[bytes] = []
    port = rtmidi.open_input("Knobs", heard.append)
    device = clients[-1]
    assert device.opened == 1
    assert device.ignored == {"sysex": True, "timing": False, "active_sense": True}
    device.callback([0xB0, 21, 64], 0.5, None)
    device.callback([0xF8], 0.0, None)
    assert heard == [bytes([0xB0, 21, 64]), bytes([0xF8])]
    port.close()
    assert (device.callback, device.opened, device.is_deleted) == (None, None, True)


def test_a_device_is_sent_to(clients: list[Any]) -> None:
    port = rtmidi.open_output("Knobs")
    port.send(b"\x90\x3c\x40")
    port.send(b"\xf8")
    assert clients[-1].sent == [[0x90, 0x3C, 0x40], [0xF8]]
    port.close()
    assert clients[-1].is_deleted


def test_a_device_that_has_gone_or_is_taken_is_an_error_and_leaves_no_client(clients: list[Any]) -> None:
    with pytest.raises(ValueError, match="Gone"):
        rtmidi.open_input("Gone", lambda message: None)
    with pytest.raises(RuntimeError, match="it is taken"):
        rtmidi.open_output("Taken")
    assert all(one.is_deleted for one in clients)


def test_without_the_binding_a_command_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "supriya_midi", None)
    with pytest.raises(MissingError, match=r"MIDI needs supriya_midi.*supriya-midi|supriya_midi$"):
        rtmidi.input_names()


def test_the_real_binding_has_what_is_used_of_it() -> None:
    midi = pytest.importorskip("supriya_midi", reason="MIDI needs supriya-midi: pip install '.[midi]'")
    heard = midi.MidiIn(midi.RtMidiAPI.RTMIDI_DUMMY, client_name="test")
    heard.ignore_types(sysex=True, timing=False, active_sense=True)
    heard.set_callback(lambda message, seconds, data: None)
    assert heard.get_ports() == []
    heard.cancel_callback()
    sent = midi.MidiOut(midi.RtMidiAPI.RTMIDI_DUMMY, client_name="test")
    sent.send_message(b"\x90\x3c\x40")
    for one in (heard, sent):
        one.close_port()
        one.delete()
