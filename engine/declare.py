"""Nodes: a signature, read once as ports, params and settings. The signature is the whole contract.

A node is a function, or a class whose ``__init__`` takes settings and whose ``process`` is called for every block.
Parameters of ``process`` are inputs (``Signal``, ``Latent``, ``Event``) or params (``Annotated[float, Param(…)]``,
``bool``, ``Literal[…]``); its return annotation gives the outputs (a ``NamedTuple`` for several). A parameter named
``out`` receives the output buffers to write into. Methods marked ``@provides`` and ``@job`` work on trajectories,
away from the audio thread. ``@together`` lets many nodes of a type play in one call. See ``docs/design.md`` §"A node".
"""

import inspect
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints, overload

from .clock import FrameTimes
from .faces import ParamFace
from .hooks import Together, check
from .in_use import conditions_of
from .labels import NO_LABEL, Labels, label_in
from .problems import DeclarationError
from .roles import Role, checked_role
from .setting_specs import SettingSpec, read_settings
from .setup import Setup
from .sources import ParamSource, read_source
from .values import (
    Content,
    Help,
    Kind,
    Param,
    Port,
    Progress,
    Setting,
    SharedContent,
    Size,
    Trajectories,
    UsedWhen,
    Wishes,
)

Declared = TypeVar("Declared", bound=Callable[..., Any])
Scalar = float | int | bool | str
SAME, PHASES = Size("same"), ("process", "write", "read")


@dataclass(frozen=True)
class PortSpec:
    """A port as declared. optional: an unconnected input gets None, not silence. is_control: see ``ControlSignal``."""

    name: str
    kind: Kind
    size: Size = SAME
    optional: bool = False
    label: Labels = NO_LABEL
    is_control: bool = False
    help: str = ""


@dataclass(frozen=True)
class ParamSpec:
    """A param as declared: a number with a range, a switch, or one of several words. See ``Param``, ``as_set``."""

    name: str
    kind: Literal["float", "int", "bool", "choice"]
    default: Scalar
    low: float = 0.0
    high: float = 1.0
    unit: str = ""
    help: str = ""
    curve: str = "linear"
    ramp: bool = False
    choices: tuple[str, ...] = ()
    source: ParamSource | None = None
    used_when: UsedWhen | None = None
    label: Labels = NO_LABEL
    soft: tuple[float, float] | None = None
    randomize: bool = True
    face: ParamFace | None = None

    @property
    def span(self) -> tuple[float, float]:
        """The range that knobs and learned controllers cover."""
        return self.soft or (self.low, self.high)


@dataclass(frozen=True)
class OfflineSpec:
    """A method on trajectories: what it takes, and whether it gives a set (``provides``) or content (``job``)."""

    name: str
    takes: Mapping[str, bool]
    """Input port name -> whether it may stay unconnected."""
    is_job: bool


