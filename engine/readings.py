"""Readings: what the nodes of a playing patch show, meters, scopes and playheads, looked at from another thread.

The audio thread does nothing for it. Its buffers are read while it may be writing them, so a peak may be of half a
block and half of the next; for looking at that is good enough, and nothing waits.

A node may have a method ``shows()`` that gives arrays by name (a scope's ``samples``, a meter's ``peak``, a canvas's
``places``): copies, float32, the same shapes every time, callable from any thread. For every signal output there is
``peak.PORT`` (highest sample of each channel) and for every latent output ``latent.PORT`` (its last frame).
"""

from collections.abc import Callable, Iterator

import numpy as np

from .buffers import LatentBuffer, SignalBuffer
from .link.board import Reading
from .player import Engine

MOST = 4096
"""Numbers in one reading; what is longer is left out."""


def readings(engine: Engine, complain: Callable[[str, str], None] = lambda node, text: None) -> list[Reading]:
    """What is shown now. complain: gets node and sentence for a node that can't tell; it is left out."""
    compiled = engine.compiled
    found = []
    for (node, port), buffer in list(compiled.plan.outputs.items()):
        if isinstance(buffer, SignalBuffer):
            block = np.abs(buffer.array)
            found.append(Reading(node, f"peak.{port}", np.max(block, axis=1, initial=0.0).astype(np.float32)))
        elif isinstance(buffer, LatentBuffer) and buffer.array.shape[1]:
            last = max(0, min(buffer.times.count, buffer.array.shape[1]) - 1)
            found.append(Reading(node, f"latent.{port}", buffer.array[:, last].astype(np.float32)))
    for name, living in list(compiled.living.items()):
        shows = getattr(living.instance, "shows", None)
        if shows is None:
            continue
        try:
            found += list(_shown(name, shows()))
        except Exception as error:
            complain(name, f"it can't show itself ({type(error).__name__}: {error})")
    return found


def _shown(node: str, arrays: object) -> Iterator[Reading]:
    assert isinstance(arrays, dict)
    for name, array in arrays.items():
        shown = np.ascontiguousarray(array, np.float32)
        if shown.size and shown.size <= MOST and shown.ndim <= 4:
            yield Reading(node, str(name), shown)
