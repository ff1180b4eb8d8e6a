"""Nodes of a type that play in one call: no node needs it; it makes many cheaper."""

import inspect
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .declare import Declared, specs
from .hooks import Together
from .kernels.kernel import Kernel
from .problems import DeclarationError
from .values import FloatArray

Values: TypeAlias = Sequence[float] | FloatArray
"""A param of many nodes: a number for each while all rest, or float32 ``[nodes, 1, block]`` where cords drive it."""


def together(
    declared: Callable[..., Any],
    alike: Callable[..., Hashable] | None = None,
    *,
    lines: bool = False,
    scan: np.ufunc | None = None,
    kernel: Kernel | Callable[[Any, Mapping[str, int]], Kernel | None] | None = None,
) -> Callable[[Declared], Declared]:
    """Mark what plays many nodes of a type in one call. No node needs it; it makes many cheaper.

    The marked function or class is called once per plan, away from the audio thread, with those of these that it
    names: the inputs and ``out``, float32 ``[nodes, channels, block]`` (an input None where nothing is connected);
    ``nodes``, the instances; ``states``, ``[nodes, …]``, where each instance's attribute ``state`` (an array of
    all that it keeps from block to block) lives while it plays with the others. It gives a ``Resting``, or None if
    these can't play together. The call must give what the nodes give one by one, to the bit where it can, and take
    no memory. alike: from a node's params to what must be equal for it to play with others. A node whose param
    glides plays alone meanwhile. For a function it is also used for one node by itself.

    lines: the ``Resting`` takes ``Values``, so nodes whose params are driven by cords play together too, those with
    the same params driven. A line keeps its place and is written before each block; ``alike`` gets NaN for it.

    scan: for a type of two inputs that is nothing but this operation on them where ``alike`` gives false: a chain of
    such nodes, each heard by the next alone, is one accumulation, to the bit.

    kernel: the op of compiled code that gives the same, to the bit; or what tells it, or None, from a node and how many
    channels each of its inputs has (0: nothing is connected). Nodes with one are played by it while it can be had.

    Raises DeclarationError for a type that has other than signal inputs and one signal ``out``, or unknown names.
    """

    def mark(stack: Declared) -> Declared:
        spec = specs[declared]
        where = f"{stack.__module__}.{stack.__qualname__}"
        kinds = {port.kind for port in (*spec.inputs.values(), *spec.outputs.values())}
        plain = kinds == {"signal"} and set(spec.outputs) == {"out"} and spec.takes_out
        if not plain or spec.takes_frames or spec.breaks_cycles:
            raise DeclarationError(f"{where}: only nodes from signals to one signal `out` can play together")
        takes = frozenset(inspect.signature(stack).parameters)
        unknown = takes - {*spec.inputs, "out"} - ({"nodes", "states"} if spec.stateful else set())
        if unknown:
            raise DeclarationError(f"{where}: {spec.type} has no {', '.join(sorted(unknown))}; name its inputs or out")
        if alike is not None and set(inspect.signature(alike).parameters) != set(spec.params):
            raise DeclarationError(f"{where}: let alike take the params of {spec.type}: {', '.join(spec.params)}")
        specs[declared] = replace(spec, together=Together(stack, takes, alike, lines, scan, _teller(kernel)))
        return stack

    return mark


def _teller(
    kernel: Kernel | Callable[[Any, Mapping[str, int]], Kernel | None] | None,
) -> Callable[[Any, Mapping[str, int]], Kernel | None]:
    if kernel is None or isinstance(kernel, Kernel):
        return lambda node, channels: kernel
    return kernel


def column(values: Values, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """A number per node, to meet ``[nodes, channels, block]``; a single one where all are equal; a line as it is."""
    if isinstance(values, np.ndarray):
        return values
    if all(value == values[0] for value in values):
        return np.array(values[0], dtype)
    return np.array(values, dtype).reshape(-1, 1, 1)
