"""Flatten: instances of definitions become the nodes inside them, named by path; the passes behind know nothing of it.

An instance ``voice-1`` of a definition with a node ``filter`` becomes the node ``voice-1/filter``; inlets, outlets and
params vanish into the cords and values that they stand for. What both patches of an edit have stays the same object, so
that the passes behind go on with it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ...graphs import Cord, Node, Patch
from ...graphs.frozen import FrozenMap
from ...graphs.scopes import INLET, OUTLET, PARAM, SLASH, definitions, full_name, scope_of, short_name
from ..declare import ParamSpec
from ..palette import Palette
from ..problems import Problem
from .resolve import wrong_param

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
        """What a param of the patch turns in the flat one: itself, where it plays as it stands or is not known.

        A definition may be called like an instance: then a node's name is that of the definition's.
        """
        found = self.turns.get((node, param), ())
        is_inside = SLASH in node and node in self.source.nodes
        is_itself = not is_inside and (node in self.patch.nodes or not found)
        return ((node, param), *found) if is_itself else found


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
        self.all = dict(patch.nodes)
        self.short = {name: short_name(name) for name in self.all}
        self.before = before or Flat(patch, patch)
        self.fed, self.into, self.out = dict[str, Cord](), dict[str, list[Cord]](), dict[str, list[Cord]]()
        for cord in patch.cords:
            self.fed.setdefault(cord.target, cord)
            self.into.setdefault(cord.target_node, []).append(cord)
            self.out.setdefault(cord.source_node, []).append(cord)
        self.scopes, self.turns = {"": ""}, dict[Address, list[Address]]()
        self.muted = {"": False}
        self.nodes, self.values = dict[str, Node](), dict[str, dict[str, Any]]()
        self.problems = dict[Problem, None]()
        self.full = set[str]()
        self.cords = dict[tuple[str, str], Cord]()
        self.found = dict[tuple[str, str], tuple[str, Address] | None]()
        self.numbers, self.sizes = dict[str, bool](), dict[str, int]()

    def flat(self) -> Flat:
        """All of it."""
        self._expand()
        lost: dict[str, list[Cord]] = {}
        for cord in self.patch.cords:
            if cord.target_node not in self.all:
                lost.setdefault(scope_of(cord.target_node), []).append(cord)
        for prefix, scope in self.scopes.items():
            for name in self.known.get(scope, ()):
                if prefix + self.short[name] in self.nodes:
                    self._feed(prefix, name)
                elif f"{prefix}{self.short[name]}{SLASH}" in self.scopes:
                    self._look_at_ports(prefix, name)
            for cord in lost.get(scope, ()):
                source, target = short_name(cord.source_node), short_name(cord.target_node)
                self._lay(f"{prefix}{source}.{cord.source_port}", f"{prefix}{target}.{cord.target_port}", cord.extra)
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
        waiting, count = [("", "")], self._size("")
        while waiting:
            prefix, scope = waiting.pop()
            for name in self.known.get(scope, ()):
                node, path = self.all[name], prefix + self.short[name]
                if not self._is_instance(node):
                    if not scope or node.type not in (INLET, OUTLET):
                        self.nodes[path] = node
                        if scope:
                            for key in self._params_of(node):
                                self.turns.setdefault((name, key), []).append((path, key))
                    continue
                text = self._why_not(node.type, prefix)
                if text:
                    self._tell(path, "", text)
                    continue
                more = self._size(node.type)
                if count + more > MOST_NODES:
                    self._tell_full(path)
                    continue
                count += more
                self.scopes[f"{path}{SLASH}"] = node.type
                self.muted[path] = node.muted or self.muted[prefix[:-1]]
                waiting.append((f"{path}{SLASH}", node.type))

    def _why_not(self, definition: str, prefix: str) -> str:
        if not prefix:
            return ""
        around = [self.scopes[prefix[: place + 1]] for place, letter in enumerate(prefix) if letter == SLASH]
        if definition in around:
            way = " -> ".join([*around[around.index(definition) :], definition])
            return f"{definition} contains itself ({way}); take one of these instances out of its definition"
        if len(around) >= DEEPEST:
            return f"it lies more than {DEEPEST} definitions deep; unpack some of them"
        return ""

    def _size(self, definition: str) -> int:
        """How many nodes a definition has beside its instances, at least one."""
        found = self.sizes.get(definition)
        if found is None:
            nodes = (self.all[name] for name in self.known[definition])
            found = sum(node.type not in (INLET, OUTLET) and not self._is_instance(node) for node in nodes)
            found = self.sizes[definition] = max(found, 1)
        return found

    def _tell(self, path: str, port: str, text: str, severity: Literal["error", "warning"] = "error") -> None:
        self.problems.setdefault(Problem(path, port, text, severity))

    def _tell_full(self, path: str) -> None:
        """Say once for each of the patch's own instances that there is no room for all of it."""
        outermost = path.partition(SLASH)[0]
        if outermost not in self.full:
            self.full.add(outermost)
            self._tell(path, "", f"the patch would have more than {MOST_NODES} nodes; use fewer instances")

    def _look_at_ports(self, prefix: str, name: str) -> None:
        """Say which cords and values of an instance are of ports that its definition has no more."""
        node, path = self.all[name], prefix + self.short[name]

        def has(port: str, *kinds: str) -> bool:
            inner = self.all.get(full_name(node.type, port))
            return inner is not None and inner.type in kinds

        def tell(port: str, kind: str, what: str) -> None:
            text = f"{node.type} has no {kind} {port} any more; add {what} of that name to it, or take this away"
            self._tell(path, port, text, "warning")

        for cord in self.into.get(name, ()):
            if not has(cord.target_port, INLET, PARAM):
                tell(cord.target_port, "input", "an inlet")
        for cord in self.out.get(name, ()):
            if not has(cord.source_port, OUTLET):
                tell(cord.source_port, "output", "an outlet")
        for key in node.values:
            if not has(key, PARAM):
                tell(key, "param", "a param")

    def _feed(self, prefix: str, name: str) -> None:
        """The cords into a node, and the params that a definition's own params set."""
        node, path = self.all[name], prefix + self.short[name]
        params = self._params_of(node)
        if prefix and node.type == PARAM:
            self._set_param(prefix, name, [(path, "value")])
        for cord in self.into.get(name, ()):
            port = cord.target_port
            found = self._traced(prefix, cord.source)
            if found is None:
                continue
            inner_prefix, source = found
            if self._is_param(inner_prefix, source[0]) and port in params:
                self._set_param(inner_prefix, source[0], [(path, port)])
                continue
            self._lay(f"{inner_prefix}{short_name(source[0])}.{source[1]}", f"{path}.{port}", cord.extra)

    def _lay(self, source: str, target: str, extra: Mapping[str, Any]) -> None:
        ends = source, target
        self.cords[ends] = self.before.cords.get(ends) or Cord(source, target, extra)

    def _set_param(self, prefix: str, name: str, targets: list[Address]) -> None:
        """Let a param of a definition have the value, or hear the cord, that its instance gives it.

        One that an instance has from the param of a definition around it is set as that one.
        """
        seen = set[tuple[str, str]]()
        while (prefix, name) not in seen:
            seen.add((prefix, name))
            key = self.short[name]
            outer, instance = self._outside(prefix)
            there = self.all[instance]
            cord = self.fed.get(f"{instance}.{key}")
            found = self._traced(outer, cord.source) if cord is not None else None
            if found is None:
                self._set_value(prefix, name, there.values.get(key), targets)
                is_number = self._is_number(name)
                turning = [one for one in targets if is_number or not self._is_own(*one)]
                self.turns.setdefault((instance, key), []).extend(turning)
                if key not in there.values:
                    self.turns.setdefault((name, "value"), []).extend(turning)
                return
            inner_prefix, (source, port) = found
            if not self._is_param(inner_prefix, source):
                break
            prefix, name = inner_prefix, source
        else:
            return
        for path, target in targets:
            self._lay(f"{inner_prefix}{short_name(source)}.{port}", f"{path}.{target}", {})

    def _set_value(self, prefix: str, name: str, given: Any, targets: list[Address]) -> None:
        """Give nodes the value that an instance has for a param, else the definition's; one that can't be is said."""
        key = self.short[name]
        path = prefix + key
        outer = (prefix[:-1], key), (path, "value")
        for target, port in targets:
            spec = self.palette.get(self.nodes[target].type)
            about = spec.params.get(port) if spec is not None else None
            if about is None:
                continue
            is_own = self._is_own(target, port)
            for (node, param), value in zip(outer, (given, self.all[name].values.get("value")), strict=True):
                if value is None:
                    continue
                text = wrong_param(about, value)
                if not text:
                    self.values.setdefault(target, {})[port] = value
                    break
                if not (is_own and any(self._what_it_is(name))):
                    self._tell(node, param, text)
            else:
                if is_own:
                    self.values.setdefault(target, {})[port] = about.default

    def _traced(self, prefix: str, source: str) -> tuple[str, Address] | None:
        """The node that an address stands for, and where it is; None where nothing is connected in the end."""
        way: dict[tuple[str, str], None] = {}
        found: tuple[str, Address] | None = None
        while True:
            here = prefix, source
            name, _, port = source.partition(".")
            node = self.all.get(name)
            if here in way:
                text = "goes in a circle without a node in it; take one of its cords away"
                self._tell(prefix + short_name(name), port, text)
                break
            way[here] = None
            if here in self.found:
                found = self.found[here]
                break
            if node is not None and prefix and node.type == INLET:
                outer, instance = self._outside(prefix)
                cord = self.fed.get(f"{instance}.{self.short[name]}")
                prefix = outer
            elif node is not None and self._is_instance(node):
                if f"{prefix}{self.short[name]}{SLASH}" not in self.scopes:
                    break
                if node.bypassed:
                    cord = self.fed.get(f"{name}.{self._first_inlet(node.type)}")
                else:
                    cord = self.fed.get(f"{full_name(node.type, port)}.audio")
                    prefix = f"{prefix}{self.short[name]}{SLASH}"
            else:
                found = prefix, (name, port)
                break
            if cord is None:
                break
            source = cord.source
        self.found |= dict.fromkeys(way, found)
        return found

    def _first_inlet(self, definition: str) -> str:
        """The inlet that stands first: what comes in there goes through where an instance is bypassed."""
        places = [(self.all[one].position[::-1], one) for one in self.known[definition] if self.all[one].type == INLET]
        return short_name(min(places)[1]) if places else ""

    def _outside(self, prefix: str) -> tuple[str, str]:
        """The beginning of the path around an instance, and the instance's name in the patch."""
        outer, _, instance = prefix[:-1].rpartition(SLASH)
        outer = f"{outer}{SLASH}" if outer else ""
        return outer, full_name(self.scopes[outer], instance)

    def _is_instance(self, node: Node) -> bool:
        return bool(node.type) and node.type in self.known

    def _is_param(self, prefix: str, name: str) -> bool:
        node = self.all.get(name)
        return bool(prefix) and node is not None and node.type == PARAM

    def _is_own(self, path: str, port: str) -> bool:
        """Whether it is the value of a definition's param itself, not of what it is connected to."""
        return port == "value" and self.nodes[path].type == PARAM

    def _is_number(self, name: str) -> bool:
        """Whether a param of a definition is a number, not a switch or a choice."""
        found = self.numbers.get(name)
        if found is None:
            found = self.numbers[name] = all(about.kind in ("float", "int") for about in self._what_it_is(name))
        return found

    def _what_it_is(self, name: str) -> Iterator[ParamSpec]:
        """The params that a definition's param is connected to, those of instances inside as what they are."""
        seen, level = {name}, [name]
        for _ in range(DEEPEST):
            cords = [cord for one in level for cord in self.out.get(one, ())]
            level = []
            for cord in cords:
                node = self.all.get(cord.target_node)
                if node is None:
                    continue
                if not self._is_instance(node):
                    about = self._params_of(node).get(cord.target_port)
                    yield from () if about is None else (about,)
                elif (inner := full_name(node.type, cord.target_port)) not in seen:
                    seen.add(inner)
                    level.append(inner)

    def _params_of(self, node: Node) -> Mapping[str, ParamSpec]:
        spec = self.palette.get(node.type)
        return {} if spec is None else spec.params
