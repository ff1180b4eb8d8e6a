"""Convolutions that remember: the few layers that the built-in codec needs, streaming, in plain numpy.

Sounds arrive a few frames at a time. Each layer keeps the tail of what it saw, so that any split of a stream
into calls gives the same numbers. Arrays are float32 ``[lanes, time, channels]``.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .layout import FloatArray

Weights = Mapping[str, FloatArray]

SLOPE = np.float32(0.2)


class CausalConvolution:
    """A convolution over time that sees no future, carrying its history from call to call.

    weight: ``[width, inputs, outputs]``; bias: ``[outputs]``. Gives ``time / stride`` steps.
    """

    def __init__(self, weights: Weights, name: str, lanes: int, dilation: int = 1, stride: int = 1) -> None:
        weight = weights[f"{name}.weight"]
        self.width, self.inputs, outputs = weight.shape
        self.matrix = weight.reshape(-1, outputs)
        self.bias = weights[f"{name}.bias"]
        self.dilation, self.stride = dilation, stride
        self.kept = (self.width - 1) * dilation + 1 - stride
        self.history = np.zeros((lanes, self.kept, self.inputs), np.float32)

    def __call__(self, x: FloatArray) -> FloatArray:
        """The next steps: ``[lanes, time, inputs]`` to ``[lanes, time / stride, outputs]``."""
        if self.width == 1:
            return x @ self.matrix + self.bias
        lanes, time, _ = x.shape
        longer = np.concatenate([self.history, x], axis=1)
        self.history[:] = longer[:, time:]
        steps = time // self.stride
        columns = np.empty((lanes, steps, self.width, self.inputs), np.float32)
        for tap in range(self.width):
            start = tap * self.dilation
            columns[:, :, tap] = longer[:, start : start + steps * self.stride : self.stride]
        return columns.reshape(lanes, steps, -1) @ self.matrix + self.bias

    def reset(self, lane: int | slice) -> None:
        """Forget the past of one lane, or of a slice of lanes."""
        self.history[lane] = 0.0


class Residual:
    """A small correction added to what passes through."""

    def __init__(self, weights: Weights, name: str, lanes: int, dilation: int) -> None:
        self.wide = CausalConvolution(weights, f"{name}.wide", lanes, dilation)
        self.point = CausalConvolution(weights, f"{name}.point", lanes)

    def __call__(self, x: FloatArray) -> FloatArray:
        """The next steps: ``[lanes, time, channels]`` to the same."""
        return x + self.point(leaky(self.wide(leaky(x))))

    def reset(self, lane: int | slice) -> None:
        """Forget the past of one lane, or of a slice of lanes."""
        self.wide.reset(lane)


def leaky(x: FloatArray) -> FloatArray:
    """Negative numbers shrunk to a fifth."""
    return np.asarray(np.maximum(x, SLOPE * x), dtype=np.float32)


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
