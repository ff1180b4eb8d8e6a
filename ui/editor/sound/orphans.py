"""Engines that go on playing when their editor has ended unexpectedly: the next editor's engine takes their place.

Beside the file by which an engine is found lies another with the number of the editor's process.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path

from ....engine.processes.alive import is_running
from ....engine.session.registry import find_engines, runtime_folder
from ....graphs.file_read import read_bytes

SUFFIX = ".editor"
# Bytes of such a file.
LARGEST = 64


def mark_own(engine: int | None) -> None:
    """Note that an engine, by process number, belongs to this editor."""
    if engine is not None:
        with suppress(OSError):
            _mark(engine).write_text(str(os.getpid()))


def end_orphans() -> int:
    """End the engines whose editors have gone without ending them; how many."""
    count = 0
    try:
        running = {one.process for one in find_engines()}
        marks = list(runtime_folder().glob(f"*{SUFFIX}"))
    except OSError:
        return 0
    for mark in marks:
        with suppress(OSError, ValueError):
            engine, editor = int(mark.stem), int(read_bytes(mark, LARGEST))
            if engine not in running:
                mark.unlink()
            elif not is_running(editor):
                os.kill(engine, signal.SIGTERM)
                mark.unlink()
                count += 1
    return count


def _mark(engine: int) -> Path:
    return runtime_folder() / f"{engine}{SUFFIX}"
