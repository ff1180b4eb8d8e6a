"""Training asked for from outside: jobs are done by a trainer's process beside the sound, and put into the patch.

Who listens hears ``/training/progress`` (node, share 0 … 1, words), then for each node that was trained
``/training/done`` (node, seconds, error/variance or -1), ``/training/failed`` (node or "", why) for what could not,
``/training/warning`` (node, why) for what was left out (a sound that is missing, or damaged), and at last
``/training/ended`` (1 when it came to its end, 0 when it was cut short or cancelled).
"""

import logging
import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ...engine.logs import failed as logged
from ...engine.session import EngineGone
from ...engine.training.results import with_results
from ...engine.training.trainer import Heard, JobDone, JobFailed, JobProgressed, JobSnapshot, Trainer, TrainerOf
from ...graphs import EditError, Patch
from ...nodes.terrain.learned import learned_error

if TYPE_CHECKING:
    from .dispatcher import Dispatcher

# An error/variance that is not known, where OSC wants a number.
UNKNOWN_ERROR = -1.0
PROGRESS = "/training/progress"
WARNING = "/training/warning"
# Of a folder of thousands that is away, so many are named.
MOST_WARNINGS = 16
LONGEST_SECONDS = 3600.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingStatus:
    """How far training is. node, job: what is worked on, "" while nothing is; done: 0 … 1; text: in words.

    error: the error/variance of the terrain that was trained last, None before. failed: why the last came to nothing.
    """

    is_busy: bool = False
    node: str = ""
    job: str = ""
    done: float = 0.0
    text: str = ""
    error: float | None = None
    failed: str = ""


@dataclass(frozen=True)
class _Wanted:
    """What is to be trained, as ``begin`` has it."""

    number: int
    only: frozenset[str] | None
    again: bool
    seconds: float | None

    def after(self, other: "_Wanted | None") -> "_Wanted":
        """This, and what another wanted that waits no more by itself."""
        if other is None:
            return self
        only = None if self.only is None or other.only is None else self.only | other.only
        return replace(self, only=only, again=self.again or other.again)


@dataclass
class _Run:
    """A training run that has not come to its end."""

    patch: Patch
    began: float = field(default_factory=time.monotonic)
    timer: threading.Timer | None = None
    is_cut: bool = False
    """Whether it was ended early, keeping its best."""


class _Overtaken(Exception):
    """The run whose results these are is not wanted any more."""


