"""A live session: the engine, its workers and what is known about both, without a word about devices or clients."""

import gc
import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from ...graphs import Patch
from ..capture import gathered
from ..declare import Scalar
from ..drivers.interface import Format
from ..engine import Engine
from ..faces import FacesTold
from ..frames import FrameService
from ..logs import details, failed
from ..node_files import NodeFiles
from ..palette import Palette
from ..problems import Problem
from ..readings import readings
from ..setup import Setup, new_bus
from ..values import Content, FloatArray, Reading
from .burst import Burst
from .governor import Governor
from .last_second import LastSecond
from .pulse import Pulse

# How long one thread of the engine's process may keep the others from Python.
SWITCH_SECONDS = 0.0001
# A block that takes so many times its own length is told.
SLOW_BLOCKS = 8.0
# So long an edit waits for a model; then what plays goes on, and the model is heard when it is ready.
PATIENCE_SECONDS = 5.0
# After so long without a block there is nothing to show.
STILL_SECONDS = 0.5
Tap = Callable[[FloatArray], None]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LiveSetup:
    """How to play. sample_rate in Hz, block in samples; outputs, inputs: channels before a device says how many it has.

    lookahead: samples, or None to measure what the codecs need. search: folders for workers' modules. reload: look
    for node files that change, and play them anew.
    """

    sample_rate: float = 48_000.0
    block: int = 256
    outputs: int = 2
    inputs: int = 2
    lookahead: int | None = None
    search: tuple[str, ...] = ()
    reload: bool = False


