"""What was turned from one patch to the next, as addresses and values."""

from collections.abc import Iterator

from ...engine.declare import Scalar
from ...engine.palette import Palette
from ...engine.typed import param_of
from ...graphs import Patch


def changed(before: Patch, now: Patch, palette: Palette) -> Iterator[tuple[str, Scalar]]:
    """Params whose values are other ones now, those of new nodes too: (``/node/NAME/PARAM``, value)."""
    for name, node in now.nodes.items():
        old, spec = before.nodes.get(name), palette.get(node.type)
        if old is node or spec is None:
            continue
        for param, about in spec.params.items():
            value = param_of(node, about)
            if old is None or param_of(old, about) != value:
                yield f"/node/{name}/{param}", value
