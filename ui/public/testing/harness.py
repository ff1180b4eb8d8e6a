"""Runs any node alone, through the real engine, with seeded input, and remembers what came out."""

import tracemalloc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from latent_terrain.engine import (
    Engine,
    Event,
    Fault,
    FloatArray,
    FrameTimes,
    Latent,
    NodeSpec,
    Palette,
    PortSize,
    Setup,
    Signal,
    Size,
    load_palette,
    new_bus,
    node,
    spec_of,
)
from latent_terrain.engine.compile.resolve import make, split_values
from latent_terrain.graphs import Cord, Node, Patch
from latent_terrain.graphs.edits import renamed_cord

RATE = 48_000.0
RATIO = Fraction(480)
Source = Literal["sound", "tone", "broken"]
TESTED: dict[str, NodeSpec] = {}
"""Node types that a battery was made for: an author's need not be installed."""


@node
class BatterySound:
    """Give a known sound."""

    def __init__(self, channels: int = 1, source: str = "sound") -> None:
        time = np.arange(65_536) / RATE
        tones = np.array([0.4 * np.sin(2 * np.pi * 110 * (channel + 1) * time) for channel in range(channels)])
        if source != "tone":
            tones += np.random.default_rng(5).uniform(-0.4, 0.4, tones.shape)
        if source == "broken":
            tones[:, 470:520] = np.nan
            tones[:, 3000], tones[:, 3010] = np.inf, -np.inf
        self.sound: FloatArray = tones.astype(np.float32)
        self.place = 0

    def ports(self) -> dict[str, PortSize]:
        """As many channels as asked for."""
        return {"out": PortSize(size=len(self.sound))}

    def process(self, out: Signal) -> Signal:
        """Fill out."""
        out[:] = self.sound[:, self.place : self.place + out.shape[1]]
        self.place += out.shape[1]
        return out

    def reset(self) -> None:
        """Nothing to forget: where the sound is broken, it stays broken."""


@node
class BatteryEvents:
    """Give known events."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.events = ((0, 1.0), (100, 0.5), (777, -1.0), (1500, 0.0), (1501, 3.0), (2999, 0.25), (4000, 1.0))

    def process(self, out: Event) -> Event:
        """Append what falls due."""
        now = self.setup.clock.sample
        end = now + self.setup.bus.output.shape[1]
        out.extend((at - now, value) for at, value in self.events if now <= at < end)
        return out


@node
class HearSignal:
    """Remember a signal."""

    def __init__(self) -> None:
        self.heard: list[FloatArray] = []

    def process(self, audio: Annotated[Signal, Size("any")]) -> None:
        """Remember it."""
        self.heard.append(audio.copy())


@node
class HearLatent:
    """Remember latents and when they were due."""

    def __init__(self, setup: Setup) -> None:
        self.clock = setup.clock
        self.heard: list[tuple[int, FloatArray]] = []

    def process(self, latents: Latent, frames: FrameTimes) -> None:
        """Remember them."""
        for frame in range(frames.count):
            self.heard.append((self.clock.sample + int(frames.due[frame]), latents[:, frame].copy()))


@node
class HearEvent:
    """Remember events and when they came."""

    def __init__(self, setup: Setup) -> None:
        self.clock = setup.clock
        self.heard: list[tuple[int, float]] = []

    def process(self, event: Event) -> None:
        """Remember them."""
        self.heard += [(self.clock.sample + offset, value) for offset, value in event]


HEARERS = {"signal": ("hear_signal", "audio"), "latent": ("hear_latent", "latents"), "event": ("hear_event", "event")}


@cache
def palette() -> Palette:
    """Everything that is installed."""
    return load_palette()


def wider_palette() -> Palette:
    """The same, what is tested, and the battery's own sources and hearers."""
    own = (BatterySound, BatteryEvents, HearSignal, HearLatent, HearEvent)
    return Palette({**palette().specs, **TESTED, **{spec_of(one).type: spec_of(one) for one in own}})


