"""MIDI in: starts the gateway and passes on what it hears."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..processes.kept import Kept

GATEWAY = "latent_terrain.engine.midi.gateway:serve"


class MidiError(OSError):
    """MIDI can't be listened to; the text says why and what to do."""


class MidiIn:
    """Listens to devices whose names have one of these parts, also to those that come later, until ``close``.

    control: called with a source (``midi:DEVICE/CHANNEL/KIND/NUMBER``; ``midi:DEVICE/clock/`` and ``tempo``, ``beat``
    (which, at which tempo, when: seconds since 1970), ``start`` or ``stop``) and its numbers; tell: with a sentence for
    people; both on a thread of its own, and they must neither wait nor raise. backend: a module with mido's functions,
    for tests. Raises MidiError.
    """

    def __init__(
        self,
        names: Sequence[str],
        control: Callable[[str, list[float]], None],
        tell: Callable[[str], None],
        backend: str = "",
    ) -> None:
        self._control = control
        try:
            self._process = Kept("MIDI", GATEWAY, {"names": list(names), "backend": backend}, self._hear, tell)
        except OSError as error:
            raise MidiError(str(error)) from None

    def close(self) -> None:
        """Listen no more."""
        self._process.close()

    def _hear(self, message: Mapping[str, Any]) -> None:
        if message.get("op") == "midi":
            for source, numbers in message["events"]:
                self._control(source, numbers)
