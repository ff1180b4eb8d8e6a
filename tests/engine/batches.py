"""Toys that play together, and ways to hear a patch with its nodes in one call and one by one."""

from collections.abc import Callable, Sequence
from functools import partial
from types import MappingProxyType
from typing import Annotated

import numpy as np
import pytest
from numpy.typing import NDArray

from latent_terrain.engine import (
    Engine,
    FloatArray,
    Palette,
    Param,
    Resting,
    Signal,
    column,
    compile_patch,
    load_palette,
    node,
    spec_of,
    together,
)
from latent_terrain.engine import engine as player
from latent_terrain.engine.buffers import SignalBuffer
from latent_terrain.graphs import (
    Patch,
    add_node,
    connect,
)

from .toys import PALETTE as TOYS
from .toys import setup_for

Edit = Callable[[Patch], Patch]
Step = Edit | tuple[str, str, float] | int
"""An edit, a turned param, or so many blocks to play."""

REAL = load_palette()
Share = Annotated[float, Param(-100.0, 100.0)]


@node
def touchy(audio: Signal, out: Signal, limit: Share = 50.0) -> Signal:
    """Fails when it is too loud."""
    if np.abs(audio).max() > limit:
        raise ValueError("too loud for me")
    return np.multiply(audio, 0.5, out=out)


@together(touchy)
def touchies(audio: FloatArray, out: FloatArray) -> Resting:
    """Fail together."""

    def rest(limit: Sequence[float]) -> Callable[[], object]:
        limits = column(limit)

        def play() -> None:
            if (np.abs(audio).max(axis=(1, 2), keepdims=True) > limits).any():
                raise ValueError("one of us is too loud")
            np.multiply(audio, 0.5, out=out)

        return play

    return rest


@node
def root(audio: Signal, out: Signal, lift: Share = 2.0) -> Signal:
    """No number below -lift."""
    np.add(audio, lift, out=out)
    return np.sqrt(out, out=out)


@together(root)
def roots(audio: FloatArray, out: FloatArray) -> Resting:
    """Many in one."""

    def rest(lift: Sequence[float]) -> Callable[[], object]:
        lifts = column(lift)

        def play() -> None:
            np.add(audio, lifts, out=out)
            np.sqrt(out, out=out)

        return play

    return rest


@node
class Pile:
    """Adds up what it is given, block by block; no number once it was given too much."""

    def __init__(self) -> None:
        self.state = np.zeros(1)
        self.resets = 0

    def process(self, out: Signal, more: Share = 1.0) -> Signal:
        """Fill."""
        self.state += np.mean(more) if np.mean(more) < 99.0 else np.nan
        np.copyto(out, self.state, casting="same_kind")
        return out

    def reset(self) -> None:
        """From nothing."""
        self.resets += 1
        self.state[...] = 0.0


@together(Pile)
def piles(states: NDArray[np.float64], out: FloatArray) -> Resting:
    """Many in one."""

    def rest(more: Sequence[float]) -> Callable[[], object]:
        each = np.array([one if one < 99.0 else np.nan for one in more])[:, None]

        def play() -> None:
            np.add(states, each, out=states)
            np.copyto(out, states[:, :, None], casting="same_kind")

        return play

    return rest


@node
def hollow(out: Signal, value: Share = 1.0) -> Signal:
    """One value."""
    out.fill(value)
    return out


@together(hollow)
def hollows(out: FloatArray) -> Resting:
    """Can't be made."""
    raise RuntimeError("not today")


OWN = [spec_of(one) for one in (touchy, root, Pile, hollow)]
PALETTE = Palette(MappingProxyType({**REAL.specs, "speaker": TOYS.specs["speaker"], **{one.type: one for one in OWN}}))

# What plays together, with the inputs of each.
PORTS = {
    "sine": (),
    "lfo": (),
    "phasor": (),
    "noise": (),
    "gain": ("audio",),
    "add": ("a", "b"),
    "multiply": ("a", "b"),
    "scale": ("audio",),
    "pan": ("audio",),
}


def many(type_: str, count: int = 5, patch: Patch | None = None, **values: Sequence[float]) -> Patch:
    """Nodes ``type-0``, ``type-1`` … with a value each."""
    patch = patch or Patch()
    for index in range(count):
        given_values = {key: each[index % len(each)] for key, each in values.items()}
        patch = add_node(patch, type_, name=f"{type_}-{index}", values=given_values)
    return patch


def voices(type_: str, count: int = 5, to: str = "audio", **values: Sequence[float]) -> Patch:
    """
    sine-n --> type-n --> out-n
    """
    patch = many(type_, count, many("sine", count, frequency=range(200, 1000, 70)), **values)
    for index in range(count):
        patch = connect(patch, f"sine-{index}.out", f"{type_}-{index}.{to}")
        patch = add_node(patch, "speaker", name=f"out-{index}")
        patch = connect(patch, f"{type_}-{index}.out", f"out-{index}.audio")
    return patch


def engine_of(patch: Patch, block: int = 64) -> Engine:
    return Engine(patch, PALETTE, setup_for(patch, block))


def calls_of(engine: Engine) -> list[set[str]]:
    """The nodes of each call that plays several."""
    return [{step.node for step in call.steps} for call in engine.compiled.plan.calls if len(call.steps) > 1]


def play(patch: Patch, script: Sequence[Step], batching: bool, block: int = 64) -> list[dict[str, FloatArray]]:
    """What every signal output gave in every block, and the device."""
    found: list[dict[str, FloatArray]] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(player, "compile_patch", partial(compile_patch, batching=batching))
        engine = engine_of(patch, block)
        for step in script:
            if callable(step):
                engine.update(step(engine.patch))
            elif isinstance(step, int):
                for _ in range(step):
                    device = {"": engine.process().copy()}
                    plan = engine._last
                    signals = [
                        node
                        for (node, port), one in plan.outputs.items()
                        if port == "out" and isinstance(one, SignalBuffer)
                    ]
                    found.append(device | {node: engine.signal(node, "out").copy() for node in signals})
            else:
                engine.turn(*step)
        assert engine.faults() == []
        engine.close()
    return found


def assert_same(patch: Patch, script: Sequence[Step], block: int = 64) -> None:
    together_, apart = play(patch, script, True, block), play(patch, script, False, block)
    for number, (one, other) in enumerate(zip(together_, apart, strict=True)):
        assert one.keys() == other.keys()
        for name, sound in one.items():
            where = f"{name} in block {number}"
            np.testing.assert_allclose(sound, other[name], rtol=1e-6, atol=1e-6, err_msg=where)
