"""Lanes: what nodes that play in one call are given: their params, what drives these, tables for compiled code."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from ..declare import NodeSpec, Scalar
from ..instances import NodeInstance
from ..kernels.lanes import Lanes, Terms
from ..steps import Step
from ..values import FloatArray
from .adapters import Clips
from .bound import BoundCall
from .gather import Gathers, stacked


def values_of(instances: Sequence[NodeInstance]) -> dict[str, list[Scalar]]:
    """The params as they are: those on their way, somewhere on it."""
    return {key: [one.knobs[key].value for one in instances] for key in instances[0].knobs}


def clips_of(
    spec: NodeSpec, parts: Sequence[BoundCall], lines: Mapping[str, FloatArray]
) -> Iterator[Callable[[], None]]:
    """What writes the lines of params that cords drive, each in a call."""
    for param, line in lines.items():
        gathers: Gathers = []
        sources = stacked([part.unclipped[param] for part in parts], gathers)
        about = spec.params[param]
        yield Clips(sources, gathers, line, about.low, about.high).tick


def lanes_of(
    instances: Sequence[NodeInstance],
    steps: Sequence[Step],
    states: NDArray[Any] | None,
    driven: Mapping[str, Sequence[FloatArray]],
    rate: float,
) -> Lanes | None:
    """Tables for compiled code; None where there is no op for these nodes. driven: what comes along the cords."""
    spec, first = instances[0].spec, steps[0].arguments
    assert spec.together is not None
    channels = {port: 0 if first[port] is None else len(first[port]) for port in spec.inputs}
    kernel = spec.together.kernel(instances[0].node, channels)
    if kernel is None or not kernel.still.isdisjoint(driven) or not driven.keys().isdisjoint(kernel.only):
        return None
    inputs = {port: [step.arguments[port] for step in steps] for port in spec.inputs}
    bounds = {name: (one.low, one.high) for name, one in spec.params.items()}
    try:
        return Lanes(kernel, [step.arguments["out"] for step in steps], inputs, states, driven, bounds, rate)
    except ValueError:
        return None  # arrays that lie otherwise are for numpy


def terms_of(spec: NodeSpec, out: FloatArray, terms: Sequence[FloatArray]) -> Terms | None:
    """The table of a chain; None where there is no op for it."""
    assert spec.together is not None
    kernel = spec.together.kernel(None, {})
    return None if kernel is None else Terms(f"{kernel.op} of all", out, terms)
