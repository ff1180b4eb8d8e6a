"""Programs in files that change while they play: read and compiled again on a thread of their own."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from ...engine.logs import failed
from .source import FaustSource, Stamp, stamp

# Between two looks; what is being written is read once it is the same at two of them.
LOOK_SECONDS = 0.5
log = logging.getLogger(__name__)
Made = TypeVar("Made")


class FileWatch(Generic[Made]):
    """Looks at the files of a program, and makes it anew when they change.

    read: the program as it lies there now. make: slow; gives what is to play. discard: what was made for nobody. read
    and make raise ValueError or RuntimeError with a sentence. A file that is gone changes nothing: it may be written.
    """

    def __init__(
        self,
        source: FaustSource,
        read: Callable[[], FaustSource],
        make: Callable[[FaustSource], Made],
        discard: Callable[[Made], None],
    ) -> None:
        self._source, self._read, self._make, self._discard = source, read, make, discard
        self._known = self._seen = source.stamps
        self._looked_at = 0.0
        self._thread: threading.Thread | None = None
        self._made: list[Made] = []
        self._problem = ""
        self._is_closed, self._lock = False, threading.Lock()

    def look(self) -> Made | None:
        """What was made anew since, once. Call now and then, from one thread. Raises ValueError for what can't be."""
        now = time.monotonic()
        if self._thread is not None and self._thread.is_alive():
            return None
        if self._problem:
            problem, self._problem = self._problem, ""
            raise ValueError(problem)
        if self._made:
            return self._made.pop()
        if now - self._looked_at < LOOK_SECONDS:
            return None
        self._looked_at = now
        stamps = _stamps(self._source)
        if stamps == self._known or None in stamps:
            return None
        if stamps != self._seen:
            self._seen = stamps
            return None
        self._known = stamps
        self._thread = threading.Thread(target=self._work, name="compile Faust again", daemon=True)
        self._thread.start()
        return None

    def close(self) -> None:
        """What is being made is for nobody."""
        with self._lock:
            self._is_closed = True
            made, self._made = self._made, []
        for one in made:
            self._discard(one)

    def _work(self) -> None:
        try:
            source = self._read()
            if source.digest == self._source.digest:
                return
            made = self._make(source)
        except (ValueError, RuntimeError) as error:
            self._problem = str(error)
            return
        except Exception as error:
            self._problem = failed(log, f"it can't be compiled ({str(error) or type(error).__name__})", error)
            return
        self._source, self._known, self._seen = source, source.stamps, source.stamps
        with self._lock:
            if not self._is_closed:
                self._made.append(made)
                return
        self._discard(made)


def _stamps(source: FaustSource) -> tuple[Stamp | None, ...]:
    return tuple(map(stamp, source.paths))
