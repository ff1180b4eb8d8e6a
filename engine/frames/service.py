"""Starts workers, opens streams through them, and starts them again when they die."""

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import Any

from ..clock import SampleClock
from ..processes.child import GONE, Child
from ..processes.shared import sweep_left_behind
from ..processes.wire import Message
from .interface import FrameError
from .opened import LOAD_SECONDS, Opened, OpenedLatents, OpenedSound
from .words import latent_layout, sound_layout

HOST = "latent_terrain.engine.frames.host:serve"
SPARE_SECONDS = 20.0


@dataclass(frozen=True)
class Order:
    """What a worker is to do: ``module:function`` that makes the work, and its arguments as plain data."""

    work: str
    arguments: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Equal orders have equal keys."""
        return f"{self.work} {sorted(self.arguments.items())!r}"


@dataclass
class Loaded:
    """A worker that has made its work and waits, and what it said of it."""

    child: Child
    facts: Mapping[str, Any]
    since: float
    box: "_Box"


@dataclass
class _Box:
    """Where a child's messages go: to whoever waits for its facts first, then to the stream it plays."""

    arrived: threading.Event = field(default_factory=threading.Event)
    first: Message = field(default_factory=dict)
    stream: "Opened[Any] | None" = None
    is_gone: bool = False


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
        self._spares: dict[str, Loaded] = {}
        self._facts: dict[str, Mapping[str, Any]] = {}
        self._streams: tuple[Opened[Any], ...] = ()
        """Another one whenever a stream comes or goes, so that nobody who looks waits for a model that is loaded."""
        self._news: deque[tuple[str, str]] = deque(maxlen=64)
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

    def facts(self, order: Order) -> Mapping[str, Any]:
        """What the work is, as it tells itself; the worker stays ready for a while. Raises FrameError."""
        with self._lock:
            if order.key not in self._facts:
                loaded = self._load(order)
                self._facts[order.key] = loaded.facts
                self._spares[order.key] = loaded
            return self._facts[order.key]

    def open_sound(
        self, node: str, order: Order, latents: int, channels: int, ratio: Fraction, how: Mapping[str, Any]
    ) -> "OpenedSound":
        """A stream from latents to sound. ratio: engine samples per frame. how: for the work. Raises FrameError."""
        size = _power_of_two(4 * ceil(ratio) + 8 * self.block + round(0.5 * self.sample_rate))
        opened = OpenedSound(self, node, order, sound_layout(latents, channels, size), ratio, how)
        with self._lock:
            opened.start()
            self._streams = (*self._streams, opened)
        return opened

    def open_latents(
        self, node: str, order: Order, channels: int, latents: int, ratio: Fraction, how: Mapping[str, Any]
    ) -> "OpenedLatents":
        """A stream from sound to latents, as ``open_sound``."""
        size = _power_of_two(8 * ceil(ratio) + 8 * self.block + round(0.5 * self.sample_rate))
        opened = OpenedLatents(self, node, order, latent_layout(channels, latents, size), ratio, how)
        with self._lock:
            opened.start()
            self._streams = (*self._streams, opened)
        return opened

    def streams(self) -> "tuple[Opened[Any], ...]":
        """Those that are open; from any thread."""
        return self._streams

    def news(self) -> list[tuple[str, str]]:
        """What happened since last asked: (node, sentence)."""
        found: list[tuple[str, str]] = []
        while self._news:
            found.append(self._news.popleft())
        for opened in self.streams():
            found += [(opened.node, text) for text in opened.stream.news()]
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
                opened.ease(now)
            old = [key for key, one in self._spares.items() if now - one.since > SPARE_SECONDS]
            gone = [self._spares.pop(key) for key in old]
        for one in gone:
            one.child.close()

    def close(self) -> None:
        """End every worker."""
        with self._lock:
            spares, self._spares = list(self._spares.values()), {}
        for one in spares:
            one.child.close()
        for opened in self.streams():
            opened.close()

    def tell(self, node: str, text: str) -> None:
        """Keep a sentence about a node until somebody asks."""
        self._news.append((node, text))

    def take(self, order: Order) -> Loaded:
        """A worker with the work made: a spare one, or a new one. Raises FrameError."""
        with self._lock:
            spare = self._spares.pop(order.key, None)
        if spare is not None and spare.child.is_alive:
            return spare
        return self._load(order)

    def forget(self, opened: "Opened[Any]") -> None:
        """A stream has closed."""
        with self._lock:
            if opened in self._streams:
                self._streams = tuple(one for one in self._streams if one is not opened)
                self._late_before += opened.stream.late

    def _load(self, order: Order) -> Loaded:
        box = _Box()

        def hear(message: Message) -> None:
            if message["op"] == GONE:
                box.is_gone = True
                if box.stream is not None:
                    box.stream.gone()
            if not box.arrived.is_set():
                box.first = message
                box.arrived.set()

        first = {"work": order.work, "arguments": dict(order.arguments), "path": list(self._search)}
        child = Child(HOST, first, hear)
        if not box.arrived.wait(LOAD_SECONDS):
            child.close(0.1)
            raise FrameError(f"it is not ready after {LOAD_SECONDS:.0f} s; is the model too large for this machine?")
        if box.first["op"] != "facts":
            child.close(0.1)
            raise FrameError(str(box.first.get("text", "its process ended while it was loading; try another model")))
        facts = {key: value for key, value in box.first.items() if key != "op"}
        return Loaded(child, facts, time.monotonic(), box)


def _power_of_two(count: int) -> int:
    return 1 << (count - 1).bit_length()
