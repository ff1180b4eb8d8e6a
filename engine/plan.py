"""Plans: a patch made ready to run, as a flat list of calls over arrays made beforehand."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter_ns

import numpy as np

from .batch import Batch, Chain
from .buffers import Buffer, SignalBuffer
from .clock import FrameTimes, SampleClock
from .compile.adapt import Adapted
from .declare import Scalar
from .hooks import Resets, offers
from .instances import NodeInstance
from .kernels.code import Play, code
from .kernels.runs import Runs
from .pieces import LoopInPieces
from .problems import Problem
from .steps import ParamRamp, Step
from .values import Bus, FloatArray

METER_EVERY = 8
# How often a plan resets a node that gives numbers that are no sound, before it mutes it.
MOST_CURES = 16


@dataclass(frozen=True)
class Fault:
    """A node that failed while playing: it is muted (or was reset) and the rest goes on. node: "" for the output.

    error: what it raised, to be logged by the thread that tells of it.
    """

    node: str
    text: str
    error: BaseException | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.node}: {self.text}" if self.node else self.text


@dataclass(frozen=True)
class Call:
    """A tick of the plan and the node that it is for (an adapter's is the node it feeds).

    batch: plays the steps in one call, which it gives itself in place of ``tick``; ``node`` is then the first.
    """

    node: str
    tick: Callable[[], object]
    steps: tuple[Step, ...] = ()
    batch: Batch | LoopInPieces | None = None


@dataclass
class Seating:
    """Whose batches hold the state of the nodes just now; one for all plans of a patch. Audio thread only.

    changed: the batches to be refreshed before the next block. play: the compiled code that they were refreshed for.
    """

    plan: "Plan | None" = None
    play: Play | None = None
    changed: list[Batch | LoopInPieces] = field(default_factory=list)


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
        turnings: Mapping[tuple[str, str], ParamRamp],
        instances: Mapping[str, NodeInstance],
        adapted: tuple[Adapted, ...],
        problems: tuple[Problem, ...],
        clock: SampleClock,
        seating: Seating,
    ) -> None:
        self.block, self.calls, self.outputs, self.times = block, calls, outputs, times
        self.turnings, self.instances, self.adapted, self.problems = turnings, instances, adapted, problems
        self.clock, self.seating = clock, seating
        self.faults: deque[Fault] = deque(maxlen=256)
        self.nanoseconds = [0] * len(calls)
        self.metered = 0
        self._apart = [_nothing if _has_failed(call, instances) else call.tick for call in calls]
        self._ticks, self._runs = (
            self._apart,
            Runs([one.batch if isinstance(one.batch, Batch) else None for one in calls]),
        )
        self._moving: list[ParamRamp] = []
        self._blocks = 0
        self.is_adopted = False
        self._cured: dict[str, int] = {}
        self._batches = {call.batch: index for index, call in enumerate(calls) if call.batch is not None}
        self._newcomers = [one for one in instances.values() if one.takes_over or one.renewal is not None]
        self._inner = {
            step.node: (call.batch, index)
            for index, call in enumerate(calls)
            if isinstance(call.batch, Chain)
            for step in call.steps[:-1]
        }
        self._filled: dict[int, int] = {}

    def adopt(self) -> None:
        """Take over: hand every step its params as they are now, and nodes their new content."""
        for turning in self.turnings.values():
            if turning.arguments[turning.name] is not turning.knob.value:
                turning.settle()
        self._moving = [turning for turning in self.turnings.values() if turning.knob.is_moving]
        self.is_adopted = True
        for instance in self._newcomers:
            if instance.takes_over:
                instance.node.inherit(instance.takes_over.pop())
            if instance.renewal is not None:
                instance.node.renew(instance.renewal)
                instance.renewal = None

    def turn(self, node: str, param: str, value: Scalar, seconds: float = 0.0, offset: int = 0) -> None:
        """Turn a param; one that a cord drives remembers the value for when the cord goes. See ``Knob.turn``."""
        instance = self.instances.get(node)
        if instance is None or param not in instance.knobs:
            return
        instance.knobs[param].turn(value, seconds, offset)
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
        seating = self.seating
        if seating.plan is not self:
            self._sit_down(seating)
        if seating.play is not code.play:
            seating.play = code.play
            for batch in self._batches:
                batch.mark()
        if seating.changed:
            for batch in seating.changed:
                if batch in self._batches:
                    batch.refresh()
                    self._apart[self._batches[batch]] = batch.tick
            seating.changed.clear()
            self._ticks = self._runs.joined(self._apart, seating.play)
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

    def _sit_down(self, seating: Seating) -> None:
        """Play in place of another plan: batches that it has too go on as they are."""
        before = seating.plan._batches if seating.plan is not None else {}
        for batch, index in self._batches.items():
            if batch in before:
                self._apart[index] = batch.tick
            else:
                batch.join(seating.changed)
        self._ticks = self._runs.joined(self._apart, seating.play)
        seating.plan = self

    def look(self, node: str, port: str) -> FloatArray:
        """What a signal output gave in the block played last, float32 ``[size, block]``; from any thread.

        Raises KeyError for an output that is none.
        """
        buffer = self.outputs[node, port]
        if not isinstance(buffer, SignalBuffer):
            raise KeyError(f"{node}.{port} is not a signal")
        if node in self._inner:
            chain, index = self._inner[node]
            if self._filled.get(index) != self._blocks:
                self._filled[index] = self._blocks
                chain.fill()
        return buffer.array

    def load(self) -> dict[str, float]:
        """Microseconds per block and node, averaged since the plan began; what plays in one call shares its time."""
        found: dict[str, float] = {}
        for call, spent in zip(self.calls, self.nanoseconds, strict=True):
            names = [step.node for step in call.steps] or [call.node]
            for name in names:
                found[name] = found.get(name, 0.0) + spent / len(names) / 1000 / max(self.metered, 1)
        return found

    def cure(self, bus: Bus) -> None:
        """Find the first node whose signal is not finite, reset or mute it, and silence this block."""
        bus.output.fill(0.0)
        for chain, _ in self._inner.values():
            chain.fill()
        for index, call in enumerate(self.calls):
            for step in call.steps:
                broken = any(
                    isinstance(out, SignalBuffer) and not np.isfinite(out.array).all() for out in step.outputs.values()
                )
                if broken:
                    step.silence()
                    self._cure_node(index, step)
                    return
        if not self._cured.setdefault("", 0):
            self._cured[""] = 1
            self.faults.append(Fault("", "the output had invalid numbers (NaN or too large); those blocks are silent"))

    def _cure_node(self, index: int, step: Step) -> None:
        node = step.node
        instance = self.instances[node].node
        times = self._cured[node] = self._cured.get(node, 0) + 1
        if times > MOST_CURES or not offers(instance, Resets):
            self._mute(index, step, "gave invalid numbers (NaN or too large); it is muted until you change it")
            return
        instance.reset()
        if times == 1:
            self.faults.append(Fault(node, "gave invalid numbers (NaN or too large); it was reset"))

    def _run_metered(self) -> None:
        index, before = 0, perf_counter_ns()
        try:
            for index, tick in enumerate(self._apart):
                tick()
                now = perf_counter_ns()
                self.nanoseconds[index] += now - before
                before = now
        except Exception as error:
            self._go_on_after(index, error)
        self.metered += 1

    def _go_on_after(self, index: int, error: Exception) -> None:
        self._fail(index, error)
        for later in range(index + 1, len(self._apart)):
            try:
                self._apart[later]()
            except Exception as another:
                self._fail(later, another)

    def _fail(self, index: int, error: Exception) -> None:
        call = self.calls[index]
        failed = [(next(iter(call.steps), None), error)] if call.batch is None else call.batch.fall_back()
        for step, why in failed:
            self._mute(index, step, f"failed ({why or type(why).__name__}); it is muted until you change it", why)

    def _mute(self, index: int, step: Step | None, text: str, error: Exception | None = None) -> None:
        call = self.calls[index]
        if step is not None:
            step.silence()
        if step is not None and call.batch is not None:
            call.batch.mute(step)
        else:
            self._apart[index] = self._ticks[index] = _nothing
        node = step.node if step is not None else call.node
        self.instances[node].has_failed = True
        self.faults.append(Fault(node, text, error))


def _has_failed(call: Call, instances: Mapping[str, NodeInstance]) -> bool:
    return call.batch is None and any(instances[step.node].has_failed for step in call.steps)


def _nothing() -> None:
    return None
