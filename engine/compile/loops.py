"""Loops: which feedback loops have a delay that may be shorter than the block, and can be played in pieces."""

from collections.abc import Iterable, Mapping
from math import inf
from typing import Any

from ...graphs import Patch
from ..hooks import DelaysAtLeast, offers
from ..instances import NodeInstance
from ..problems import Problem
from .order import CallOrder
from .resolve import Resolved, ResolvedCord


def short_loops(
    patch: Patch, resolved: Resolved, order: CallOrder, block: int
) -> tuple[list[frozenset[str]], list[Problem]]:
    """Loops to be played in pieces, and what is said of those that can't be."""
    if not order.in_loop:
        return [], []
    driven = {(cord.target_node, cord.target.name) for cord in resolved.cords if cord.param is not None}
    values = {name: patch.nodes[name].values for name in order.in_loop}
    short = {name for name in order.in_loop if _may_be_short(name, resolved.nodes[name], values[name], driven, block)}
    found: list[frozenset[str]] = []
    problems: list[Problem] = []
    for loop in _loops(resolved) if short else ():
        here = sorted(loop & short)
        if not here:
            continue
        if why := _hindrance(loop, resolved):
            problems += [
                Problem(name, "", f"delays by {block} samples at the least in this loop, as {why}", "warning")
                for name in here
            ]
        else:
            found.append(frozenset(loop))
    return found, problems


def least_samples(instance: NodeInstance, values: Mapping[str, Any]) -> float:
    """How many samples a node delays by at the least with these params; infinite for one that is never shorter."""
    if not offers(instance.node, DelaysAtLeast):
        return inf
    return instance.node.at_least(**{key: values.get(key, one.default) for key, one in instance.spec.params.items()})


def _may_be_short(
    name: str, instance: NodeInstance, values: Mapping[str, Any], driven: Iterable[tuple[str, str]], block: int
) -> bool:
    """Whether a delay may be shorter than a block, as its params are or will be, or where a cord drives them."""
    if offers(instance.node, DelaysAtLeast) and any(node == name for node, _ in driven):
        return True
    now = {key: knob.value for key, knob in instance.knobs.items()}
    return min(least_samples(instance, values), least_samples(instance, now)) < block


def _hindrance(loop: set[str], resolved: Resolved) -> str:
    """Why a loop can't be played in pieces; an empty string if it can."""
    for name in sorted(loop):
        spec = resolved.nodes[name].spec
        kinds = {port.kind for port in (*spec.inputs.values(), *spec.outputs.values())}
        if kinds - {"signal"} or spec.takes_frames:
            return f"{name} gives or takes more than signals"
        if spec.outputs and not spec.takes_out:
            return f"{name} gives whole blocks only"
        if name in resolved.bypassed:
            return f"{name} is bypassed"
    return ""


def _loops(resolved: Resolved) -> list[set[str]]:
    """The nodes that reach each other along cords, by loop. Source: Tarjan 1972, without recursion."""
    ahead: dict[str, list[str]] = {name: [] for name in resolved.nodes}
    for cord in resolved.cords:
        if _carries(cord):
            ahead[cord.source_node].append(cord.target_node)
    numbers: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    there: set[str] = set()
    found: list[set[str]] = []
    for root in ahead:
        if root not in numbers:
            _visit(root, ahead, numbers, lowest, stack, there, found)
    return found


def _visit(
    root: str,
    ahead: Mapping[str, list[str]],
    numbers: dict[str, int],
    lowest: dict[str, int],
    stack: list[str],
    there: set[str],
    found: list[set[str]],
) -> None:
    path = [(root, iter(ahead[root]))]
    numbers[root] = lowest[root] = len(numbers)
    stack.append(root)
    there.add(root)
    while path:
        name, targets = path[-1]
        target = next(targets, None)
        if target is None:
            path.pop()
            if path:
                lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[name])
            if lowest[name] == numbers[name]:
                place = stack.index(name)
                loop = set(stack[place:])
                del stack[place:]
                there -= loop
                if len(loop) > 1 or name in ahead[name]:
                    found.append(loop)
        elif target not in numbers:
            numbers[target] = lowest[target] = len(numbers)
            stack.append(target)
            there.add(target)
            path.append((target, iter(ahead[target])))
        elif target in there:
            lowest[name] = min(lowest[name], numbers[target])


def _carries(cord: ResolvedCord) -> bool:
    return cord.source.kind != "trajectories"
