"""The worker: a process of its own that computes one stream's frames, and nothing else.

It sleeps until shortly before the next frame is to be expected, looks often then, and never makes the engine wait:
frames come and go through shared memory. Computing happens on one thread, before ordinary processes where allowed.
"""

import gc
import logging
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from ..logs import failed
from ..messages import Error, Message, Unable
from ..messages.workers import TO_WORKER, Facts, Open, RunWork, StreamOpened, WorkFault
from ..processes.child import Parent
from ..processes.priority import FRAMES, raise_priority
from ..processes.shared import SharedArrays
from ..values import FloatArray
from .words import (
    ANSWERING,
    BEGIN,
    BLOCK_NS,
    COMPUTING,
    DONE,
    DUE,
    EPOCH,
    FAULTS,
    MOST_WAITING,
    POSTED,
    READY,
    SENT_NS,
    SKIPPED,
    SLOT_WORDS,
    SLOTS,
    STREAM,
    TIMES,
    UNTIL,
)

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.0003
EARLY_SECONDS = 0.002
REST_SECONDS = 0.002
WARM_UPS = 16
MOST_REASONS = 8
NO_NUMBER = "its model outputs NaN or infinity"


class Work(Protocol):
    """What a worker does: made by the function that the engine names, in the worker's process.

    Where the order says that it is confined, that function is also given ``confine`` (see ``Parent.confine``), and has
    to call it before it runs anything that isn't ours.
    """

    def facts(self) -> Mapping[str, Any]:
        """What the engine has to know, as plain data."""
        ...

    def open(self, how: Mapping[str, Any]) -> "Task":
        """A stream, warmed up for exactly the shapes it will see."""
        ...


class Task(Protocol):
    """One stream at work. is_sound: from latents to sound. onset: samples by which its first sound is late.

    It may have ``faults``: how many of its calls it has replaced by silence itself.
    """

    is_sound: bool
    onset: int

    def run(self, given: FloatArray, is_first: bool, offset: int) -> FloatArray:
        """Latents ``[size]`` to sound ``[channels, n]``, or the sound since the last frame to latents ``[size]``.

        offset: samples of the sound before the first frame's instant.
        """
        ...

    def reset(self) -> None:
        """Forget the stream."""
        ...


def serve(parent: Parent) -> None:
    """Make the work, tell its facts, then play whatever stream is asked for until the parent is gone."""
    from importlib import import_module

    order = parent.order(RunWork)
    sys.path[:0] = order.path
    module, _, name = order.work.partition(":")
    arguments = dict(order.arguments)
    if order.is_confined:
        arguments["confine"] = parent.confine
    try:
        work: Work = getattr(import_module(module), name)(**arguments)
    except (ValueError, MemoryError) as error:
        parent.send(Unable(text=str(error) or "not enough memory"))
        return
    parent.begin()
    parent.send(Facts(facts=dict(work.facts())))
    message = parent.receive(TO_WORKER)
    if not isinstance(message, Open):
        return
    try:
        worker = _Worker(message, work, parent.handed_over() if message.is_handed_over else -1, parent.send)
    except (ValueError, OSError, MemoryError) as error:
        parent.answer(message, Error(text=str(error)))
        return
    onset = float(worker.task.onset)
    parent.answer(message, StreamOpened(computing_ns=worker.tried_ns, onset=onset, is_realtime=worker.is_realtime))
    worker.play()


