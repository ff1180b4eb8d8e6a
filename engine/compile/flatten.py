"""Flatten: instances of definitions become the nodes inside them, named by path; the passes behind know nothing of it.

An instance ``voice-1`` of a definition with a node ``filter`` becomes the node ``voice-1/filter``; inlets, outlets and
params vanish into the cords and values that they stand for. What both patches of an edit have stays the same object, so
that the passes behind go on with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...graphs import Cord, Node, Patch
from ...graphs.definitions import INLET, OUTLET, PARAM, SLASH, circle, definitions, full_name, scope_of, short_name
from ...graphs.frozen import FrozenMap
from ..palette import Palette
from ..problems import Problem

MOST_NODES, DEEPEST = 10_000, 64
Address = tuple[str, str]
"""A node's name and a port or param of it."""


@dataclass(frozen=True)
class Flat:
    """A patch without instances. turns: by a param of an instance, or of a node in a definition, what it turns.

    scopes: the definition at each beginning of a path (``voice-1/``), "" at none. made: nodes with other values than in
    their definition, with what they were made of.
    """

    source: Patch
    patch: Patch
    turns: Mapping[Address, tuple[Address, ...]] = field(default_factory=dict)
    scopes: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    made: Mapping[str, tuple[Node, Mapping[str, Any], bool, Node]] = field(default_factory=dict)
    cords: Mapping[tuple[str, str], Cord] = field(default_factory=dict)

    def turned(self, node: str, param: str) -> tuple[Address, ...]:
        """What a param of the patch turns in the flat one: itself, where it plays as it stands."""
        found = self.turns.get((node, param), ())
        return ((node, param), *found) if node in self.patch.nodes else found


def flatten(patch: Patch, palette: Palette, before: Flat | None = None) -> Flat:
    """Expand every instance; a patch without definitions is given back as it is. before: the last one."""
    if before is not None and before.source is patch:
        return before
    known = definitions(patch)
    if len(known) == 1:
        return Flat(patch, patch)
    return _Flattening(patch, palette, known, before).flat()


