"""Starts workers, opens streams through them, and starts them again when they die."""

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import Any, Generic, TypeVar

from ..clock import FrameTimes, SampleClock
from ..processes.child import GONE, Child, ChildError, ChildGone
from ..processes.shared import SharedArrays, sweep_left_behind
from ..processes.wire import Message
from ..values import FloatArray
from .easing import Easing
from .interface import FrameError, StreamReport
from .latents import WorkedLatents
from .lookahead import lookahead_blocks
from .sound import WorkedSound
from .words import BLOCK_NS, MOST_WAITING, SLOTS, latent_layout, sound_layout

HOST = "latent_terrain.engine.frames.host:serve"
LOAD_SECONDS = 120.0
SPARE_SECONDS = 20.0
RESTARTS, RESTART_SECONDS = 3, 60.0
STEP_SECONDS = 0.004


WAITING = 4
"""Frames that may wait for a worker before the older ones are given up, beside those that are asked for at once."""


Stream = TypeVar("Stream", WorkedSound, WorkedLatents)


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
        self._streams: list[Opened[Any]] = []
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
            self._streams.append(opened)
        return opened

    def open_latents(
        self, node: str, order: Order, channels: int, latents: int, ratio: Fraction, how: Mapping[str, Any]
    ) -> "OpenedLatents":
        """A stream from sound to latents, as ``open_sound``."""
        size = _power_of_two(8 * ceil(ratio) + 8 * self.block + round(0.5 * self.sample_rate))
        opened = OpenedLatents(self, node, order, latent_layout(channels, latents, size), ratio, how)
        with self._lock:
            opened.start()
            self._streams.append(opened)
        return opened

    def streams(self) -> "tuple[Opened[Any], ...]":
        """Those that are open."""
        with self._lock:
            return tuple(self._streams)

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
                self._streams.remove(opened)
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


class Opened(Generic[Stream]):
    """A stream with its worker, for as long as a node wants it."""

    stream: Stream

    def __init__(
        self,
        service: FrameService,
        node: str,
        order: Order,
        layout: Mapping[str, Any],
        ratio: Fraction,
        how: Mapping[str, Any],
    ) -> None:
        self.service, self.node, self.order, self.ratio, self.how = service, node, order, ratio, how
        self.period = float(ratio) / service.sample_rate
        self.memory = SharedArrays.create(layout)
        self.memory.words("words")[BLOCK_NS] = round(service.block / service.sample_rate * 1e9)
        self._allow_waiting()
        self.worker: Loaded | None = None
        self.is_closed = False
        self._restarts: deque[float] = deque(maxlen=RESTARTS)

    def start(self) -> None:
        """Get a worker and let it warm up. Raises FrameError."""
        loaded = self.service.take(self.order)
        message = {
            "memory": str(self.memory.path),
            "layout": {name: list(one) for name, one in self.memory.layout.items()},
            "how": dict(self.how),
            "period_seconds": self.period,
            "ratio": float(self.ratio),
        }
        try:
            answer = loaded.child.request(message, LOAD_SECONDS)
        except (ChildError, ChildGone) as error:
            loaded.child.close(0.1)
            raise FrameError(str(error)) from None
        self.worker = loaded
        loaded.box.stream = self
        self.began(answer)
        if loaded.box.is_gone:
            self.gone()

    def reset(self) -> None:
        """Audio thread only: forget what is in flight."""
        self.stream.reset()

    def report(self) -> StreamReport:
        """How it is doing; not for the audio thread."""
        return self.stream.report()

    def began(self, answer: Mapping[str, Any]) -> None:
        """The worker is ready."""
        raise NotImplementedError

    def expect_burst(self) -> None:
        """The device asks for blocks at another pace (``FrameService.burst``)."""
        self._allow_waiting()

    def ease(self, now: float) -> None:
        """Give back latency that has not been needed for a while. now: seconds of a steady clock."""

    def _allow_waiting(self) -> None:
        at_once = ceil((self.service.block + self.service.burst) / self.ratio)
        self.memory.words("words")[MOST_WAITING] = min(WAITING + at_once, SLOTS - 1)

    def gone(self) -> None:
        """The worker has died: say so once, and start another."""
        if self.is_closed:
            return
        now = time.monotonic()
        if len(self._restarts) == RESTARTS and now - self._restarts[0] < RESTART_SECONDS:
            self.service.tell(self.node, "its codec's process keeps ending; it stays silent until you change it")
            return
        self._restarts.append(now)
        self.service.tell(self.node, "its codec's process ended unexpectedly and is started again")
        threading.Thread(target=self._start_again, name=f"restart {self.node}", daemon=True).start()

    def close(self) -> None:
        """End the stream and its worker."""
        if self.is_closed:
            return
        self.is_closed = True
        self.service.forget(self)
        if self.worker is not None:
            self.worker.child.close(0.2)
        self.stream.close()

    def _start_again(self) -> None:
        try:
            self.start()
        except (FrameError, OSError) as error:
            self.service.tell(self.node, f"its codec can't be started again ({error}); it stays silent")


