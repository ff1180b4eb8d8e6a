"""Untrained: which nodes get nothing but what nodes give that are not trained yet."""

from .resolve import Resolved


def fed_by_untrained(resolved: Resolved) -> set[str]:
    """Nodes with inputs for sound or latents that are connected to nothing else, however far from what is untrained.

    A node in a loop is none of them: what goes round it may have been sound once.
    """
    feeds: dict[str, list[tuple[str, str]]] = {}
    for cord in resolved.cords:
        if cord.param is None and cord.source.kind in ("signal", "latent"):
            feeds.setdefault(cord.target_node, []).append((cord.source_node, cord.source.name))
    untrained = {
        (name, port)
        for name, instance in resolved.nodes.items()
        for port, size in instance.sizes.items()
        if size.untrained
    }
    found: set[str] = set()
    while fresh := {name for name, ports in feeds.items() if name not in found and untrained.issuperset(ports)}:
        found |= fresh
        untrained |= {(name, port) for name in fresh for port in resolved.nodes[name].spec.outputs}
    return found
