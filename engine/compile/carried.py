"""Carried: what is known of an output because of what its node, and all nodes before it, are fed with."""

from collections.abc import Callable, Set

from .resolve import Resolved

# An output of a node.
Output = tuple[str, str]


def fed_by_untrained(resolved: Resolved) -> Set[str]:
    """Nodes whose inputs for sound or latents get only what nodes give that are not trained yet, however far away."""
    untrained = {
        (name, port)
        for name, instance in resolved.nodes.items()
        for port, size in instance.sizes.items()
        if size.untrained
    }
    return _fed_only(resolved, untrained, lambda name: {(name, port) for port in resolved.nodes[name].spec.outputs})


def control_outputs(resolved: Resolved) -> Set[Output]:
    """Outputs for values (``ControlSignal``), and those of nodes that only calculate with such."""
    found = {
        (name, port.name)
        for name, instance in resolved.nodes.items()
        for port in instance.spec.outputs.values()
        if port.is_control
    }

    def passed_on(name: str) -> set[Output]:
        ports = resolved.nodes[name].spec.outputs.values()
        return {(name, one.name) for one in ports if one.kind == "signal" and one.size.size in ("same", "sum")}

    _fed_only(resolved, found, passed_on)
    return found


def _fed_only(resolved: Resolved, outputs: set[Output], passed_on: Callable[[str], set[Output]]) -> set[str]:
    """Nodes with inputs that are connected to these outputs alone; what each passes on is added to the outputs.

    A node in a loop is none of them: what goes round it may have come from elsewhere once.
    """
    if not outputs:
        return set()
    lacking: dict[str, set[Output]] = {}
    listeners: dict[Output, list[str]] = {}
    for cord in resolved.cords:
        if cord.param is None and cord.source.kind in ("signal", "latent"):
            lacking.setdefault(cord.target_node, set()).add((cord.source_node, cord.source.name))
            listeners.setdefault((cord.source_node, cord.source.name), []).append(cord.target_node)
    found: set[str] = set()
    waiting = list(outputs)
    for output in waiting:  # it grows meanwhile
        for name in listeners.get(output, ()):
            lacking[name].discard(output)
            if not lacking[name] and name not in found:
                found.add(name)
                fresh = passed_on(name) - outputs
                outputs |= fresh
                waiting += fresh
    return found
