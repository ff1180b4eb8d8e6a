"""Takes that nodes have recorded while they play, fetched from the engine once they have come to rest."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

from ...engine.link import Client
from ...engine.values import Content
from ...graphs import Patch
from ...graphs.frozen import same

GATHER_SECONDS = 1.0
LONGEST_SECONDS = 10.0
"""Of a take that goes on for longer, what there is comes into the patch now and then: no crash takes more than that."""


class Takes:
    """Looks after them for the thread that talks with the engine. gathers: whether a node type keeps takes."""

    def __init__(self, gathers: Callable[[str], bool]) -> None:
        self._gathers = gathers
        self._before: Mapping[str, Content] = {}
        self._given: dict[str, Content] = {}
        self._looked_at = -GATHER_SECONDS
        self._given_at = time.monotonic()
        self._lock = threading.Lock()
        self._found: deque[tuple[str, Content]] = deque()

    def look(self, client: Client, patch: Patch, seconds: float, waits: bool = True) -> None:
        """Ask the engine, at most once a second. Raises EngineGone.

        waits: leave what has grown since last time, so that not every second of a take is an edit. From any thread.
        """
        with self._lock:
            self._look(client, patch, seconds, waits)

    def _look(self, client: Client, patch: Patch, seconds: float, waits: bool) -> None:
        now = time.monotonic()
        if waits and now - self._looked_at < GATHER_SECONDS:
            return
        self._looked_at = now
        if not any(self._gathers(node.type) for node in patch.nodes.values()):
            return
        found = client.capture(seconds)
        is_due = now - self._given_at >= LONGEST_SECONDS
        for node, content in found.items():
            if node not in patch.nodes or (waits and not is_due and not _alike(content, self._before.get(node))):
                continue
            if not _alike(content, patch.nodes[node].content) and not _alike(content, self._given.get(node)):
                self._given[node], self._given_at = content, now
                self._found.append((node, content))
        self._before = found

    def found(self) -> Mapping[str, Content]:
        """What has come to rest since last asked, by node; from any thread."""
        found: dict[str, Content] = {}
        while self._found:
            node, content = self._found.popleft()
            found[node] = content
        return found


def _alike(one: Content, other: Content | None) -> bool:
    return other is not None and same(dict(one), dict(other))
