"""The log: what happened, in sentences; what is said again and again is counted instead."""

import time
from collections import deque
from dataclasses import dataclass, replace
from typing import Literal

from ....graphs.printable import printable

Severity = Literal["info", "warning", "error"]
MOST = 500


@dataclass(frozen=True)
class LogEntry:
    """time: seconds since the epoch, of the last of ``count`` times. node: whose it is, "" for none.

    details: for whoever wrote the node: the traceback of what it raised.
    """

    time: float
    severity: Severity
    text: str
    node: str = ""
    count: int = 1
    details: str = ""


class Log:
    """The last 500 entries, newest last. ``version`` grows with every change."""

    def __init__(self) -> None:
        self._entries: deque[LogEntry] = deque(maxlen=MOST)
        self.version = 0

    @property
    def entries(self) -> tuple[LogEntry, ...]:
        """Newest last."""
        return tuple(self._entries)

    def say(
        self, text: str, severity: Severity = "info", node: str = "", now: float | None = None, details: str = ""
    ) -> LogEntry:
        """Note a sentence; what is odd in names that stand in it is shown as an escape."""
        text, details = ("\n".join(map(printable, one.split("\n"))) for one in (text, details))
        moment = time.time() if now is None else now
        last = self._entries[-1] if self._entries else None
        if last is not None and (last.text, last.severity, last.node) == (text, severity, node):
            entry = replace(last, time=moment, count=last.count + 1, details=details or last.details)
            self._entries[-1] = entry
        else:
            entry = LogEntry(moment, severity, text, node, details=details)
            self._entries.append(entry)
        self.version += 1
        return entry

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.version += 1