class Live:
    """A patch at play. ``play`` belongs to the device's thread, everything else to others.

    tap: hears every block of output ``[channels, block]`` on the audio thread (a recorder that never waits).
    frames: workers that have been asked for facts already; the session closes them.
    Raises PatchError for a patch that can't run at all; later edits never do, they play what can be played.
    """

    def __init__(
        self,
        patch: Patch,
        palette: Palette,
        folder: Path,
        how: LiveSetup | None = None,
        tap: Tap | None = None,
        frames: FrameService | None = None,
    ) -> None:
        how = how or LiveSetup()
        self.how, self.tap = how, tap
        self.frames = frames or FrameService(how.search)
        self.frames.prepare(how.sample_rate, how.block, how.lookahead)
        setup = Setup(
            sample_rate=how.sample_rate,
            block=how.block,
            patch_seed=patch.seed,
            folder=folder,
            offline=False,
            bus=new_bus(how.block, how.outputs, how.inputs),
            clock=self.frames.clock,
            frames=self.frames,
        )
        try:
            self.engine = Engine(patch, palette, setup)
        except BaseException:
            self.frames.close()
            raise
        self.frames.patience = PATIENCE_SECONDS
        self._node_files = NodeFiles(palette) if how.reload else None
        self.governor, self.last_second = Governor(), LastSecond()
        self.pulse = Pulse(how.sample_rate)
        self._burst = Burst(how.sample_rate, how.block)
        self._ahead: int | None = None
        self._most_ahead: int | None = None
        """Samples: no device asks further ahead than the latency that it tells."""
        self._period_ns = how.block / how.sample_rate * 1e9
        self._news: deque[dict[str, Any]] = deque(maxlen=256)
        self._complaints: set[str] = set()
        self._faces = FacesTold()
        self._seen = (0, 0.0)
        self._slow: deque[float] = deque(maxlen=16)
        self._failures: deque[tuple[str, Exception]] = deque(maxlen=16)
        self._lock = threading.RLock()
        self._before = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        gc.collect()
        gc.freeze()  # a full collection while playing would look at all of this, and take longer than a block

    @property
    def patch(self) -> Patch:
        """The patch as last edited."""
        return self.engine.patch

    def play(self, heard: FloatArray | None, out: FloatArray) -> None:
        """Audio thread only: the next samples. heard ``[n, inputs]`` or None, out ``[n, outputs]``; n whole blocks."""
        block, engine = self.how.block, self.engine
        self.pulse.beat(time.time(), engine.setup.clock.sample)
        for begin in range(0, len(out), block):
            began = time.perf_counter_ns()
            self._burst.beat(began)
            bus = engine.setup.bus
            if heard is not None:
                channels = min(heard.shape[1], len(bus.input))
                np.copyto(bus.input[:channels], heard[begin : begin + block, :channels].T)
            try:
                sound = engine.process()
            except Exception as error:
                out[begin : begin + block] = 0.0
                self._failures.append((f"a block failed, {type(error).__name__}: {error}", error))
                continue
            channels = min(out.shape[1], len(sound))
            np.copyto(out[begin : begin + block, :channels], sound[:channels].T)
            out[begin : begin + block, channels:] = 0.0
            self.last_second.hear(sound)
            if self.tap is not None:
                try:
                    self.tap(sound)
                except Exception as error:  # who only listens never ends what plays
                    self.tap = None
                    text = f"recording stopped, {type(error).__name__}: {error}"
                    self._failures.append((text, error))
            spent = time.perf_counter_ns() - began
            if spent > SLOW_BLOCKS * self._period_ns:
                self._slow.append(spent / 1e6)

    def expect(self, form: Format) -> None:
        """A device is about to play. What it says of its latency is taken for its buffer until that is measured.

        It waits for no model that is being loaded: its streams then hear of it from ``housekeep``.
        """
        self.engine.widen(form.inputs, form.outputs)
        buffer = round(form.output_latency_seconds * self.how.sample_rate)
        self._burst.begin_anew()
        self._ahead = self.how.block * ceil(max(0, buffer - self.how.block) / self.how.block)
        self._most_ahead = self._ahead
        if self._lock.acquire(blocking=False):
            try:
                self._tell_burst()
            finally:
                self._lock.release()

    def update(self, patch: Patch) -> tuple[Problem, ...]:
        """Play an edited patch; may take seconds when it brings a model. Gives the problems."""
        with self._lock:
            problems = self.engine.update(patch)
            if self._node_files is not None and self._node_files.has_changed:
                self._node_files.has_changed = False
                self._news.extend({"kind": "reload", "text": str(one)} for one in problems if one.severity == "error")
            return problems

    def turn(self, node: str, param: str, value: Scalar, seconds: float = 0.0, at: float = 0.0) -> None:
        """Turn a param at once, gliding where it can; from any thread.

        seconds: how long it glides, at least 10 ms. at: when, in seconds since 1970; what lies behind is now.
        """
        self.engine.turn(node, param, value, seconds, self.pulse.sample_at(at) if at else None)

    def follow_beat(self, beat: float, tempo: float, when: float) -> None:
        """Play to a clock outside: that beat is at ``when`` (seconds since 1970), as its sample is asked for; from any
        thread. tempo: beats per minute; 0: nobody outside counts any more.
        """
        shared = self.engine.setup.beat
        if tempo:
            shared.hear(self.pulse.sample_at(when), beat, tempo, self.how.sample_rate)
        else:
            shared.leave()

    def wants_again(self) -> bool:
        """Whether the patch is worth another ``update``: a model has come that an edit had not waited for, or nodes."""
        has_changed = self._node_files is not None and self._node_files.has_changed
        return has_changed or self.frames.has_arrived()

    def panic(self) -> None:
        """Fade to silence and forget everything in flight; then play on. From any thread."""
        self.engine.panic()

    def readings(self) -> Iterator[Reading]:
        """What nodes show now, one by one, and nothing while no block is played; for one thread, not the device's.

        What concerns no node stands under "": ``pace``, the governor's ``[1]``.
        """
        blocks, now = self.engine.blocks, time.monotonic()
        if blocks != self._seen[0]:
            self._seen = (blocks, now)
        if blocks and now - self._seen[1] < STILL_SECONDS:
            yield Reading("", "pace", np.array([self.governor.pace], np.float32))
            yield from readings(self.engine, self._complain)

    def _complain(self, node: str, text: str, error: Exception) -> None:
        """Tell what keeps a node from showing itself, once for as long as the patch has it."""
        self._complaints &= self.patch.nodes.keys()
        if node not in self._complaints:
            self._complaints.add(node)
            failed(log, f"{node}: {text}", error)
            self._news.append({"kind": "fault", "node": node, "text": text, "details": details(error)})

    def gathered(self) -> Mapping[str, Content]:
        """What nodes have recorded, by node, once they know what the patch has of it; takes some blocks at most."""
        end = time.monotonic() + STILL_SECONDS
        # a node that has not heard yet of a take in the patch would tell of it as one more
        while not self.engine.is_up_to_date and time.monotonic() < end:
            time.sleep(self._period_ns / 2e9)
        with self._lock:
            return gathered(self.engine)

    def housekeep(self, seconds: float, load_p99: float = 0.0, xruns: int = 0) -> None:
        """Call about ten times a second: clear up, watch the load. seconds: since the last call."""
        if self._lock.acquire(blocking=False):
            try:
                self.engine.tidy()
                self.frames.tidy()
                if self._node_files is not None:
                    self._news.extend({"kind": "reload", "text": text} for text in self._node_files.look())
                if (burst := self._burst.measured()) is not None:
                    self._ahead = burst if self._most_ahead is None else min(burst, self._most_ahead)
                self._tell_burst()
            finally:
                self._lock.release()
        self.governor.watch(seconds, load_p99, xruns + self.late_frames)

    def _tell_burst(self) -> None:
        if self._ahead is not None:
            self.frames.expect_burst(self._ahead)
            self._ahead = None

    @property
    def late_frames(self) -> int:
        """Frames of all codecs that were not there in time, so far."""
        return self.frames.late

    def news(self) -> list[dict[str, Any]]:
        """What happened since last asked, each once, and to the log: see the keys.

        kind (fault, remark, frames, slow, failure, reload), text, and where there is one node, and details (traceback).
        """
        found: list[dict[str, Any]] = []
        while self._news:
            found.append(self._news.popleft())
        found += [
            {"kind": "fault", "node": one.node, "text": one.text, "details": details(one.error)}
            for one in self.engine.faults()
        ]
        found += [{"kind": "remark", "node": one.node, "text": one.text} for one in self.engine.remarks()]
        found += [
            {"kind": "fault" if one.is_fault else "frames", "node": one.node, "text": one.text}
            for one in self.frames.news()
        ]
        while self._slow:
            spent = self._slow.popleft()
            found.append({"kind": "slow", "text": f"a block took {spent:.0f} ms: dropout"})
        while self._failures:
            text, error = self._failures.popleft()
            failed(log, text, error)
            found.append({"kind": "failure", "text": text, "details": details(error)})
        return found

    def status(self) -> dict[str, Any]:
        """Numbers about the session as plain data: see the keys."""
        streams = {opened.node: opened.report() for opened in self.frames.streams()}
        lookahead = max((one.lookahead for one in streams.values()), default=0)
        milliseconds = 1000 / self.how.sample_rate
        return {
            "sample_rate": self.how.sample_rate,
            "block": self.how.block,
            "blocks": self.engine.blocks,
            "folder": str(self.engine.setup.folder),
            "limited_blocks": self.engine.limited_blocks,
            "late_frames": self.late_frames,
            "pace": round(self.governor.pace, 3),
            "block_ms": round(self.how.block * milliseconds, 3),
            "codec_ms": round(lookahead * milliseconds, 3),
            "node_us": {node: round(spent, 2) for node, spent in sorted(self.engine.load().items())},
            "faces": self._faces.now(self.engine.compiled),
            "streams": {
                node: {
                    "lookahead": one.lookahead,
                    "frames": one.frames,
                    "late": one.late,
                    "skipped": one.skipped,
                    "faults": one.faults,
                    "computing_ms": list(one.computing_ms),
                    "answering_ms": list(one.answering_ms),
                    "is_realtime": one.is_realtime,
                    "problem": one.problem,
                }
                for node, one in streams.items()
            },
        }

    def close(self) -> None:
        """End everything; the device must have stopped calling ``play``."""
        with self._lock:
            self.engine.close()
            self.frames.close()
        sys.setswitchinterval(self._before)
        gc.unfreeze()