@dataclass(frozen=True)
class NodeSpec:
    """What a node type is, without running it. ``inputs``/``outputs`` hold trajectories too. of_use: ``as_set``."""

    type: str
    summary: str
    about: str
    inputs: Mapping[str, PortSpec]
    outputs: Mapping[str, PortSpec]
    params: Mapping[str, ParamSpec]
    settings: Mapping[str, SettingSpec]
    conditions: Mapping[str, UsedWhen]
    offline: Mapping[str, OfflineSpec]
    build: Callable[..., Any]
    stateful: bool
    has_process: bool
    takes_out: bool
    takes_frames: bool
    takes_setup: bool
    takes_content: bool
    takes_shared: bool
    breaks_cycles: bool
    returns: Any
    together: Together | None = None
    role: Role | None = None
    other_names: tuple[str, ...] = ()
    nearest_to: tuple[str, ...] = ()
    title: str = ""
    linear: bool = False
    of_use: Set[str] | None = None

    @property
    def on_frames_only(self) -> bool:
        """Whether the node works per latent frame: it has latent ports and no signal or event port."""
        kinds = {port.kind for port in (*self.inputs.values(), *self.outputs.values())} - {"trajectories"}
        return kinds == {"latent"}

    @property
    def writes_files(self) -> bool:
        """Whether it records to a file: a setting of its names one that is written."""
        return any(setting.about.writes for setting in self.settings.values())

    @cached_property
    def arguments(self) -> Mapping[str, Set[str]]:
        """What its calls take by name: ``process``, or ``write`` and ``read`` of what breaks cycles."""
        calls = {phase: getattr(self.build, phase, None if self.stateful else self.build) for phase in PHASES}
        return {phase: set(inspect.signature(call).parameters) for phase, call in calls.items() if call is not None}

    @cached_property
    def sources(self) -> Mapping[str, ParamSource]:
        """Where params come from that a controller sets. A gate is the last: its note is there when it opens."""
        found = {name: param.source for name, param in self.params.items() if param.source is not None}
        return dict(sorted(found.items(), key=lambda one: one[1].parts[-1] == "gate"))


specs: dict[Callable[..., Any], NodeSpec] = {}


@overload
def node(declared: Declared, /) -> Declared: ...
@overload
def node(
    *,
    role: Role | None = None,
    other_names: tuple[str, ...] = (),
    nearest_to: tuple[str, ...] = (),
    title: str = "",
    linear: bool = False,
) -> Callable[[Declared], Declared]: ...
def node(
    declared: Any = None,
    /,
    *,
    role: Role | None = None,
    other_names: Any = (),
    nearest_to: Any = (),
    title: str = "",
    linear: bool = False,
) -> Any:
    """Declare a node type, also with what it is for (``@node(role="map")``, see ``Role``).

    other_names: by which it is found too, such as those of other programs. nearest_to: names of what is missing here,
    for which this is the nearest. title: what people read in place of the type's name, which patches keep. linear: what
    it makes of several sounds is the sum of what it makes of each alone, the others being silent; so stems are told
    apart before it. Raises DeclarationError, saying how to annotate, for an unreadable signature.
    """

    def mark(declared: Declared) -> Declared:
        names = {"other_names": other_names, "nearest_to": nearest_to, "title": title, "linear": linear}
        specs[declared] = replace(_read(declared, role), **names)
        return declared

    return mark if declared is None else mark(declared)


def provides(method: Declared) -> Declared:
    """Mark a method that gives a trajectories output port, named as the method."""
    method._offline = "provides"  # type: ignore[attr-defined]
    return method


def job(method: Declared) -> Declared:
    """Mark slow work (encoding, learning) whose result becomes the node's content, under ``<method>/…``.

    The method takes ``Trajectories`` inputs and optionally ``progress: Progress``, ``wishes: Wishes`` and
    ``again: bool`` (nothing of what was made before is to be taken over), and returns ``Content``.
    """
    method._offline = "job"  # type: ignore[attr-defined]
    return method


def spec_of(declared: Callable[..., Any]) -> NodeSpec:
    """The declaration of a node's function or class."""
    return specs[declared]


def declared_in(module: str) -> list[NodeSpec]:
    """The nodes declared in a module or in a package's modules."""
    found = specs.items()
    return [spec for made, spec in found if made.__module__ == module or made.__module__.startswith(module + ".")]