class _Flattening:
    def __init__(self, patch: Patch, palette: Palette, known: Mapping[str, list[str]], before: Flat | None) -> None:
        self.patch, self.palette, self.known = patch, palette, known
        self.before = before or Flat(patch, patch)
        self.circles = {name: circle(patch, name) for name in known if name}
        self.fed = {cord.target: cord for cord in patch.cords}
        self.scopes, self.turns = {"": ""}, dict[Address, list[Address]]()
        self.muted = dict[str, bool]()
        self.nodes, self.values = dict[str, Node](), dict[str, dict[str, Any]]()
        self.problems = list[Problem]()
        self.cords = dict[tuple[str, str], Cord]()

    def flat(self) -> Flat:
        """All of it."""
        self._expand()
        for prefix, scope in self.scopes.items():
            for name in self.known.get(scope, ()):
                if prefix + short_name(name) in self.nodes:
                    self._feed(prefix, name)
        made = {}
        nodes = {}
        for name, node in self.nodes.items():
            values, muted = self.values.get(name, {}), node.muted or self.muted[name.rpartition(SLASH)[0]]
            if values or muted != node.muted:
                old = self.before.made.get(name)
                if old is None or (old[0] is not node or old[1:3] != (values, muted)):
                    changed = replace(node, values=FrozenMap({**node.values, **values}), muted=muted)
                    old = node, values, muted, changed
                made[name] = old
                node = old[3]
            nodes[name] = node
        turns = {key: tuple(dict.fromkeys(found)) for key, found in self.turns.items()}
        flat = replace(self.patch, nodes=FrozenMap(nodes), cords=tuple(self.cords.values()))
        return Flat(self.patch, flat, turns, self.scopes, tuple(self.problems), made, self.cords)

    def _expand(self) -> None:
        waiting = [("", "")]
        self.muted[""] = False
        while waiting:
            prefix, scope = waiting.pop()
            for name in self.known.get(scope, ()):
                node, path = self.patch.nodes[name], prefix + short_name(name)
                if not self._is_instance(node):
                    if not scope or node.type not in (INLET, OUTLET):
                        self.nodes[path] = node
                        if scope:
                            for key in self._params_of(node):
                                self.turns.setdefault((name, key), []).append((path, key))
                    continue
                text = self._why_not(node.type, prefix)
                if text:
                    self.problems.append(Problem(path, "", text))
                    continue
                self.scopes[f"{path}{SLASH}"] = node.type
                self.muted[path] = node.muted or self.muted[prefix[:-1]]
                waiting.append((f"{path}{SLASH}", node.type))

    def _why_not(self, definition: str, prefix: str) -> str:
        if self.circles[definition]:
            way = " -> ".join(self.circles[definition])
            return f"{definition} contains itself ({way}); take one of these instances out of its definition"
        if prefix.count(SLASH) >= DEEPEST:
            return f"it lies more than {DEEPEST} definitions deep; unpack some of them"
        if len(self.nodes) > MOST_NODES:
            return f"the patch would have more than {MOST_NODES} nodes; use fewer instances"
        return ""

    def _feed(self, prefix: str, name: str) -> None:
        """The cords into a node, and the params that a definition's own params set."""
        node, path = self.patch.nodes[name], prefix + short_name(name)
        spec = self.palette.get(node.type)
        ports = self._params_of(node)
        if prefix and node.type == PARAM:
            self._set_param(prefix, name, [(path, "value")])
        inputs = () if spec is None else (*spec.inputs, *spec.params)
        for port in inputs or [target.partition(".")[2] for target in self.fed if target.partition(".")[0] == name]:
            cord = self.fed.get(f"{name}.{port}")
            if cord is None:
                continue
            found = self._traced(prefix, cord.source)
            if found is None:
                continue
            inner_prefix, source = found
            inside = self.patch.nodes[source[0]]
            if inside.type == PARAM and inner_prefix and port in ports:
                self._set_param(inner_prefix, source[0], [(path, port)])
                continue
            ends = f"{inner_prefix}{short_name(source[0])}.{source[1]}", f"{path}.{port}"
            self.cords[ends] = self.before.cords.get(ends) or Cord(*ends, cord.extra)

    def _set_param(self, prefix: str, name: str, targets: list[Address]) -> None:
        """Let a param of a definition have the value, or hear the cord, that its instance gives it."""
        key = short_name(name)
        outer, instance = self._outside(prefix)
        there = self.patch.nodes[instance]
        cord = self.fed.get(f"{instance}.{key}")
        found = self._traced(outer, cord.source) if cord is not None else None
        for path, port in targets:
            if found is not None:
                inner_prefix, (source, source_port) = found
                ends = f"{inner_prefix}{short_name(source)}.{source_port}", f"{path}.{port}"
                self.cords[ends] = self.before.cords.get(ends) or Cord(*ends)
            else:
                value = there.values.get(key, self.patch.nodes[name].values.get("value"))
                if value is not None:
                    self.values.setdefault(path, {})[port] = value
            self.turns.setdefault((instance, key), []).append((path, port))
            if key not in there.values:
                self.turns.setdefault((name, "value"), []).append((path, port))

    def _traced(self, prefix: str, source: str) -> tuple[str, Address] | None:
        """The node that an address stands for, and where it is; None where nothing is connected in the end."""
        seen = set[tuple[str, str]]()
        while True:
            name, _, port = source.partition(".")
            node = self.patch.nodes.get(name)
            if node is None:
                return None
            if (prefix, source) in seen:
                self.problems.append(Problem(prefix + short_name(name), port, "goes in a circle without a node in it"))
                return None
            seen.add((prefix, source))
            if prefix and node.type == INLET:
                outer, instance = self._outside(prefix)
                cord = self.fed.get(f"{instance}.{short_name(name)}")
                prefix = outer
            elif self._is_instance(node):
                if f"{prefix}{short_name(name)}{SLASH}" not in self.scopes:
                    return None
                if node.bypassed:
                    inlets = sorted(one for one in self.known[node.type] if self.patch.nodes[one].type == INLET)
                    cord = self.fed.get(f"{name}.{short_name(inlets[0])}") if inlets else None
                else:
                    cord = self.fed.get(f"{full_name(node.type, port)}.audio")
                    prefix = f"{prefix}{short_name(name)}{SLASH}"
            else:
                return prefix, (name, port)
            if cord is None:
                return None
            source = cord.source

    def _outside(self, prefix: str) -> tuple[str, str]:
        """The beginning of the path around an instance, and the instance's name in the patch."""
        outer, _, instance = prefix[:-1].rpartition(SLASH)
        outer = f"{outer}{SLASH}" if outer else ""
        return outer, full_name(self.scopes[outer], instance)

    def _is_instance(self, node: Node) -> bool:
        return bool(node.type) and node.type in self.known

    def _params_of(self, node: Node) -> tuple[str, ...]:
        spec = self.palette.get(node.type)
        return () if spec is None else tuple(spec.params)
