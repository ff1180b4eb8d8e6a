"""Resolve: find every node's type, check its values, make or keep its instance, find both ends of every cord."""

import logging
import math
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeGuard

import numpy as np

from ...graphs import Cord, Node, Patch
from ..declare import NodeSpec, ParamSpec, PortSpec, Scalar
from ..hooks import Inherits, Renews, SizesPorts, offers
from ..instances import Knob, NodeInstance
from ..logs import details, failed
from ..names import did_you_mean
from ..palette import Palette
from ..param_numbers import takes_cords
from ..problems import Problem, SettingError
from ..setting_specs import SettingSpec
from ..setup import Setup
from ..values import SHARED, Content, SharedContent

# Which kind may feed which; the adapt pass says how.
ADAPTED = {
    ("signal", "signal"),
    ("signal", "latent"),
    ("latent", "signal"),
    ("latent", "latent"),
    ("event", "event"),
    ("event", "signal"),
    ("trajectories", "trajectories"),
}
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ResolvedCord:
    """A cord with both ends found. ``param`` is set when it turns a param instead of feeding an input."""

    source_node: str
    source: PortSpec
    target_node: str
    target: PortSpec
    param: ParamSpec | None = None

    @cached_property
    def name(self) -> tuple[str, str]:
        """The cord's two addresses."""
        return f"{self.source_node}.{self.source.name}", f"{self.target_node}.{self.target.name}"


@dataclass(frozen=True)
class Resolved:
    """Nodes with their instances, and cords between ports that exist."""

    nodes: Mapping[str, NodeInstance]
    cords: tuple[ResolvedCord, ...]
    muted: frozenset[str]
    bypassed: frozenset[str]
    problems: tuple[Problem, ...]
    made_of: Mapping[str, tuple[Node, list[Problem]]] = field(default_factory=dict)
    """What nodes without errors were resolved from, and what was said of them."""
    ends: Mapping[int, tuple[Cord, ResolvedCord]] = field(default_factory=dict)
    """Cords by the id of those of the patch."""


def resolve(patch: Patch, palette: Palette, setup: Setup, previous: Resolved | None = None) -> Resolved:
    """Nodes with their instances, and cords; what can't be resolved is left out and told in ``problems``.

    What is the same object in the patch as when ``previous`` was made is not looked at again.
    """
    if previous is not None and _all_go_on(patch, palette, previous):
        said = [one for _, about in previous.made_of.values() if about for one in about]
        ends = _resolved_cords(patch, previous.nodes, frozenset(), previous.ends, said)
        cords = tuple([resolved for _, resolved in ends.values()])
        return replace(previous, cords=cords, problems=tuple(said), ends=ends)
    before = previous.nodes if previous else {}
    problems: list[Problem] = []
    nodes: dict[str, NodeInstance] = {}
    made_of: dict[str, tuple[Node, list[Problem]]] = {}
    made_before = previous.made_of if previous else {}
    specs, shared = palette.specs, None
    for name, node in patch.nodes.items():
        spec = specs.get(node.type)
        told = made_before.get(name)
        if told is not None and told[0] is node and _goes_on(before[name], spec):
            nodes[name], made_of[name] = before[name], told
            if told[1]:
                problems += told[1]
            continue
        shared = shared_in(patch) if shared is None else shared
        if spec is None:
            problems.append(Problem(name, "", _unknown_type(node.type, palette)))
            continue
        settings, params, wrong = split_values(name, node, spec)
        problems += wrong
        if any(problem.severity == "error" for problem in wrong):
            continue
        instance, failure = _instantiate(name, node, spec, settings, params, shared, setup, before)
        problems += failure
        if instance is not None:
            nodes[name] = instance
            if all(problem.severity != "error" for problem in failure):
                made_of[name] = node, [*wrong, *failure]
    there = before.get
    anew = {name for name, one in nodes.items() if there(name) is not one} | (before.keys() - nodes.keys())
    ends = _resolved_cords(patch, nodes, anew, previous.ends if previous else {}, problems)
    return Resolved(
        nodes,
        tuple([resolved for _, resolved in ends.values()]),
        frozenset([name for name, node in patch.nodes.items() if node.muted and name in nodes]),
        frozenset([name for name, node in patch.nodes.items() if node.bypassed and name in nodes]),
        tuple(problems),
        made_of,
        ends,
    )


