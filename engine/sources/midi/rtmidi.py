"""The MIDI devices of this computer, by RtMidi: what there is, what a device says, and what is sent to it.

Through supriya-midi, which comes ready built for every Python that this program runs on and makes RtMidi's errors
Python's. The names are RtMidi's, so what was learned through another binding of it still fits.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ...missing_package import need

CLIENT = "latent-terrain"


class MidiPort:
    """A device that is open, until it is closed."""

    def __init__(self, device: Any) -> None:
        self._device = device

    def send(self, message: bytes) -> None:
        """Send one message to an output. Raises RuntimeError and its kin where it takes no more."""
        self._device.send_message(message)

    def close(self) -> None:
        """Let go of it."""
        if hasattr(self._device, "cancel_callback"):
            self._device.cancel_callback()
        self._device.close_port()
        self._device.delete()


def input_names() -> list[str]:
    """What can be listened to now. Raises MissingError without the binding, RuntimeError where there is no MIDI."""
    return _names("MidiIn")


def output_names() -> list[str]:
    """What can be sent to now. Raises as ``input_names``."""
    return _names("MidiOut")


def open_input(name: str, hear: Callable[[bytes], None]) -> MidiPort:
    """Listen to a device: each message, clock and transport too, on a thread of RtMidi's.

    Raises ValueError where it is not there, RtMidi's error where it can't be opened.
    """
    device = _client("MidiIn")
    device.ignore_types(sysex=True, timing=False, active_sense=True)

    def heard(message: Iterable[int], seconds: float, data: object) -> None:
        hear(bytes(message))

    device.set_callback(heard)
    return _opened(device, name)


def open_output(name: str) -> MidiPort:
    """Send to a device. Raises as ``open_input``."""
    return _opened(_client("MidiOut"), name)


def _opened(device: Any, name: str) -> MidiPort:
    try:
        device.open_port(device.get_ports().index(name), CLIENT)
    except BaseException:
        device.delete()
        raise
    return MidiPort(device)


def _names(kind: str) -> list[str]:
    device = _client(kind)
    try:
        return list(device.get_ports())
    finally:
        device.delete()


def _client(kind: str) -> Any:
    """A client of its own: RtMidi's list of devices may be as old as the client."""
    return getattr(need("supriya_midi", "MIDI", "midi"), kind)(client_name=CLIENT)
