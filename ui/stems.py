"""Stems: every sound that reaches the output by itself, as it is in the mix.

Before what only adds, delays or levels sounds (``@node(linear=True)``) they are told apart: each gets a copy of that
way to the output, in the same patch, so that all is computed once and as in the mix. What is behind other nodes is one
stem, of what comes out of these.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any

import numpy as np

from ..engine import Engine, FloatArray, Help, Palette, Setup, Signal, Size, node
from ..engine.declare import spec_of
from ..engine.values import Bus
from ..graphs import Cord, EditError, Patch, add_node, connect
from ..graphs.edits import free_name
from ..nodes.audio_out import AudioOut, Level, Outputs

MOST_WAYS = 256
STEPS = 1 << 23


@dataclass(frozen=True)
class Stem:
    """A stem is called as the node that sounds. outs: the nodes that have its sound.

    together: the nodes whose sounds can't be told apart in it, where there are several.
    """

    name: str
    outs: tuple[str, ...]
    together: tuple[str, ...] = ()


@node
class StemOut(AudioOut):
    """What one stem brings to the output."""

    def __init__(self, setup: Setup, channels: Outputs = "") -> None:
        super().__init__(setup, channels)
        self._bus = Bus(setup.bus.input, setup.bus.output)
        self._channels = len(setup.bus.output)
        self._parts: list[FloatArray] = []

    def process(self, audio: Annotated[Signal, Size("any"), Help("the sound of a stem")], level: Level = 0.0) -> None:
        """Take in ``[channels, n]``."""
        self._bus.output = np.zeros((self._channels, audio.shape[1]), np.float32)
        super().process(audio, level)
        self._parts.append(self._bus.output)

    def take(self) -> FloatArray:
        """What came since it was asked last, float32 ``[channels, n]``."""
        parts, self._parts = self._parts, []
        return np.concatenate(parts, axis=1) if parts else np.zeros((self._channels, 0), np.float32)


@node
def stem_silence(audio: Annotated[Signal, Help("a sound of another stem")], out: Signal) -> Signal:
    """Silence of as many channels as a sound, so that what mixes it mixes as many."""
    out.fill(0.0)
    return out


def with_stems(patch: Patch, palette: Palette) -> tuple[Patch, Palette, list[Stem]]:
    """A patch that plays the same and has its stems beside, the palette for it, and the stems in a fixed order.

    Raises EditError where no sound reaches the output, or by too many ways.
    """
    outs = [name for name in palette.names(patch, "device_output") if not patch.nodes[name].muted]
    ways = [way for out in outs for way in _ways(patch, palette, out, ())]
    if not ways:
        raise EditError("no sound is connected to the output, so there are no stems; connect one to an audio_out")
    if len(ways) > MOST_WAYS:
        raise EditError(f"sounds reach the output by {len(ways)} ways; {MOST_WAYS} is the most for stems")
    made, ends = patch, dict[str, list[str]]()
    for way in ways:
        made, out = _with_way(patch, made, palette, way)
        ends.setdefault(way[0].source_node, []).append(out)
    own = {spec.type: spec for spec in (spec_of(StemOut), spec_of(stem_silence))}
    stems = [Stem(name, tuple(found), _sounding(patch, palette, name)) for name, found in ends.items()]
    return made, Palette(MappingProxyType({**palette.specs, **own})), stems


def take_stems(engine: Engine, stems: Sequence[Stem], mix: FloatArray) -> list[FloatArray]:
    """What each stem was in the block that was just played, in steps of 24 bits, float32 ``[channels, n]``.

    mix: the block. The stems add up to it exactly when both are written in 24 bits: each is rounded with what the ones
    before it left over, and differs by a step at most. Where the mix was clipped they add up to what it was before.
    """
    sums = np.zeros(mix.shape)
    before = np.zeros(mix.shape)
    found: list[FloatArray] = []
    for index, stem in enumerate(stems):
        for out in stem.outs:
            sums += engine.instance(out).take()
        if index == len(stems) - 1:
            # added in another order the mix may be a last digit off
            sums = np.where(np.abs(mix) < 1.0, mix, sums)
        until = np.rint(sums * STEPS)
        found.append(np.asarray((until - before) / STEPS, np.float32))
        before = until
    return found


def _ways(patch: Patch, palette: Palette, name: str, behind: tuple[Cord, ...]) -> Iterator[tuple[Cord, ...]]:
    """The ways by which sounds come to a node: cords from the node that sounds to the output, ``behind`` at the end."""
    passed = {cord.target_node for cord in behind} | {name}
    for cord in _sound_cords(patch, palette, name):
        way, source = (cord, *behind), patch.nodes[cord.source_node]
        spec = palette.get(source.type)
        if source.muted:
            continue
        before = _before(patch, palette, cord.source_node)
        # what leads back to where it came from, as an echo does, is a sound of its own
        if spec is not None and spec.linear and not source.bypassed and len(before) > 1 and not passed & before.keys():
            yield from _ways(patch, palette, cord.source_node, way)
        else:
            yield way


def _with_way(patch: Patch, made: Patch, palette: Palette, way: tuple[Cord, ...]) -> tuple[Patch, str]:
    """The patch with a copy of one way to the output; gives the copy of its end."""
    source = way[0].source
    copy = ""
    for index, cord in enumerate(way):
        before = patch.nodes[cord.target_node]
        is_end = index == len(way) - 1
        copy = free_name(made, "stem")
        made = add_node(made, "stem_out" if is_end else before.type, name=copy, values=dict(before.values))
        for other in (one for one in patch.cords if one.target_node == cord.target_node):
            if other is cord:
                made = connect(made, source, f"{copy}.{other.target_port}")
            elif other.target_port in palette[before.type].inputs:
                silence = free_name(made, "stem-silence")
                made = add_node(made, "stem_silence", name=silence)
                made = connect(made, other.source, f"{silence}.audio")
                made = connect(made, f"{silence}.out", f"{copy}.{other.target_port}")
            else:
                made = connect(made, other.source, f"{copy}.{other.target_port}")
        source = f"{copy}.{way[index + 1].source_port}" if not is_end else ""
    return made, copy


def _sounding(patch: Patch, palette: Palette, name: str) -> tuple[str, ...]:
    """The nodes whose sounds go into a node's, where there are several that go into it as sound."""
    found = tuple(one for one, cords in _before(patch, palette, name).items() if not cords)
    return found if len(found) > 1 else ()


