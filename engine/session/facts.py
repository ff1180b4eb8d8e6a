"""Facts: what programs beside an engine tell of themselves (sources heard, recordings, what is saved)."""

import threading
import time
from typing import Any

from ..messages import TellFacts

# A program that tells nothing for so long has gone.
FRESH_SECONDS = 5.0
MOST_PROGRAMS = 32
# Under this name it is told that the patch's file has been saved, which all programs beside the engine hear of.
SAVED = "saved"


class KeptFacts:
    """The newest of each program; from any thread."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[float, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def take(self, told: TellFacts) -> None:
        """A program tells of itself."""
        with self._lock:
            if told.program in self._told or len(self._told) < MOST_PROGRAMS:
                self._told[told.program] = time.monotonic(), told.facts

    def now(self) -> dict[str, dict[str, Any]]:
        """What all those tell that are there, by program."""
        oldest = time.monotonic() - FRESH_SECONDS
        with self._lock:
            self._told = {program: one for program, one in self._told.items() if one[0] >= oldest}
            return {program: facts for program, (_, facts) in self._told.items()}

    def for_all(self) -> dict[str, Any]:
        """What goes with the status to all who look on; a few words at most, as it is sent all the time."""
        found = self.now().get(SAVED)
        return {"facts": {SAVED: found}} if found is not None else {}
