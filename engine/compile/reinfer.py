"""Infer again after an edit: only what lies behind it, where that is signals alone; the same as all of it anew."""

from ..declare import NodeSpec
from .cords import Edited, Wiring
from .infer import ROUNDS, Key, Shapes, flow_check, flow_node, ports_of
from .order import CallOrder
from .resolve import Resolved, ResolvedCord


def reinfer(
    resolved: Resolved, wiring: Wiring, order: CallOrder, edit: Edited, resolved_before: Resolved, before: Shapes
) -> Shapes | None:
    """The shapes after an edit; None where latents or frames may be concerned, or something is wrong: ``infer``.

    Without loops, one goes no further along the cords than sizes change.
    """
    if before.problems or before.near:
        return None
    gone = [(name, resolved_before.nodes[name].spec) for name in edit.nodes if name in resolved_before.nodes]
    specs = [spec for _, spec in gone]
    specs += [resolved.nodes[name].spec for name in edit.nodes if name in resolved.nodes]
    if any(not _is_sound(cord) for cord in edit.cords) or any(not _only_signals(spec) for spec in specs):
        return None
    waiting = dict.fromkeys(name for name in (*edit.nodes, *edit.fed) if name in resolved.nodes)
    if not order.is_open:
        waiting = _behind(waiting, wiring)
        gone += [(name, resolved.nodes[name].spec) for name in waiting]
    sizes = dict(before.sizes)
    for key in before.assumed:
        del sizes[key]
    for name, spec in gone:
        for key, _ in ports_of(name, spec):
            sizes.pop(key, None)
    touched: dict[str, NodeSpec] = {}
    steps = ROUNDS * len(resolved.nodes if order.is_open else waiting)
    while waiting:
        name = next(iter(waiting))
        del waiting[name]
        steps -= 1
        spec = touched[name] = resolved.nodes[name].spec
        if steps < 0 or not _only_signals(spec):
            return None
        if _flows(name, resolved, wiring, order.is_open, sizes):
            waiting.update(dict.fromkeys(cord.target_node for cord in wiring.out.get(name, ())))
    ports = [one for name, spec in touched.items() for one in ports_of(name, spec)]
    unknown = {key for key, port in ports if port.kind == "signal" and key not in sizes}
    left = {*touched, *edit.nodes}
    assumed = frozenset(unknown | {key for key in before.assumed if key[0] not in left})
    sizes |= dict.fromkeys(assumed, 1)
    if any(flow_check(resolved, (cord for name in touched for cord in wiring.into.get(name, ())), sizes)):
        return None
    ports += [one for name, spec in gone for one in ports_of(name, spec)]
    is_same = all(sizes.get(key) == before.sizes.get(key) for key, _ in ports)
    return Shapes(before.sizes if is_same else sizes, before.ratios, before.near, (), before.spaces, assumed)


def _flows(name: str, resolved: Resolved, wiring: Wiring, is_open: bool, sizes: dict[Key, int]) -> bool:
    """Work out a node's sizes; whether those that it gives changed. is_open: it is in no loop."""
    instance = resolved.nodes[name]
    outs: list[Key] = [(name, "out", port) for port in instance.spec.outputs]
    before = [sizes.get(key) for key in outs]
    if is_open:
        for key, _ in ports_of(name, instance.spec):
            sizes.pop(key, None)
    feeds = {(name, cord.target.name): cord for cord in wiring.into.get(name, ())}
    flow_node(name, instance.spec, instance.sizes, feeds, sizes)
    return before != [sizes.get(key) for key in outs]


def _behind(names: dict[str, None], wiring: Wiring) -> dict[str, None]:
    """These nodes and all that hear them."""
    found = dict(names)
    waiting = list(names)
    for name in waiting:  # it grows meanwhile
        fresh = [cord.target_node for cord in wiring.out.get(name, ()) if cord.target_node not in found]
        found.update(dict.fromkeys(fresh))
        waiting += fresh
    return found


def _is_sound(cord: ResolvedCord) -> bool:
    return {cord.source.kind, cord.target.kind} <= {"signal", "event"}


def _only_signals(spec: NodeSpec) -> bool:
    kinds = {port.kind for port in (*spec.inputs.values(), *spec.outputs.values())}
    return kinds <= {"signal", "event"} and not spec.takes_frames
