"""Guard: what others send may be wrong in any way; whoever hears it says so once and takes the next message."""

import logging
from collections.abc import Callable

from ...graphs.printable import printable

# Kinds of trouble that are told of; what is wrong in further ways is borne in silence.
MOST_TOLD = 16
LONGEST = 200
log = logging.getLogger(__name__)


class Guard:
    """Calls what follows a message. What that raises ends nothing, and is told once for each kind of error.

    what: whose messages they are, in a sentence. tell: takes one sentence for people, and may itself fail.
    """

    def __init__(self, what: str, tell: Callable[[str], object]) -> None:
        self._what, self._tell = what, tell
        self._told: set[str] = set()

    def __call__(self, work: Callable[..., object], *arguments: object) -> bool:
        """Do it; gives whether it went well. From any thread."""
        try:
            work(*arguments)
        except Exception as error:
            self.say(error)
            return False
        return True

    def say(self, error: Exception) -> None:
        """Tell of an error, unless one of its kind has been told of."""
        kind = type(error).__name__
        log.info("%s: %s: %s", self._what, kind, error, exc_info=error)
        if kind in self._told or len(self._told) >= MOST_TOLD:
            return
        self._told.add(kind)
        words = printable(str(error)[:LONGEST])
        try:
            self._tell(f"{self._what}: an incoming message was invalid ({kind}: {words}) and is ignored")
        except Exception:  # who can't be told must not end it either
            return
