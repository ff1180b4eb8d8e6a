"""``per_sample``: a function of scalars, for one sample, becomes a node type.

The signature is the contract, as for ``node``: ``Sample`` for an input, ``State`` for what is kept until the next
sample (with its start value), ``Annotated[float, Param(…)]`` for a param, ``sample_rate: float`` for the rate in Hz.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias, get_args, get_origin, get_type_hints

from ..declare import node, specs
from ..problems import DeclarationError
from ..values import FloatArray, Help, Param, Port, Signal
from .description import PerSample, Role
from .function_text import function_text, returned_counts
from .node import PerSampleNode
from .stack import plays_together


@dataclass(frozen=True)
class StateMark:
    """Marks a number that is kept until the next sample."""


Sample: TypeAlias = Annotated[float, Port("signal")]
"""One sample of a signal, in ``per_sample``: beside it ``Help``, as beside ``Signal``."""

State: TypeAlias = Annotated[float, StateMark()]
"""A number that is kept until the next sample, in ``per_sample``; its default is what it begins with."""

RATE = "sample_rate"


def per_sample(
    function: Callable[..., Any] | None = None,
    /,
    *,
    prepare: Callable[..., Any] | None = None,
    other_names: tuple[str, ...] = (),
    nearest_to: tuple[str, ...] = (),
    title: str = "",
    linear: bool = False,
) -> Any:
    """Declare a node type by what it makes of one sample; numba compiles the loop over the block, in another process.

    The function takes ``Sample`` inputs, ``State`` with start values, params and ``sample_rate``, in any order, and
    gives a tuple: the output, then the next value of every state as they stand in the signature; a bare number where
    there is no state. Channels are played alike, each with a state of its own. prepare: a function of params and
    ``sample_rate`` that gives a tuple of coefficients, computed once a block while the params rest and for every sample
    while one moves; then the params are declared there, and the function takes the coefficients as plain ``float``.
    Both may use numbers, functions and ``math`` of their module; numba must be able to compile them. Many nodes of the
    type play in one call. A function that can't be compiled, raises, or never ends leaves its node silent, and says so.

    The other arguments are those of ``node``. Gives the node's class, a PerSampleNode. Raises DeclarationError, saying
    what to write instead.
    """

    def mark(function: Callable[..., Any]) -> type[PerSampleNode]:
        made = _class_of(function, prepare)
        names = {"other_names": other_names, "nearest_to": nearest_to, "title": title, "linear": linear}
        node(**names)(made)  # type: ignore[call-overload]
        made.ranges = tuple(
            (float(one.default), one.low, one.high)
            for name, one in specs[made].params.items()
            if name in made.kind.params
        )
        plays_together(made)
        return made

    return mark if function is None else mark(function)


def _class_of(function: Callable[..., Any], prepare: Callable[..., Any] | None) -> type[PerSampleNode]:
    where = f"{function.__module__}.{function.__qualname__}"
    if not inspect.getdoc(function):  # else its class would show that of all such nodes
        raise DeclarationError(f"{where} has no docstring; begin it with one sentence that says what the node does")
    hints = get_type_hints(function, include_extras=True)
    takes = tuple(_role(where, one, hints, has_prepare=prepare is not None) for one in _parameters(function))
    prepares: tuple[tuple[str, Role], ...] = ()
    declared, ports = [one for one in _parameters(function) if dict(takes)[one.name] == "param"], dict(hints)
    if prepare is not None:
        there = f"{prepare.__module__}.{prepare.__qualname__}"
        ports |= get_type_hints(prepare, include_extras=True)
        prepares = tuple(_role(there, one, ports, has_prepare=False) for one in _parameters(prepare))
        if {role for _, role in prepares} - {"param", "rate"}:
            raise DeclarationError(f"{there}: it may take params and {RATE}; inputs and states belong to {where}")
        declared = [one for one in _parameters(prepare) if dict(prepares)[one.name] == "param"]
        _check_counts(there, prepare, sum(role == "coefficient" for _, role in takes), "coefficient")
    defaults = {one.name: one.default for one in _parameters(function)}
    state = tuple((name, _start(where, name, defaults[name])) for name, role in takes if role == "state")
    _check_counts(where, function, 1 + len(state), "output and one next value for each state")
    parts = {"tick": function} | ({"prepare": prepare} if prepare is not None else {})
    kind = PerSample(function_text(where, parts), takes, state, prepares)
    process = _process(kind, declared, ports, _output(hints.get("return")))
    body = {"__doc__": inspect.getdoc(function), "__module__": function.__module__, "kind": kind, "process": process}
    made = type(function.__name__, (PerSampleNode,), {**body, "tick": staticmethod(function)})
    made.__qualname__ = function.__qualname__
    return made


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(function).parameters.values())


def _role(where: str, parameter: inspect.Parameter, hints: Mapping[str, Any], has_prepare: bool) -> tuple[str, Role]:
    name = parameter.name
    marks = get_args(hints.get(name))[1:] if get_origin(hints.get(name)) is Annotated else ()
    if name == RATE:
        return name, "rate"
    if any(isinstance(mark, StateMark) for mark in marks):
        return name, "state"
    if any(isinstance(mark, Port) for mark in marks):
        return name, "input"
    if any(isinstance(mark, Param) for mark in marks) or hints.get(name) is bool:
        if has_prepare:
            raise DeclarationError(f"{where}: {name!r} is a param; declare it in prepare, which gives coefficients")
        return name, "param"
    if has_prepare and hints.get(name) is float:
        return name, "coefficient"
    raise DeclarationError(
        f"{where}: write {name}: Sample for an input, {name}: State = 0.0 for what is kept until the next sample, "
        f"{name}: Annotated[float, Param(low, high)] = default for a param, or {RATE}: float"
    )


def _start(where: str, name: str, default: Any) -> float:
    if isinstance(default, int | float):
        return float(default)
    raise DeclarationError(f"{where}: state {name!r} has no start value; write {name}: State = 0.0")


def _check_counts(where: str, function: Callable[..., Any], wanted: int, what: str) -> None:
    """Where it gives a tuple that is written out, it must be as long as it is taken to be."""
    wrong = [count for count in returned_counts(where, function) if count != wanted]
    if wrong:
        raise DeclarationError(f"{where}: it returns {wrong[0]} values and should return {wanted}: {what}")


def _output(returned: Any) -> Any:
    """The output's port, with the help that stands at the first of what is returned."""
    first = get_args(returned)[0] if get_origin(returned) is tuple else returned
    notes = [mark for mark in get_args(first)[1:] if isinstance(mark, Help)] if get_origin(first) is Annotated else []
    return Annotated[Signal, notes[0]] if notes else Signal


def _process(
    kind: PerSample, declared: list[inspect.Parameter], hints: Mapping[str, Any], output: Any
) -> Callable[..., Any]:
    """``process`` as the engine reads it: the signals first, then the params."""

    def process(self: PerSampleNode, out: FloatArray, **given: Any) -> FloatArray:
        """Fill ``out`` ``[channels, n]``."""
        return self.play(out, given)

    annotations = {name: _signal(hints[name]) for name in kind.inputs}
    annotations |= {"out": Signal} | {one.name: hints[one.name] for one in declared}
    word = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter("self", word)]
    parameters += [inspect.Parameter(name, word) for name in (*kind.inputs, "out")]
    parameters += [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in declared]
    process.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    process.__annotations__ = {**annotations, "return": output}
    return process


def _signal(hint: Any) -> Any:
    """``Sample`` with all that stands beside it, as ``Signal``."""
    return Annotated[FloatArray, *get_args(hint)[1:]]
