"""The trainer: learns beside the sound, in a process of its own that goes when it fails and comes again when asked.

All methods return at once. What happens is heard on a thread of the trainer's own: how far it is, what it has learned
so far, and in the end what the patch's nodes have learned. Editors have one, and whoever is asked from outside to train
(``run``, ``listen``) begins one with the first such request.
"""

import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from msgspec.structs import replace

from ...graphs import Patch
from ...graphs.delta import applied, delta, names_after
from ...graphs.frozen import Array
from ..messages import Message, MessageError, Piece
from ..messages import children as say
from ..problems import Problem
from ..processes.child import ChildGone
from ..processes.policy import Policy
from ..processes.supervisor import SupervisedChild
from ..session.pieces import Blobs, pieces
from ..values import Content
from .jobs import SNAPSHOT_SECONDS
from .process import all_names

POLICY = Policy(niceness=10, start_seconds=120.0, silent_seconds=120.0)
PROCESS = "latent_terrain.engine.training.process:work"
PALETTE = "latent_terrain.engine.palette:load_palette"


@dataclass(frozen=True)
class JobProgressed:
    """How far a job of a node is, 0 … 1."""

    training: int
    node: str
    job: str
    done: float
    text: str


@dataclass(frozen=True, eq=False)
class JobSnapshot:
    """A node's content as it would be if its job ended now."""

    training: int
    node: str
    content: Content


@dataclass(frozen=True, eq=False)
class JobDone:
    """A training run's end: the new content of every node that learned, and the rest as ``JobResults`` has it."""

    training: int
    contents: Mapping[str, Content]
    done: tuple[str, ...]
    skipped: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    stopped: bool


@dataclass(frozen=True)
class JobFailed:
    """A training run that came to nothing, and why; training run 0: the trainer went while it had nothing to do."""

    training: int
    text: str
    problems: tuple[Problem, ...] = ()


_Told: TypeAlias = say.ReportProgress | say.ReportSnapshot | say.ReportLearned | say.ReportFailed
Heard: TypeAlias = JobProgressed | JobSnapshot | JobDone | JobFailed


@dataclass(eq=False)
class _Process:
    """What a trainer that runs has: the patch and the arrays, and those that come from it."""

    patch: Patch = field(default_factory=Patch)
    named: dict[str, dict[str, str]] = field(default_factory=dict)
    arrays: dict[str, Array] = field(default_factory=dict)
    blobs: Blobs = field(default_factory=Blobs)


class TrainerOf(Protocol):
    """The part of ``Trainer`` that editors and commands use."""

    def learn(
        self, patch: Patch, folder: str = "", *, only: str | Collection[str] | None = None, again: bool = False
    ) -> int:
        """Begin a training run in place of the present one; gives its number."""
        ...

    def pace(self, share: float) -> None:
        """Work only this share of the time."""
        ...

    def tune(self, node: str, **values: float) -> None:
        """Turn what a node's job lets be turned while it works; nothing: as its settings say."""
        ...

    def stop(self) -> None:
        """End the training run, keeping its best."""
        ...

    def close(self) -> None:
        """End it all."""
        ...


