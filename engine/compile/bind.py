"""Allocate and bind: give every output its buffer, put adapters on cords, and bind every call to its arrays."""

import itertools
import logging
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from ..batch import Batch, Chain
from ..buffers import Buffer, EventBuffer, LatentBuffer, SignalBuffer, latent_buffer, signal_buffer, widened
from ..clock import FrameTimes
from ..declare import NodeSpec, PortSpec
from ..hooks import DelaysAtLeast, offers
from ..instances import RAMP_SECONDS, NodeInstance
from ..logs import failed
from ..param_numbers import place
from ..pieces import LoopInPieces, Tick, least_of
from ..plan import Call
from ..setup import Setup
from ..steps import ParamRamp, Step
from ..values import FloatArray
from .adapt import Adapted
from .adapters import AtFrames, Clip, Fade, HoldEvents, HoldFrames, Mean, cut
from .allocate import Outputs, allocate
from .batch import Cluster
from .bound import Bound, BoundCall, BoundCluster, Changes
from .gather import Gathers, copied, stacked
from .infer import Shapes
from .lanes import clips_of, lanes_of, terms_of, values_of
from .order import Phase
from .resolve import Resolved, ResolvedCord
from .stepped import HELD, Stepper, is_stepped

log = logging.getLogger(__name__)
# Values that adapters hold, by cord and conversion; it outlasts plans.
Memory = dict[tuple[str, str, str], FloatArray]


def bind(
    resolved: Resolved,
    shapes: Shapes,
    adapted: tuple[Adapted, ...],
    clusters: tuple[Cluster, ...],
    setup: Setup,
    memory: Memory,
    block: int,
    changes: Changes | None = None,
) -> Bound:
    """Every call in order, bound to its arrays. changes: since a plan whose calls go on to be used where they can."""
    if changes is not None and changes.bound.block != block:
        changes = None
    known = changes.bound.clusters if changes else {}
    allocated = allocate(
        resolved,
        shapes,
        clusters,
        block,
        changes.bound.allocated if changes else None,
        known.keys(),
        changes.buffers if changes else frozenset(),
    )
    into: dict[str, list[Adapted]] = {}
    fresh = set(changes.nodes if changes else ()) | allocated.moved
    for one in adapted:
        into.setdefault(one.cord.target_node, []).append(one)
        if one.cord.source_node in allocated.moved:
            fresh.add(one.cord.target_node)
    work = _Binding(resolved, shapes, setup, memory, block, allocated.outputs, allocated.clocks, into)
    parts = {
        call: part
        for cluster, bound in known.items()
        if not bound.lines
        for call, part in zip(cluster.calls, bound.parts, strict=True)
        if call[0] not in fresh
    }
    found: dict[Cluster, BoundCluster] = {}
    for cluster in clusters:
        before = known.get(cluster)
        if before is not None and fresh.isdisjoint(name for name, _ in cluster.calls):
            found[cluster] = before
        else:
            found[cluster] = work.cluster(cluster, parts)
    return Bound(found, allocated, block)