def _all_go_on(patch: Patch, palette: Palette, before: Resolved) -> bool:
    """Whether no node was edited, and every instance is right still."""
    specs, instances, made_of = palette.specs, before.nodes, before.made_of
    if list(patch.nodes) != list(made_of) or made_of.keys() != instances.keys():
        return False
    for name, node in patch.nodes.items():
        if made_of[name][0] is not node or not _goes_on(instances[name], specs.get(node.type)):
            return False
    return True


def _goes_on(instance: NodeInstance, spec: NodeSpec | None) -> bool:
    """Whether the instance of a node that was not edited is right still."""
    return instance.spec is spec and not instance.has_failed and not instance.spec.takes_shared


def split_values(name: str, node: Node, spec: NodeSpec) -> tuple[dict[str, Any], dict[str, Scalar], list[Problem]]:
    """A node's settings and params with defaults filled in, and what is wrong with the values given."""
    settings: dict[str, Any] = {key: one.default for key, one in spec.settings.items()}
    params: dict[str, Scalar] = {key: one.default for key, one in spec.params.items()}
    problems: list[Problem] = []
    for key, value in node.values.items():
        if key in spec.params:
            text = wrong_param(spec.params[key], value)
            if not text:
                params[key] = float(value) if spec.params[key].kind == "float" else value  # type: ignore[arg-type, assignment]
        elif key in spec.settings:
            text = wrong_setting(spec.settings[key], value)
            if not text:
                default = spec.settings[key].default
                settings[key] = value
                if isinstance(default, tuple) and isinstance(value, list | tuple):
                    settings[key] = _typed_list(spec.settings[key], value)
                if isinstance(default, float) and not isinstance(value, str):
                    settings[key] = float(value)  # type: ignore[arg-type]
        else:
            text = f"{spec.type} has no param or setting {key!r}; {did_you_mean(key, [*spec.params, *spec.settings])}"
        if text:
            problems.append(Problem(name, key, text))
    return settings, params, problems


def _typed_list(spec: SettingSpec, value: Iterable[Any]) -> tuple[Any, ...]:
    """A list out of a file as the node wants it: names that look like numbers are names."""
    return tuple(float(one) if spec.element == "number" else str(one) for one in value)


def wrong_param(spec: ParamSpec, value: object) -> str:
    """Why a value can't be a param's and what to give, or an empty string."""
    if spec.kind == "bool":
        return "" if isinstance(value, bool) else f"{value!r:.40} is not a switch value; use true or false"
    if spec.kind == "choice":
        return (
            "" if value in spec.choices else f"{value!r:.40} is not an option; choose one of {', '.join(spec.choices)}"
        )
    span = f"{spec.low:g} to {spec.high:g}{_unit(spec.unit)}"
    if not is_number(value):
        return f"{value!r:.40} is not a number; give one from {span}"
    if spec.kind == "int" and value != int(value):
        return f"{value!r} is not a whole number; give one from {span}"
    if not spec.low <= value <= spec.high:
        return f"{value:g}{_unit(spec.unit)} is out of range; give {span}"
    return ""