def _read(declared: Callable[..., Any], role: Role | None) -> NodeSpec:
    stateful, where = inspect.isclass(declared), f"{declared.__module__}.{declared.__qualname__}"
    inputs: dict[str, PortSpec] = {}
    outputs: dict[str, PortSpec] = {}
    params: dict[str, ParamSpec] = {}
    offline: dict[str, OfflineSpec] = {}
    flags: set[str] = set()
    returns: Any = None
    splits = stateful and hasattr(declared, "read") and hasattr(declared, "write")
    process_methods = ("read", "write") if splits else ("process",) if stateful else ("",)
    for name in process_methods:
        method = getattr(declared, name, None) if stateful else declared
        if method is None:
            continue
        hints = get_type_hints(method, include_extras=True)
        for parameter in _parameters(method, skip_self=stateful):
            _read_parameter(f"{where}.{name}", parameter, hints, inputs, params, flags)
        if hints.get("return", NoneType) is not NoneType:
            returns = hints["return"]
            outputs |= _read_outputs(where, returns)
    if stateful:
        check(where, declared)
        _read_offline(where, declared, inputs, outputs, offline)
    settings, takes = read_settings(where, declared) if stateful else ({}, set())
    doc = (inspect.getdoc(declared) or "").replace("``", "")  # people read it as it is
    if not doc:
        raise DeclarationError(f"{where} has no docstring; begin it with one sentence that says what the node does")
    clash = set(params) & set(settings) | set(inputs) & set(params)
    if clash:
        raise DeclarationError(f"{where}: {', '.join(sorted(clash))} is declared twice; rename one of them")
    unknown = {one for param in params.values() if param.source for one in param.source.settings} - settings.keys()
    if unknown:
        raise DeclarationError(f"{where}: a source names the setting {', '.join(sorted(unknown))}; declare it")
    if role is not None:
        role = checked_role(where, role, {*inputs, *outputs, *params, *settings})
    return NodeSpec(
        type=_snake(declared.__name__),
        summary=doc.partition("\n")[0],
        about=doc.partition("\n")[2].strip(),
        inputs=MappingProxyType(inputs),
        outputs=MappingProxyType(outputs),
        params=MappingProxyType(params),
        settings=MappingProxyType(settings),
        conditions=MappingProxyType(conditions_of(where, params, settings)),
        offline=MappingProxyType(offline),
        build=declared,
        stateful=stateful,
        has_process=splits or not stateful or hasattr(declared, "process"),
        takes_out="out" in flags,
        takes_frames="frames" in flags,
        takes_setup=Setup in takes,
        takes_content=Content in takes,
        takes_shared=SharedContent in takes,
        breaks_cycles=splits,
        returns=returns,
        role=role,
    )


def _parameters(function: Callable[..., Any], skip_self: bool) -> list[inspect.Parameter]:
    return list(inspect.signature(function).parameters.values())[int(skip_self) :]


def _read_parameter(
    where: str,
    parameter: inspect.Parameter,
    hints: Mapping[str, Any],
    inputs: dict[str, PortSpec],
    params: dict[str, ParamSpec],
    flags: set[str],
) -> None:
    name, hint = parameter.name, hints.get(parameter.name)
    if name == "out":
        flags.add("out")
        return
    if hint is FrameTimes:
        flags.add("frames")
        return
    if hint is None:
        raise DeclarationError(
            f"{where}: parameter {name!r} has no annotation; write {name}: Signal (or Latent, Event) for an input, "
            f"or {name}: Annotated[float, Param(low, high)] = default for a param"
        )
    port = _port(name, hint)
    if port is not None:
        inputs[name] = port
        return
    if parameter.default is inspect.Parameter.empty:
        raise DeclarationError(f"{where}: param {name!r} has no default; write {name}: … = value")
    params[name] = _param(where, name, hint, parameter.default)


def _port(name: str, hint: Any) -> PortSpec | None:
    optional = False
    if get_origin(hint) in (Union, UnionType):
        rest = [part for part in get_args(hint) if part is not NoneType]
        if len(rest) != 1:
            return None
        hint, optional = rest[0], True
    marks = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    about = next((mark.text for mark in marks if isinstance(mark, Help)), "")
    if (get_args(hint)[0] if marks else hint) is Trajectories:
        return PortSpec(name, "trajectories", optional=optional, help=about)
    port = next((mark for mark in marks if isinstance(mark, Port)), None)
    size = next((mark for mark in reversed(marks) if isinstance(mark, Size)), SAME)
    return PortSpec(name, port.kind, size, optional, label_in(marks), port.is_control, about) if port else None


