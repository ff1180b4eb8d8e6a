"""Which params listen to a controller, as their nodes declare (``engine/sources``), and what each is told."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from ...engine.declare import NodeSpec, ParamSpec, Scalar
from ...engine.in_use import unused
from ...engine.palette import Palette
from ...engine.roles import Role
from ...engine.sources import ParamSource, Settings
from ...engine.typed import setting_of
from ...graphs import Node, Patch
from .mapping import as_value, range_of

# Nodes of this role take all numbers of every message (see ``engine.vectors``), not only those of their params.
WHOLE: Role = "osc_receiver"
# A node, its param, and the value that this gets.
Turn = tuple[str, str, Scalar]


def received(
    patch: Patch, palette: Palette, source: str, numbers: Sequence[float], is_whole: bool = False
) -> Iterator[Turn]:
    """What every param that listens to this is turned to. See ``Dispatcher.control`` for the sources.

    is_whole: of the nodes that take messages whole (see ``taken_whole``); else of the others.
    """
    for name, about, own, settings in _listening(patch, palette, is_whole) if numbers else ():
        number = own.heard(settings, source, numbers, *range_of(about))
        if number is not None:
            yield name, about.name, as_value(about, number)


def addresses(patch: Patch, palette: Palette) -> set[str]:
    """The OSC addresses that params listen to."""
    return {own.address(settings) for _, _, own, settings in _listening(patch, palette, False)} - {""}


def taken_whole(patch: Patch, palette: Palette) -> dict[str, list[tuple[str, int, int]]]:
    """The OSC addresses of which nodes take every message whole: whose they are, how many numbers, and the most."""
    found: dict[str, list[tuple[str, int, int]]] = {}
    for name in palette.names(patch, WHOLE):
        node = patch.nodes[name]
        settings = palette[node.type].settings
        address, size = (setting_of(node, settings[one]) for one in ("address", "size"))
        found.setdefault(address, []).append((name, size, int(settings["size"].about.high or size)))
    return found


def surplus(
    patch: Patch, palette: Palette, source: str, count: int, is_whole: bool = False
) -> Iterator[tuple[str, int, int, str]]:
    """(node, how many it takes, how many it could, by which setting) for nodes sent more OSC numbers than they take."""
    if is_whole:
        for name, size, largest in taken_whole(patch, palette).get(source.removeprefix("osc:"), ()):
            if count > size:
                yield name, size, largest, "size"
        return
    found: dict[str, list[tuple[ParamSource, bool]]] = {}
    for name, _, own, settings in _listening(patch, palette, False) if source.startswith("osc:") else ():
        if own.address(settings) == source.removeprefix("osc:"):
            found.setdefault(name, []).append((own, own.taken(settings)))
    for name, ours in found.items():
        taken = max((own.index for own, is_taken in ours if is_taken), default=0)
        if count > taken:
            most = max((own for own, _ in ours), key=lambda own: own.index)
            yield name, taken, most.index, most.count


def _listening(
    patch: Patch, palette: Palette, is_whole: bool
) -> Iterator[tuple[str, ParamSpec, ParamSource, Settings]]:
    for name, node in patch.nodes.items():
        spec = palette.get(node.type)
        if spec is None or not spec.sources or (spec.role == WHOLE) != is_whole:
            continue
        idle = unused(spec, node.values)
        for param, own in spec.sources.items():
            if param not in idle:
                yield name, spec.params[param], own, partial(_setting, node, spec)


def _setting(node: Node, spec: NodeSpec, name: str) -> Any:
    return setting_of(node, spec.settings[name])
