"""Looking at a model that nobody knows, in a process of its own that can do no harm.

``examine`` reads the file once and hands what it read to that process; ``serve`` is that process: it searches the
archive, loads torch, gives up its freedom, and then loads and tries the model. However it ends, the parent has a
sentence or a description. A model that tried what no sound model needs is refused, whatever came of it.
"""

import os
import queue
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import Any

from ...engine.messages import Confined, Failed, Gone, Message, Tried, Unable
from ...engine.messages.workers import FROM_TRIAL, Described, Examine, TrialStep
from ...engine.processes.child import Child, ChildGone, Parent
from ...engine.processes.confinement import REACH, Limits
from ...engine.processes.policy import Policy
from .interface import CodecError
from .trust import digest_of

MOST_ANSWER = 4 << 20
# Somebody may be playing meanwhile.
NICENESS = 15
# A model that does not answer a single call for so long hangs; one that answers may take so long to be tried.
STEP_SECONDS, TRIAL_SECONDS = 15.0, 60.0
END_SECONDS = 10.0
# For torch to be there, on a busy machine: nothing of the model runs yet.
START_SECONDS = 60.0
# Of processor time, for a process whose parent no longer ends it.
LEEWAY_SECONDS = 10
MEMORY = 2 << 30
MEMORY_PER_BYTE = 6
CHANGES = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(frozen=True)
class Examined:
    """A model as it was found in a confined process: what ``describe`` says, and what was taken from the process."""

    description: dict[str, Any]
    confined: tuple[str, ...]

    @property
    def out_of_reach(self) -> tuple[str, ...]:
        """What the process could not reach, in words for people."""
        return tuple(words for kind, words in REACH.items() if kind in self.confined)


def memory_for(size: int) -> Limits:
    """The limits for a process that runs a model of so many bytes, as long as it runs it."""
    return Limits(memory=MEMORY + MEMORY_PER_BYTE * size)


def examine(
    path: Path,
    name: str = "",
    limits: Limits | None = None,
    *,
    scan: bool = True,
    seconds: float = TRIAL_SECONDS,
    step_seconds: float = STEP_SECONDS,
    progress: Callable[[str], None] = lambda text: None,
) -> Examined:
    """Load and try a model file in a confined process. Raises CodecError with what went wrong, whatever it was.

    seconds: how long it may take; step_seconds: how long without a sign. progress: hears what is being tried.
    scan: judge its archive and its operators, as is always right; without it only the confinement protects.
    """
    from .torchscript import read_model

    name = name or str(path)
    data = read_model(path, name)
    limits = limits or replace(memory_for(len(data)), cpu_seconds=ceil(seconds) + LEEWAY_SECONDS)
    order = Examine(
        name=name,
        path=str(path.resolve()),
        sha256=digest_of(data),
        scan=scan,
        memory=limits.memory,
        cpu_seconds=limits.cpu_seconds,
    )
    heard: queue.SimpleQueue[Message] = queue.SimpleQueue()
    child = Child(
        f"{__name__}:serve",
        order,
        FROM_TRIAL,
        heard.put,
        Policy(niceness=NICENESS, is_confined=True, largest=MOST_ANSWER),
        CHANGES,
    )
    try:
        if child.passes_files:
            _hand_over(child, data)
        del data
        found = _Waiting(name, child, heard, limits, progress).until(seconds, step_seconds)
        # what is allowed is what was read here, whatever that process says of it
        return Examined({**found.description, "name": name, "sha256": order.sha256}, found.confined)
    finally:
        child.kill()
        child.close()