class _Worker:
    def __init__(
        self,
        message: Open,
        work: Work,
        descriptor: int = -1,
        tell: Callable[[Message], None] = lambda message: None,
    ) -> None:
        self._tell, self._told, self._replaced = tell, dict[str, None](), 0
        self.memory = SharedArrays.attach(message.memory, message.layout, descriptor)
        self.task = work.open(message.how)
        self.period, self.ratio = message.period_seconds, message.ratio
        self.words, self.slots = self.memory.words("words"), self.memory.words("slots")
        self.times = self.memory.words("times")
        self.latents, self.ring = self.memory.arrays["latents"], self.memory.arrays["sound"]
        self.size = self.ring.shape[1]
        self.done = self.words[DONE] = self.words[POSTED]
        self.epoch = self.written = self.sent_ns = 0
        self.is_realtime = raise_priority(FRAMES)
        self.tried_ns = self._warmed_up()
        gc.collect()
        gc.freeze()

    def play(self) -> None:
        """Answer frames for as long as the parent lives."""
        while True:
            waiting = self.words[POSTED] - self.done
            for _ in range(waiting):
                self._answer()
            if not waiting:
                time.sleep(self._rest())

    def _rest(self) -> float:
        """How long to sleep: until shortly before the next frame is sent, a period after the last."""
        since = (time.perf_counter_ns() - self.sent_ns) * 1e-9
        if since > 4 * self.period:
            return REST_SECONDS
        until = self.period - self.words[BLOCK_NS] * 1e-9 - EARLY_SECONDS - since
        return until if until > LOOK_SECONDS else LOOK_SECONDS

    def _answer(self) -> None:
        began = time.perf_counter_ns()
        slot = self.done % SLOTS
        place = slot * SLOT_WORDS
        due, begin, until, epoch = (self.slots[place + part] for part in (DUE, BEGIN, UNTIL, STREAM))
        self.sent_ns = self.slots[place + SENT_NS]
        is_first = epoch != self.epoch
        if is_first:
            self.task.reset()
            self.epoch, self.written = epoch, due if self.task.is_sound else begin
        is_late = self.words[POSTED] - self.done > self.words[MOST_WAITING]
        if self.task.is_sound:
            self._sound(slot, is_first, is_late, due)
        else:
            self._frame(slot, is_first, due, until)
        ended = time.perf_counter_ns()
        self.times[COMPUTING * TIMES + self.done % TIMES] = ended - began
        self.times[ANSWERING * TIMES + self.done % TIMES] = ended - self.slots[place + SENT_NS]
        self.done += 1
        self.words[DONE] = self.done

    def _sound(self, slot: int, is_first: bool, is_late: bool, due: int) -> None:
        given = self.latents[slot]
        sound: FloatArray | None = None
        if is_late:
            self.words[SKIPPED] += 1
        else:
            sound = self._run(given, is_first, 0)
        if sound is None:
            missing = max(0, round(due + self.ratio) - self.written)
            sound = np.zeros((self.ring.shape[0], min(missing, self.size)), np.float32)
        count = sound.shape[1]
        begin = self.written % self.size
        first = min(count, self.size - begin)
        self.ring[:, begin : begin + first] = sound[:, :first]
        self.ring[:, : count - first] = sound[:, first:]
        self.written += count
        self.words[READY] = self.written
        self.words[EPOCH] = self.epoch

    def _frame(self, slot: int, is_first: bool, due: int, until: int) -> None:
        count = until - self.written
        begin = self.written % self.size
        first = min(count, self.size - begin)
        sound = np.concatenate([self.ring[:, begin : begin + first], self.ring[:, : count - first]], axis=1)
        latents = self._run(sound, is_first, due - self.written)
        self.written = until
        self.latents[slot] = 0.0 if latents is None else latents

    def _run(self, given: FloatArray, is_first: bool, offset: int) -> FloatArray | None:
        """The task's result; None where it failed or gave what is no number."""
        try:
            made = self.task.run(given, is_first, offset)
            if np.isfinite(made).all():
                self._count_replaced()
                return made
            reason, raised = NO_NUMBER, None
        except Exception as error:
            reason = str(error) or type(error).__name__
            raised = error
        self.words[FAULTS] += 1
        self._say(reason, raised)
        self.task.reset()
        return None

    def _count_replaced(self) -> None:
        """Count what the task itself has replaced by silence."""
        replaced = int(getattr(self.task, "faults", 0))
        if replaced != self._replaced:
            self.words[FAULTS] += replaced - self._replaced
            self._replaced = replaced
            self._say(NO_NUMBER)

    def _say(self, reason: str, error: Exception | None = None) -> None:
        """Tell the parent why frames fail: each reason once, and few of them. error: what was raised, for the log."""
        if reason not in self._told and len(self._told) < MOST_REASONS:
            self._told[reason] = None
            failed(log, f"a frame failed: {reason}", error)
            self._tell(WorkFault(text=reason))

    def _warmed_up(self) -> list[int]:
        """Nanoseconds of some frames, after the first slow ones; the stream is forgotten again."""
        spent: list[int] = []
        given = np.full(self.latents.shape[1], 1e-3, np.float32)  # zeros would be nothing to decode
        if not self.task.is_sound:
            given = np.zeros((self.ring.shape[0], round(self.period * 1e9 / max(self.words[BLOCK_NS], 1))), np.float32)
        for _ in range(WARM_UPS):
            began = time.perf_counter_ns()
            if self.task.is_sound:
                self._run(given, False, 0)
                spent.append(time.perf_counter_ns() - began)
        self.task.reset()
        self.words[FAULTS] = 0
        self._told.clear()
        return spent[WARM_UPS // 4 :]
