"""Watching: what an engine shows, as its client sees it, without a message per value."""

import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ..values import FloatArray
from .board import BoardGone, BoardReader


class Watching:
    """The board and the latest status. ``read`` belongs to one thread; news of boards may come on another."""

    def __init__(self) -> None:
        self.is_wanted = False
        self.status: Mapping[str, Any] = {}
        self._lock = threading.Lock()
        self._next: Mapping[str, Any] | None = None
        self._reader: BoardReader | None = None

    def take_board(self, description: Mapping[str, Any]) -> None:
        """The engine has another board, or none."""
        with self._lock:
            self._next = description

    def read(self, node: str, name: str) -> FloatArray | None:
        """What a node shows now; None when it shows nothing of that name."""
        with self._lock:
            description, self._next = self._next, None
        if description is not None:
            self.close()
            if description:
                with suppress(BoardGone):  # an even newer one is on its way
                    self._reader = BoardReader(description)
        if self._reader is None or (node, name) not in self._reader:
            return None
        found: FloatArray | None = self._reader.read(node, name)
        return found

    def lost(self) -> None:
        """The engine has gone."""
        self.status = {}
        self.take_board({})

    def close(self) -> None:
        """Let go of the board."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