def wrong_setting(spec: SettingSpec, value: object) -> str:
    """Why a value can't be a setting's and what to give, or an empty string."""
    default, about = spec.default, spec.about
    given = f"{value!r:.40}"
    if spec.choices:
        return "" if value in spec.choices else f"{given} is not an option; choose one of {', '.join(spec.choices)}"
    if isinstance(default, bool):
        return "" if isinstance(value, bool) else f"{given} is not a switch value; use true or false"
    if isinstance(default, tuple):
        example = list(default) or ([1.0, 0.5] if spec.element == "number" else ["one", "two"])
        if not isinstance(value, list | tuple):
            return f"{given} is not a list; give a list like {example}"
        if spec.element == "number" and not all(is_number(one) for one in value):
            return f"{given} is not a list of numbers; give a list like {example}"
        # a name that looks like a number is a name, and was kept as a number by some programs
        if spec.element == "text" and not all(isinstance(one, str) or is_number(one) for one in value):
            return f"{given} is not a list of texts; give a list like {example}"
        return ""
    if isinstance(default, int | float):
        if not is_number(value):
            return f"{given} is not a number; give one like {default}"
        if isinstance(default, int) and value != int(value):
            return f"{given} is not a whole number; give one"
        low, high = about.low, about.high
        if (low is not None and value < low) or (high is not None and value > high):
            limits = " to ".join(f"{limit:g}" for limit in (low, high) if limit is not None)
            return f"{value:g}{_unit(about.unit)} is out of range; give {limits}{_unit(about.unit)}"
        return ""
    return "" if isinstance(value, str) else f"{given} is not a text; give a text like {default!r}"


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a number that a float can hold; switches are none."""
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def same_content(one: Content, other: Content) -> bool:
    """Whether two nodes' contents are equal, cheaply when they share arrays (as undo states do)."""
    if one is other:
        return True
    return one.keys() == other.keys() and all(
        a is b or (a.shape == b.shape and a.dtype == b.dtype and np.array_equal(a, b))
        for a, b in ((one[key], other[key]) for key in one)
    )


def _instantiate(
    name: str,
    node: Node,
    spec: NodeSpec,
    settings: Mapping[str, Any],
    params: Mapping[str, Scalar],
    shared: Content,
    setup: Setup,
    previous: Mapping[str, NodeInstance],
) -> tuple[NodeInstance | None, list[Problem]]:
    before = previous.get(name)
    shared = shared if spec.takes_shared else {}
    is_as_before = before and before.spec is spec and before.settings == settings and not before.has_failed
    if before and is_as_before and same_content(before.shared, shared):
        same = same_content(before.content, node.content)
        one = before.node
        if same or (offers(one, Renews) and one.renews(node.content)):
            kept = NodeInstance(spec, one, settings, node.content, before.knobs, shared, warned=before.warned)
            kept.renewal = None if same else one.prepare(node.content)
            kept.takes_over, kept.identity = before.takes_over, before.identity
            # new content may be of another codec's latents; its sizes are the same, or it would be made anew
            kept.sizes = one.ports() if not same and offers(one, SizesPorts) else before.sizes
            return kept, [Problem(name, "", text, "warning") for text in kept.warned]
    warned: list[str] = []
    knobs = {key: Knob(spec.params[key], value, setup.block, setup.sample_rate) for key, value in params.items()}
    try:
        made = make(spec, settings, node.content, setup.for_node(name, warned.append), shared)
        sizes = made.ports() if offers(made, SizesPorts) else {}
    except SettingError as error:
        log.debug("%s.%s: %s", name, error.setting, error, exc_info=error)
        return _as_before(before, spec), [Problem(name, error.setting, str(error))]
    except Exception as error:
        problem = Problem(name, "", f"can't be created: {error}", details=details(error))
        failed(log, str(problem), error)
        return _as_before(before, spec), [problem]
    warnings = [Problem(name, "", text, "warning") for text in warned]
    instance = NodeInstance(spec, made, settings, node.content, knobs, shared, warned=warned, sizes=sizes)
    if before and before.spec is spec and offers(made, Inherits) and not before.has_failed:
        instance.knobs, instance.identity = before.knobs, before.identity
        instance.takes_over.append(before.node)
    return instance, warnings


def _as_before(before: NodeInstance | None, spec: NodeSpec) -> NodeInstance | None:
    """What goes on playing where a new setting, or a file that was read again, can't work: the node as it was."""
    return before if before and before.spec.type == spec.type and not before.has_failed else None


def shared_in(patch: Patch) -> Content:
    """What the nodes of a patch share (see ``SharedContent``), by name."""
    found: dict[str, np.ndarray[Any, Any]] = {}
    for node in patch.nodes.values():
        for key, array in node.content.items():
            if f"/{SHARED}" in key:
                found[key.partition(f"/{SHARED}")[2]] = array
    return found


