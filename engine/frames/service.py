"""Starts workers, opens streams through them, and starts them again when they die."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any, NamedTuple, TypeVar

from ..clock import SampleClock
from ..messages.workers import FROM_WORKER, RunWork
from ..processes.shared import sweep_left_behind
from .interface import FrameError
from .opened import OpenedLatents, OpenedSound, OpenStream
from .words import latent_layout, sound_layout
from .worker_start import LOAD_SECONDS, StartedWorker, WorkerStart

HOST = "latent_terrain.engine.frames.host:serve"
SPARE_SECONDS = 20.0
# Bytes of a worker's message: sound goes another way, and a large one would keep the sound waiting.
MOST_SAID = 1 << 20
# A sentence of a node's stream is told again after so long at the soonest.
AGAIN_SECONDS = 60.0
Some = TypeVar("Some", OpenedSound, OpenedLatents)


@dataclass(frozen=True)
class WorkOrder:
    """What a worker is to do: ``module:function`` that makes the work, and its arguments as plain data.

    is_confined: the work runs somebody's program, so its process gives up its freedom (see ``host.Work``).
    """

    work: str
    arguments: Mapping[str, Any]
    is_confined: bool = False

    @property
    def key(self) -> str:
        """Equal orders have equal keys."""
        return f"{self.work} {sorted(self.arguments.items())!r}"


class StreamEvent(NamedTuple):
    """What happened to a node's stream."""

    node: str
    text: str
    is_fault: bool = False


