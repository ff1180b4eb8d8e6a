"""Takes that nodes have recorded while they play, fetched from the engine once they have come to rest."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

from ....engine.session import Client, EngineGone
from ....engine.values import Content
from ....graphs import Patch
from ....graphs.frozen import same
from ....graphs.scope_paths import by_node

GATHER_SECONDS = 1.0
# Of a take that goes on for longer, what there is comes into the patch now and then: no crash takes more than that.
LONGEST_SECONDS = 10.0


class TakeCollector:
    """Looks after them. gathers: whether a node type keeps takes.

    Those of a definition are kept where one instance plays it: several have no places of their own in the patch.
    """

    def __init__(self, gathers: Callable[[str], bool]) -> None:
        self._gathers = gathers
        self._before: Mapping[str, Content] = {}
        self._given: dict[str, Content] = {}
        self._looked_at = -GATHER_SECONDS
        self._given_at = time.monotonic()
        self._is_asking = False
        self._documents = 0
        self._lock = threading.Lock()
        self._found: deque[tuple[str, Content]] = deque()

    def look(self, client: Client, patch: Patch) -> None:
        """Ask the engine, at most once a second. What has grown since is left: not each second of a take is an edit."""
        now = time.monotonic()
        if self._is_asking or now - self._looked_at < GATHER_SECONDS:
            return
        self._looked_at = now
        if not any(self._gathers(node.type) for node in patch.nodes.values()):
            return
        self._is_asking = True
        document = self._documents

        def come(takes: Mapping[str, Content]) -> None:
            self._is_asking = False
            self._take(takes, patch, document, waits=True)

        def fail(gone: EngineGone) -> None:
            self._is_asking = False

        client.ask_capture(come, fail)

    def fetch(self, client: Client, patch: Patch, seconds: float) -> None:
        """Ask the engine for all that there is, and wait for it. Raises EngineGone. From any thread."""
        if any(self._gathers(node.type) for node in patch.nodes.values()):
            document = self._documents
            self._take(client.capture(seconds), patch, document, waits=False)

    def forget(self) -> None:
        """Another document is open: what was recorded in the last one, or is about to come, is none of it."""
        with self._lock:
            self._documents += 1
            self._before = {}
            self._given.clear()
            self._found.clear()

    def found(self) -> Mapping[str, Content]:
        """What has come to rest since last asked, by node; from any thread."""
        found: dict[str, Content] = {}
        while self._found:
            node, content = self._found.popleft()
            found[node] = content
        return found

    def _take(self, takes: Mapping[str, Content], patch: Patch, document: int, waits: bool) -> None:
        with self._lock:
            if document != self._documents:
                return
            now = time.monotonic()
            is_due = now - self._given_at >= LONGEST_SECONDS
            for path, node in by_node(patch, takes).items():
                content = takes[path]
                if waits and not is_due and not _alike(content, self._before.get(path)):
                    continue
                if not _alike(content, patch.nodes[node].content) and not _alike(content, self._given.get(node)):
                    self._given[node], self._given_at = content, now
                    self._found.append((node, content))
            self._before = takes


def _alike(one: Content, other: Content | None) -> bool:
    return other is not None and same(dict(one), dict(other))
