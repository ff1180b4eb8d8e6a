"""Allocate and bind: give every output its buffer, put adapters on cords, and bind every call to its arrays."""

import inspect
import itertools
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..buffers import Buffer, EventBuffer, LatentBuffer, SignalBuffer, latent_buffer, signal_buffer, widened
from ..clock import FrameTimes
from ..declare import NodeSpec, PortSpec
from ..instances import RAMP_SECONDS, NodeInstance
from ..logs import failed
from ..plan import Call
from ..setup import Setup
from ..steps import Batch, Chain, ParamRamp, Step
from ..values import FloatArray
from .adapt import Adapted
from .adapters import AtFrames, Clip, Clips, Fade, HoldEvents, HoldFrames, Mean
from .batch import Cluster
from .infer import Shapes
from .order import Phase
from .resolve import Resolved, ResolvedCord

log = logging.getLogger(__name__)
# Values that adapters hold, by cord and conversion; it outlasts plans.
Memory = dict[tuple[str, str, str], FloatArray]


class Bound(NamedTuple):
    """What a plan is made of."""

    calls: tuple[Call, ...]
    outputs: Mapping[tuple[str, str], Buffer]
    times: tuple[FrameTimes, ...]
    turnings: Mapping[tuple[str, str], ParamRamp]


def allocate(
    resolved: Resolved, shapes: Shapes, block: int
) -> tuple[dict[tuple[str, str], Buffer], dict[Fraction, FrameTimes]]:
    """A buffer for every output that carries something per block, and one frame clock per ratio."""
    times: dict[Fraction, FrameTimes] = {}
    outputs: dict[tuple[str, str], Buffer] = {}
    for ratio in sorted({*shapes.ratios.values(), *shapes.near.values()}):
        times[ratio] = FrameTimes(ratio, block)
    for name, instance in resolved.nodes.items():
        for port in instance.spec.outputs.values():
            if port.kind == "event":
                outputs[name, port.name] = EventBuffer([])
            elif port.kind == "signal":
                outputs[name, port.name] = signal_buffer(shapes.sizes[name, "out", port.name], block)
            elif port.kind == "latent":
                clock = times[shapes.ratios[name, "out", port.name]]
                outputs[name, port.name] = latent_buffer(shapes.sizes[name, "out", port.name], clock)
    return outputs, times


def bind(
    resolved: Resolved,
    shapes: Shapes,
    adapted: tuple[Adapted, ...],
    clusters: tuple[Cluster, ...],
    setup: Setup,
    memory: Memory,
    block: int,
) -> Bound:
    """Every call in order, bound to its arrays."""
    outputs, times = allocate(resolved, shapes, block)
    work = _Binding(resolved, shapes, setup, memory, block, outputs, times)
    for cluster in clusters:
        if len(cluster.calls) > 1:
            work.stack([name for name, _ in cluster.calls])
    into: dict[str, list[Adapted]] = {}
    for one in adapted:
        into.setdefault(one.cord.target_node, []).append(one)
    calls: list[Call] = []
    turnings: dict[tuple[str, str], ParamRamp] = {}
    for cluster in clusters:
        names = [name for name, _ in cluster.calls]
        lines = work.lines(names, into.get(names[0], [])) if cluster.is_batch else {}
        parts = [
            work.calls(name, phase, into.get(name, []), turnings, {param: line[row] for param, line in lines.items()})
            for row, (name, phase) in enumerate(cluster.calls)
        ]
        calls += [call for part in parts for call in part[:-1]]
        calls += work.clips(names, lines)
        batch: Batch | None = None
        if cluster.is_chain:
            batch = work.chain([part[-1] for part in parts])
        elif cluster.is_batch:
            batch = work.batch([part[-1] for part in parts], lines)
        if batch is None:
            calls += [part[-1] for part in parts if part]
        else:
            calls.append(Call(batch.steps[0].node, batch.refresh, batch.steps, batch))
    return Bound(tuple(calls), outputs, tuple(times.values()), turnings)


