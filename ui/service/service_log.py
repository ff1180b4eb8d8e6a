"""What a service says, with times: on standard error, in the journal without them, and in a file that is kept small."""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from ...graphs.printable import printable

FILE_BYTES, FILES = 2 << 20, 5


class ServiceLog:
    """Takes sentences, from any thread. file: None for none. say: has a line on standard error.

    Raises OSError for a file that can't be written.
    """

    def __init__(
        self, file: Path | None, say: Callable[[str], object], environment: Mapping[str, Any] = os.environ
    ) -> None:
        self._say = say
        self._has_times = "JOURNAL_STREAM" not in environment
        self._lock = threading.Lock()
        self._file: RotatingFileHandler | None = None
        if file is not None:
            self._file = RotatingFileHandler(
                file, maxBytes=FILE_BYTES, backupCount=FILES, encoding="utf-8", errors="backslashreplace"
            )

    def tell(self, text: str) -> None:
        """A sentence, and when it was said."""
        now = time.strftime("%Y-%m-%d %H:%M:%S")
        with self._lock:
            self._say(f"{now} {text}" if self._has_times else text)
            if self._file is not None:
                record = logging.makeLogRecord({"msg": f"{now} {printable(text)}"})
                with suppress(OSError, ValueError):
                    self._file.emit(record)

    def reopen(self) -> None:
        """Somebody has moved the file away (logrotate, SIGHUP): go on in a new one of its name."""
        with self._lock:
            if self._file is not None:
                self._file.close()

    def close(self) -> None:
        """Say no more."""
        self.reopen()
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.flush()
