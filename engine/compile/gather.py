"""Gather: arrays of many nodes as rows of one, as they lie where they do, else copied before each block."""

import itertools
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from ..kernels.lanes import address_of
from ..values import FloatArray

Gathers = list[Callable[[], object]]
Place = tuple[FloatArray | None, int]


def stacked(arrays: Sequence[FloatArray], gathers: Gathers) -> FloatArray:
    """These arrays ``[channels, block]`` as rows of one, ``[arrays, channels, block]``.

    What has to be copied for it before each block is added to ``gathers``.
    """
    first, shape = arrays[0], (len(arrays), *arrays[0].shape)
    if len(arrays) == 1:
        return first[None]
    if all(array is first for array in arrays):
        return np.broadcast_to(first, shape)
    places = _places(arrays)
    stack, rows = places[0][0], [row for _, row in places]
    if stack is None or any(place[0] is not stack for place in places):
        return copied(arrays, gathers, places)
    step = rows[1] - rows[0]
    if step > 0 and rows == list(range(rows[0], rows[0] + step * len(rows), step)):
        lying = stack[rows[0] : rows[-1] + 1 : step]
        return lying if lying.shape == shape else np.broadcast_to(lying, shape)
    taken = np.zeros((len(rows), *stack.shape[1:]), np.float32)
    gathers.append(partial(np.take, stack, np.array(rows), 0, taken, "clip"))
    return np.broadcast_to(taken, shape)


def copied(arrays: Sequence[FloatArray], gathers: Gathers, places: Sequence[Place] = ()) -> FloatArray:
    """These arrays copied below each other, neighbours from one stack in one call. places: of each, if known."""
    found = np.zeros((len(arrays), *arrays[0].shape), np.float32)
    begin = 0
    for _, run in itertools.groupby(places or _places(arrays), key=lambda place: id(place[0])):
        some = list(run)
        stack, rows, end = some[0][0], [row for _, row in some], begin + len(some)
        if stack is not None and len(rows) > 1 and stack.shape[1:] == found.shape[1:]:
            gathers.append(partial(np.take, stack, np.array(rows), 0, found[begin:end], "clip"))
        else:
            gathers += [partial(np.copyto, found[row], arrays[row]) for row in range(begin, end)]
        begin = end
    return found


def _places(arrays: Sequence[FloatArray]) -> list[Place]:
    begins: dict[int, int] = {}
    return [_place(array, begins) for array in arrays]


def _place(array: FloatArray, begins: dict[int, int]) -> Place:
    """The stack that an array is a row of (wide as it is, or a mono row seen as wide) and which; None for no row.

    begins: where stacks begin, by identity.
    """
    stack = array
    while isinstance(stack.base, np.ndarray):
        stack = stack.base
    if stack.ndim != 3 or stack.shape[2] != array.shape[1] or stack.shape[1] not in (1, array.shape[0]):
        return None, 0
    if stack.shape[1] > 1 and array.strides != stack.strides[1:]:
        return None, 0
    begin = begins.get(id(stack))
    if begin is None:
        begin = begins[id(stack)] = address_of(stack)
    row, rest = divmod(address_of(array) - begin, stack.strides[0])
    return (None, 0) if rest else (stack, row)
