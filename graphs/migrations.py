"""Old patch files made new: one function per step, from the map of a version to the map of the next."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .scopes import SLASH

# The newest version this program writes, and the one that it writes where nothing needs that.
VERSION, PLAIN = 3, 2


def version_of(nodes: Iterable[str]) -> int:
    """The version of a file with nodes of these names: programs before definitions must not open one that has them."""
    return VERSION if any(SLASH in name for name in nodes) else PLAIN


def migrated(raw: dict[str, Any], version: int) -> dict[str, Any]:
    """A file's map, brought from its version to this program's. Raises ValueError when it is damaged."""
    for step in range(version, VERSION):
        raw = {**STEPS[step](raw), "version": step + 1}
    return raw


def _from_0(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Version 0, before the first release: a list of nodes with ``name`` and ``kind``, ``wires`` of two ends."""
    nodes: dict[str, Any] = {}
    for node in _list(raw, "nodes"):
        if not isinstance(node, dict) or not isinstance(node.get("name"), str) or "kind" not in node:
            raise ValueError("a node has no name or no kind")
        if node["name"] in nodes:
            raise ValueError("two nodes have the same name")
        rest = {key: value for key, value in node.items() if key not in ("name", "kind", "given")}
        nodes[node["name"]] = {**rest, "type": node["kind"], "values": node.get("given", {})}
    cords = []
    for wire in _list(raw, "wires"):
        if not isinstance(wire, list) or len(wire) != 2:
            raise ValueError("a wire has not two ends")
        cords.append({"source": wire[0], "target": wire[1]})
    rest = {key: value for key, value in raw.items() if key not in ("nodes", "wires")}
    return {**rest, "nodes": nodes, "cords": cords}


def _from_1(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Version 1: a terrain's method ``plain`` is called ``reference`` since."""
    nodes = raw.get("nodes")
    if not isinstance(nodes, Mapping):
        return dict(raw)
    return {**raw, "nodes": {name: _with_method(node) for name, node in nodes.items()}}


def _from_2(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Version 2: no definitions, which are nodes named ``definition/node`` since."""
    return dict(raw)


def _with_method(node: Any) -> Any:
    if isinstance(node, Mapping) and node.get("type") == "terrain" and isinstance(node.get("values"), Mapping):
        values = node["values"]
        if values.get("method") == "plain":
            return {**node, "values": {**values, "method": "reference"}}
    return node


def _list(raw: Mapping[str, Any], key: str) -> list[Any]:
    found = raw.get(key, [])
    if not isinstance(found, list):
        raise ValueError(f"its {key} are not a list")
    return found


# Step n brings version n to version n + 1.
STEPS: tuple[Callable[[Mapping[str, Any]], dict[str, Any]], ...] = (_from_0, _from_1, _from_2)
