"""Paths: by which instances a definition is reached, and which node of the patch a path of the engine's plays."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence

from .patch import Patch
from .scopes import SLASH, definitions, full_name, short_name

Known = Mapping[str, Sequence[str]]
"""The nodes of each definition by its name; those of the patch itself under ""."""


def followed(patch: Patch, known: Known, path: Iterable[str], base: str = "") -> list[str]:
    """The definitions along a path of instances, from the one that it begins in as far as there are such instances."""
    scopes = [base]
    for name in path:
        node = patch.nodes.get(full_name(scopes[-1], name))
        if node is None or node.type not in known:
            break
        scopes.append(node.type)
    return scopes


def path_to(patch: Patch, known: Known, definition: str) -> tuple[str, ...] | None:
    """The first instances that lead from the patch to a definition, by their names in theirs; None where none do."""
    if not definition:
        return ()
    waiting = deque[tuple[tuple[str, ...], str]]([((), "")])
    seen = {""}
    while waiting:
        path, scope = waiting.popleft()
        for name in known.get(scope, ()):
            inner = patch.nodes[name].type
            if inner in known and inner not in seen:
                way = (*path, short_name(name))
                if inner == definition:
                    return way
                seen.add(inner)
                waiting.append((way, inner))
    return None


def node_at(patch: Patch, known: Known, path: str) -> str:
    """The node of the patch that is played under a path (``voice-1/filter``); "" where there is none."""
    *instances, last = path.split(SLASH)
    scopes = followed(patch, known, instances)
    name = full_name(scopes[-1], last)
    return name if len(scopes) > len(instances) and name in patch.nodes else ""


def by_node(patch: Patch, paths: Iterable[str]) -> dict[str, str]:
    """The nodes of the patch that are played, by their paths; of a definition only those that one instance plays."""
    known = definitions(patch)
    found = {path: path if len(known) == 1 and path in patch.nodes else node_at(patch, known, path) for path in paths}
    times = Counter(found.values())
    return {path: node for path, node in found.items() if node and times[node] == 1}