def _param(where: str, name: str, hint: Any, default: Any) -> ParamSpec:
    marks = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    bare = get_args(hint)[0] if marks else hint
    about = next((mark for mark in marks if isinstance(mark, Param)), None)
    used = next((mark for mark in marks if isinstance(mark, UsedWhen)), None)
    note = next((mark.help for mark in marks if isinstance(mark, Setting)), about.help if about else "")
    try:
        source = read_source(about.source) if about is not None and about.source else None
    except ValueError as error:
        raise DeclarationError(f"{where}: param {name!r}: {error}") from None
    more: dict[str, Any] = {"source": source, "used_when": used, "label": label_in(marks)}
    if bare is bool:
        return ParamSpec(name, "bool", bool(default), help=note, **more)
    if get_origin(bare) is Literal:
        choices = tuple(map(str, get_args(bare)))
        return ParamSpec(name, "choice", str(default), help=note, choices=choices, **more)
    if about is None or bare not in (float, int):
        raise DeclarationError(
            f"{where}: parameter {name!r} is neither a port nor a param; "
            f"write {name}: Annotated[float, Param(low, high, unit=…)] = default"
        )
    if not about.low <= default <= about.high:
        raise DeclarationError(f"{where}: the default of {name!r} lies outside {about.low} … {about.high}")
    low, high = about.soft or (about.low, about.high)
    if not about.low <= low <= high <= about.high or (about.curve == "bipolar" and low != -high):
        raise DeclarationError(f"{where}: give {name!r} a soft range within its own, and a bipolar one from -x to x")
    kind: Literal["float", "int"] = "float" if bare is float else "int"
    numbers = (about.low, about.high, about.unit, about.help, about.curve, about.ramp and kind == "float")
    randomize = about.randomize and about.unit != "dB" and source is None
    return ParamSpec(name, kind, bare(default), *numbers, soft=about.soft, randomize=randomize, **more)


def _read_outputs(where: str, returned: Any) -> dict[str, PortSpec]:
    if hasattr(returned, "_fields"):
        hints = get_type_hints(returned, include_extras=True)
        found = {name: _port(name, hint) for name, hint in hints.items()}
    else:
        found = {"out": _port("out", returned)}
    if any(port is None for port in found.values()):
        raise DeclarationError(f"{where}: annotate the result as Signal, Latent or Event, or a NamedTuple of these")
    return {name: port for name, port in found.items() if port}


def _read_offline(
    where: str,
    declared: Any,
    inputs: dict[str, PortSpec],
    outputs: dict[str, PortSpec],
    offline: dict[str, OfflineSpec],
) -> None:
    for name, method in inspect.getmembers(declared, inspect.isfunction):
        mark = getattr(method, "_offline", None)
        if mark is None:
            continue
        takes: dict[str, bool] = {}
        hints = get_type_hints(method, include_extras=True)
        for parameter in _parameters(method, skip_self=True):
            if hints.get(parameter.name) in (Progress, Wishes) or parameter.name == "again":
                continue
            port = _port(parameter.name, hints.get(parameter.name))
            if port is None or port.kind != "trajectories":
                raise DeclarationError(f"{where}.{name}: write {parameter.name}: Trajectories")
            if inputs.setdefault(parameter.name, port).kind != "trajectories":
                raise DeclarationError(f"{where}: {parameter.name!r} is an input of process too; rename one of them")
            takes[parameter.name] = port.optional
        if mark == "provides":
            if name in outputs:
                raise DeclarationError(f"{where}: {name!r} is an output of process too; rename one of them")
            outputs[name] = _port(name, hints.get("return")) or PortSpec(name, "trajectories")
        offline[name] = OfflineSpec(name, MappingProxyType(takes), mark == "job")


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