class OpenedSound(Opened[WorkedSound]):
    """A stream from latents to sound with its worker."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._easing = Easing()

    def post(self, latents: FloatArray, frames: FrameTimes) -> None:
        """Audio thread only: see ``SoundStream``."""
        self.stream.post(latents, frames)

    def pull(self, out: FloatArray) -> bool:
        """Audio thread only: see ``SoundStream``."""
        return self.stream.pull(out)

    def listen(self, is_heard: bool) -> None:
        """Audio thread only: see ``SoundStream``."""
        self.stream.is_heard = is_heard

    def began(self, answer: Mapping[str, Any]) -> None:
        """Work out the lookahead from the frames it was tried with."""
        if hasattr(self, "stream"):
            self.stream.must_begin = True
            return
        service, block = self.service, self.service.block
        rate = service.sample_rate
        tried = sorted(answer["computing_ns"])
        usual = tried[int(0.9 * (len(tried) - 1))] * 1e-9
        is_realtime = bool(answer["is_realtime"])
        if usual > self.period:
            service.tell(
                self.node,
                f"its codec needs {1000 * usual:.0f} ms for a frame of {1000 * self.period:.0f} ms: too slow for this "
                "machine; choose a smaller model or render instead",
            )
        # With several frames in a block, one block more is room for a worker that was kept waiting.
        most = block * ceil(self.ratio / block) if block < self.ratio else 2 * block
        least = min(block * lookahead_blocks(usual, self.period, block / rate, is_realtime), most)
        if service.fixed is not None:
            least = service.fixed
        step = block * ceil(STEP_SECONDS * rate / block)
        settling = ceil(answer["onset"] + self.ratio)
        self.stream = WorkedSound(self.memory, service.clock, rate, least, step, most, settling, is_realtime)
        self.expect_burst()

    def expect_burst(self) -> None:
        """See ``Opened``."""
        super().expect_burst()
        if hasattr(self, "stream") and self.service.fixed is None:
            self.stream.expect_burst(self.service.burst)

    def ease(self, now: float) -> None:
        """See ``Opened``."""
        if hasattr(self, "stream"):
            self._easing.look(self.stream, now)


class OpenedLatents(Opened[WorkedLatents]):
    """A stream from sound to latents with its worker."""

    def push(self, audio: FloatArray, frames: FrameTimes, out: FloatArray) -> None:
        """Audio thread only: see ``LatentStream``."""
        self.stream.push(audio, frames, out)

    def began(self, answer: Mapping[str, Any]) -> None:
        """Ready to encode."""
        if hasattr(self, "stream"):
            self.stream.must_begin = True
            return
        realtime = bool(answer["is_realtime"])
        self.stream = WorkedLatents(self.memory, self.service.clock, self._lag, float(self.ratio), realtime)

    @property
    def _lag(self) -> int:
        return ceil((self.service.block + self.service.burst) / self.ratio)

    def expect_burst(self) -> None:
        """See ``Opened``."""
        super().expect_burst()
        if hasattr(self, "stream"):
            self.stream.be_later_by(self._lag)


def _power_of_two(count: int) -> int:
    return 1 << (count - 1).bit_length()
