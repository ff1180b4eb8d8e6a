"""Carried: what is known of an output because of what its node, and all nodes before it, are fed with."""

from collections.abc import Callable, Set

from .cords import Wiring
from .resolve import Resolved, ResolvedCord

# An output of a node.
Output = tuple[str, str]


def fed_by_untrained(resolved: Resolved, wiring: Wiring) -> Set[str]:
    """Nodes whose inputs for sound or latents get only what nodes give that are not trained yet, however far away."""
    untrained = {
        (name, port)
        for name, instance in resolved.nodes.items()
        if instance.sizes
        for port, size in instance.sizes.items()
        if size.untrained
    }
    return _fed_only(wiring, untrained, lambda name: {(name, port) for port in resolved.nodes[name].spec.outputs})


def control_outputs(resolved: Resolved, wiring: Wiring) -> Set[Output]:
    """Outputs for values (``ControlSignal``), and those of nodes that only calculate with such."""
    specs = {id(one.spec): one.spec for one in resolved.nodes.values()}
    ports = {key: [port.name for port in spec.outputs.values() if port.is_control] for key, spec in specs.items()}
    found = {(name, port) for name, instance in resolved.nodes.items() for port in ports[id(instance.spec)]}

    def passed_on(name: str) -> set[Output]:
        ports = resolved.nodes[name].spec.outputs.values()
        return {(name, one.name) for one in ports if one.kind == "signal" and one.size.size in ("same", "sum")}

    _fed_only(wiring, found, passed_on)
    return found


def _fed_only(wiring: Wiring, outputs: set[Output], passed_on: Callable[[str], set[Output]]) -> set[str]:
    """Nodes with inputs that are connected to these outputs alone; what each passes on is added to the outputs.

    A node in a loop is none of them: what goes round it may have come from elsewhere once.
    """
    lacking: dict[str, set[Output]] = {}
    found: set[str] = set()
    waiting = list(outputs)
    for output in waiting:  # it grows meanwhile
        for cord in wiring.out.get(output[0], ()):
            if not _brings_sound(cord) or cord.source.name != output[1]:
                continue
            name = cord.target_node
            if name not in lacking:
                into = filter(_brings_sound, wiring.into[name])
                lacking[name] = {(one.source_node, one.source.name) for one in into}
            lacking[name].discard(output)
            if not lacking[name] and name not in found:
                found.add(name)
                fresh = passed_on(name) - outputs
                outputs |= fresh
                waiting += fresh
    return found


def _brings_sound(cord: ResolvedCord) -> bool:
    return cord.param is None and cord.source.kind in ("signal", "latent")