@dataclass
class Heard:
    """What came out of a run: per port, and at the device."""

    signals: dict[str, FloatArray] = field(default_factory=dict)
    latents: dict[str, list[tuple[int, FloatArray]]] = field(default_factory=dict)
    events: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    device: FloatArray = field(default_factory=lambda: np.zeros((2, 0), np.float32))
    faults: list[Fault] = field(default_factory=list)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything as arrays, for comparing."""
        found: dict[str, NDArray[Any]] = {"device": self.device, **self.signals}
        for port, frames in self.latents.items():
            found[f"{port} due"] = np.array([due for due, _ in frames], np.float32)
            found[port] = np.array([frame for _, frame in frames], np.float32)
        for port, events in self.events.items():
            found[port] = np.array(events, np.float64).reshape(-1, 2)
        return found


def patch_for(
    spec: NodeSpec,
    values: Mapping[str, Any] | None = None,
    *,
    channels: int = 1,
    source: Source = "sound",
    connected: bool = True,
    muted: bool = False,
    modulated: tuple[str, ...] = (),
    to_device: bool = False,
    heard: bool = True,
) -> Patch:
    """A patch of one node, ``it``, with a source at every input and (when heard) a hearer at every output."""
    given = dict(values or {})
    nodes = {"it": Node(spec.type, given, muted=muted)}
    cords: list[Cord] = []
    known = known_ports(spec, given)
    for port in spec.inputs.values():
        if port.kind == "trajectories" or not connected:
            continue
        if port.kind == "event":
            nodes[f"in-{port.name}"] = Node("battery_events")
        else:
            said = known.get(port.name, PortSize()).size or port.size.size
            size = said if isinstance(said, int) else channels
            nodes[f"in-{port.name}"] = Node("battery_sound", {"channels": size, "source": source})
        cords.append(Cord(f"in-{port.name}.out", f"it.{port.name}"))
    for param in modulated:
        nodes[f"turn-{param}"] = Node("battery_sound", {"source": "tone"})
        cords.append(Cord(f"turn-{param}.out", f"it.{param}"))
    for port in spec.outputs.values():
        if port.kind != "trajectories" and heard:
            type_, target = HEARERS[port.kind]
            nodes[f"out-{port.name}"] = Node(type_)
            cords.append(Cord(f"it.{port.name}", f"out-{port.name}.{target}"))
    signal = next((port.name for port in spec.outputs.values() if port.kind == "signal"), None)
    if to_device and signal and "audio_out" in palette():
        nodes["device"] = Node("audio_out")
        cords.append(Cord(f"it.{signal}", "device.audio"))
    return Patch(nodes=nodes, cords=tuple(cords))


def known_ports(spec: NodeSpec, values: Mapping[str, Any]) -> Mapping[str, PortSize]:
    """What an instance says of its ports."""
    key = f"{spec.type} {dict(values)!r}"
    if key not in _known:
        _known[key] = _ask(spec, values)
    return _known[key]


_known: dict[str, Mapping[str, PortSize]] = {}


def _ask(spec: NodeSpec, values: Mapping[str, Any]) -> Mapping[str, PortSize]:
    settings, _, problems = split_values("it", Node(spec.type, dict(values)), spec)
    assert not problems, problems
    instance = make(spec, settings, {}, setup_for(256))
    found: Mapping[str, PortSize] = instance.ports() if hasattr(instance, "ports") else {}
    if hasattr(instance, "close"):
        instance.close()
    return found


def setup_for(block: int) -> Setup:
    """A fresh offline world."""
    return Setup(sample_rate=RATE, block=block, seed=11, default_ratio=RATIO, bus=new_bus(block))


def play_again(spec: NodeSpec, samples: int) -> tuple[Heard, Heard] | None:
    """A run, and another with the same instances after ``reset``; None for a node that has no ``reset``."""
    patch, setup = patch_for(spec, channels=2), setup_for(256)
    engine = Engine(patch, wider_palette(), setup)
    try:
        if not hasattr(engine.instance("it"), "reset"):
            return None
        first = [engine.process().copy() for _ in range(samples // 256)]
        before = _gather(engine, patch, first, samples)
        setup.clock.sample = 0
        for name in patch.nodes:
            instance = engine.instance(name)
            if isinstance(instance, BatterySound):
                instance.place = 0
            elif hasattr(instance, "heard"):
                instance.heard.clear()
        engine.instance("it").reset()
        again = [engine.process().copy() for _ in range(samples // 256)]
        return before, _gather(engine, patch, again, samples)
    finally:
        engine.close()


def largest_allocation(patch: Patch, blocks: int = 24) -> int:
    """Bytes that a block takes and gives back at most, once the first blocks are over."""
    engine = Engine(patch, wider_palette(), setup_for(256))
    try:
        for _ in range(blocks):
            engine.process()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(blocks):
            engine.process()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
        engine.close()


def play(patch: Patch, samples: int, block: int = 256, turns: Mapping[int, tuple[str, Any]] | None = None) -> Heard:
    """Run a patch for so many samples. turns: at the first block from a sample on, turn a param of ``it``."""
    setup = setup_for(block)
    ahead = np.random.default_rng(3).uniform(-0.5, 0.5, (2, samples + block)).astype(np.float32)
    engine = Engine(patch, wider_palette(), setup)
    waiting = dict(turns or {})
    device: list[FloatArray] = []
    try:
        for start in range(0, samples, block):
            for at in [at for at in waiting if at <= start]:
                engine.turn("it", *waiting.pop(at))
            np.copyto(setup.bus.input, ahead[:, start : start + block])
            device.append(engine.process().copy())
        return _gather(engine, patch, device, samples)
    finally:
        engine.close()


def given(patch: Patch, samples: int = 1024, block: int = 64) -> FloatArray:
    """What the node ``it`` of ``patch_for`` gives from its signal output ``out``."""
    return _outputs(patch, ["it"], samples, block)[0]


def given_together(patches: Sequence[Patch], samples: int = 1024, block: int = 64) -> list[FloatArray]:
    """The same of each of these patches, played as one in which all hear the sources of the first, in one call."""
    first = patches[0]
    names = [f"it-{number}" for number in range(len(patches))]
    nodes = {name: node for name, node in first.nodes.items() if name != "it"}
    nodes |= {name: one.nodes["it"] for name, one in zip(names, patches, strict=True)}
    cords = [renamed_cord(cord, {"it": name}) for name in names for cord in first.cords]
    return _outputs(Patch(nodes=nodes, cords=tuple(cords)), names, samples, block)


def _outputs(patch: Patch, names: Sequence[str], samples: int, block: int) -> list[FloatArray]:
    engine = Engine(patch, wider_palette(), setup_for(block))
    assert any({name for name, _ in one.calls} == {*names} for one in engine.compiled.clusters), "they play apart"
    found: list[list[FloatArray]] = [[] for _ in names]
    for _ in range(samples // block):
        engine.process()
        for name, gathered in zip(names, found, strict=True):
            gathered.append(engine.signal(name, "out").copy())
    engine.close()
    return [np.concatenate(one, axis=1) for one in found]


def _gather(engine: Engine, patch: Patch, device: list[FloatArray], samples: int) -> Heard:
    heard = Heard(device=np.concatenate(device, axis=1)[:, :samples], faults=engine.faults())
    for name, one in patch.nodes.items():
        port = name.removeprefix("out-")
        if one.type == "hear_signal":
            heard.signals[port] = np.concatenate(engine.instance(name).heard, axis=1)[:, :samples]
        elif one.type == "hear_latent":
            heard.latents[port] = [(due, frame) for due, frame in engine.instance(name).heard if due < samples]
        elif one.type == "hear_event":
            heard.events[port] = [(at, value) for at, value in engine.instance(name).heard if at < samples]
    return heard
