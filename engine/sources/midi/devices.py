"""MIDI devices that are wanted by a part of their names: opened when they come, let go of when they go."""

import importlib
import logging
from collections.abc import Callable
from typing import Any

from ...logs import failed
from ...messages import Remark, Unable
from ...messages.children import UseDevices
from ...missing_package import MissingError
from ...processes.child import Parent

log = logging.getLogger(__name__)
# Between two looks for devices that came or went.
LOOK_SECONDS = 1.0
BACKEND = "latent_terrain.engine.sources.midi.rtmidi"


def backend_for(parent: Parent, order: UseDevices, list_names: str) -> Any | None:
    """The module that knows this computer's devices; None where there is none, which the parent has been told.

    list_names: the function of it that must work.
    """
    try:
        found = importlib.import_module(order.backend or BACKEND)
        getattr(found, list_names)()
    except MissingError as error:
        parent.send(Unable(text=str(error)))
    except Exception as error:
        failed(log, f"MIDI can't be used: {error}", error)
        parent.send(Unable(text=f"MIDI can't be used ({error})"))
    else:
        return found
    return None


class OpenDevices:
    """The wanted devices that are there, by name (``ports``). words: what is told of one that was opened."""

    def __init__(
        self,
        parent: Parent,
        names: list[str],
        list_names: Callable[[], list[str]],
        open_one: Callable[[str], Any],
        words: str,
    ) -> None:
        self._parent, self._names = parent, [one.lower() for one in names]
        self._list, self._open, self._words = list_names, open_one, words
        self.ports: dict[str, Any] = {}

    def look(self) -> None:
        """Open those that came, and let go of those that went."""
        try:
            there = dict.fromkeys(str(one) for one in self._list())
        except Exception as error:
            self.tell(f"devices can't be listed ({error})")
            return
        for name in [name for name in self.ports if name not in there]:
            self.ports.pop(name).close()
            self.tell(f"{name} was disconnected")
        for name in there:
            if name in self.ports or not any(one in name.lower() for one in self._names):
                continue
            try:
                self.ports[name] = self._open(name)
            except Exception as error:
                self.tell(f"{name} can't be opened ({error})")
            else:
                self.tell(f"{self._words} {name}")

    def drop(self, name: str, error: Exception) -> None:
        """A device that takes no more."""
        self.ports.pop(name, None)
        self.tell(f"{name} does not accept messages ({error})")

    def tell(self, text: str) -> None:
        """Have the parent tell people something."""
        self._parent.send(Remark(text=text))
