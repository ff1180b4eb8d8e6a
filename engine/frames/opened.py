"""Streams with their workers, for as long as nodes want them: begun, looked after, begun again when a worker dies."""

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..clock import FrameTimes
from ..messages.workers import Open, StreamOpened
from ..processes.child import ChildError, ChildGone
from ..processes.policy import USUAL, Restarts
from ..processes.shared import SharedArrays
from ..values import FloatArray
from .interface import FrameError, StreamReport
from .latents import WorkedLatents
from .lookahead import lookahead_blocks
from .lookahead_release import LookaheadRelease
from .sound import WorkedSound
from .words import BLOCK_NS, DONE, MOST_WAITING, SLOTS

if TYPE_CHECKING:
    from .service import FrameService, WorkOrder
    from .worker_start import StartedWorker

# For a stream of a model that is loaded to be warmed up; after that it is taken to hang.
OPEN_SECONDS = 20.0
# A frame that is not answered for so long will not be.
HANG_SECONDS = 5.0
# Reasons that are told per stream.
MOST_FAILURES = 3
STEP_SECONDS = 0.004
# Frames that may wait for a worker before the older ones are given up, beside those that are asked for at once.
WAITING = 4
Stream = TypeVar("Stream", WorkedSound, WorkedLatents)


class OpenStream(Generic[Stream]):
    """A stream with its worker, for as long as a node wants it."""

    stream: Stream

    def __init__(
        self,
        service: "FrameService",
        node: str,
        order: "WorkOrder",
        layout: Mapping[str, Any],
        ratio: Fraction,
        how: Mapping[str, Any],
    ) -> None:
        self.service: FrameService = service
        self.order: WorkOrder = order
        self.node: str = node
        self.ratio: Fraction = ratio
        self.how: Mapping[str, Any] = how
        self.period = float(ratio) / service.sample_rate
        self.memory = SharedArrays.create(layout)
        self.memory.words("words")[BLOCK_NS] = round(service.block / service.sample_rate * 1e9)
        self._allow_waiting()
        self.worker: StartedWorker | None = None
        self._closing = threading.Event()
        self._restarts = Restarts(USUAL)
        self.problem = ""
        self._failures = 0
        self._stuck_at: tuple[int, float] | None = None

    @property
    def is_closed(self) -> bool:
        """Whether nobody wants it any more."""
        return self._closing.is_set()

    def start(self, *, again: bool = False) -> None:
        """Get a worker and let it warm up. again: in place of one that has ended. Raises FrameError."""
        loaded = self.service.take(self.order, again=again)
        question = Open(
            memory=str(self.memory.path),
            layout=dict(self.memory.layout),
            how=dict(self.how),
            period_seconds=self.period,
            ratio=float(self.ratio),
            is_handed_over=loaded.child.passes_files,
        )
        try:
            if hasattr(self, "stream"):
                self.stream.mend_words()  # as whoever wrote them last was somebody's program
            if loaded.child.passes_files:
                descriptor = self.memory.opened()
                try:
                    loaded.child.hand_over(descriptor)
                finally:
                    os.close(descriptor)
            answer = loaded.child.ask(question, StreamOpened, OPEN_SECONDS)
        except (ChildError, ChildGone, OSError, ValueError) as error:  # the last two: it is closed meanwhile
            loaded.child.kill()
            loaded.child.close()
            raise FrameError(f"it can't be warmed up: {error}") from None
        self.worker = loaded
        loaded.box.stream = self
        self.began(answer)
        if loaded.box.is_gone:
            self.gone()
        if self.is_closed:  # meanwhile
            loaded.child.close(0.2)

    def reset(self) -> None:
        """Audio thread only: forget what is in flight."""
        self.stream.reset()

    def report(self) -> StreamReport:
        """How it is doing; not for the audio thread."""
        return replace(self.stream.report(), problem=self.problem)

    def _tell_fault(self, text: str) -> None:
        self.problem = text
        self.service.tell(self.node, text, is_fault=True)

    def began(self, answer: StreamOpened) -> None:
        """The worker is ready."""
        raise NotImplementedError

    def expect_burst(self) -> None:
        """The device asks for blocks at another pace (``FrameService.burst``)."""
        self._allow_waiting()

    def ease(self, now: float) -> None:
        """Give back latency that has not been needed for a while. now: seconds of a steady clock."""

    def watch(self, now: float) -> None:
        """End a worker that answers no more; another is started. now: seconds of a steady clock."""
        words = self.memory.arrays.get("words")
        if words is None or self.worker is None or not self.worker.child.is_alive:
            self._stuck_at = None
            return
        posted, done = self.stream.posted, int(words[DONE])
        if posted == done or self._stuck_at is None or done != self._stuck_at[0]:
            self._stuck_at = (done, now)
        elif now - self._stuck_at[1] > HANG_SECONDS:
            self._stuck_at = None
            self._tell_fault(f"its model hangs (no frame for {HANG_SECONDS:.0f} s) and was stopped")
            self.worker.child.kill()

    def has_tried(self, text: str) -> None:
        """The worker's model wanted what no sound model needs, and was denied it."""
        self._tell_fault(f"its model tried to {text} and was blocked; use another model")

    def has_failed(self, text: str) -> None:
        """The worker's model failed in a frame, which is silent."""
        self._failures += 1
        if self._failures <= MOST_FAILURES:
            self._tell_fault(f"{text}; failed frames are silent")

    def _allow_waiting(self) -> None:
        at_once = ceil((self.service.block + self.service.burst) / self.ratio)
        self.memory.words("words")[MOST_WAITING] = min(WAITING + at_once, SLOTS - 1)

    def gone(self) -> None:
        """The worker has died: say so once, and start another."""
        if self.is_closed:
            return
        pause = self._restarts.pause(time.monotonic())
        if pause is None:
            self._tell_fault("its model keeps crashing; it is silent until you change it")
            return
        self.service.tell(self.node, "its model crashed and was restarted")
        threading.Thread(target=self._start_again, args=(pause,), name=f"restart {self.node}", daemon=True).start()

    def close(self) -> None:
        """End the stream and its worker."""
        if self.is_closed:
            return
        self._closing.set()
        self.service.forget(self)
        if self.worker is not None:
            self.worker.child.close(0.2)
        self.stream.close()

    def _start_again(self, pause: float) -> None:
        if self._closing.wait(pause):
            return
        try:
            self.start(again=True)
        except (FrameError, OSError) as error:
            if self.is_closed:
                return
            self._tell_fault(f"its model can't be restarted ({error}); it is silent")


