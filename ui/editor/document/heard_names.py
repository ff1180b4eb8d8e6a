"""What the engine tells of the nodes that it plays, by the nodes that are on the canvas.

It plays the nodes inside of instances, and names them by their paths (``voice-1/filter``): they are shown at the card
of the instance, or, inside its definition, at their own.
"""

from collections.abc import Mapping
from typing import TypeVar

from ....engine.faces import Faces
from ....engine.problems import Problem
from ....engine.values import FloatArray
from ....graphs import Cord, Patch
from ....graphs.scope_paths import followed, node_at, path_to
from ....graphs.scopes import INLET, SLASH, full_name, scope_of, short_name
from ..sound.interface import EditorSound
from .scopes_shown import ScopeLevel, ScopesShown

Told = TypeVar("Told")
# What a node shows of each of its outputs; an instance has them of the nodes inside that give them.
OF_OUTPUTS = ("peak", "value", "latent")


class HeardNames:
    """Between names that are played and names that are shown. As of the sound's last tick."""

    def __init__(self, sound: EditorSound, scopes: ScopesShown) -> None:
        self._sound, self._scopes = sound, scopes
        self._of: tuple[Patch, ScopeLevel] | None = None
        self._shown: dict[str, str] = {}
        self._played: dict[tuple[str, str], tuple[str, str]] = {}
        self._fed: Mapping[str, Cord] | None = None
        self._problems: tuple[object, Mapping[str, tuple[Problem, ...]]] = (None, {})
        self._faces: tuple[object, Mapping[str, Faces]] = (None, {})

    @property
    def problems(self) -> Mapping[str, tuple[Problem, ...]]:
        """What is wrong with the patch as it plays, by the node that shows it; "" for all of it."""
        found = self._sound.problems
        self._look()
        if found is not self._problems[0]:
            by_node: dict[str, tuple[Problem, ...]] = {}
            for one in found:
                name = self.shown_at(one.node)
                if name or not one.node:
                    by_node[name] = (*by_node.get(name, ()), one)
            self._problems = (found, by_node)
        return self._problems[1]

    @property
    def loads(self) -> Mapping[str, float]:
        """Microseconds a block, by the node that shows it; those of all that is in an instance together."""
        told: Mapping[str, float] = self._sound.status.numbers.get("node_us", {})
        if not self._is_nested:
            return told
        found: dict[str, float] = {}
        for name, load in told.items():
            shown = self.shown_at(name)
            found[shown] = found.get(shown, 0.0) + load
        return found

    @property
    def trainings(self) -> Mapping[str, float]:
        """How far learning is, 0 … 1, by the node that shows it."""
        return {self.shown_at(one.node): one.done for one in self._sound.trainings}

    def faces(self, told: Mapping[str, Faces]) -> Mapping[str, Faces]:
        """What params stand for, by the nodes that are shown; the same object until that changes."""
        prefix, scope = self._scopes.level.prefix, self._scopes.scope
        if not scope:
            return told
        self._look()
        if self._faces[0] is not told:
            inside = {} if prefix is None else {name: name[len(prefix) :] for name in told if name.startswith(prefix)}
            found = {full_name(scope, rest): told[name] for name, rest in inside.items() if SLASH not in rest}
            self._faces = told, found
        return self._faces[1]

    def reading(self, node: str, name: str) -> FloatArray | None:
        """What a node of the patch shows now; of a definition's node, in the instance by which it was opened.

        None when it shows nothing of that name.
        """
        if self._is_nested:
            self._look()
            played = self._played.get((node, name))
            if played is None:
                played = self._played[node, name] = self._traced(node, name)
            node, name = played
        return self._sound.reading(node, name) if node else None

    def shown_at(self, name: str) -> str:
        """The node on the canvas that shows what is told of a node, by its path or its name; "" where none does."""
        if not self._is_nested:
            return name
        self._look()
        if name not in self._shown:
            self._shown[name] = self._found_at(name)
        return self._shown[name]

    def name_of(self, played: str) -> str:
        """The node of the patch that is played by a path; "" where none is."""
        patch = self._scopes.whole
        return node_at(patch, self._scopes.known, played) or (played if played in patch.nodes else "")

    @property
    def _is_nested(self) -> bool:
        return len(self._scopes.known) > 1

    def _look(self) -> None:
        """What was found before is forgotten where the patch, or what is shown of it, is another."""
        now = self._scopes.whole, self._scopes.level
        if self._of is None or now[0] is not self._of[0] or now[1] != self._of[1]:
            self._of, self._fed = now, None
            self._shown, self._played = {}, {}
            self._problems, self._faces = (None, {}), (None, {})

    def _found_at(self, name: str) -> str:
        scopes, nodes, scope = self._scopes, self._scopes.whole.nodes, self._scopes.scope
        if name in nodes and scope_of(name) == scope:
            return name
        prefix = scopes.level.prefix
        if prefix is not None and name.startswith(prefix):
            found = full_name(scope, name[len(prefix) :].partition(SLASH)[0])
            if found in nodes:
                return found
        if name not in nodes:
            return ""
        inner = scope_of(name)  # a node of a definition, as it is written
        return next((one for one in scopes.known.get(scope, ()) if nodes[one].type == inner), "")

    def _traced(self, node: str, name: str) -> tuple[str, str]:
        """By which path and under which name the engine tells a reading; "" where it is not played."""
        nodes, known, patch = self._scopes.whole.nodes, self._scopes.known, self._scopes.whole
        scope, level = scope_of(node), self._scopes.level
        found = level.path if scope == level.scope and not level.base else path_to(patch, known, scope)
        if found is None:
            return "", name
        path = [*found]
        kind, _, port = name.partition(".")
        if self._fed is None:
            self._fed = {cord.target: cord for cord in patch.cords}
        seen = set[tuple[str, ...]]()
        while kind in OF_OUTPUTS and (*path, node, port) not in seen:
            seen.add((*path, node, port))
            there = nodes.get(node)
            if there is None:
                return "", name
            if there.type == INLET and path:
                inlet, instance = short_name(node), path.pop()
                cord = self._fed.get(f"{full_name(followed(patch, known, path)[-1], instance)}.{inlet}")
            elif there.type in known:
                path.append(short_name(node))
                cord = self._fed.get(f"{full_name(there.type, port)}.audio")
            else:
                break
            if cord is None:
                return "", name
            node, port = cord.source_node, cord.source_port
        return SLASH.join((*path, short_name(node))), f"{kind}.{port}" if port else name
