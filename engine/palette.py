"""The palette: every node type found, ours and other people's, one per file."""

import importlib
import logging
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from types import MappingProxyType, ModuleType

from ..graphs import Patch
from .declare import NodeSpec, declared_in
from .logs import failed
from .roles import Role

GROUP = "latent_terrain.nodes"
log = logging.getLogger(__name__)


@dataclass
class Palette:
    """Node types by name, and what could not be loaded (a broken plug-in never takes the others with it)."""

    specs: Mapping[str, NodeSpec]
    complaints: tuple[str, ...] = field(default=())

    def __contains__(self, type_: object) -> bool:
        return type_ in self.specs

    def __getitem__(self, type_: str) -> NodeSpec:
        return self.specs[type_]

    def get(self, type_: str) -> NodeSpec | None:
        """The declaration of a type, or None."""
        return self.specs.get(type_)

    def replace(self, spec: NodeSpec) -> None:
        """Take another declaration of a type, for all who hold this palette; not while something compiles."""
        self.specs = MappingProxyType({**self.specs, spec.type: spec})

    def role(self, type_: str) -> Role | None:
        """What nodes of a type are for; None for most, and for types that are not known."""
        spec = self.specs.get(type_)
        return spec.role if spec is not None else None

    def names(self, patch: Patch, role: Role) -> tuple[str, ...]:
        """The nodes of a patch that have a role, in order."""
        return tuple(name for name, node in patch.nodes.items() if self.role(node.type) == role)


def load_palette() -> Palette:
    """Every node type of every installed package that names itself in the entry-point group ``latent_terrain.nodes``.

    An entry point names a module that declares nodes, or a package of such modules. Of two types with one name the
    built-in one wins, then the first in alphabetical order; the other is named in ``complaints``.
    """
    specs: dict[str, NodeSpec] = {}
    complaints: list[str] = []
    points = sorted(entry_points(group=GROUP), key=lambda point: (point.name != "builtin", point.name))
    for point in points:
        found, failed = nodes_in(point.value)
        complaints += failed
        for spec in found:
            if spec.type in specs:
                complaints.append(f"{point.value}: node type {spec.type!r} exists already; this one is skipped")
            else:
                specs[spec.type] = spec
    return Palette(MappingProxyType(dict(sorted(specs.items()))), tuple(complaints))


def nodes_in(name: str) -> tuple[list[NodeSpec], list[str]]:
    """The node types of a module, or of the modules directly inside a package, and what could not be loaded."""
    complaints: list[str] = []

    def load(module: str) -> ModuleType | None:
        try:
            return importlib.import_module(module)
        except Exception as error:
            complaints.append(f"{module}: its nodes can't be loaded ({error}); update or uninstall it")
            failed(log, complaints[-1], error)
            return None

    package = load(name)
    for inside in pkgutil.iter_modules(getattr(package, "__path__", ())):
        load(f"{name}.{inside.name}")
    return declared_in(name), complaints