def _before(patch: Patch, palette: Palette, name: str) -> dict[str, list[Cord]]:
    """A node and all whose sound comes to it, with the cords that bring sound into each."""
    found, waiting = dict[str, list[Cord]](), [name]
    while waiting:
        one = waiting.pop(0)
        if one not in found:
            found[one] = _sound_cords(patch, palette, one)
            waiting += [cord.source_node for cord in found[one]]
    return found


def _sound_cords(patch: Patch, palette: Palette, name: str) -> list[Cord]:
    """The cords that bring sound into a node, in the order of its inputs."""
    spec = palette.get(patch.nodes[name].type)
    inputs = {port: index for index, port in enumerate(spec.inputs)} if spec is not None else {}
    found = [cord for cord in patch.cords if cord.target_node == name and _is_signal(patch, palette, cord, inputs)]
    return sorted(found, key=lambda cord: inputs[cord.target_port])


def _is_signal(patch: Patch, palette: Palette, cord: Cord, inputs: dict[str, Any]) -> bool:
    spec, source = palette.get(patch.nodes[cord.target_node].type), patch.nodes.get(cord.source_node)
    made_by = palette.get(source.type) if source is not None else None
    port = made_by.outputs.get(cord.source_port) if made_by is not None else None
    if spec is None or port is None or cord.target_port not in inputs:
        return False
    return port.kind == spec.inputs[cord.target_port].kind == "signal"
