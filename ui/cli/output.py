"""What the command line says: results on one stream, everything else on the other, failures as sentences.

All of it goes out through ``put`` and ``say``, a line each: whatever stands in a name, a path or a patch's texts, no
terminal is steered by it, and no line is forged.
"""

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from ...engine import Problem
    from ...engine.processes.child import Parent

# Exit codes: can't run, asked the wrong way, missing or bad file, no such device, sound broke, Ctrl-C.
RUN, USAGE, FILE, DEVICE, XRUNS, INTERRUPTED = 1, 2, 3, 4, 5, 130

_parent: "Parent | None" = None
# Called with how far the work is (0 … 1) and a few words.
Advance = Callable[[float, str], None]


class Failure(Exception):
    """A command cannot do what was asked: one sentence, an exit code, and for patches everything found."""

    def __init__(self, text: str, code: int = RUN, problems: Iterable["Problem"] = ()) -> None:
        self.code = code
        self.problems = tuple(problems)
        super().__init__(text)


@dataclass
class StopAsked:
    """Whether somebody asked to stop."""

    asked: bool = False


def finish(document: Mapping[str, Any], lines: str | Iterable[str], as_json: bool) -> None:
    """Give a command's result to standard output: one JSON document, or lines for people."""
    if as_json:
        # ASCII only, and what control characters there are stands as escapes
        _write(sys.stdout, json.dumps(document, indent=2, allow_nan=False, default=str) + "\n")
    else:
        put(*([lines] if isinstance(lines, str) else lines))


def put(*lines: str) -> None:
    """Write lines of data to standard output."""
    _write(sys.stdout, _shown(lines))


def say(*lines: str) -> None:
    """Write lines for people to standard error, or have them told by the process that started this one."""
    if _parent is None:
        _write(sys.stderr, _shown(lines))
        return
    from ...engine.messages.children import CommandSaid

    for line in lines:
        _parent.send(CommandSaid(text=printable(line)))


def tell_ready(address: str = "", port: int = 0) -> None:
    """It can be reached from now on: put its address, and tell the process that started this one, if one did."""
    if address:
        put(address)
    if _parent is not None:
        from ...engine.messages import Ready

        _parent.send(Ready(port=port, address=address))


def report_to(parent: "Parent") -> None:
    """What is said from now on goes to the process that started this one (see ``as_child``)."""
    global _parent
    _parent = parent


def fail(failure: Failure, as_json: bool) -> int:
    """Report a failure and give its exit code."""
    if as_json:
        document = {"error": str(failure), "problems": [problem_json(problem) for problem in failure.problems]}
        finish(document, "", as_json=True)
        return failure.code
    say(str(failure), *(f"  also {problem}" for problem in failure.problems[1:]))
    return failure.code


def problem_json(problem: "Problem") -> dict[str, str]:
    """A problem as plain data: node, port, text, severity."""
    return {"node": problem.node, "port": problem.port, "text": problem.text, "severity": problem.severity}


@contextmanager
def progress(title: str) -> Iterator[Advance]:
    """Show on standard error how far some work is: a bar on a terminal, elsewhere a line at its first sign of life."""
    if sys.stderr is None or not sys.stderr.isatty():
        said: list[str] = []

        def begin(done: float, text: str) -> None:
            if not said:
                said.append(title)
                say(title)

        yield begin
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[words]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(printable(title), total=1.0, words="")
        yield lambda done, text: bar.update(task, completed=done, words=printable(text))


@contextmanager
def stoppable() -> Iterator[StopAsked]:
    """Let Ctrl-C, a polite kill or a closed terminal be noticed between blocks; twice breaks off."""
    stop = StopAsked()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def note(number: int, frame: FrameType | None) -> None:
        if stop.asked:
            raise KeyboardInterrupt
        stop.asked = True

    from ...engine.processes.alive import stop_signals

    before = {number: signal.signal(number, note) for number in stop_signals()}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def make_streams_safe() -> None:
    """Let no stream that is closed, or knows few letters, break a command."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if logging.lastResort is not None:  # where libraries warn of what they read
        logging.lastResort.setFormatter(_Printable())


def flush() -> None:
    """Push out what others have written to standard output, so that a reader who has gone is met here."""
    _write(sys.stdout, "")


def printable(text: str) -> str:
    """A line as it may go to a terminal (see ``graphs.printable``, which is not loaded for a line that is plain)."""
    if text.isprintable():
        return text
    from ...graphs.printable import printable as escaped

    return escaped(text)


class _Printable(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))


def _shown(lines: Iterable[str]) -> str:
    return "".join(f"{printable(line)}\n" for line in lines)


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:
        return
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        _pour_away(stream)
    except OSError as error:
        _pour_away(stream)
        if stream is sys.stdout:
            raise Failure(f"the result can't be written ({error.strerror}); is the disk full?", FILE) from None


def _pour_away(stream: TextIO) -> None:
    """A reader who has read enough (``| head``) is no error: what follows goes nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
