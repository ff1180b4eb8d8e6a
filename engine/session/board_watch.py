"""Watching: what an engine shows, as its client sees it, without a message per value."""

import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from ..messages import BoardAt, Watched
from ..values import FloatArray
from .board import BoardGone, BoardReader


class BoardWatch:
    """The board and the latest status, from any thread. wanted: what of both the client subscribed to."""

    def __init__(self) -> None:
        self.wanted: tuple[Watched, ...] = ()
        self.status: Mapping[str, Any] = {}
        self._lock = threading.Lock()
        self._next: BoardAt | None = None
        self._reader: BoardReader | None = None

    def take_board(self, description: BoardAt) -> None:
        """The engine has another board, or none."""
        if "readings" in self.wanted:
            with self._lock:
                self._next = description

    def take_status(self, status: Mapping[str, Any]) -> None:
        """The engine tells how it is doing."""
        if "status" in self.wanted:
            self.status = status

    def read(self, node: str, name: str) -> FloatArray | None:
        """What a node shows now; None when it shows nothing of that name."""
        with self._lock:
            if self._next is not None:
                self._replace(self._next)
            if self._reader is None or (node, name) not in self._reader:
                return None
            found: FloatArray | None = self._reader.read(node, name)
            return found

    def keep_only(self, wanted: Iterable[str]) -> None:
        """Forget what is no longer subscribed to."""
        if "status" not in wanted:
            self.status = {}
        if "readings" not in wanted:
            self.close()

    def lost(self) -> None:
        """The engine has gone."""
        self.keep_only(())

    def close(self) -> None:
        """Let go of the board."""
        with self._lock:
            self._replace(BoardAt())

    def _replace(self, description: BoardAt) -> None:
        self._next = None
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
        if description.path:
            with suppress(BoardGone):  # an even newer one is on its way
                self._reader = BoardReader(description)
