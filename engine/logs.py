"""The log: what happened within, for whoever looks for a fault; what musicians are told stays a sentence of its own.

Loggers are named by module. ``LATENT_TERRAIN_LOG`` says how much is logged and where to: a level (``debug``, ``info``,
``warning``, ``error``) on standard error, a path for all from ``info`` on, or ``level:path``. Processes that are
started hear of it through their environment; those that run somebody's model are given no file.
"""

import logging
import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

from ..graphs.printable import printable

LOG = "LATENT_TERRAIN_LOG"
DEBUG = "LATENT_TERRAIN_DEBUG"
LEVELS = {name: getattr(logging, name.upper()) for name in ("debug", "info", "warning", "error")}
# Letters of a traceback that cross to another process: its first and its last half.
MOST_DETAILS = 8000
TOLD = {"is_told": True}
FORM = "%(asctime)s %(levelname)s %(name)s [%(process)d]: %(message)s"
_root = logging.getLogger("latent_terrain")
_root.addHandler(logging.NullHandler())  # in a program of somebody else's, logging is theirs to set up


def begin(verbosity: int = 0, *, is_confined: bool = False) -> None:
    """Log as ``LATENT_TERRAIN_LOG`` says, warnings alone where it says nothing. Every process of ours calls it first.

    verbosity: 1 has what is told (info) on standard error too, 2 all (debug), also of processes started from now on.
    is_confined: this process will run somebody's model, and must not hold a file. A setting that can't be followed is
    told there in a sentence, and left out.
    """
    level, path = _asked()
    if verbosity:
        level = "debug" if verbosity > 1 else "info"
        os.environ[LOG] = f"{level}:{path}" if path else level
    handlers: list[logging.Handler] = []
    if path and not is_confined:
        try:
            handlers.append(logging.FileHandler(path, encoding="utf-8", errors="backslashreplace"))
        except OSError as error:
            _give_up(f"{path} can't be written ({error.strerror}); name a file in a folder that is there")
            level, path = "", ""
    if verbosity or not handlers:
        handlers.append(_Stderr())
    is_usual = not (level or path)
    for handler in handlers:
        handler.setLevel(LEVELS[level or ("info" if path else "warning")])
        handler.setFormatter(_Plain("%(message)s") if is_usual else _Whole(FORM))
        if is_usual:
            handler.addFilter(_is_untold)
    for before in [one for one in _root.handlers if not isinstance(one, logging.NullHandler)]:
        _root.removeHandler(before)
        before.close()
    for handler in handlers:
        _root.addHandler(handler)
    _root.setLevel(min(handler.level for handler in handlers))


def failed(log: logging.Logger, sentence: str, error: BaseException | None) -> str:
    """Log with its traceback what people are told in a sentence, and give that. Never on the audio thread."""
    log.error("%s", sentence, exc_info=error, extra=TOLD)
    return sentence


def details(error: BaseException | None) -> str:
    """A traceback as text of at most ``MOST_DETAILS`` letters, "" for none: to be shown where a sentence is."""
    if error is None:
        return ""
    text = "".join(traceback.format_exception(error))
    half = MOST_DETAILS // 2
    return text if len(text) <= MOST_DETAILS else f"{text[: half - 3]}\n…\n{text[3 - half :]}"


def stderr_of_children() -> int | None:
    """Where a process that is started has its standard error, as subprocess takes it: ours, where a log goes there."""
    level, path = _asked()
    return None if os.environ.get(DEBUG) or (level and not path) else subprocess.DEVNULL


def _asked() -> tuple[str, str]:
    """The level and the absolute path that the environment names, each "" for none."""
    given = os.environ.get(LOG, "").strip()
    level, colon, path = given.partition(":")
    if level.lower() in LEVELS:
        return level.lower(), _whole(path)
    is_path = _looks_like_one(given) and (not colon or len(level) == 1 or _looks_like_one(level))  # C:\\logs is one
    if given and not is_path:
        _give_up(f"unknown log level {level[:40]!r}; use {', '.join(LEVELS)}, a path, or level:path")
    return "", _whole(given) if is_path else ""


def _looks_like_one(text: str) -> bool:
    return any(mark in text for mark in (os.sep, "/", "."))


def _whole(path: str) -> str:
    return str(Path(path).expanduser().absolute()) if path else ""


def _give_up(why: str) -> None:
    os.environ.pop(LOG, None)
    if sys.stderr is not None:
        sys.stderr.write(f"{LOG}: {printable(why)}\n")


def _is_untold(record: logging.LogRecord) -> bool:
    return not getattr(record, "is_told", False)


class _Stderr(logging.Handler):
    """Standard error as it is when something is logged; nowhere, in a program without one."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = f"{self.format(record)}\n"
            if sys.stderr is not None:
                sys.stderr.write(text)
                sys.stderr.flush()
        except Exception:
            self.handleError(record)


class _Whole(logging.Formatter):
    """A line, and a traceback set in beneath it: nothing that stands in a name steers a terminal or forges a line."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return printable(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        lines = super().formatException(ei).split("\n")
        return "\n".join(f"    {printable(line)}" for line in lines)


class _Plain(_Whole):
    """The message alone."""

    def format(self, record: logging.LogRecord) -> str:
        record.message = record.getMessage()
        return self.formatMessage(record)
