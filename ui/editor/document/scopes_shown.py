"""Which part of the patch is on the canvas: its own nodes, or those of one definition, and by which instances."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ....engine.definition_specs import DefinitionSpecs
from ....engine.palette import Palette
from ....graphs import Patch
from ....graphs.frozen import FrozenMap
from ....graphs.notes import COMMENTS, GROUPS
from ....graphs.scope_paths import Known, followed, path_to
from ....graphs.scopes import SLASH, definitions, full_name, scope_of, short_name
from ...definition_library import DefinitionLibrary
from ...surface.view import View

if TYPE_CHECKING:
    from .desk import Desk  # which has the patch and the view

ROOT_LABEL = "Patch"


@dataclass(frozen=True)
class ScopeLevel:
    """A way to what is shown. base: the definition that it begins in, "" for the patch itself.

    path: the instances that lead from there, by their names in their definitions. scope: the definition that is shown.
    """

    base: str = ""
    path: tuple[str, ...] = ()
    scope: str = ""

    @property
    def prefix(self) -> str | None:
        """How names of its nodes begin where instances are expanded; None where no instance plays it."""
        return None if self.base else "".join(f"{name}{SLASH}" for name in self.path)


ROOT = ScopeLevel()


class ScopesShown:
    """What is shown of the desk's patch; what was seen of each definition is remembered until another is opened."""

    def __init__(self, desk: "Desk", node_types: Palette) -> None:
        self._desk = desk
        self.node_types, self.library = node_types, DefinitionLibrary()
        self._specs = DefinitionSpecs(node_types, lambda: self.library.patch)
        self.level = ROOT
        self._views: dict[str, View] = {}
        self._known: tuple[Patch | None, Known] = (None, {})
        self._shown: tuple[Patch | None, str, Patch] = (None, "", Patch())

    @property
    def palette(self) -> Palette:
        """The node types and the definitions of the patch; the same object until either changes."""
        return self._specs.palette(self._desk.patch)

    def look_at_library(self) -> None:
        """Offer the definitions that lie in the library now; what can't be read is said once."""
        before = self.library.complaints
        self.library.look()
        for complaint in self.library.complaints if self.library.complaints is not before else ():
            self._desk.say(complaint, "warning")

    @property
    def whole(self) -> Patch:
        """All of the patch as it is now."""
        return self._desk.patch

    @property
    def scope(self) -> str:
        """The definition that is shown; "" for the patch itself."""
        return self.level.scope

    @property
    def known(self) -> Known:
        """The nodes of each definition by its name; those of the patch itself under ""."""
        patch = self._desk.patch
        if self._known[0] is not patch:
            self._known = patch, definitions(patch)
        return self._known[1]

    @property
    def patch(self) -> Patch:
        """Only the nodes, cords and notes that are shown, by their full names; the same object until they change."""
        patch, scope = self._desk.patch, self.scope
        if self._shown[0] is not patch or self._shown[1] != scope:
            self._shown = patch, scope, patch if len(self.known) == 1 else _part(patch, self.known, scope)
        return self._shown[2]

    @property
    def root_view(self) -> View:
        """What is seen, or was seen last, of the patch itself."""
        return self._views.get("", self._desk.view) if self.scope else self._desk.view

    @property
    def levels(self) -> tuple[ScopeLevel, ...]:
        """The way from the patch to what is shown, both included."""
        level = self.level
        scopes = followed(self._desk.patch, self.known, level.path, level.base)
        found = [ScopeLevel(level.base, level.path[:count], scope) for count, scope in enumerate(scopes)]
        return tuple(found if not level.base else [ROOT, *found])

    def is_instance(self, node: str) -> bool:
        """Whether a node is an instance of a definition."""
        there = self._desk.patch.nodes.get(node)
        return there is not None and there.type in self.known

    def open(self, node: str) -> bool:
        """Show the definition of an instance; False where the node is none."""
        if not self.is_instance(node):
            return False
        self.reveal([node])
        level = self.level
        self.go(ScopeLevel(level.base, (*level.path, short_name(node)), self._desk.patch.nodes[node].type))
        return True

    def up(self) -> bool:
        """Show what the definition was opened from, its instance chosen; False at the patch itself."""
        if not self.scope:
            return False
        left = self.level
        self.go(self.levels[-2])
        instance = full_name(self.scope, left.path[-1]) if left.path else ""
        if instance in self._desk.patch.nodes:
            self._desk.select([instance])
        return True

    def go(self, level: ScopeLevel) -> None:
        """Show a level, as it was seen last; nothing is chosen any more."""
        if level.scope == self.scope:
            self.level = level
            return
        desk = self._desk
        self._views[self.scope] = desk.view
        self.level = level
        desk.select()
        view = self._views.get(level.scope)
        if view is None:
            desk.fit()
        else:
            desk.view = view

    def reveal(self, names: Iterable[str]) -> None:
        """Show the part of the patch where the first of these nodes is that is not shown."""
        scope = self.scope
        other = next((name for name in names if scope_of(name) != scope and name in self._desk.patch.nodes), None)
        if other is not None:
            self.go(self.level_of(scope_of(other)))

    def level_of(self, scope: str) -> ScopeLevel:
        """The way to a definition: the one that is shown, else by the first instances that lead to it."""
        return self.level if scope == self.scope else self._way_to(scope)

    def begin(self) -> None:
        """Another patch is open."""
        self.level = ROOT
        self._views.clear()

    def follow(self) -> None:
        """After an edit: stay where it was, also under another name; go up where the definition has gone."""
        level, known, patch = self.level, self.known, self._desk.patch
        if level == ROOT:
            return
        base = level.base if level.base in known else ""
        scopes = followed(patch, known, level.path, base) if base == level.base else [""]
        if len(scopes) > len(level.path) and base == level.base and not base:
            self.level = ScopeLevel(base, level.path, scopes[-1])  # it may have been renamed
        elif level.scope in known:
            path = path_to(patch, known, level.scope)
            self.level = (
                ScopeLevel("", path, level.scope) if path is not None else ScopeLevel(level.scope, (), level.scope)
            )
        else:
            self.go(ScopeLevel(base, level.path[: len(scopes) - 1], scopes[-1]))

    def _way_to(self, scope: str) -> ScopeLevel:
        path = path_to(self._desk.patch, self.known, scope)
        return ScopeLevel("", path, scope) if path is not None else ScopeLevel(scope, (), scope)


def _part(patch: Patch, known: Known, scope: str) -> Patch:
    nodes = {name: patch.nodes[name] for name in known.get(scope, ())}
    cords = tuple(cord for cord in patch.cords if cord.target_node in nodes and cord.source_node in nodes)
    notes = {}
    for kind in (GROUPS, COMMENTS):
        entries = patch.view.get(kind)
        if isinstance(entries, Mapping):
            notes[kind] = {name: one for name, one in entries.items() if scope_of(str(name)) == scope}
    return replace(patch, nodes=FrozenMap(nodes), cords=cords, view=FrozenMap(notes))
