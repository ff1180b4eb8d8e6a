"""A loop's module, loaded, and called once with every layout of arrays that it will meet."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Call: TypeAlias = Callable[..., None]
TRIAL_RATE, TRIAL_BLOCK = 48_000.0, 64


def load(path: Path, name: str) -> Call:
    """The module's ``loop``, from numba's files if they are there, else compiled here and kept there. May be slow."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} can't be loaded")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)  # numba looks for kept code by this name
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    found: Call = module.loop
    return found


def warm_up(call: Call, inputs: int, params: int, size: int) -> None:
    """Call it with arrays of every layout: numba learns each at its first call, and the audio thread must not wait."""
    for given in _layouts(inputs, params, size, 4):
        call(*given)


def trial(call: Call, inputs: int, params: list[tuple[float, float, float]], start: NDArray[np.float64]) -> None:
    """Play silence, noise and a step, with every param at its default and its ends. params: default, low, high.

    Raises what the function raises; one that never ends does not return.
    """
    noise = np.random.default_rng(1).uniform(-1.0, 1.0, (1, 1, TRIAL_BLOCK)).astype(np.float32)
    for sound in (np.zeros_like(noise), noise, np.ones_like(noise)):
        for choice in range(3):
            for length in (1, TRIAL_BLOCK):
                lines = [np.full((1, length), one[choice], np.float32) for one in params]
                call(np.zeros_like(noise), start[None].copy(), TRIAL_RATE, *[sound] * inputs, *lines)


def _layouts(inputs: int, params: int, size: int, block: int) -> Iterator[tuple[Any, ...]]:
    for channels in (1, 2):
        outs = np.zeros((2, channels, block), np.float32)
        for lines in ((2, 1), (1, 1), (1, block)):
            out = outs[: lines[0]]
            line = np.zeros(lines, np.float32)
            wide = np.zeros((lines[0], channels, block + 1), np.float32)
            kept = np.zeros((lines[0], 2, size))
            copied = np.broadcast_to(np.zeros((1, 1, block), np.float32), out.shape)
            for sound in (wide[:, :, :block].copy(), wide[:, :, :block], copied, _fixed(out.copy())):
                for value in (line, _fixed(line)):
                    yield (out, kept, TRIAL_RATE, *[sound] * inputs, *[value] * params)


def _fixed(array: NDArray[np.float32]) -> NDArray[np.float32]:
    array = array.view()
    array.flags.writeable = False
    return array