@dataclass
class _Binding:
    resolved: Resolved
    shapes: Shapes
    setup: Setup
    memory: Memory
    block: int
    outputs: dict[tuple[str, str], Buffer]
    times: dict[Fraction, FrameTimes]
    stacks: list[FloatArray] = field(default_factory=list)
    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Stack and row of an array that is part of one, by its id."""
    unclipped: dict[tuple[str, str], FloatArray] = field(default_factory=dict)
    """What drives the params of nodes that play together."""

    def stack(self, names: Sequence[str]) -> None:
        """Make the signals ``out`` of these nodes rows of one array."""
        size = self.shapes.sizes[names[0], "out", "out"]
        stack = np.zeros((len(names), size, self.block), np.float32)
        for row, name in enumerate(names):
            buffer = self.outputs[name, "out"] = SignalBuffer(stack[row])
            self.places[id(buffer.array)] = len(self.stacks), row
        self.stacks.append(stack)

    def lines(self, names: Sequence[str], incoming: Sequence[Adapted]) -> dict[str, FloatArray]:
        """Params that cords drive, ``[nodes, 1, block]``, of nodes that play together; incoming: of the first."""
        driven = [one.cord.target.name for one in incoming if one.cord.param is not None]
        return {param: np.zeros((len(names), 1, self.block), np.float32) for param in driven}

    def clips(self, names: Sequence[str], lines: Mapping[str, FloatArray]) -> Iterator[Call]:
        """Write the lines, each in a call."""
        for param, line in lines.items():
            gathers: list[Callable[[], object]] = []
            sources = self._stacked([self.unclipped[name, param] for name in names], gathers)
            about = self.resolved.nodes[names[0]].spec.params[param]
            yield Call(names[0], Clips(sources, gathers, line, about.low, about.high).tick)

    def batch(self, calls: Sequence[Call], lines: Mapping[str, FloatArray]) -> Batch | None:
        """One call for the steps of these; None where their type can't play these together."""
        steps = [step for call in calls for step in call.steps]
        instances = [self.resolved.nodes[step.node] for step in steps]
        together, gathers = instances[0].spec.together, list[Callable[[], object]]()
        assert together is not None
        given: dict[str, Any] = {"nodes": [one.node for one in instances]}
        for port in ("out", *instances[0].spec.inputs):
            arrays = [step.arguments[port] for step in steps]
            given[port] = None if arrays[0] is None else self._stacked(arrays, gathers)
        states = None
        if "states" in together.takes:
            first = instances[0].node.state
            states = given["states"] = np.zeros((len(steps), *first.shape), first.dtype)
        try:
            resting = together.stack(**{name: value for name, value in given.items() if name in together.takes})
            if resting is None:
                return None
            params = tuple(instances[0].knobs)
            return Batch(steps, params, resting, gathers, together.alike, given["nodes"], states, lines)
        except Exception as error:  # they sound the same one by one
            failed(log, f"{instances[0].spec.type}: many can't play in one call: {error}", error)
            return None

    def chain(self, calls: Sequence[Call]) -> Chain | None:
        """One call for a chain of steps, each fed by the one before; None where it would not be the same to the bit."""
        steps = [step for call in calls for step in call.steps]
        spec, gathers = self.resolved.nodes[steps[0].node].spec, list[Callable[[], object]]()
        assert spec.together is not None
        outs = [step.arguments["out"] for step in steps]
        heard = [steps[0].arguments[port] for port in spec.inputs]
        for before, step in itertools.pairwise(steps):
            heard += [
                step.arguments[port] for port in spec.inputs if step.arguments[port] is not before.arguments["out"]
            ]
        if outs[0].size < 2 or len(heard) != len(steps) + 1:
            return None
        rows = self._stacked(heard, gathers)
        if rows.strides[0] == 0:
            rows = self._copied(heard, [(-1, 0)] * len(heard), gathers)
        return Chain(steps, spec, rows, outs, gathers)

    def _stacked(self, arrays: Sequence[FloatArray], gathers: list[Callable[[], object]]) -> FloatArray:
        """These arrays as rows of one: as they lie, where they do, else gathered by calls before each block."""
        first, shape = arrays[0], (len(arrays), *arrays[0].shape)
        if len(arrays) == 1:
            return first[None]
        if all(array is first for array in arrays):
            return np.broadcast_to(first, shape)
        places = [self.places.get(id(array), (-1, 0)) for array in arrays]
        number, rows = places[0][0], [row for _, row in places]
        if number < 0 or any(place[0] != number for place in places):
            return self._copied(arrays, places, gathers)
        stack = self.stacks[number]
        step = rows[1] - rows[0]
        if step > 0 and rows == list(range(rows[0], rows[0] + step * len(rows), step)):
            lying = stack[rows[0] : rows[-1] + 1 : step]
            return lying if lying.shape == shape else np.broadcast_to(lying, shape)
        taken = np.zeros((len(rows), *stack.shape[1:]), np.float32)
        gathers.append(partial(np.take, stack, np.array(rows), 0, taken, "clip"))
        return np.broadcast_to(taken, shape)

    def _copied(
        self,
        arrays: Sequence[FloatArray],
        places: Sequence[tuple[int, int]],
        gathers: list[Callable[[], object]],
    ) -> FloatArray:
        """These arrays copied below each other, neighbours from one stack in one call."""
        copied = np.zeros((len(arrays), *arrays[0].shape), np.float32)
        begin = 0
        for number, run in itertools.groupby(places, key=lambda place: place[0]):
            rows = [row for _, row in run]
            end = begin + len(rows)
            if number >= 0 and len(rows) > 1 and self.stacks[number].shape[1:] == copied.shape[1:]:
                gathers.append(partial(np.take, self.stacks[number], np.array(rows), 0, copied[begin:end], "clip"))
            else:
                gathers += [partial(np.copyto, copied[row], arrays[row]) for row in range(begin, end)]
            begin = end
        return copied

    def calls(
        self,
        name: str,
        phase: Phase,
        incoming: list[Adapted],
        turnings: dict[tuple[str, str], ParamRamp],
        lines: Mapping[str, FloatArray],
    ) -> list[Call]:
        """What a node needs in order, its own step last. lines: params that are clipped for many at once."""
        instance = self.resolved.nodes[name]
        if name in self.resolved.muted:
            return []
        if name in self.resolved.bypassed:
            return self._bypass(name, instance, incoming, phase)
        call = instance.node if not instance.spec.stateful else getattr(instance.node, phase)
        wanted = _arguments_of(call)
        calls: list[Call] = []
        given: dict[str, Buffer] = {}
        for one in incoming:
            if one.cord.target.name in wanted:
                param = one.cord.target.name
                buffer, ticks = self._adapters(one, is_clipped=param not in lines)
                if param in lines and isinstance(buffer, SignalBuffer):
                    self.unclipped[name, param] = buffer.array
                    buffer = SignalBuffer(lines[param])
                given[param] = buffer
                calls += [Call(name, tick) for tick in ticks]
        step = self._step(name, instance, call, wanted, given, phase)
        for key, knob in instance.knobs.items():
            if key in wanted and key not in given:
                turnings[name, key] = ParamRamp(key, knob, step, self.block)
        calls.append(Call(name, step.tick, (step,)))
        return calls

    def _step(
        self,
        name: str,
        instance: NodeInstance,
        call: Callable[..., Any],
        wanted: set[str],
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
                    return self.times[self.shapes.ratios[name, side, port.name]]  # type: ignore[index]
        return self.times[self.shapes.near[name]] if name in self.shapes.near else None

    def _silence(self, name: str, port: PortSpec) -> Buffer:
        if port.kind == "event":
            return EventBuffer([])
        size = self.shapes.sizes[name, "in", port.name]
        if port.kind == "signal":
            return signal_buffer(size, self.block)
        return latent_buffer(size, self.times[self.shapes.ratios[name, "in", port.name]])

    def _adapters(self, one: Adapted, is_clipped: bool = True) -> tuple[Buffer, list[Callable[[], None]]]:
        cord = one.cord
        buffer: Buffer = self.outputs[cord.source_node, cord.source.name]
        ticks: list[Callable[[], None]] = []
        for conversion in one.conversions:
            if conversion == "copy":
                assert isinstance(buffer, SignalBuffer | LatentBuffer)
                place = self.places.get(id(buffer.array))
                buffer = widened(buffer, self.shapes.sizes[cord.target_node, "in", cord.target.name])
                if place is not None:
                    self.places[id(buffer.array)] = place
                continue
            if conversion == "clip" and not is_clipped:
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

    def _target_times(self, cord: ResolvedCord) -> FrameTimes:
        key = (cord.target_node, "in", cord.target.name)
        if key in self.shapes.ratios:
            return self.times[self.shapes.ratios[key]]  # type: ignore[index]
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


def _arguments_of(call: Callable[..., Any]) -> set[str]:
    return set(inspect.signature(call).parameters)
