"""Which params listen to a controller, as their nodes declare (``engine/sources``), and what each is told."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from ...engine.declare import NodeSpec, ParamSpec, Scalar
from ...engine.palette import Palette
from ...engine.sources import ParamSource, Settings
from ...engine.typed import setting_of
from ...graphs import Node, Patch
from .mapping import as_value, range_of

# A node, its param, and the value that this gets.
Turn = tuple[str, str, Scalar]


def received(patch: Patch, palette: Palette, source: str, numbers: Sequence[float]) -> Iterator[Turn]:
    """What every param that listens to this is turned to. See ``Conductor.control`` for the sources."""
    for name, about, own, settings in _listening(patch, palette) if numbers else ():
        number = own.heard(settings, source, numbers, *range_of(about))
        if number is not None:
            yield name, about.name, as_value(about, number)


def addresses(patch: Patch, palette: Palette) -> set[str]:
    """The OSC addresses that params listen to."""
    return {own.address(settings) for _, _, own, settings in _listening(patch, palette)} - {""}


def surplus(patch: Patch, palette: Palette, source: str, count: int) -> Iterator[tuple[str, int, int, str]]:
    """(node, how many it takes, how many it could, by which setting) for nodes sent more OSC numbers than they take."""
    found: dict[str, list[tuple[ParamSource, bool]]] = {}
    for name, _, own, settings in _listening(patch, palette) if source.startswith("osc:") else ():
        if own.address(settings) == source.removeprefix("osc:"):
            found.setdefault(name, []).append((own, own.taken(settings)))
    for name, ours in found.items():
        taken = max((own.index for own, is_taken in ours if is_taken), default=0)
        if count > taken:
            most = max((own for own, _ in ours), key=lambda own: own.index)
            yield name, taken, most.index, most.count


def _listening(patch: Patch, palette: Palette) -> Iterator[tuple[str, ParamSpec, ParamSource, Settings]]:
    for name, node in patch.nodes.items():
        if (spec := palette.get(node.type)) is not None:
            for param, own in spec.sources.items():
                yield name, spec.params[param], own, partial(_setting, node, spec)


def _setting(node: Node, spec: NodeSpec, name: str) -> Any:
    return setting_of(node, spec.settings[name])
