"""Plans: a patch made ready to run, as a flat list of calls over arrays made beforehand."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter_ns

import numpy as np

from .buffers import Buffer, SignalBuffer
from .clock import FrameTimes, SampleClock
from .declare import Scalar
from .living import Living
from .passes.adapt import Adapted
from .problems import Problem
from .steps import Step, Turning
from .values import Bus

METER_EVERY = 8
MOST_CURES = 16
"""How often a plan resets a node that gives numbers that are no sound, before it mutes it."""


@dataclass(frozen=True)
class Fault:
    """A node that failed while playing: it is muted (or was reset) and the rest goes on."""

    node: str
    text: str


@dataclass(frozen=True)
class Call:
    """A tick of the plan and the node that it is for (an adapter's is the node it feeds)."""

    node: str
    tick: Callable[[], None]
    step: Step | None = None


class Plan:
    """Calls in order over preallocated buffers. ``run`` computes one block of ``block`` samples.

    All methods but ``load`` belong to the audio thread once the plan plays.
    """

    def __init__(
        self,
        block: int,
        calls: tuple[Call, ...],
        outputs: Mapping[tuple[str, str], Buffer],
        times: tuple[FrameTimes, ...],
        turnings: Mapping[tuple[str, str], Turning],
        living: Mapping[str, Living],
        adapted: tuple[Adapted, ...],
        problems: tuple[Problem, ...],
        clock: SampleClock,
    ) -> None:
        self.block, self.calls, self.outputs, self.times = block, calls, outputs, times
        self.turnings, self.living, self.adapted, self.problems = turnings, living, adapted, problems
        self.clock = clock
        self.faults: deque[Fault] = deque(maxlen=256)
        self.nanoseconds = [0] * len(calls)
        self.metered = 0
        self._ticks = [call.tick for call in calls]
        self._moving: list[Turning] = []
        self._blocks = 0
        self.is_adopted = False
        self._cured: dict[str, int] = {}

    def adopt(self) -> None:
        """Take over: hand every step its params as they are now, and nodes their new content."""
        for turning in self.turnings.values():
            turning.settle()
        self._moving = [turning for turning in self.turnings.values() if turning.knob.is_moving]
        self.is_adopted = True
        for living in self.living.values():
            if living.bequest:
                living.instance.inherit(living.bequest.pop())
            if living.renewal is not None:
                living.instance.renew(living.renewal)
                living.renewal = None

    def turn(self, node: str, param: str, value: Scalar) -> None:
        """Turn a param; one that a cord drives remembers the value for when the cord goes."""
        living = self.living.get(node)
        if living is None or param not in living.knobs:
            return
        living.knobs[param].turn(value)
        turning = self.turnings.get((node, param))
        if turning is None:
            return
        if turning.knob.is_moving:
            if turning not in self._moving:
                self._moving.append(turning)
        else:
            turning.settle()

    def run(self) -> None:
        """Compute the block that starts at the clock's sample."""
        for times in self.times:
            times.move_to(self.clock.sample)
        if self._moving:
            self._moving = [turning for turning in self._moving if turning.advance()]
        self._blocks += 1
        if self._blocks % METER_EVERY == 0:
            self._run_metered()
            return
        index = 0
        try:
            for index, tick in enumerate(self._ticks):  # noqa: B007
                tick()
        except Exception as error:
            self._go_on_after(index, error)

    def load(self) -> dict[str, float]:
        """Microseconds per block and node, averaged since the plan began."""
        found: dict[str, float] = {}
        for call, spent in zip(self.calls, self.nanoseconds, strict=True):
            found[call.node] = found.get(call.node, 0.0) + spent / 1000 / max(self.metered, 1)
        return found

    def cure(self, bus: Bus) -> None:
        """Find the first node whose signal is not finite, reset or mute it, and silence this block."""
        bus.output.fill(0.0)
        for index, call in enumerate(self.calls):
            if call.step is None:
                continue
            broken = any(
                isinstance(out, SignalBuffer) and not np.isfinite(out.array).all() for out in call.step.outputs.values()
            )
            if broken:
                call.step.silence()
                self._cure_node(index, call.node)
                return

    def _cure_node(self, index: int, node: str) -> None:
        instance = self.living[node].instance
        times = self._cured[node] = self._cured.get(node, 0) + 1
        if times > MOST_CURES or not hasattr(instance, "reset"):
            self._mute(index, "gave numbers that are no sound; it is muted until you change it")
            return
        instance.reset()
        if times == 1:
            self.faults.append(Fault(node, "gave numbers that are no sound; it was reset"))

    def _run_metered(self) -> None:
        index, before = 0, perf_counter_ns()
        try:
            for index, tick in enumerate(self._ticks):
                tick()
                now = perf_counter_ns()
                self.nanoseconds[index] += now - before
                before = now
        except Exception as error:
            self._go_on_after(index, error)
        self.metered += 1

    def _go_on_after(self, index: int, error: Exception) -> None:
        self._mute(index, f"failed ({error or type(error).__name__}); it is muted until you change it")
        for later in range(index + 1, len(self._ticks)):
            try:
                self._ticks[later]()
            except Exception as another:
                self._mute(later, f"failed ({another or type(another).__name__}); it is muted until you change it")

    def _mute(self, index: int, text: str) -> None:
        call = self.calls[index]
        if call.step is not None:
            call.step.silence()
        self._ticks[index] = _nothing
        self.living[call.node].has_failed = True
        self.faults.append(Fault(call.node, text))


def _nothing() -> None:
    return None