@dataclass
class _Binding:
    resolved: Resolved
    shapes: Shapes
    setup: Setup
    memory: Memory
    block: int
    outputs: Outputs
    clocks: Mapping[Fraction, FrameTimes]
    into: Mapping[str, list[Adapted]]

    def cluster(self, cluster: Cluster, known: Mapping[tuple[str, Phase], BoundCall]) -> BoundCluster:
        """Calls that stand together; of those that play in one call, adapters and lines come before it."""
        names = [name for name, _ in cluster.calls]
        lines = self.lines(names) if cluster.is_batch else {}
        parts = tuple(
            known[call] if call in known and not lines else self.part(*call, lines, row)
            for row, call in enumerate(cluster.calls)
        )
        batch: Batch | None = None
        if cluster.is_loop:
            return BoundCluster((self.loop(names[0], parts),), parts, lines)
        if cluster.is_chain:
            batch = self.chain([part.calls[-1] for part in parts])
        elif cluster.is_batch:
            batch = self.batch(names, parts, lines)
        if batch is None and not lines:
            return BoundCluster(tuple(call for part in parts for call in part.calls), parts, lines)
        calls = [call for part in parts for call in part.calls[:-1]]
        if batch is None:
            calls += [Call(names[0], clip) for clip in clips_of(self.resolved.nodes[names[0]].spec, parts, lines)]
            calls += [part.calls[-1] for part in parts]
        else:
            calls.append(Call(batch.steps[0].node, batch.play, batch.steps, batch))
        return BoundCluster(tuple(calls), parts, lines)

    def lines(self, names: Sequence[str]) -> dict[str, FloatArray]:
        """Params that cords drive, ``[nodes, 1, block]``, of nodes that play together."""
        driven = [one.cord.target.name for one in self.into.get(names[0], ()) if one.cord.param is not None]
        return {param: np.zeros((len(names), 1, self.block), np.float32) for param in driven}

    def batch(self, names: Sequence[str], parts: Sequence[BoundCall], lines: Mapping[str, FloatArray]) -> Batch | None:
        """One call for the steps of these; None where their type can't play these together."""
        steps = [step for part in parts for step in part.calls[-1].steps]
        instances = [self.resolved.nodes[step.node] for step in steps]
        together, gathers = instances[0].spec.together, Gathers()
        assert together is not None
        given: dict[str, Any] = {"nodes": [one.node for one in instances]}
        for port in ("out", *instances[0].spec.inputs):
            arrays = [step.arguments[port] for step in steps]
            given[port] = None if arrays[0] is None else stacked(arrays, gathers)
        states = None
        if "states" in together.takes:
            first = instances[0].node.state
            states = given["states"] = np.zeros((len(steps), *first.shape), first.dtype)
        try:
            resting = together.stack(**{name: value for name, value in given.items() if name in together.takes})
            if resting is None:
                return None
            driven = {param: [part.unclipped[param] for part in parts] for param in lines}
            return Batch(
                steps,
                values_of(instances),
                resting,
                gathers,
                together.alike,
                given["nodes"],
                states,
                lines,
                [*clips_of(self.resolved.nodes[names[0]].spec, parts, lines)],
                self._failed(steps),
                lanes_of(instances, steps, states, driven, self.setup.sample_rate),
            )
        except Exception as error:  # they sound the same one by one
            failed(log, f"{instances[0].spec.type}: many can't play in one call: {error}", error)
            return None

    def chain(self, calls: Sequence[Call]) -> Chain | None:
        """One call for a chain of steps, each fed by the one before; None where it would not be the same to the bit."""
        steps = [step for call in calls for step in call.steps]
        instances, gathers = [self.resolved.nodes[step.node] for step in steps], Gathers()
        spec = instances[0].spec
        assert spec.together is not None
        outs = [step.arguments["out"] for step in steps]
        heard = [steps[0].arguments[port] for port in spec.inputs]
        for before, step in itertools.pairwise(steps):
            given = [step.arguments[port] for port in spec.inputs]
            heard += [array for array in given if array is not before.arguments["out"]]
        if outs[0].size < 2 or len(heard) != len(steps) + 1:
            return None
        rows = stacked(heard, gathers)
        if rows.strides[0] == 0:
            rows = copied(heard, gathers)
        terms = terms_of(spec, outs[-1], heard)
        return Chain(steps, values_of(instances), spec.together, rows, outs, gathers, self._failed(steps), terms)

    def loop(self, name: str, parts: Sequence[BoundCall]) -> Call:
        """One call for a loop that plays in pieces: what is along its cords is cut up as its steps are."""
        found: list[tuple[Step | None, Tick]] = []
        least: dict[Step, Callable[[], float]] = {}
        for part in parts:
            for call in part.calls:
                step, instance = next(iter(call.steps), None), self.resolved.nodes[call.node]
                if step is not None and instance.has_failed:
                    continue
                found.append((step, step.tick_part if step is not None else cut(call.tick)))
                if step is not None and offers(instance.node, DelaysAtLeast) and step.outputs:
                    least[step] = partial(least_of, instance.node.at_least, step.arguments, tuple(instance.knobs))
        whole = LoopInPieces(found, least, self.block)
        return Call(name, whole.play, whole.steps, whole)

    def _failed(self, steps: Sequence[Step]) -> list[Step]:
        return [step for step in steps if self.resolved.nodes[step.node].has_failed]

    def part(self, name: str, phase: Phase, lines: Mapping[str, FloatArray], row: int) -> BoundCall:
        """What a node needs. lines: params that are clipped for many at once, of which this is the row."""
        instance, incoming = self.resolved.nodes[name], self.into.get(name, [])
        if name in self.resolved.muted:
            return BoundCall((), {}, {})
        if name in self.resolved.bypassed:
            return BoundCall(tuple(self._bypass(name, instance, incoming, phase)), {}, {})
        call = instance.node if not instance.spec.stateful else getattr(instance.node, phase)
        wanted = instance.spec.arguments[phase]
        calls: list[Call] = []
        given: dict[str, Buffer] = {}
        unclipped: dict[str, FloatArray] = {}
        steppers: list[Stepper] = []
        for one in incoming:
            if one.cord.target.name in wanted:
                param = one.cord.target.name
                buffer, ticks = self._adapters(one, is_clipped=param not in lines)
                if is_stepped(one.cord):
                    calls += [Call(name, tick) for tick in ticks]
                    steppers.append(self._stepper(one.cord, buffer))
                    calls.append(Call(name, steppers[-1].tick))
                    continue
                if param in lines and isinstance(buffer, SignalBuffer):
                    unclipped[param] = buffer.array
                    buffer = SignalBuffer(lines[param][row])
                given[param] = buffer
                calls += [Call(name, tick) for tick in ticks]
        step = self._step(name, instance, call, wanted, given, phase)
        for stepper in steppers:
            stepper.lead(step.arguments)
        driven = {*given, *(stepper.spec.name for stepper in steppers)}
        turnings = {
            (name, key): ParamRamp(key, knob, step, self.block)
            for key, knob in instance.knobs.items()
            if key in wanted and key not in driven
        }
        return BoundCall((*calls, Call(name, step.tick, (step,))), turnings, unclipped)

    def _step(
        self,
        name: str,
        instance: NodeInstance,
        call: Callable[..., Any],
        wanted: Set[str],
        given: dict[str, Buffer],
        phase: Phase,
    ) -> Step:
        spec = instance.spec
        times = self._frame_clock(name, spec)
        arguments: dict[str, Any] = {}
        views: list[tuple[str, tuple[FloatArray, ...]]] = []
        for port in spec.inputs.values():
            if port.name not in wanted or port.kind == "trajectories":
                continue
            buffer = given.get(port.name) or (None if port.optional else self._silence(name, port))
            if isinstance(buffer, LatentBuffer):
                views.append((port.name, buffer.views))
            arguments[port.name] = _value(buffer)
        for key, knob in instance.knobs.items():
            if key in wanted:
                driven = given.get(key)
                if isinstance(driven, LatentBuffer):
                    views.append((key, driven.views))
                arguments[key] = knob.value if driven is None else _value(driven)
        if spec.takes_frames and "frames" in wanted:
            arguments["frames"] = times
        outputs = (
            {}
            if phase == "write"
            else {port: self.outputs[name, port] for port, one in spec.outputs.items() if one.kind != "trajectories"}
        )
        outs = _outs(spec, outputs, times) if spec.takes_out and "out" in wanted else None
        if outs is not None:
            arguments["out"] = outs[0]
        latent_out = any(isinstance(out, LatentBuffer) for out in outputs.values())
        in_frames = times if views or latent_out or "frames" in wanted else None
        return Step(name, call, arguments, outputs, in_frames, tuple(views), outs, spec.on_frames_only)

    def _frame_clock(self, name: str, spec: NodeSpec) -> FrameTimes | None:
        for side, ports in (("out", spec.outputs), ("in", spec.inputs)):
            for port in ports.values():
                if port.kind == "latent":
                    return self.clocks[self.shapes.ratios[name, side, port.name]]  # type: ignore[index]
        return self.clocks[self.shapes.near[name]] if name in self.shapes.near else None

    def _silence(self, name: str, port: PortSpec) -> Buffer:
        if port.kind == "event":
            return EventBuffer([])
        size = self.shapes.sizes[name, "in", port.name]
        if port.kind == "signal":
            return signal_buffer(size, self.block)
        return latent_buffer(size, self.clocks[self.shapes.ratios[name, "in", port.name]])

    def _adapters(self, one: Adapted, is_clipped: bool = True) -> tuple[Buffer, list[Callable[[], None]]]:
        cord = one.cord
        buffer: Buffer = self.outputs[cord.source_node, cord.source.name]
        ticks: list[Callable[[], None]] = []
        for conversion in one.conversions:
            if conversion == "copy":
                assert isinstance(buffer, SignalBuffer | LatentBuffer)
                buffer = widened(buffer, self.shapes.sizes[cord.target_node, "in", cord.target.name])
                continue
            if conversion == "step" or (conversion == "clip" and not is_clipped):
                continue
            adapter = self._adapter(cord, conversion, buffer)
            buffer = adapter.buffer
            ticks.append(adapter.tick)
        return buffer, ticks

    def _adapter(
        self, cord: ResolvedCord, conversion: str, buffer: Buffer
    ) -> Mean | Clip | AtFrames | HoldFrames | HoldEvents | Fade:
        if isinstance(buffer, EventBuffer):
            return HoldEvents(buffer, self.block, self._held(cord, 1))
        if isinstance(buffer, LatentBuffer):
            return HoldFrames(buffer, self.block, self._held(cord, buffer.array.shape[0]))
        if conversion == "mean":
            return Mean(buffer)
        if conversion == "clip" and cord.param:
            return Clip(buffer, cord.param.low, cord.param.high)
        if conversion in ("fade in", "fade out"):
            samples = max(1, round(RAMP_SECONDS * self.setup.sample_rate))
            return Fade(buffer, samples, rising=conversion == "fade in")
        return AtFrames(buffer, self._target_times(cord))

    def _stepper(self, cord: ResolvedCord, source: Buffer) -> Stepper:
        assert cord.param is not None
        assert not isinstance(source, LatentBuffer)
        key = (*cord.name, HELD)
        if key not in self.memory:
            value = self.resolved.nodes[cord.target_node].knobs[cord.param.name].value
            self.memory[key] = np.full((1, 1), place(cord.param, value), np.float32)
        return Stepper(cord.param, source, self.memory[key])

    def _target_times(self, cord: ResolvedCord) -> FrameTimes:
        key = (cord.target_node, "in", cord.target.name)
        if key in self.shapes.ratios:
            return self.clocks[self.shapes.ratios[key]]  # type: ignore[index]
        found = self._frame_clock(cord.target_node, self.resolved.nodes[cord.target_node].spec)
        assert found is not None
        return found

    def _held(self, cord: ResolvedCord, size: int) -> FloatArray:
        key = (*cord.name, "hold")
        held = self.memory.get(key)
        if held is None or held.shape[0] != size:
            held = self.memory[key] = np.zeros((size, 1), np.float32)
            if cord.param is not None:
                held.fill(float(self.resolved.nodes[cord.target_node].knobs[cord.target.name].value))
        return held

    def _bypass(self, name: str, instance: NodeInstance, incoming: list[Adapted], phase: Phase) -> list[Call]:
        """Hand the first input of a kind to the first output of that kind, when sizes agree; else be silent."""
        if phase == "write":
            return []
        for port in instance.spec.outputs.values():
            if port.kind not in ("signal", "latent"):
                continue
            target = self.outputs[name, port.name]
            for one in incoming:
                if one.cord.target.kind == port.kind and one.cord.param is None:
                    source, ticks = self._adapters(one)
                    if not isinstance(source, EventBuffer) and not isinstance(target, EventBuffer):
                        if source.array.shape[0] not in (1, target.array.shape[0]):
                            return []
                        copy = _Copy(source.array, target.array)
                        return [*(Call(name, tick) for tick in ticks), Call(name, copy.tick)]
        return []


@dataclass(frozen=True)
class _Copy:
    source: FloatArray
    target: FloatArray

    def tick(self) -> None:
        np.copyto(self.target, self.source)


def _value(buffer: Buffer | None) -> Any:
    if buffer is None:
        return None
    return buffer.events if isinstance(buffer, EventBuffer) else buffer.array


def _outs(spec: NodeSpec, outputs: Mapping[str, Buffer], times: FrameTimes | None) -> tuple[Any, ...]:
    """What ``out`` is for every number of frames: one array, or the declared NamedTuple of them."""

    def at(count: int) -> Any:
        values = [
            buffer.views[count] if isinstance(buffer, LatentBuffer) else _value(buffer) for buffer in outputs.values()
        ]
        return spec.returns(*values) if hasattr(spec.returns, "_fields") else values[0]

    return tuple(at(count) for count in range(times.most + 1)) if times else (at(0),)
