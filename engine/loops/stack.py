"""Many nodes of one loop in one call, while their params rest or cords drive them."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..batched import Values, together
from ..declare import specs
from ..values import FloatArray
from .module import Call
from .node import PerSampleNode


class LoopStack:
    """Plays nodes whose loops are the same (see ``together``): each as it would play alone, to the bit."""

    def __init__(
        self,
        nodes: Sequence[PerSampleNode],
        states: NDArray[np.float64],
        out: FloatArray,
        inputs: Mapping[str, FloatArray | None],
    ) -> None:
        first = nodes[0]
        kind = first.kind
        self._nodes, self._first, self._states = tuple(nodes), first, states
        self._out, self._inputs = out, inputs
        nothing = np.broadcast_to(first.nothing[:, :, : out.shape[2]], out.shape)
        heard = [nothing if inputs[name] is None else inputs[name] for name in kind.inputs]
        self._lines = {name: np.zeros((len(nodes), 1), np.float32) for name in kind.params}
        self._heard = (out, states, first.rate, *heard)
        self._arguments: tuple[Any, ...] = self._heard
        self._given: list[dict[str, Any]] = []
        self._call: Call | None = None

    def __call__(self, **values: Values) -> Callable[[], object]:
        """Go on with these params; those that the loop does not use are passed over."""
        lines: list[FloatArray] = []
        for name, line in self._lines.items():
            each = values[name]
            if isinstance(each, np.ndarray):
                lines.append(each[:, 0])
            else:
                line[:, 0] = each
                lines.append(line)
        self._arguments = (*self._heard, *lines)
        if self._call is None:
            self._given = [
                {name: None if sound is None else sound[row] for name, sound in self._inputs.items()}
                | {name: each[row] for name, each in values.items()}
                for row in range(len(self._nodes))
            ]
        return self._process

    def _process(self) -> None:
        if self._call is not None:
            self._call(*self._arguments)
            return
        # one by one until all are compiled and have faded in
        for node, out, given in zip(self._nodes, self._out, self._given, strict=True):
            if node.state.base is self._states:  # else it plays aside, by its own step
                node.play(out, given)
        if all(node.is_settled for node in self._nodes):
            self._call = self._first.loop()


def plays_together(declared: type[PerSampleNode]) -> None:
    """Let many nodes of this type play in one call."""
    inputs = tuple(specs[declared].inputs)

    def stack(**given: Any) -> LoopStack | None:
        nodes: Sequence[PerSampleNode] = given["nodes"]
        out, states = given["out"], given["states"]
        is_alike = all(one.state.shape == states.shape[1:] and one.kind == nodes[0].kind for one in nodes)
        if not is_alike or out.shape[1] > states.shape[1]:
            return None
        return LoopStack(nodes, states, out, {name: given[name] for name in inputs})

    kind = inspect.Parameter.KEYWORD_ONLY
    names = ("nodes", "states", "out", *inputs)
    stack.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])  # type: ignore[attr-defined]
    together(declared, lines=True)(stack)
