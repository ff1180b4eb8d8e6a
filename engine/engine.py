"""The engine: plays a patch block by block, takes edits while it plays, and keeps broken things from being heard."""

import gc
import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from ..graphs import Patch
from .compile import CompiledPatch, compile_patch, faded_plan
from .compile.changes import moved_cords
from .compile.flatten import flatten
from .compile.loops import least_samples
from .compile.resolve import same_content, split_values
from .declare import Scalar
from .hooks import Remarks, Resets, Tidies, offering, offers
from .instances import RAMP_SECONDS, NodeInstance
from .kernels.code import code
from .logs import failed
from .palette import Palette
from .plan import Fault, Plan
from .problems import Problem
from .setup import Setup
from .values import FloatArray

_Turn: TypeAlias = tuple[str, str, Scalar, float, int | None]
"""Node, param, value, morph time in seconds, and the sample at which it sets out."""
MOST_LATER = 4096
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Stage:
    """A plan waiting for its turn, and for how many samples it must have played before the next may come."""

    plan: Plan
    samples: int


class Engine:
    """A patch at play. ``process`` belongs to one thread (the audio thread); the rest to another.

    Edits are compiled off the audio thread and handed over by one queue. Where cords that carry sound come or go,
    two short-lived plans fade them out and in (10 ms each), so editing never clicks.
    """

    def __init__(self, patch: Patch, palette: Palette, setup: Setup, *, strict: bool = True) -> None:
        self.palette = palette
        self.setup = setup
        if setup.offline:
            code.load()
        else:
            code.ask()
        with not_collecting():
            self._latest = compile_patch(patch, palette, setup, strict=strict)
        self._plan = self._latest.plan
        self._plan.adopt()
        self._last = self._plan
        self._played = self._hold = 0
        self._stages: deque[_Stage] = deque()
        self._turns: deque[_Turn] = deque()
        self._later: list[_Turn] = []
        self._asked: dict[tuple[str, str], Scalar] = {}
        self._told: deque[Fault] = deque(maxlen=256)
        self._asked_in_vain: set[Fault] = set()
        self._retired: list[tuple[str, NodeInstance]] = []
        self._finite = np.zeros(setup.bus.output.shape, np.bool_)
        self._quietly = copy_context()
        self._quietly.run(partial(np.seterr, all="ignore"))
        self._output = setup.bus.output
        self._input = setup.bus.input
        self._other_buses: deque[tuple[FloatArray, FloatArray, np.ndarray[Any, Any]]] = deque()
        self._panic = 0
        self._fall: FloatArray = np.linspace(1.0, 0.0, setup.block, dtype=np.float32) ** 2
        self.limited_blocks = 0
        self.blocks = 0

    @property
    def patch(self) -> Patch:
        """The patch as last edited."""
        return self._latest.patch

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong or worth saying about the patch as last edited."""
        return self._latest.plan.problems

    @property
    def compiled(self) -> CompiledPatch:
        """The latest plan with what it came from."""
        return self._latest

    def instance(self, node: str) -> Any:
        """The live instance of a node."""
        return self._latest.instances[node].node

    def process(self, count: int | None = None) -> FloatArray:
        """Call from the audio thread only: play one block; the bus's output, float32 ``[channels, block]``.

        The array is the same every time: copy it before the next call. Samples are finite and within ±1. count: fewer
        samples than a block, for the end of a render; this compiles a short plan, so it is not for the audio thread.
        """
        bus, clock = self.setup.bus, self.setup.clock
        while self._other_buses:
            self._input, self._output, self._finite = self._other_buses.popleft()
        count, done = self.setup.block if count is None else count, 0
        while done < count:
            self._take_over()
            plan = self._plan
            if plan.block > count - done:
                plan = self._short_plan(count - done)
            size = plan.block
            if size < self.setup.block:
                bus.output, bus.input = self._output[:, done : done + size], self._input[:, done : done + size]
            else:
                bus.output, bus.input = self._output, self._input
            bus.output.fill(0.0)
            self._quietly.run(plan.run)
            self._last = plan
            if not _is_sound(bus.output):
                finite = self._finite[:, done : done + size]
                np.isfinite(bus.output, out=finite)
                if not finite.all():
                    plan.cure(bus)  # here, as the buffers of this plan hold what went wrong only until it runs again
            if plan is not self._plan:
                self._told.extend(plan.faults)
            clock.sample += size
            self._played += size
            done += size
        bus.output, bus.input = self._output, self._input
        output = self._output[:, :count]
        if not _is_sound(output):
            self.limited_blocks += 1
            np.clip(output, -1.0, 1.0, out=output)
        if self._panic:
            self._calm_down(output)
        self.blocks += 1
        return output

    def widen(self, inputs: int, outputs: int) -> None:
        """Play on a device of so many channels, at least one out, from the next block on. Not for the audio thread."""
        block, outputs = self.setup.block, max(outputs, 1)
        heard, sound = np.zeros((inputs, block), np.float32), np.zeros((outputs, block), np.float32)
        self._other_buses.append((heard, sound, np.zeros(sound.shape, np.bool_)))

    def signal(self, node: str, port: str) -> FloatArray:
        """What a signal output gave in the plan run last, float32 ``[size, samples]``: the block, or its last part.

        Valid until the next ``process``. Raises KeyError for an output that does not play.
        """
        return self._last.look(node, port)

    def turn(self, node: str, param: str, value: Scalar, seconds: float = 0.0, sample: int | None = None) -> None:
        """Turn a param of the playing patch; takes effect at the next block, gliding where it can.

        seconds: how long a number glides, at least 10 ms. sample: the clock's sample at which a number sets out (what
        can't glide jumps at the beginning of that block); one that has passed is the next block's first. At most 4096
        wait; more take effect at once.
        """
        for there, inner in self._latest.flat.turned(node, param):
            self._turn_played(there, inner, value, seconds, sample)

    def _turn_played(
        self, node: str, param: str, value: Scalar, seconds: float = 0.0, sample: int | None = None
    ) -> None:
        self._asked[node, param] = value
        self._turns.append((node, param, value, seconds, sample))

    def panic(self) -> None:
        """Fade to silence within a block and let every node forget what is in flight; then it plays on."""
        self._panic = 1

    def update(self, patch: Patch, *, strict: bool = False) -> tuple[Problem, ...]:
        """Play an edited patch. Params glide, cords fade, unchanged nodes go on undisturbed. Returns the problems.

        Params are then as the patch has them: a turn that it does not know of is undone, one that it knows goes on.

        With the patch that it plays, nodes that could not be made are tried again.
        """
        before, asked = self._latest, dict(self._asked)
        flat = flatten(patch, self.palette, before.flat)
        if flat.problems == before.flat.problems and self._only_params_changed(before.flat.patch, flat.patch):
            self._turn_changed(before, flat.patch, asked)
            self._latest = replace(before, patch=patch, flat=flat)
            return before.plan.problems
        self.tidy()
        if patch.seed != self.setup.patch_seed:
            self.setup = replace(self.setup, patch_seed=patch.seed)
        with not_collecting():
            return self._compiled(before, patch, asked, strict)

    def _compiled(
        self, before: CompiledPatch, patch: Patch, asked: Mapping[tuple[str, str], Scalar], strict: bool
    ) -> tuple[Problem, ...]:
        after = compile_patch(patch, self.palette, self.setup, before, strict=strict)
        kept = {id(instance.node) for instance in after.instances.values()}
        self._retired += [(name, one) for name, one in before.instances.items() if id(one.node) not in kept]
        leaving, coming = moved_cords(before.resolved, after.resolved)
        ramp = max(1, round(RAMP_SECONDS * self.setup.sample_rate))
        if leaving:
            self._stages.append(_Stage(faded_plan(before, self.setup, dict.fromkeys(leaving, "fade out")), ramp))
        if coming:
            self._stages.append(_Stage(faded_plan(after, self.setup, dict.fromkeys(coming, "fade in")), ramp))
        self._stages.append(_Stage(after.plan, 0))
        self._latest = after
        self._turn_changed(before, after.flat.patch, asked)
        return after.plan.problems

    @property
    def is_up_to_date(self) -> bool:
        """Whether the patch as last edited is what is played, and no plan of it waits for a block to be adopted."""
        return self._latest.plan.is_adopted

    def faults(self) -> list[Fault]:
        """Nodes that failed since last asked; what they raised goes to the log. Not for the audio thread."""
        found: list[Fault] = []
        for faults in (self._told, self._plan.faults):
            while faults:
                found.append(faults.popleft())
        for one in found:
            failed(log, str(one), one.error)
        return found

    def remarks(self) -> list[Fault]:
        """What nodes have to say that is no fault (their method ``remarks``), each once; not for the audio thread."""
        found: list[Fault] = []
        for name, instance in self._latest.instances.items():
            if offers(instance.node, Remarks):
                found += [Fault(name, text) for text in instance.node.remarks()]
        return found

    def load(self) -> dict[str, float]:
        """Microseconds per block and node."""
        return self._plan.load()

    def close(self) -> None:
        """Let every node finish what it holds open. Call when nothing plays any more.

        What a node can't finish is no reason for the others not to; ``faults`` tells of it afterwards.
        """
        for name, instance in (*self._latest.instances.items(), *self._retired):
            self._ask(name, instance.close)
        self._retired.clear()

    def tidy(self) -> None:
        """Close nodes that left, once no waiting plan plays them any more, and let nodes clear up after themselves.

        May be slow; call now and then from the thread that edits.
        """
        if self._latest.plan.is_adopted:
            retired, self._retired = self._retired, []
            for name, instance in retired:
                self._ask(name, instance.close)
        nodes = [(name, instance.node) for name, instance in self._latest.instances.items()]
        for name, node in offering(nodes, Tidies):
            self._ask(name, node.tidy)

    def _ask(self, node: str, work: Callable[[], object]) -> None:
        """Have a node do something beside playing; what it raises becomes a fault, told once."""
        try:
            work()
        except Exception as error:
            fault = Fault(node, str(error) or type(error).__name__, error)
            if fault not in self._asked_in_vain:
                self._asked_in_vain.add(fault)
                self._told.append(fault)

    def _calm_down(self, output: FloatArray) -> None:
        if self._panic == 1:
            output *= self._fall[: output.shape[1]]
            for instance in self._plan.instances.values():
                if offers(instance.node, Resets) and not instance.has_failed:
                    try:
                        instance.node.reset()
                    except Exception as error:
                        self._told.append(Fault(instance.spec.type, f"could not be reset ({error})", error))
            self._panic = 2
        else:
            output *= self._fall[: output.shape[1]][::-1]
            self._panic = 0

    def _take_over(self) -> None:
        while self._stages and self._played >= self._hold:
            stage = self._stages.popleft()
            self._told.extend(self._plan.faults)
            self._plan, self._hold, self._played = stage.plan, stage.samples, 0
            self._plan.adopt()
        if not (self._turns or self._later):
            return
        now = self.setup.clock.sample
        while self._turns:
            turn = self._turns.popleft()
            sample = turn[4]
            if sample is not None and sample >= now + self._plan.block and len(self._later) < MOST_LATER:
                self._later.append(turn)
            else:
                self._turn(turn, now)
        if self._later:
            self._turn_due(now)

    def _turn(self, turn: "_Turn", now: int) -> None:
        node, param, value, seconds, sample = turn
        offset = sample - now if sample is not None and now < sample < now + self._plan.block else 0
        self._plan.turn(node, param, value, seconds, offset)

    def _turn_due(self, now: int) -> None:
        waiting = self._later
        if min(one[4] or 0 for one in waiting) >= now + self._plan.block:
            return
        self._later = []
        for one in sorted(waiting, key=_sample_of):
            if _sample_of(one) < now + self._plan.block:
                self._turn(one, now)
            else:
                self._later.append(one)

    def _short_plan(self, block: int) -> Plan:
        plan = compile_patch(self.patch, self.palette, self.setup, self._latest, strict=False, block=block).plan
        plan.adopt()
        return plan

    def _only_params_changed(self, before: Patch, after: Patch) -> bool:
        if before.cords != after.cords or before.nodes.keys() != after.nodes.keys() or before.seed != after.seed:
            return False
        if any(one.spec is not self.palette.get(one.spec.type) for one in self._latest.instances.values()):
            return False  # its file was read again
        is_same = True
        for name, node in after.nodes.items():
            old = before.nodes[name]
            if node is old:
                continue
            if (node.type, node.muted, node.bypassed) != (old.type, old.muted, old.bypassed):
                return False
            if not same_content(node.content, old.content):
                return False
            spec = self.palette.get(node.type)
            keys = {*node.values, *old.values}
            changed = {key for key in keys if node.values.get(key) != old.values.get(key)}
            if spec is None or not changed <= set(spec.params):
                return False
            instance = self._latest.instances.get(name)
            if instance is not None and (instance.has_failed or self._becomes_short(instance, node.values, old.values)):
                return False
            is_same &= not changed
        return not (is_same and any(problem.severity == "error" for problem in self.problems))

    def _becomes_short(self, instance: NodeInstance, now: Mapping[str, Any], then: Mapping[str, Any]) -> bool:
        """Whether a delay is longer than a block and was not, or the other way round: its loop then plays otherwise."""
        block = self._latest.plan.block
        return (least_samples(instance, now) < block) != (least_samples(instance, then) < block)

    def _turn_changed(self, before: CompiledPatch, patch: Patch, asked: Mapping[tuple[str, str], Scalar]) -> None:
        """Turn params that the patch has otherwise than they were asked to be last, by a turn or by the patch before.

        What was turned to the same meanwhile goes on as it was asked to: in its own time, and at its own.
        """
        turned = {name for name, _ in asked}
        for name, node in patch.nodes.items():
            old = before.flat.patch.nodes.get(name)
            if name not in turned and (node is old or (old is not None and node.values == old.values)):
                continue
            if old is None or name not in before.instances:
                continue
            spec = before.instances[name].spec
            _, now, _ = split_values(name, node, spec)
            _, then, _ = split_values(name, old, spec)
            for key, value in now.items():
                if value != asked.get((name, key), then.get(key)):
                    self._turn_played(name, key, value)
        for ends, value in asked.items():
            if self._asked.get(ends) == value:
                self._asked.pop(ends, None)


@contextmanager
def not_collecting() -> Iterator[None]:
    """Nothing that compiling makes is garbage before it is done; to look for some holds up all threads for as long."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _is_sound(output: FloatArray) -> bool:
    """Whether all samples are finite and within ±1. Of what is no number, argmax and argmin give the first."""
    samples = output.reshape(-1) if output.flags.c_contiguous else output.ravel()
    return bool(samples[samples.argmax()] <= 1.0 and samples[samples.argmin()] >= -1.0)


def _sample_of(turn: _Turn) -> int:
    return turn[4] or 0
