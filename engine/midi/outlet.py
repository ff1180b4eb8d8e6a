"""MIDI out: starts the sender and hands it messages."""

from collections.abc import Callable, Sequence

from ..processes.kept import Kept
from .inlet import MidiError


class MidiOut:
    """Sends to MIDI devices whose names have one of these parts, also those that come later, until ``close``.

    tell: called with a sentence for people. backend: a module in place of ``rtmidi``, for tests. Raises MidiError.
    """

    def __init__(self, names: Sequence[str], tell: Callable[[str], None], backend: str = "") -> None:
        order = {"names": list(names), "backend": backend}
        try:
            self._process = Kept(
                "MIDI out", "latent_terrain.engine.midi.sender:serve", order, lambda message: None, tell
            )
        except OSError as error:
            raise MidiError(str(error)) from None

    def send(self, messages: Sequence[tuple[float, bytes]]) -> None:
        """Send each at its time (of ``time.monotonic``); what has passed at once."""
        if messages:
            self._process.send({"op": "send", "messages": [[when, data] for when, data in messages]})

    def close(self) -> None:
        """Send no more."""
        self._process.close()
