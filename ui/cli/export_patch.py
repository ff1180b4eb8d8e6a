"""What an export reads from a patch: which decoder a terrain steers, its sounds, and how they are played."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .patches import OpenedPatch
from .saved_terrain import chosen_terrain, terrains_in

if TYPE_CHECKING:
    from ...engine import Palette
    from ...graphs import Patch
    from ...nodes.export.write import Playing


def sounds_of(opened: OpenedPatch | None) -> tuple[str, ...]:
    """The sounds that the nodes of a patch share, as text; none of what is no patch."""
    if opened is None:
        return ()
    from ...engine.compile.resolve import shared_in
    from ...nodes.codec.sounds import sounds_in

    return sounds_in(shared_in(opened.patch))


def playing_of(opened: OpenedPatch, decoder: str | None) -> "Playing | None":
    """How a decoder is turned, with its own seed: so that the export sounds as a render of the patch does."""
    if decoder is None:
        return None
    from ...engine.setup import seed_for
    from ...nodes.export.write import Playing

    values: Mapping[str, Any] = opened.patch.nodes[decoder].values
    seed = seed_for(opened.patch.seed, decoder)
    return Playing(str(values.get("blend", "together")), float(values.get("even", 0.0)), seed)


def decoder_of(opened: OpenedPatch, palette: "Palette", node: str | None) -> str | None:
    """The decoder that a terrain steers, or the first there is."""
    chosen = chosen_terrain(opened, palette, node) if terrains_in(opened, palette) else None
    decoders = palette.names(opened.patch, "decoder")
    near = [one for one in after(opened.patch, chosen) if one in decoders] if chosen else []
    return next(iter(near or decoders), None)


def after(patch: "Patch", node: str) -> list[str]:
    """The nodes that a node's latents reach, nearest first."""
    found: list[str] = []
    waiting = [node]
    while waiting:
        here = waiting.pop(0)
        for cord in patch.cords:
            if cord.source_node == here and cord.target_port == "latents" and cord.target_node not in found:
                found.append(cord.target_node)
                waiting.append(cord.target_node)
    return found