class OpenedSound(OpenStream[WorkedSound]):
    """A stream from latents to sound with its worker."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._release = LookaheadRelease()
        self._is_realtime = False

    def post(self, latents: FloatArray, frames: FrameTimes) -> None:
        """Audio thread only: see ``SoundStream``."""
        self.stream.post(latents, frames)

    def pull(self, out: FloatArray) -> bool:
        """Audio thread only: see ``SoundStream``."""
        return self.stream.pull(out)

    def listen(self, is_heard: bool) -> None:
        """Audio thread only: see ``SoundStream``."""
        self.stream.is_heard = is_heard

    def began(self, answer: StreamOpened) -> None:
        """Work out the lookahead from the frames it was tried with."""
        if hasattr(self, "stream"):
            self.stream.must_begin = True
            return
        service, block = self.service, self.service.block
        rate = service.sample_rate
        tried = sorted(answer.computing_ns) or [0]
        usual = tried[int(0.9 * (len(tried) - 1))] * 1e-9
        is_realtime = self._is_realtime = answer.is_realtime
        if usual > self.period:
            service.tell(
                self.node,
                f"its codec needs {1000 * usual:.0f} ms for a frame of {1000 * self.period:.0f} ms: too slow for this "
                "computer; use a smaller model or render instead",
            )
        # With several frames in a block, one block more is room for a worker that was kept waiting.
        most = block * ceil(self.ratio / block) if block < self.ratio else 2 * block
        least = min(self._least(usual), most) if service.fixed is None else service.fixed
        step = block * ceil(STEP_SECONDS * rate / block)
        settling = ceil(answer.onset + self.ratio)
        self.stream = WorkedSound(self.memory, service.clock, rate, least, step, most, settling, is_realtime)
        self.expect_burst()

    def expect_burst(self) -> None:
        """See ``OpenStream``."""
        super().expect_burst()
        if hasattr(self, "stream") and self.service.fixed is None:
            self.stream.expect_burst(self.service.burst)

    def ease(self, now: float) -> None:
        """See ``OpenStream``."""
        if hasattr(self, "stream") and self._release.is_due(self.stream, now):
            usual = self.stream.usual_seconds()
            if usual and self.service.fixed is None:
                self.stream.need_no_more_than(self._least(usual))  # the first frames may have met a busy moment
            self._release.ease(self.stream, now)

    def _least(self, usual_seconds: float) -> int:
        """Samples: the lookahead that frames of such a length want on a quiet machine."""
        block = self.service.block
        seconds = block / self.service.sample_rate
        return block * lookahead_blocks(usual_seconds, self.period, seconds, self._is_realtime)


class OpenedLatents(OpenStream[WorkedLatents]):
    """A stream from sound to latents with its worker."""

    def push(self, audio: FloatArray, frames: FrameTimes, out: FloatArray) -> None:
        """Audio thread only: see ``LatentStream``."""
        self.stream.push(audio, frames, out)

    def began(self, answer: StreamOpened) -> None:
        """Ready to encode."""
        if hasattr(self, "stream"):
            self.stream.must_begin = True
            return
        realtime = answer.is_realtime
        self.stream = WorkedLatents(self.memory, self.service.clock, self._lag, float(self.ratio), realtime)

    @property
    def _lag(self) -> int:
        return ceil((self.service.block + self.service.burst) / self.ratio)

    def expect_burst(self) -> None:
        """See ``OpenStream``."""
        super().expect_burst()
        if hasattr(self, "stream"):
            self.stream.be_later_by(self._lag)
