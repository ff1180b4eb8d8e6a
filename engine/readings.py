"""Readings: what the nodes of a playing patch show, meters, scopes and playheads, looked at from another thread.

The audio thread does nothing for it. Its buffers are read while it may be writing them, so a peak may be of half a
block and half of the next; for looking at that is good enough, and nothing waits.

For every signal output there is ``peak.PORT``, the highest sample of each channel in the last block ``[channels]``,
for those of values ``value.PORT`` too, the last ones ``[channels]``,
for every latent output ``latent.PORT``, its last frame ``[size]``, and for every switch, choice and whole number that
a cord drives ``param.NAME``, where it is ``[1]``, of a choice its place counted from 0.
A node shows more with a method ``shows()`` that gives arrays by name: copies, float32, of the same shapes every time,
callable from any thread (a meter's ``peak`` and ``rms``, a scope's ``samples``, a map's ``places``). What a node that
does not play now would show is left out.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from .buffers import LatentBuffer, SignalBuffer
from .compile import CompiledPatch
from .compile.stepped import HELD, is_stepped
from .engine import Engine
from .hooks import Shows, offers
from .messages import MOST_DIMENSIONS
from .values import FloatArray, Reading

# Gets node, sentence and what was raised.
Complain = Callable[[str, str, Exception], None]
# In one reading, and of one node; what is longer or more is left out.
MOST_NUMBERS, MOST_NAMES = 4096, 16


def readings(engine: Engine, complain: Complain = lambda node, text, error: None) -> Iterator[Reading]:
    """What is shown now, one by one. complain: hears of a node that can't tell; it is left out."""
    compiled = engine.compiled
    for (node, port), buffer in list(compiled.plan.outputs.items()):
        if isinstance(buffer, SignalBuffer):
            array = _sounding(engine, node, port, buffer.array)
            yield Reading(node, f"peak.{port}", _peak(array))
            if (node, port) in compiled.controls and array.shape[1]:
                yield Reading(node, f"value.{port}", array[:, -1].copy())
        elif isinstance(buffer, LatentBuffer) and buffer.array.shape[1]:
            last = max(0, min(buffer.times.count, buffer.array.shape[1]) - 1)
            yield Reading(node, f"latent.{port}", buffer.array[:, last].copy())
    for one in compiled.plan.adapted:
        held = compiled.memory.get((*one.cord.name, HELD)) if is_stepped(one.cord) else None
        if held is not None:
            yield Reading(one.cord.target_node, f"param.{one.cord.target.name}", held[0].copy())
    for name, instance in list(compiled.instances.items()):
        node = instance.node
        if not offers(node, Shows) or instance.has_failed or not _plays(compiled, name):
            continue
        try:
            found = list(_shown(name, node.shows()))
        except Exception as error:
            complain(name, f"can't show its readings ({type(error).__name__}: {error}); it keeps playing", error)
            continue
        yield from found


def _sounding(engine: Engine, node: str, port: str, planned: FloatArray) -> FloatArray:
    """The output in the plan that plays now: while cords fade, that is not yet the one of the latest edit."""
    try:
        array = engine.signal(node, port)
    except KeyError:
        return planned
    return array if len(array) == len(planned) else planned


def _peak(block: FloatArray) -> FloatArray:
    """The highest sample of each channel; numbers that are none, as of a node about to be reset, are passed over."""
    highest: FloatArray = np.fmax.reduce(np.abs(block), axis=1, initial=0.0)
    return highest


def _plays(compiled: CompiledPatch, name: str) -> bool:
    return name not in compiled.resolved.muted and name not in compiled.resolved.bypassed


def _shown(node: str, arrays: object) -> Iterator[Reading]:
    if not isinstance(arrays, Mapping):
        raise TypeError("its method shows must give arrays by name")
    for name, array in list(arrays.items())[:MOST_NAMES]:
        shown = np.array(array, np.float32, order="C")
        is_other = not str(name).startswith(("peak.", "value.", "latent.", "param."))
        if is_other and 0 < shown.size <= MOST_NUMBERS and shown.ndim <= MOST_DIMENSIONS:
            yield Reading(node, str(name), shown)