class _Waiting:
    """For what becomes of a trial."""

    def __init__(
        self,
        name: str,
        child: Child,
        heard: "queue.SimpleQueue[Message]",
        limits: Limits,
        progress: Callable[[str], None],
    ) -> None:
        self._name, self._child, self._heard, self._limits, self._progress = name, child, heard, limits, progress
        self._tried: list[str] = []
        self._confined: tuple[str, ...] = ()
        self._now, self._refusal = "it was loaded", ""

    def until(self, seconds: float, step_seconds: float) -> Examined:
        """What was found. Raises CodecError."""
        end, step_end = time.monotonic() + START_SECONDS, float("inf")
        while True:
            now = time.monotonic()
            try:
                message = self._heard.get(timeout=max(min(end, step_end) - now, 0.0))
            except queue.Empty:
                if self._refusal:
                    raise CodecError(self._harm() or self._refusal) from None
                raise CodecError(self._late(seconds, step_seconds, is_step=step_end < end)) from None
            match message:
                case Confined() if not self._confined:
                    self._confined = tuple(message.done)
                    end = time.monotonic() + seconds
                case Tried():
                    self._tried.append(message.text)
                case TrialStep():
                    self._now = f"its method {message.method[:64]} was tried"
                    self._progress(message.method[:64])
                case Described():
                    return self._examined(message.description)
                case Unable():  # what it was denied is told on another way, and maybe later; it ends now
                    self._refusal, end, step_end = message.text, now + END_SECONDS, float("inf")
                case Gone() | Failed():
                    raise CodecError(self._harm() or self._refusal or _why_gone(self._name, message, self._limits))
                case _:
                    pass
            step_end = time.monotonic() + step_seconds if self._confined else float("inf")

    def _examined(self, described: dict[str, Any]) -> Examined:
        self._child.kill()
        while not isinstance(message := self._heard.get(), Gone):
            if isinstance(message, Tried):
                self._tried.append(message.text)
        if harm := self._harm():
            raise CodecError(harm)
        if not _is_whole(described):
            raise CodecError(f"{self._name} can't be understood; ask its author for a working copy")
        return Examined(described, self._confined)

    def _harm(self) -> str:
        tried = list(dict.fromkeys(self._tried))
        if not tried:
            return ""
        return (
            f"{self._name} is rejected: during the test it tried to {' and to '.join(tried[:3])}, which no audio "
            "model needs and was blocked; ask its author for a working copy"
        )

    def _late(self, seconds: float, step_seconds: float, *, is_step: bool) -> str:
        if not self._confined:
            return f"{self._name} could not be tested: the process for it did not start within {START_SECONDS:.0f} s"
        if is_step:
            return f"{self._name} was stopped: it hangs (no answer for {step_seconds:.0f} s while {self._now})"
        return f"{self._name} was stopped: testing it took more than {seconds:.0f} seconds; allow more with --seconds"


def _is_whole(described: Mapping[str, Any]) -> bool:
    """Whether a description has what is looked at: it comes from a process that ran somebody's program."""
    kinds = {"size": int, "methods": list, "notes": list, "is_codec": bool, "is_usable": bool, "no_codec": str}
    return all(isinstance(described.get(key), kind) for key, kind in kinds.items()) and all(
        isinstance(one, dict) and isinstance(one.get("name"), str) and "latency" in one for one in described["methods"]
    )


def serve(parent: Parent) -> None:
    """Be the confined process: one order, one answer."""
    order = parent.order(Examine)
    name = order.name
    try:
        data = _handed_over(parent, order)
        if digest_of(data) != order.sha256:
            raise CodecError(f"{name} changed during the test; test it again")
        if order.scan:
            from .scan import scan_model

            scan_model(data, name)
        from .describe import described
        from .probe import step
        from .torchscript import load_program, ready_torch

        ready_torch("testing a model")
        parent.confine(Limits(order.memory, order.cpu_seconds), tell_reads=True)
        step.set(lambda method: parent.send(TrialStep(method=method)))
        loaded = load_program(data, name, order.sha256, scan=order.scan)
        parent.send(Described(description=described(loaded).as_json()))
    except CodecError as error:
        parent.send(Unable(text=str(error)))
    except ImportError as error:
        parent.send(Unable(text=f"{name} could not be tested: this installation is incomplete ({error})"))
    except MemoryError:
        parent.send(Unable(text=f"{name} needs more memory than an audio model should"))


def _hand_over(child: Child, data: bytes) -> None:
    """What was read, as a file without a name: what is looked at is what was read, whatever becomes of the file."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("model", os.MFD_CLOEXEC)
    else:
        descriptor, path = tempfile.mkstemp()
        os.unlink(path)
    try:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(data)
        os.lseek(descriptor, 0, os.SEEK_SET)
        child.hand_over(descriptor)
    except ChildGone:
        return  # and is heard to be
    finally:
        os.close(descriptor)


def _handed_over(parent: Parent, order: Examine) -> bytes:
    try:
        descriptor = parent.handed_over()
    except OSError:
        return Path(order.path).read_bytes()
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def _why_gone(name: str, message: Failed | Gone, limits: Limits) -> str:
    if isinstance(message, Failed):
        return f"{name} was stopped during the test ({message.text}); ask its author for a working copy"
    code = message.code
    if code > 0 and sys.platform != "win32":  # Python's own end: nothing that a model does
        return f"{name} could not be tested: the process for it did not start well (code {code})"
    return f"{name} was stopped during the test: {_why(code, limits)}; ask its author for a working copy"


def _why(code: int, limits: Limits) -> str:
    if sys.platform == "win32" or code >= 0:
        return "its process ended unexpectedly"
    reasons = {
        signal.SIGXCPU: f"it used the processor for more than {limits.cpu_seconds} seconds",
        signal.SIGKILL: "it used too much memory, or repeated a blocked operation",
        signal.SIGXFSZ: "it tried to write a file",
        signal.SIGSYS: "it made a system call that no audio model needs",
        signal.SIGSEGV: "it crashed",
        signal.SIGABRT: "it crashed",
    }
    return reasons.get(signal.Signals(-code), f"its process ended by signal {-code}")