class Trainer:
    """Learns patches. heard: gets what happens, of the latest run only. palette: ``module:function`` giving one."""

    def __init__(self, heard: Callable[[Heard], None], palette: str = PALETTE) -> None:
        self._heard = heard
        order = say.Train(palette=palette)
        self._child = SupervisedChild(
            "the trainer", PROCESS, lambda: order, say.FROM_TRAINER, self._hear, policy=POLICY, ended=self._gone
        )
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._process: _Process | None = None
        self._wanted: tuple[Patch, say.TrainPatch] | None = None
        self._training = self._busy = 0
        self._pace = 1.0
        self._orders: list[Message] = []
        self._is_closed = False
        self._sender = threading.Thread(target=self._send, name="tell trainer", daemon=True)
        self._sender.start()

    @property
    def pid(self) -> int | None:
        """The process's number, while there is one."""
        return self._child.pid if self._process is not None else None

    @property
    def is_busy(self) -> bool:
        """Whether a training run has not come to its end."""
        return self._busy > 0

    def learn(
        self,
        patch: Patch,
        folder: str = "",
        *,
        only: str | Collection[str] | None = None,
        again: bool = False,
        sample_rate: float = 44_100.0,
        snapshot_seconds: float = SNAPSHOT_SECONDS,
    ) -> int:
        """Do a patch's jobs whose inputs changed (see ``run_jobs``), in place of what is being trained now.

        folder: the patch's, for relative paths. Gives the training run's number, which everything heard of it carries.
        """
        with self._changed:
            self._training += 1
            self._busy = self._training
            how = say.TrainPatch(
                change={},
                training=self._training,
                folder=folder,
                only=[only] if isinstance(only, str) else None if only is None else sorted(only),
                again=again,
                sample_rate=sample_rate,
                snapshot_seconds=snapshot_seconds,
            )
            self._wanted = (patch, how)
            self._orders = [one for one in self._orders if not isinstance(one, say.StopTraining)]
            self._changed.notify()
            return self._training

    def pace(self, share: float) -> None:
        """Work only this share of the time, 0 … 1; 0 waits until there is more."""
        with self._changed:
            self._pace = min(1.0, max(0.0, share))
            self._orders = [one for one in self._orders if not isinstance(one, say.Pace)]
            self._orders.append(say.Pace(pace=self._pace))
            self._changed.notify()

    def tune(self, node: str, **values: float) -> None:
        """Turn what a node's job lets be turned while it works, such as ``rate`` and ``batch`` of a terrain's."""
        with self._changed:
            self._orders = [one for one in self._orders if not (isinstance(one, say.Tune) and one.node == node)]
            self._orders.append(say.Tune(node=node, values=values))
            self._changed.notify()

    def stop(self) -> None:
        """End the training run and keep its best, which comes as ``JobDone`` with ``stopped``."""
        with self._changed:
            self._orders.append(say.StopTraining())
            self._changed.notify()

    def close(self) -> None:
        """End the process, whatever it is doing. Not for the thread that hears."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._child.close(0.0)
        self._sender.join()

    def _send(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._wanted or self._orders) or self._is_closed)
                if self._is_closed:
                    return
                wanted, self._wanted = self._wanted, None
                orders, self._orders = self._orders, []
            try:
                if wanted is not None:
                    self._begin(*wanted)
                if self._process is not None:
                    for order in orders:
                        self._child.send(order)
            except ChildGone as error:
                self._gone(str(error))

    def _begin(self, patch: Patch, how: say.TrainPatch) -> None:
        child, process = self._child.running(), self._process
        if process is None:
            process = self._process = _Process()
            child.send(say.Pace(pace=self._pace))
        change, arrays = delta(process.patch, patch)
        with self._lock:
            missing = arrays.keys() - process.arrays.keys()
            process.patch, process.named = patch, names_after(process.named, change)
            names = all_names(process.named)
            process.arrays = {key: one for key, one in {**process.arrays, **arrays}.items() if key in names}
        for key in sorted(missing):
            for piece in pieces(key, arrays[key]):
                child.send(piece)
        child.send(replace(how, change=change))

    def _hear(self, message: Message) -> None:
        process = self._process
        match message:
            case Piece() if process is not None:
                with suppress(MessageError):
                    process.blobs.take(message)
            case say.ReportProgress() | say.ReportSnapshot() | say.ReportLearned() | say.ReportFailed() if process:
                self._follow(process, message)
            case _:
                pass

    def _follow(self, process: _Process, message: _Told) -> None:
        number = message.training
        fresh: dict[str, Array] = {}
        if isinstance(message, say.ReportSnapshot | say.ReportLearned):
            fresh, process.blobs.known = process.blobs.known, {}
        with self._lock:
            if process is not self._process or number != self._busy:
                return
            patch, arrays = process.patch, {**process.arrays, **fresh}
            if isinstance(message, say.ReportLearned):
                process.arrays = arrays
            if isinstance(message, say.ReportLearned | say.ReportFailed):
                self._busy = 0
        found: Heard
        match message:
            case say.ReportProgress():
                found = JobProgressed(number, message.node, message.job, message.done, message.text)
            case say.ReportSnapshot(node=node):
                content = {name: patch.nodes[node].content[name] for name in message.kept}
                found = JobSnapshot(
                    number, node, content | {name: arrays[key] for name, key in message.content.items()}
                )
            case say.ReportLearned():
                trained = applied(patch, message.change, arrays)
                contents = {node: trained.nodes[node].content for node in message.change.get("edited", {})}
                found = JobDone(number, contents, message.done, message.skipped, message.warnings, message.stopped)
            case say.ReportFailed():
                found = JobFailed(number, message.text, message.problems)
        self._heard(found)

    def _gone(self, why: str) -> None:
        """It has ended, or can't be started; told once."""
        with self._lock:
            process, self._process = self._process, None
            number, self._busy = self._busy, 0
        if (process is not None or number) and not self._is_closed:
            words = f" ({why})" if why else ""
            self._heard(JobFailed(number, f"the trainer crashed{words}; train again to restart it"))
