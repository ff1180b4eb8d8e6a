"""A palette of toy nodes, so that the engine is tested without knowing any real one."""

from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from latent_terrain.engine import (
    Content,
    Event,
    FrameTimes,
    Latent,
    Palette,
    Param,
    PortSize,
    Progress,
    Setting,
    SettingError,
    Setup,
    Signal,
    Size,
    Trajectories,
    job,
    node,
    provides,
    spec_of,
)
from latent_terrain.engine.offline import offline_setup, render
from latent_terrain.engine.training.jobs import result_of
from latent_terrain.graphs import Patch, add_node, connect

RATE = 48_000


@node
class Tone:
    """A sine."""

    def __init__(self, setup: Setup) -> None:
        self.phase, self.rate = 0.0, setup.sample_rate

    def process(
        self,
        out: Annotated[Signal, Size(1)],
        frequency: Annotated[float, Param(0, 20_000, unit="Hz")] = 440.0,
    ) -> Annotated[Signal, Size(1)]:
        steps = np.broadcast_to(np.asarray(frequency, np.float64), (1, out.shape[1]))[0]
        phases = self.phase + np.cumsum(steps) / self.rate
        self.phase = float(phases[-1])
        np.sin(2 * np.pi * phases, out=out[0], casting="same_kind")
        return out


@node
def gain(audio: Signal, out: Signal, level: Annotated[float, Param(-60, 12, unit="dB")] = 0.0) -> Signal:
    """Louder or quieter."""
    np.multiply(audio, np.float32(10) ** (np.float32(0.05) * level), out=out)
    return out


@node
def add(a: Signal, b: Signal) -> Signal:
    """The sum of two."""
    return a + b


@node
def both(a: Signal, b: Signal) -> Annotated[Signal, Size("sum")]:
    """Two signals as channels of one."""
    return np.concatenate([a, b])


@node
class Speaker:
    """The way out."""

    def __init__(self, setup: Setup) -> None:
        self.bus = setup.bus

    def process(self, audio: Annotated[Signal, Size("any")]) -> None:
        self.bus.output += audio if audio.shape[0] in (1, self.bus.output.shape[0]) else audio[:1]


@node
class Delay:
    """A delay of whole samples."""

    def __init__(self, setup: Setup) -> None:
        self.memory = np.zeros(1 << 16, np.float32)
        self.written = self.heard = 0

    def write(self, audio: Annotated[Signal, Size(1)]) -> None:
        where = (self.written + np.arange(audio.shape[1])) % len(self.memory)
        self.memory[where] = audio[0]
        self.written += audio.shape[1]

    def read(
        self, out: Annotated[Signal, Size(1)], time: Annotated[float, Param(0, 10_000, ramp=False)] = 1000.0
    ) -> Annotated[Signal, Size(1)]:
        where = (self.heard + np.arange(out.shape[1]) - round(time)) % len(self.memory)
        out[0] = self.memory[where]
        self.heard += out.shape[1]
        return out


@node
class Clicker:
    """An event every so many samples, and a count."""

    class Out(NamedTuple):
        """Ticks and how many there were."""

        tick: Event
        ramp: Annotated[Signal, Size(1)]

    def __init__(self, every: Annotated[int, Setting(low=1, high=100_000)] = 100) -> None:
        self.every, self.sample = every, 0

    def process(self, out: Out) -> Out:
        count = out.ramp.shape[1]
        first = -self.sample % self.every
        out.tick.extend((offset, float(self.sample + offset)) for offset in range(first, count, self.every))
        out.ramp[0] = np.arange(self.sample, self.sample + count, dtype=np.float32)
        self.sample += count
        return out


