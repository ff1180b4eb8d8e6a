"""Lanes: the tables that compiled code plays from. Made when a patch is compiled, changed by the audio thread."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..values import FloatArray
from .cells import BOUNDS, COUNT, HEADER, LANES, OP, OPS, RATE, ROWS, SCRATCH, WIDTH, WORK
from .kernel import Kernel

Bounds = Mapping[str, tuple[float, float]]
"""The lowest and the highest value of each param, in the order declared."""


class _Header:
    """The header of an op, and what it points at, kept alive."""

    def __init__(self, op: str, cells: NDArray[np.int64], block: int, rate: float, bounds: Bounds) -> None:
        self._work = np.zeros(SCRATCH * block, np.int64)
        self._bounds = np.array([*bounds.values()], np.float64)
        self._header = np.zeros(HEADER, np.int64)
        self._header[[OP, LANES, COUNT]] = OPS[op], cells.size // cells.shape[-1], block
        self._header[[ROWS, WIDTH]] = address_of(cells), cells.shape[-1]
        self._header[[WORK, BOUNDS]] = address_of(self._work), address_of(self._bounds)
        self._header[RATE:].view(np.float64)[0] = rate
        self.address = address_of(self._header)
        """Of the header."""


class Lanes(_Header):
    """Nodes of a type as lanes of an op: for each node and channel of its ``out`` a row of cells (see ``cells``).

    outs, and inputs by port: the arrays float32 ``[channels, block]`` that the nodes fill and hear, None where nothing
    is connected. states: a row for each, or None. driven: for params that cords drive, what comes along these. All
    arrays must stay where they are. ``set`` and ``rest`` are for the audio thread. Raises ValueError for arrays whose
    samples don't lie one after the other.
    """

    def __init__(
        self,
        kernel: Kernel,
        outs: Sequence[FloatArray],
        inputs: Mapping[str, Sequence[FloatArray | None]],
        states: NDArray[Any] | None,
        driven: Mapping[str, Sequence[FloatArray]],
        bounds: Bounds,
        rate: float,
    ) -> None:
        channels, block = outs[0].shape
        taken = [name for name in bounds if name not in kernel.only]
        begin = 1 + (states is not None) + len(inputs)
        self._cells = np.zeros((len(outs), channels, begin + 2 * len(taken)), np.int64)
        self._values = self._cells.view(np.float64)
        self._outs = _addresses(outs, channels)
        place = 1
        if states is not None:
            self._cells[:, :, place] = address_of(states) + states.strides[0] * np.arange(len(outs))[:, None]
            place += 1
        for arrays in inputs.values():
            self._cells[:, :, place] = _addresses(arrays, channels)
            place += 1
        self._params: list[tuple[str, int]] = []
        for name in taken:
            if name in driven:
                self._cells[:, :, place] = _addresses(driven[name], channels)
            else:
                self._params.append((name, place))
            place += 2
        self._kernel, self._kept = kernel, (outs, inputs, states, driven)
        super().__init__(kernel.op, self._cells, block, rate, {name: bounds[name] for name in taken})

    def set(self, row: int, arguments: Mapping[str, Any]) -> bool:
        """Let a node play from these arguments; False if it can't as they are, and rests."""
        kernel = self._kernel
        self._cells[row, :, 0] = 0
        for name, value in kernel.only.items():
            if isinstance(arguments[name], np.ndarray) or arguments[name] != value:
                return False
        for name, place in self._params:
            value = arguments[name]
            if isinstance(value, np.ndarray):
                if name in kernel.still:
                    return False
                self._cells[row, :, place] = address_of(value)
            else:
                worth = kernel.worth.get(name)
                self._cells[row, :, place] = 0
                self._values[row, :, place + 1] = value if worth is None else worth(value)
        self._cells[row, :, 0] = self._outs[row]
        return True

    def rest(self, row: int) -> None:
        """Leave a node out."""
        self._cells[row, :, 0] = 0


class Terms(_Header):
    """A sum or product of many: float32 ``[channels, block]`` each, in order. op: ``sum of all`` or ``product …``."""

    def __init__(self, op: str, out: FloatArray, terms: Sequence[FloatArray]) -> None:
        channels, block = out.shape
        cells = np.ascontiguousarray(_addresses((out, *terms), channels).T)
        self._cells, self._kept = cells, (out, terms)
        super().__init__(op, cells, block, 1.0, {})


def address_of(array: NDArray[Any]) -> int:
    """Where an array begins."""
    return int(array.__array_interface__["data"][0])


def _addresses(arrays: Sequence[FloatArray | None], channels: int) -> NDArray[np.int64]:
    """Where each channel of each array begins, ``[arrays, channels]``; mono is every channel; 0 for none."""
    begins, steps = list[int](), list[int]()
    for array in arrays:
        if array is None:
            begins.append(0)
            steps.append(0)
            continue
        step, along = array.strides
        if along != array.itemsize or len(array) not in (1, channels):
            raise ValueError("the samples of a channel must lie one after the other")
        begins.append(address_of(array))
        steps.append(step if len(array) > 1 else 0)
    found: NDArray[np.int64] = np.array(begins)[:, None] + np.array(steps)[:, None] * np.arange(channels)
    return found
