"""Scopes: which definition a node is in, told by its name ``definition/node``; see ``definitions``."""

from .patch import Patch

SLASH = "/"
INLET, OUTLET, PARAM = "inlet", "outlet", "param"
PORTS = (INLET, OUTLET, PARAM)


def scope_of(name: str) -> str:
    """The definition that a node is in; "" for the patch's own."""
    return name.partition(SLASH)[0] if SLASH in name else ""


def short_name(name: str) -> str:
    """A node's name inside its definition."""
    return name.rpartition(SLASH)[2]


def full_name(scope: str, name: str) -> str:
    """A node's name in the patch."""
    return f"{scope}{SLASH}{name}" if scope else name


def definitions(patch: Patch) -> dict[str, list[str]]:
    """The nodes of every definition, by its name; those of the patch itself under ""."""
    found: dict[str, list[str]] = {"": []}
    for name in patch.nodes:
        found.setdefault(scope_of(name), []).append(name)
    return found


def has_definitions(patch: Patch) -> bool:
    """Whether a patch has any."""
    return any(SLASH in name for name in patch.nodes)


def instances_of(patch: Patch, definition: str) -> list[str]:
    """The nodes that are instances of a definition, wherever they are."""
    return [name for name, node in patch.nodes.items() if node.type == definition]