class FrameService:
    """Workers for one engine. Its methods may be slow: never call them from the audio thread.

    search: folders in which workers look for modules first (for tests and for nodes that are not installed).
    Before streams are opened it must be told how the engine plays (``prepare``).
    """

    def __init__(self, search: tuple[str, ...] = ()) -> None:
        self.clock = SampleClock()
        self.sample_rate, self.block = 48_000.0, 256
        self.fixed: int | None = None
        self.burst = 0
        """Samples by which the device asks ahead of an even pace (see ``live.burst``)."""
        self._search = search
        self._spares: dict[str, StartedWorker] = {}
        self._facts: dict[str, Mapping[str, Any]] = {}
        self._streams: tuple[OpenStream[Any], ...] = ()
        """Another one whenever a stream comes or goes, so that nobody who looks waits for a model that is loaded."""
        self._news: deque[StreamEvent] = deque(maxlen=64)
        self._told: dict[tuple[str, str], float] = {}
        self._loadings: dict[str, WorkerStart] = {}
        self._has_arrived = self._is_closed = False
        self.patience = LOAD_SECONDS
        """Seconds that an edit waits for a model; who plays already has less of it."""
        self.say: Callable[[str], None] = lambda text: None
        """Hears, on the thread that waits, that something takes long."""
        self._late_before = 0
        self._lock = threading.RLock()
        sweep_left_behind()

    def prepare(self, sample_rate: float, block: int, lookahead: int | None = None) -> None:
        """How the engine plays. lookahead: samples, for whoever wants to fix it; otherwise it is measured."""
        self.sample_rate, self.block, self.fixed = sample_rate, block, lookahead

    def expect_burst(self, samples: int) -> None:
        """The device asks ahead by so many samples, whole blocks: frames are heard later by as much."""
        with self._lock:
            if samples != self.burst:
                self.burst = samples
                for opened in self._streams:
                    opened.expect_burst()

    def facts(self, order: WorkOrder) -> Mapping[str, Any]:
        """What the work is, as it tells itself; the worker stays ready for a while. Raises FrameError.

        Where it takes long, too, once ``patience`` is over: what plays goes on, the worker is waited for aside, and
        ``has_arrived`` says when it is worth asking again.
        """
        with self._lock:
            if order.key in self._facts:
                return self._facts[order.key]
        return self._starting(order).wait(self.patience, self.say).facts

    def open_sound(
        self, node: str, order: WorkOrder, latents: int, channels: int, ratio: Fraction, how: Mapping[str, Any]
    ) -> OpenedSound:
        """A stream from latents to sound. ratio: engine samples per frame. how: for the work. Raises FrameError."""
        size = _power_of_two(4 * ceil(ratio) + 8 * self.block + round(0.5 * self.sample_rate))
        return self._opened(OpenedSound(self, node, order, sound_layout(latents, channels, size), ratio, how))

    def open_latents(
        self, node: str, order: WorkOrder, channels: int, latents: int, ratio: Fraction, how: Mapping[str, Any]
    ) -> OpenedLatents:
        """A stream from sound to latents, as ``open_sound``."""
        size = _power_of_two(8 * ceil(ratio) + 8 * self.block + round(0.5 * self.sample_rate))
        return self._opened(OpenedLatents(self, node, order, latent_layout(channels, latents, size), ratio, how))

    def streams(self) -> "tuple[OpenStream[Any], ...]":
        """Those that are open; from any thread."""
        return self._streams

    def news(self) -> list[StreamEvent]:
        """What happened since last asked. What a stream says again within a minute is left out; ``late`` counts on."""
        found: list[StreamEvent] = []
        while self._news:
            found.append(self._news.popleft())
        now = time.monotonic()
        self._told = {key: since for key, since in self._told.items() if now - since < AGAIN_SECONDS}
        for opened in self.streams():
            for text in opened.stream.news():
                if (opened.node, text) not in self._told:
                    self._told[opened.node, text] = now
                    found.append(StreamEvent(opened.node, text))
        return found

    def has_arrived(self) -> bool:
        """Whether something has come since last asked that somebody had waited for in vain; from one thread."""
        found, self._has_arrived = self._has_arrived, False
        return found

    @property
    def late(self) -> int:
        """Frames that were not there in time, so far, of all streams that are and were."""
        late: int = sum(opened.stream.late for opened in self.streams())
        return self._late_before + late

    def tidy(self) -> None:
        """Let workers go that nobody came for, and latency that is no longer needed. Call about ten times a second."""
        with self._lock:
            now = time.monotonic()
            for opened in self._streams:
                opened.watch(now)
                opened.ease(now)
            old = [key for key, one in self._spares.items() if now - one.since > SPARE_SECONDS]
            gone = [self._spares.pop(key) for key in old]
        for one in gone:
            one.child.close()

    def close(self) -> None:
        """End every worker."""
        with self._lock:
            self._is_closed = True
            spares, self._spares = list(self._spares.values()), {}
            for starting in self._loadings.values():
                starting.kill()
        for one in spares:
            one.child.close()
        for opened in self.streams():
            opened.close()

    def tell(self, node: str, text: str, *, is_fault: bool = False) -> None:
        """Keep a sentence about a node until somebody asks. is_fault: the node is not heard as it should be."""
        self._news.append(StreamEvent(node, text, is_fault))

    def take(self, order: WorkOrder, *, again: bool = False) -> StartedWorker:
        """A worker with the work made: a spare one, or a new one. Raises FrameError, as ``facts``.

        again: for a stream whose worker has ended; then it is waited for as long as it takes.
        """
        if again:
            return self._begun(order).loaded()
        for _ in range(2):
            with self._lock:
                spare = self._spares.pop(order.key, None)
            if spare is not None and spare.child.is_alive:
                return spare
            self._starting(order).wait(self.patience, self.say)
        raise FrameError("its process stopped before it could play; try again")

    def forget(self, opened: "OpenStream[Any]") -> None:
        """A stream has closed."""
        with self._lock:
            if opened in self._streams:
                self._streams = tuple(one for one in self._streams if one is not opened)
                self._late_before += opened.stream.late

    def _opened(self, opened: Some) -> Some:
        try:
            opened.start()  # without the lock: it runs somebody's program
        except BaseException:
            opened.memory.close()
            raise
        with self._lock:
            self._streams = (*self._streams, opened)
        return opened

    def _starting(self, order: WorkOrder) -> WorkerStart:
        """The one that is on its way, or that has failed a moment ago, or a new one."""
        now = time.monotonic()
        with self._lock:
            found = self._loadings.get(order.key)
            if found is None or found.is_worth_another(now):
                found = self._loadings[order.key] = self._begun(order, lambda starting: self._ended(order, starting))
            return found

    def _begun(self, order: WorkOrder, ended: Callable[[WorkerStart], None] = lambda starting: None) -> WorkerStart:
        first = RunWork(
            work=order.work,
            arguments=dict(order.arguments),
            path=tuple(self._search),
            is_confined=order.is_confined,
        )
        return WorkerStart(HOST, first, FROM_WORKER, order.is_confined, ended, self._note_arrival, MOST_SAID)

    def _ended(self, order: WorkOrder, starting: WorkerStart) -> None:
        """A worker's facts have come, or won't. On a thread of its own."""
        with self._lock:
            if starting.result is None:
                return
            self._loadings.pop(order.key, None)
            if self._is_closed:
                starting.kill()
                return
            self._facts[order.key] = starting.result.facts
            self._spares[order.key] = starting.result

    def _note_arrival(self) -> None:
        self._has_arrived = True


def _power_of_two(count: int) -> int:
    return 1 << (count - 1).bit_length()
