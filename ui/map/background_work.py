"""What a process of its own works out for the map, one question at a time."""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ...engine.processes.supervisor import SupervisedChild
from ..terrain_image.terrain import map_painter

Answer = TypeVar("Answer")


class BackgroundWork(Generic[Answer]):
    """No method but ``close`` waits. worker: another process in tests."""

    def __init__(self, worker: SupervisedChild | None = None) -> None:
        self._worker = worker or map_painter()
        self._thread: threading.Thread | None = None
        self._ready: list[Answer] = []

    @property
    def is_busy(self) -> bool:
        """Whether a question is being worked on."""
        return self._thread is not None and self._thread.is_alive()

    def ready(self) -> Answer | None:
        """What was worked out since last asked."""
        return self._ready.pop(0) if self._ready else None

    def close(self) -> None:
        """End the process."""
        self._worker.close(0.0)
        if self._thread is not None:
            self._thread.join()

    def _begin(self, name: str, run: Callable[..., None], *given: Any) -> bool:
        """Run something on a thread. False while another question is being worked on."""
        if self.is_busy:
            return False
        self._thread = threading.Thread(target=run, args=given, name=name, daemon=True)
        self._thread.start()
        return True