@node
class Pulse:
    """A codec of two latents at 100 samples per frame: their sum as a pulse at each frame."""

    size, ratio = 2, Fraction(100)

    def ports(self) -> dict[str, PortSize]:
        return {"latent": PortSize(self.size, self.ratio), "out": PortSize(1)}

    def process(self, latent: Latent, frames: FrameTimes, out: Signal) -> Signal:
        out.fill(0.0)
        for frame in range(frames.count):
            out[0, frames.due[frame]] = latent[:, frame].sum()
        return out


@node
class WidePulse(Pulse):
    """A codec of three latents at 150 samples per frame."""

    size, ratio = 3, Fraction(150)


@node
def twice(latent: Latent, amount: Annotated[float, Param(0, 10)] = 2.0) -> Latent:
    """Every latent times something."""
    return latent * amount


@node
def boom(audio: Signal) -> Signal:
    """Fails when it hears something."""
    if np.any(audio):
        raise ValueError("too loud for me")
    return audio


@node
class Poison:
    """Turns loud sound into nonsense until reset."""

    def __init__(self) -> None:
        self.resets = 0

    def process(self, audio: Signal) -> Signal:
        return np.where(np.abs(audio) > 0.5, np.float32("nan"), audio).astype(np.float32)

    def reset(self) -> None:
        self.resets += 1


@node
class Picky:
    """Cannot be made with the wrong setting."""

    def __init__(self, file: str = "good") -> None:
        if file != "good":
            raise SettingError("file", f"there is no {file!r}; choose a file that is there")

    def process(self) -> Signal:
        return np.zeros((1, 1), np.float32)


@node
class Paths:
    """Gives trajectories, and makes them longer as a job."""

    def __init__(self, content: Content, count: Annotated[int, Setting(low=0, high=9)] = 2) -> None:
        self.made, self.count = result_of(content, "make"), count

    @job
    def make(self, progress: Progress) -> Content:
        if not self.count:
            raise ValueError("nothing to make; set count above 0")
        progress(0.5, "half")
        return {f"{n}": np.full((n + 2, 2), n, np.float32) for n in range(self.count)}

    @provides
    def paths(self) -> Trajectories:
        names = tuple(sorted(self.made))
        return Trajectories(names, tuple(np.asarray(self.made[name], np.float32) for name in names))


@node
class Learner:
    """Learns the mean of what it is given."""

    def __init__(self, setup: Setup, content: Content) -> None:
        self.learned, self.seed = result_of(content, "learn"), setup.seed

    def process(self) -> Annotated[Signal, Size(1)]:
        return np.full((1, 1), float(self.learned["mean"][0]) if self.learned else 0.0, np.float32)

    @job
    def learn(self, paths: Trajectories) -> Content:
        return {"mean": np.array([np.mean(np.concatenate(paths.arrays)), self.seed % 1000])}


TOYS = [
    Tone,
    gain,
    add,
    both,
    Speaker,
    Delay,
    Clicker,
    Pulse,
    WidePulse,
    twice,
    boom,
    Poison,
    Picky,
    Paths,
    Learner,
]
PALETTE = Palette(MappingProxyType({spec_of(toy).type: spec_of(toy) for toy in TOYS}))


def draw(*cords: str, **nodes: tuple[str, dict[str, Any]] | str) -> Patch:
    """A patch from ``name="type"`` or ``name=("type", values)`` and ``"a.out -> b.audio"`` cords."""
    patch = Patch()
    for name, given in nodes.items():
        type_, values = (given, {}) if isinstance(given, str) else given
        patch = add_node(patch, type_, name=name, values=values)
    for cord in cords:
        source, target = cord.split(" -> ")
        patch = connect(patch, source, target)
    return patch


def setup_for(patch: Patch, block: int = 256, rate: float = RATE) -> Setup:
    return offline_setup(patch, Path(), rate, block)


def heard(patch: Patch, samples: int = 3000, block: int = 256) -> NDArray[np.float32]:
    """The patch's sound, first channel."""
    parts = render(patch, PALETTE, setup_for(patch, block), samples)
    return np.concatenate([part.copy() for part in parts], axis=1)[0]
