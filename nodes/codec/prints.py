"""What a model prints while it runs: it goes to the log, never to where results and messages are written.

A TorchScript ``print`` writes to ``sys.stdout``, whatever that is for at the moment: a JSON document, a pipe.
"""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

# Characters kept of all that models print in this process; one that prints in every frame would fill the disk.
MOST_KEPT = 4096
log = logging.getLogger("latent_terrain.models")
_thread = threading.local()
_kept: list[str] = []
_lock = threading.Lock()


@contextmanager
def prints_kept() -> Iterator[None]:
    """While a model runs on this thread, keep what it prints; other threads print as ever."""
    if not isinstance(sys.stdout, _Divided):
        sys.stdout = _Divided(sys.stdout)
    before, _thread.is_model = getattr(_thread, "is_model", False), True
    try:
        yield
    finally:
        _thread.is_model = before


def printed() -> str:
    """What models have printed in this process so far, from its beginning."""
    with _lock:
        return "".join(_kept)


class _Divided:
    """Standard output as it was, except on a thread that runs a model."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """To the stream, or to the log."""
        if getattr(_thread, "is_model", False):
            _keep(text)
            return len(text)
        return self._stream.write(text) if self._stream is not None else len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _keep(text: str) -> None:
    with _lock:
        room = MOST_KEPT - sum(map(len, _kept))
        if room <= 0:
            return
        _kept.append(text[:room])
    if text.strip():
        log.info("a model printed: %s", text[:room].rstrip())
    if len(text) >= room:
        log.warning("models print more than is kept; the rest is dropped")