def make(
    spec: NodeSpec, settings: Mapping[str, Any], content: Content, setup: Setup, shared: Content | None = None
) -> Any:
    """A fresh instance of a node type (for a function, the function itself). Raises what its ``__init__`` raises."""
    if not spec.stateful:
        return spec.build
    given = dict(settings)
    if spec.takes_setup:
        given["setup"] = setup
    if spec.takes_content:
        given["content"] = content
    if spec.takes_shared:
        given["shared"] = SharedContent(shared or {})
    return spec.build(**given)


def _resolved_cords(
    patch: Patch,
    nodes: Mapping[str, NodeInstance],
    anew: Set[str],
    known: Mapping[int, tuple[Cord, ResolvedCord]],
    problems: list[Problem],
) -> dict[int, tuple[Cord, ResolvedCord]]:
    """The cords whose ends are found, by the ids of the patch's; those known, with no end that is anew, as they were.

    anew: nodes that are other ones than before, or no more.
    """
    fed: set[str] = set()
    found: dict[int, tuple[Cord, ResolvedCord]] = {}
    for cord in patch.cords:
        if cord.target in fed:
            problems.append(
                Problem(cord.target_node, cord.target_port, "two cords go into one input; put a mix before it")
            )
            continue
        fed.add(cord.target)
        there = known.get(id(cord))
        if there is not None and there[1].source_node not in anew and there[1].target_node not in anew:
            found[id(cord)] = there
            continue
        for end in (cord.source_node, cord.target_node):
            if end not in patch.nodes:
                problems.append(
                    Problem(end, "", f"a cord {cord.source} -> {cord.target} ends here, but {end} does not exist")
                )
        if cord.source_node not in nodes or cord.target_node not in nodes:
            continue
        resolved = _resolved_cord(cord, nodes, problems)
        if resolved is not None:
            found[id(cord)] = cord, resolved
    return found


def _resolved_cord(cord: Cord, nodes: Mapping[str, NodeInstance], problems: list[Problem]) -> ResolvedCord | None:
    source_node, target_node = cord.source_node, cord.target_node
    source_port, target_port = cord.source_port, cord.target_port
    given, wanted = nodes[source_node].spec, nodes[target_node].spec
    source = given.outputs.get(source_port)
    if source is None:
        problems.append(
            Problem(
                source_node,
                source_port,
                f"{given.type} has no such output; {did_you_mean(source_port, given.outputs)}",
            )
        )
        return None
    param = wanted.params.get(target_port)
    if param is not None:
        if not takes_cords(param) or source.kind not in ("signal", "event"):
            why = "parameters take signals and events" if takes_cords(param) else "it is set by hand or from outside"
            problems.append(Problem(target_node, target_port, f"this parameter takes no {source.kind} cord; {why}"))
            return None
        return ResolvedCord(source_node, source, target_node, PortSpec(target_port, "signal"), param)
    target = wanted.inputs.get(target_port)
    if target is None:
        ports = [*wanted.inputs, *wanted.params]
        problems.append(
            Problem(target_node, target_port, f"{wanted.type} has no such input; {did_you_mean(target_port, ports)}")
        )
        return None
    if (source.kind, target.kind) not in ADAPTED:
        problems.append(
            Problem(
                target_node,
                target_port,
                f"takes {_article(target.kind)}, but {source_node}.{source.name} gives {_article(source.kind)}; "
                "connect ports of the same colour",
            )
        )
        return None
    return ResolvedCord(source_node, source, target_node, target)


def _article(kind: str) -> str:
    return kind if kind == "trajectories" else f"an {kind}" if kind == "event" else f"a {kind}"


def _unit(unit: str) -> str:
    return f" {unit}" if unit else ""


def _unknown_type(type_: str, palette: Palette) -> str:
    hint = did_you_mean(type_, palette.specs, "install the package that provides it, or remove the node")
    return f"unknown node type {type_!r}; {hint}"
