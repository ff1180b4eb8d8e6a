"""Convolutions that remember: the few layers that the built-in codec needs, streaming, in preallocated numpy.

Sounds arrive one frame at a time. Each layer keeps the tail of what it saw, so that any split of a stream into calls
gives the same numbers. Arrays are float32 ``[lanes, steps, channels]``; a layer gives the same array every time,
filled anew.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from .layout import FloatArray

Weights = Mapping[str, FloatArray]

SLOPE = np.float32(0.2)
# Steps that are written at least before a layer's memory is begun anew.
ROOM = 64


class CausalConvolution:
    """A convolution over time that sees no future, carrying its history from call to call.

    weight: ``[width, inputs, outputs]``; bias: ``[outputs]``. Takes ``steps`` steps and gives ``steps / stride``.

    The past is one long array that is written on and, once full, begun anew with its end; where the next steps go and
    which steps they meet are views that were made at the start.
    """

    def __init__(
        self, weights: Weights, name: str, lanes: int, steps: int = 1, dilation: int = 1, stride: int = 1
    ) -> None:
        weight = weights[f"{name}.weight"]
        width, inputs, outputs = weight.shape
        self._matrix, self._bias = weight.reshape(-1, outputs), weights[f"{name}.bias"]
        given, kept = steps // stride, (width - 1) * dilation + 1 - stride
        self._is_plain = width == 1 and stride == 1
        self._calls, self._call = -(-max(ROOM, kept) // steps), 0
        self._memory = np.zeros((lanes, kept + self._calls * steps, inputs), np.float32)
        self._begin, self._end = self._memory[:, :kept], self._memory[:, self._calls * steps :]
        self._entries, self._views = [], []
        by_lane, by_step, by_channel = self._memory.strides
        for start in range(0, self._calls * steps, steps):
            self._entries.append(self._memory[:, start + kept : start + kept + steps])
            strides = (by_lane, by_step * stride, by_step * dilation, by_channel)
            shape = (lanes, given, width, inputs)
            self._views.append(as_strided(self._memory[:, start:], shape, strides, writeable=False))
        self._columns = np.empty((lanes, given, width, inputs), np.float32)
        self._rows = self._columns.reshape(lanes, given, width * inputs)
        self._out = np.empty((lanes, given, outputs), np.float32)

    def __call__(self, x: FloatArray) -> FloatArray:
        """The next steps: ``[lanes, steps, inputs]`` to ``[lanes, steps / stride, outputs]``."""
        if self._is_plain:
            np.matmul(x, self._matrix, out=self._out)
        else:
            if self._call == self._calls:
                self._begin[:] = self._end
                self._call = 0
            self._entries[self._call][:] = x
            self._columns[:] = self._views[self._call]
            self._call += 1
            np.matmul(self._rows, self._matrix, out=self._out)
        self._out += self._bias
        return self._out

    def reset(self, lane: int | slice) -> None:
        """Forget the past of one lane, or of a slice of lanes."""
        self._memory[lane] = 0.0


class ResidualBlock:
    """A small correction added to what passes through."""

    def __init__(self, weights: Weights, name: str, lanes: int, steps: int = 1, dilation: int = 1) -> None:
        self._wide = CausalConvolution(weights, f"{name}.wide", lanes, steps, dilation)
        self._point = CausalConvolution(weights, f"{name}.point", lanes, steps)
        channels = weights[f"{name}.point.bias"].shape[0]
        self._room = np.empty((lanes, steps, channels), np.float32)

    def __call__(self, x: FloatArray) -> FloatArray:
        """The next steps: ``[lanes, steps, channels]``, corrected in place."""
        hidden = self._wide(leaky(x, self._room))
        x += self._point(leaky(hidden, self._room))
        return x

    def reset(self, lane: int | slice) -> None:
        """Forget the past of one lane, or of a slice of lanes."""
        self._wide.reset(lane)
        self._point.reset(lane)


def leaky(x: FloatArray, out: FloatArray) -> FloatArray:
    """Negative numbers shrunk to a fifth, in ``out``."""
    np.multiply(x, SLOPE, out=out)
    return np.maximum(x, out, out=out)


def read_weights(arrays: Mapping[str, NDArray[Any]]) -> dict[str, FloatArray]:
    """Half floats as stored, made float32 for computing, kernels turned to ``[width, inputs, outputs]``.

    All instances share the result, so it is read-only.
    """
    weights = {}
    for name, array in arrays.items():
        turned = array.transpose(2, 1, 0) if array.ndim == 3 else array
        weights[name] = np.ascontiguousarray(turned, dtype=np.float32)
        weights[name].setflags(write=False)
    return weights
