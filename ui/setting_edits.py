"""Changing a setting, and what follows it: the codec of who gets sound files, the voices of what playheads play."""

from collections.abc import Iterator
from functools import reduce
from typing import Any

from ..engine import Palette
from ..engine.declare import NodeSpec
from ..engine.typed import setting_of
from ..graphs import Patch, connect, set_value, unset_value
from ..nodes.gui.drawing import read_drawing
from ..nodes.gui.node import WALKS
from ..nodes.gui.units import MapError
from .one_codec import with_sounds

PLAYERS, VOICES = "players", "voices"


def with_setting(patch: Patch, palette: Palette, node: str, setting: str, value: Any) -> Patch:
    """The patch with a setting of a node changed, or taken back to its default (None), and with what follows it.

    Raises EditError.
    """
    if value is None:
        after = unset_value(patch, node, setting)
    else:
        after = with_sounds(patch, palette, node, setting, value)
    if setting == PLAYERS and palette.role(patch.nodes[node].type) == "map":
        return _with_voices(patch, after, palette, node)
    return after


def with_cord(patch: Patch, palette: Palette, source: str, target: str) -> Patch:
    """The patch with one more cord; nodes that a map's playheads play by it have as many voices, unless theirs are set.

    Raises EditError.
    """
    after = connect(patch, source, target)
    for name in palette.names(after, "map"):
        players = setting_of(after.nodes[name], palette[after.nodes[name].type].settings[PLAYERS])
        fresh = [one for one in voiced_nodes(after, palette, name) if VOICES not in after.nodes[one].values]
        before = voiced_nodes(patch, palette, name) if fresh else ()
        for one in fresh:
            if players > 1 and one not in before:
                after = set_value(after, one, VOICES, players)
    return after


def voiced_nodes(patch: Patch, palette: Palette, map_node: str) -> tuple[str, ...]:
    """The nodes whose voices are a map's playheads: those it leads to, past what has as many channels as it is given.

    What takes channels apart or adds them up ends the way: who patches that counts voices by himself.
    """
    found: list[str] = []
    waiting = [map_node]
    while waiting:
        for target in _played_by(patch, palette, waiting.pop(0)):
            if target not in found:
                found.append(target)
                waiting.append(target)
    return tuple(name for name in found if VOICES in palette[patch.nodes[name].type].settings)


def _with_voices(before: Patch, after: Patch, palette: Palette, map_node: str) -> Patch:
    spec = palette[after.nodes[map_node].type].settings[PLAYERS]
    was, players = (setting_of(one.nodes[map_node], spec) for one in (before, after))
    others = [
        name
        for name in voiced_nodes(after, palette, map_node)
        if setting_of(after.nodes[name], palette[after.nodes[name].type].settings[VOICES]) != players
    ]
    after = reduce(lambda one, name: set_value(one, name, VOICES, players), others, after)
    if was == 1 < players and _are_in_unison(after, map_node):
        return set_value(after, map_node, "phase", 1.0)
    return after


def _are_in_unison(patch: Patch, map_node: str) -> bool:
    """Whether more playheads would all be in one place: on one path, with nobody having set them apart."""
    node = patch.nodes[map_node]
    if node.values.get("mode", WALKS[1]) not in WALKS or {"phase", "rate_spread"} & node.values.keys():
        return False
    try:
        return len(read_drawing(node.content).played) <= 1
    except MapError:
        return False


def _played_by(patch: Patch, palette: Palette, name: str) -> Iterator[str]:
    """The nodes that a node gives its channels to, one set of them for each voice."""
    for cord in patch.cords:
        source, target = (palette.get(patch.nodes[one].type) for one in (cord.source_node, cord.target_node))
        if cord.source_node != name or source is None or target is None:
            continue
        gives, takes = source.outputs.get(cord.source_port), target.inputs.get(cord.target_port)
        if gives is None or takes is None or {gives.kind, takes.kind} - {"signal", "latent"}:
            continue
        if VOICES in target.settings or _keeps_channels(target):
            yield cord.target_node


def _keeps_channels(spec: NodeSpec) -> bool:
    """Whether a node gives as many channels as it is given."""
    flowing = [port for port in (*spec.inputs.values(), *spec.outputs.values()) if port.kind in ("signal", "latent")]
    ins = [port for port in spec.inputs.values() if port.kind in ("signal", "latent")]
    return len(ins) == 1 and all(port.size.size == "same" for port in flowing)