class TrainingJobs:
    """The training runs of a dispatcher's patch, one at a time; from any thread.

    listeners: called with an address and its values when something happens. make: gives the trainer, when the first run
    is asked for; what it hears comes on a thread of its own.
    """

    def __init__(
        self, dispatcher: "Dispatcher", make: Callable[[Callable[[Heard], None]], TrainerOf] = Trainer
    ) -> None:
        self._dispatcher, self._make = dispatcher, make
        self.listeners: list[Callable[[str, list[Any]], None]] = []
        self.status = TrainingStatus()
        self._trainer: TrainerOf | None = None
        self._run: tuple[int, _Run] | None = None
        """By the trainer's number for it."""
        self._next: _Wanted | None = None
        self._count = 0
        self._pace = 1.0
        self._changed = threading.Condition(threading.RLock())

    def begin(self, only: Collection[str] | None, again: bool = False, seconds: float | None = None) -> int:
        """Train these nodes (None: all that need it), after what is trained now; gives the run's number.

        A run is let come to its end: one that each new take replaced would give nothing on a busy machine. Of several
        that wait one is made. seconds: after so long the best until then is kept.
        """
        with self._changed:
            self._count += 1
            wanted = _Wanted(self._count, None if only is None else frozenset(only), again, seconds)
            if self._run is not None or self._next is not None:
                self._next = wanted.after(self._next)
                return wanted.number
        self._start(wanted)
        return wanted.number

    def _start(self, wanted: _Wanted) -> None:
        """Have the trainer begin, with the patch as it is now."""
        session = self._dispatcher.session
        folder = str(session.latest_status.get("folder") or self._dispatcher.folder)
        # before our lock is taken: the session's is held around ``_take``, which asks for ours
        run = _Run(session.patch)
        with self._changed:
            if self._run is not None:  # another thread has begun one at this moment
                self._next = wanted.after(self._next)
                return
            self._next = None
            if self._trainer is None:
                self._trainer = self._make(self._hear)
            number = self._trainer.learn(run.patch, folder, only=wanted.only, again=wanted.again)
            self._run, self.status = (number, run), TrainingStatus(is_busy=True, error=self.status.error)
            if wanted.seconds is not None:
                run.timer = threading.Timer(wanted.seconds, self._cut, (number,))
                run.timer.daemon = True
                run.timer.start()

    def cancel(self, keeps_best: bool = False) -> bool:
        """End the training run, and drop one that waits; what it learned is dropped, or kept as far as it came.

        Gives whether there was one.
        """
        with self._changed:
            self._next = None
            if self._run is None or self._trainer is None:
                return False
            if keeps_best:
                self._cut(self._run[0])
                return True
            self._trainer.stop()
            self._end()
        self._tell("/training/ended", [0])
        return True

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is trained, and its results play; gives whether that is so within so long."""
        with self._changed:
            return self._changed.wait_for(lambda: self._run is None and self._next is None, seconds)

    def close(self) -> None:
        """End the trainer, whatever it is doing."""
        with self._changed:
            trainer, self._trainer = self._trainer, None
            self._next = None
            self._forget_run()
        if trainer is not None:
            trainer.close()

    def _follow_pace(self) -> None:
        """The trainer works no faster than the sound allows; asked for whenever it tells how far it is."""
        pace = float(self._dispatcher.session.latest_status.get("pace", 1.0))
        with self._changed:
            if self._trainer is not None and (abs(pace - self._pace) >= 0.02 or (pace == 1.0 != self._pace)):
                self._pace = pace
                self._trainer.pace(pace)

    def _cut(self, number: int) -> None:
        with self._changed:
            if self._trainer is not None and self._run is not None and self._run[0] == number:
                self._run[1].is_cut = True
                self._trainer.stop()

    def _hear(self, heard: Heard) -> None:
        """Something that the trainer tells, on its thread."""
        with self._changed:
            if self._run is None or heard.training not in (self._run[0], 0):
                return
            run = self._run[1]
            if isinstance(heard, JobProgressed):
                self.status = TrainingStatus(True, heard.node, heard.job, heard.done, heard.text, self.status.error)
        match heard:
            case JobProgressed(_, node, _, done, text):
                self._follow_pace()
                self._tell(PROGRESS, [node, float(done), text])
            case JobDone():
                self._take(heard, run)
            case JobFailed(_, text, problems):
                for problem in problems:
                    self._tell("/training/failed", [problem.node, problem.text])
                if not problems:
                    self._tell("/training/failed", ["", text])
                self._finish(run, 0, failed=text)
            case JobSnapshot():
                pass  # what plays changes once, when it is done

    def _take(self, heard: JobDone, run: _Run) -> None:
        """Put what was learned into the patch, as one step to undo."""
        seconds, dispatcher = time.monotonic() - run.began, self._dispatcher
        failed = [(problem.node, problem.text) for problem in heard.skipped]
        trained: list[tuple[str, float | None]] = []

        def change(patch: Patch) -> Patch:
            if not self._is_current(run):  # cancelled, or another begun, by a command that came first
                raise _Overtaken
            trained.clear()
            for node, content in heard.contents.items():
                base = run.patch.nodes[node].content if node in run.patch.nodes else None
                try:
                    patch = with_results(patch, dispatcher.palette, node, content, base)
                except EditError:  # it has been removed meanwhile
                    continue
                trained.append((node, learned_error(content)))
            return patch

        try:
            dispatcher.edit(change, "train")
        except _Overtaken:
            return
        except Exception as error:  # whatever it is, nobody may wait for this run for ever
            text = f"what was learned could not be kept ({type(error).__name__}: {error}); train again"
            logged(log, text, error)
            trained, failed = [], [*failed, ("", text)]
        if run.is_cut and not trained and not failed:
            failed = [("", "the time was over before anything was learned; give it more seconds")]
        self._warn([(problem.node, problem.text) for problem in heard.warnings])
        for node, text in failed:
            self._tell("/training/failed", [node, text])
        for node, error_reached in trained:
            self._tell("/training/done", [node, seconds, UNKNOWN_ERROR if error_reached is None else error_reached])
        errors = [one for _, one in trained if one is not None]
        self._finish(
            run, 0 if run.is_cut or failed else 1, errors[-1] if errors else None, "; ".join(text for _, text in failed)
        )

    def _warn(self, warnings: list[tuple[str, str]]) -> None:
        for node, text in warnings[:MOST_WARNINGS]:
            self._tell(WARNING, [node, text])
        if (more := len(warnings) - MOST_WARNINGS) > 0:
            self._tell(WARNING, ["", f"and {more} more like these"])

    def _is_current(self, run: _Run) -> bool:
        with self._changed:
            return self._run is not None and self._run[1] is run

    def _finish(self, run: _Run, whole: int, error: float | None = None, failed: str = "") -> None:
        with self._changed:
            is_current = self._is_current(run)
            if is_current:  # else another has begun meanwhile, and is busy
                self._end(error, failed)
            following = self._next if is_current else None
        self._tell("/training/ended", [whole])
        if following is not None:
            with suppress(EngineGone):  # then what the patch has by now is trained
                self._dispatcher.session.keep_takes()
            self._start(following)

    def _end(self, error: float | None = None, failed: str = "") -> None:
        self._forget_run()
        self.status = TrainingStatus(error=self.status.error if error is None else error, failed=failed)
        self._changed.notify_all()

    def _forget_run(self) -> None:
        if self._run is not None and self._run[1].timer is not None:
            self._run[1].timer.cancel()
        self._run = None

    def _tell(self, address: str, values: list[Any]) -> None:
        for listener in tuple(self.listeners):
            listener(address, values)
