"""Controllers of one kind (MIDI devices, gamepads), looked for and heard by a process that is kept."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from ..messages import Ready
from ..messages.children import FROM_DEVICES, ControlsMoved, UseDevices
from .supervisor import SupervisedChild

# Kinds of controllers that are held, and let go of.
PRESSED = ("note", "button")
MOST_HELD = 1024


def device_name(name: str) -> str:
    """A device's name as it stands in its sources, whose parts are divided by ``/``."""
    return "".join(letter for letter in name if letter.isprintable() and letter != "/").strip()


class ControlsIn:
    """Hears devices whose names have one of these parts, also those that come later, until ``close``.

    control: called with a source and its numbers; tell: with a sentence for people; both on a thread of its own, and
    they must not wait. What was held when its process ended is let go of. backend: another module in place of the
    kind's library, for tests. Raises the kind's error with a sentence.
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
        self._held: dict[str, None] = {}
        order = UseDevices(names=list(names), backend=backend)
        self._process = SupervisedChild(
            self.what, self.gateway, lambda: order, FROM_DEVICES, self._hear, tell, ended=self._let_go
        )
        try:
            self._process.begin()
        except OSError as error:
            raise self.error(str(error)) from None

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    @property
    def is_kept(self) -> bool:
        """Whether its process runs, or is about to run again."""
        return self._process.is_kept

    def close(self) -> None:
        """Hear them no more."""
        self._process.close()

    def _hear(self, message: Ready | ControlsMoved) -> None:
        if isinstance(message, Ready):
            return
        for source, numbers in message.events:
            if source.rsplit("/", 2)[1:2] in ([one] for one in PRESSED) and numbers:
                if numbers[0] > 0 and len(self._held) < MOST_HELD:
                    self._held[source] = None
                elif numbers[0] <= 0:
                    self._held.pop(source, None)
            self._control(source, numbers)

    def _let_go(self, why: str) -> None:
        """Nobody would hear it if what is held were let go of now: that no key hangs, all of it is."""
        held, self._held = self._held, {}
        for source in held:
            self._control(source, [0.0, -1.0, 0.0])
