"""Infer again after an edit: only what lies behind it, where that is signals alone; the same as all of it anew."""

from ..declare import NodeSpec
from .infer import ROUNDS, Key, Shapes, flow_check, flow_node, ports_of
from .resolve import Resolved, ResolvedCord, changed_cords


def reinfer(resolved: Resolved, resolved_before: Resolved, before: Shapes) -> Shapes | None:
    """The shapes after an edit; None where latents or frames may be concerned, or something is wrong: ``infer``."""
    if before.problems or before.near:
        return None
    names = [name for name, one in resolved.nodes.items() if resolved_before.nodes.get(name) is not one]
    gone = [name for name, one in resolved_before.nodes.items() if resolved.nodes.get(name) is not one]
    changed = changed_cords(resolved_before.cords, resolved.cords)
    specs = [*(resolved.nodes[name].spec for name in names), *(resolved_before.nodes[name].spec for name in gone)]
    if any(not _is_sound(cord) for cord in changed) or any(not _only_signals(spec) for spec in specs):
        return None
    ahead: dict[str, list[str]] = {}
    feeds: dict[tuple[str, str], ResolvedCord] = {}
    for cord in resolved.cords:
        if cord.source.kind != "trajectories":
            ahead.setdefault(cord.source_node, []).append(cord.target_node)
            feeds[cord.target_node, cord.target.name] = cord
    waiting = [*names, *(cord.target_node for cord in changed if cord.target_node in resolved.nodes)]
    behind = dict.fromkeys(waiting)
    for name in waiting:  # it grows meanwhile
        fresh = [one for one in ahead.get(name, ()) if one not in behind]
        behind.update(dict.fromkeys(fresh))
        waiting += fresh
    if any(not _only_signals(resolved.nodes[name].spec) for name in behind):
        return None
    left = {name: None for name in resolved_before.nodes if name not in behind and name in resolved.nodes}
    known = {key: size for key, size in before.sizes.items() if key[0] in left and key not in before.assumed}
    steps = ROUNDS * len(behind)
    queue = dict.fromkeys(behind)
    while queue:
        name = next(iter(queue))
        del queue[name]
        steps -= 1
        if steps < 0:
            return None
        if flow_node(name, resolved.nodes[name].spec, resolved.nodes[name].sizes, feeds, known):
            queue.update(dict.fromkeys(one for one in ahead.get(name, ()) if one in behind))
    ports = [one for name in behind for one in ports_of(name, resolved.nodes[name].spec)]
    assumed: set[Key] = {key for key, port in ports if port.kind == "signal" and key not in known}
    assumed |= {key for key in before.assumed if key[0] in left}
    known |= dict.fromkeys(assumed, 1)
    problems = flow_check(resolved, (cord for cord in feeds.values() if cord.target_node in behind), known)
    return Shapes(known, before.ratios, before.near, tuple(problems), before.spaces, frozenset(assumed))


def _is_sound(cord: ResolvedCord) -> bool:
    return {cord.source.kind, cord.target.kind} <= {"signal", "event"}


def _only_signals(spec: NodeSpec) -> bool:
    kinds = {port.kind for port in (*spec.inputs.values(), *spec.outputs.values())}
    return kinds <= {"signal", "event"} and not spec.takes_frames
