"""The trainer's process: does the slow work of a patch beside the sound, shows what it has learned, at low priority.

What it hears and says is in ``messages.children``; arrays come in pieces before the training run that names them.
"""

import logging
import time
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from ...graphs import Patch
from ...graphs.delta import applied, delta, names_after
from ...graphs.frozen import Array, array_sha256
from ..logs import failed
from ..messages import MessageError, Piece, Ready
from ..messages import children as say
from ..offline import offline_setup
from ..palette import Palette
from ..problems import PatchError
from ..processes.child import Parent
from ..session.pieces import Blobs, pieces
from ..values import Content
from .jobs import JobResults, run_jobs

PROGRESS_SECONDS = 0.05
log = logging.getLogger(__name__)
# Shorter rests than this are saved up.
REST_SECONDS = 0.01


def work(parent: Parent) -> None:
    """Learn what is asked for, until nobody asks any more."""
    module, _, name = parent.order(say.Train).palette.partition(":")
    process = _TrainerProcess(parent, getattr(import_module(module), name)())
    parent.send(Ready())
    while True:
        process.take(parent.receive(say.TO_TRAINER))
        while process.waiting is not None:
            learn, process.waiting = process.waiting, None
            process.learn(learn)


class OutOfStepError(RuntimeError):
    """What came does not fit what came before: the two sides no longer know the same, and have to begin anew."""


def all_names(named: Mapping[str, Mapping[str, str]]) -> set[str]:
    """Every array that is named by a node."""
    return {key for content in named.values() for key in content.values()}


class _TrainerProcess:
    def __init__(self, parent: Parent, palette: Palette) -> None:
        self.parent, self.palette = parent, palette
        self.waiting: say.TrainPatch | None = None
        self._blobs = Blobs()
        self._patch = Patch()
        self._named: dict[str, dict[str, str]] = {}
        self._pace = 1.0
        self._wishes: dict[str, dict[str, float]] = {}
        self._is_stopped = self._is_waiting_stopped = False
        self._rested = self._told = 0.0

    def take(self, message: object) -> None:
        """Heed a message: a training run waits for the present one to end, everything else is done at once."""
        match message:
            case say.TrainPatch():
                self._receive(message.change)
                self.waiting, self._is_waiting_stopped = message, False
            case say.Pace():
                self._pace = message.pace
            case say.Tune():
                self._wishes[message.node] = message.values
            case say.StopTraining():
                self._is_stopped = True
                self._is_waiting_stopped = self.waiting is not None
            case Piece():
                try:
                    self._blobs.take(message)
                except MessageError as error:
                    raise OutOfStepError(str(error)) from None

    def learn(self, message: say.TrainPatch) -> None:
        """One training run, to its end, to its stop, or until a newer one waits: then nothing more is told of it."""
        training, patch = message.training, self._patch
        is_stopped_before, self._is_waiting_stopped = self._is_waiting_stopped, False
        self._is_stopped, self._rested, self._told = False, time.monotonic(), 0.0
        try:
            trained = (
                JobResults(patch, stopped=True)
                if is_stopped_before
                else run_jobs(
                    patch,
                    self.palette,
                    offline_setup(patch, Path(message.folder), message.sample_rate),
                    only=message.only,
                    again=message.again,
                    report=lambda node, job, done, text: self._report(training, node, job, done, text),
                    snapshot=lambda node, content: self._show(training, patch, node, content),
                    snapshot_seconds=message.snapshot_seconds,
                    wishes=lambda node: self._wishes.get(node, {}),
                )
            )
        except OutOfStepError:
            raise
        except PatchError as error:
            self.parent.send(say.ReportFailed(training=training, text=str(error), problems=error.problems))
            return
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            failed(log, f"a training job failed: {text}", error)
            self.parent.send(say.ReportFailed(training=training, text=text))
            return
        if self.waiting is not None:
            return
        change, arrays = delta(patch, trained.patch)
        self._send_arrays(arrays)
        self._blobs.known |= arrays
        self.parent.send(
            say.ReportLearned(
                change=change,
                training=training,
                done=tuple(trained.done),
                skipped=trained.skipped,
                warnings=trained.warnings,
                stopped=trained.stopped,
            )
        )

    def _receive(self, change: Mapping[str, Any]) -> None:
        """Take over a newer patch at once, as the next change is made from it. Raises OutOfStepError."""
        try:
            self._patch = applied(self._patch, change, self._blobs.known)
        except ValueError as error:
            raise OutOfStepError(f"the patch to train can't be assembled ({error})") from None
        self._named = names_after(self._named, change)  # both sides forget all others, and so know the same
        self._blobs.keep_only(all_names(self._named))

    def _report(self, training: int, node: str, job: str, done: float, text: str) -> bool:
        for message in self._messages(0.0):
            self.take(message)
        now = time.monotonic()
        if now - self._told >= PROGRESS_SECONDS or done >= 1.0:
            self._told = now
            self.parent.send(say.ReportProgress(training=training, node=node, job=job, done=float(done), text=text))
        self._rest()
        return not self._has_to_end

    @property
    def _has_to_end(self) -> bool:
        return self._is_stopped or self.waiting is not None

    def _rest(self) -> None:
        """Sleep for the share of time that is not ours, awake for messages."""
        worked = time.monotonic() - self._rested
        rested = 0.0
        while not self._has_to_end:
            owed = worked * (1.0 / self._pace - 1.0) - rested if self._pace > 0.0 else None
            if owed is not None and (owed <= 0.0 or (rested == 0.0 and owed < REST_SECONDS)):
                break
            began = time.monotonic()
            for message in self._messages(owed):
                self.take(message)
            rested += time.monotonic() - began
        if rested or self._pace == 1.0:
            self._rested = time.monotonic()

    def _messages(self, seconds: float | None) -> Iterator[object]:
        """The first message, waited for so long (None: for ever), and all others that are there."""
        message = self.parent.receive(say.TO_TRAINER, seconds)
        while message is not None:
            yield message
            message = self.parent.receive(say.TO_TRAINER, 0)

    def _show(self, training: int, patch: Patch, node: str, content: Content) -> None:
        known = patch.nodes[node].content
        kept = [name for name, array in content.items() if array is known.get(name)]
        named = {name: array_sha256(content[name]) for name in content.keys() - set(kept)}
        self._send_arrays({key: content[name] for name, key in named.items()})
        self.parent.send(say.ReportSnapshot(training=training, node=node, content=named, kept=kept))

    def _send_arrays(self, arrays: Mapping[str, Array]) -> None:
        for key, array in arrays.items():
            for piece in pieces(key, array):
                self.parent.send(piece)
