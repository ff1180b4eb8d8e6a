"""Controllers of one kind (MIDI devices, gamepads), looked for and heard by a process that is kept."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from .kept import Kept


class ControlsIn:
    """Hears devices whose names have one of these parts, also those that come later, until ``close``.

    control: called with a source and its numbers; tell: with a sentence for people; both on a thread of its own, and
    they must neither wait nor raise. backend: another module in place of the kind's library, for tests. Raises the
    kind's error with a sentence.
    """

    what: ClassVar[str]
    gateway: ClassVar[str]
    error: ClassVar[type[OSError]] = OSError

    def __init__(
        self,
        names: Sequence[str],
        control: Callable[[str, list[float]], None],
        tell: Callable[[str], None],
        backend: str = "",
    ) -> None:
        self._control = control
        try:
            self._process = Kept(self.what, self.gateway, {"names": list(names), "backend": backend}, self._hear, tell)
        except OSError as error:
            raise self.error(str(error)) from None

    def close(self) -> None:
        """Hear them no more."""
        self._process.close()

    def _hear(self, message: Mapping[str, Any]) -> None:
        if message.get("op") == "moved":
            for source, numbers in message["events"]:
                self._control(source, numbers)
