"""One codec for a patch: all nodes that encode and decode its latents get the same, chosen once."""

from functools import reduce

from ..engine import Palette
from ..engine.declare import NodeSpec
from ..graphs import Patch, set_value

SETTING = "codec"


def codec_nodes(patch: Patch, palette: Palette) -> dict[str, str]:
    """The codec that each node names which has one.

    First where most share latents with each other; of those, what decodes first.
    """
    named: dict[str, str] = {}
    encodes: dict[str, bool] = {}
    for name, node in patch.nodes.items():
        spec = palette.get(node.type)
        if spec is not None and _has_codec(spec):
            named[name] = str(node.values.get(SETTING, spec.settings[SETTING].default))
            encodes[name] = "latents" not in spec.inputs
    together = {name: len(_sharing_latents(patch, palette, name) & named.keys()) for name in named}
    return {name: named[name] for name in sorted(named, key=lambda name: (-together[name], encodes[name], name))}


def patch_codec(patch: Patch, palette: Palette) -> str:
    """The patch's codec: that of the first decoder among most nodes that share latents; "" where it has none."""
    return next(iter(codec_nodes(patch, palette).values()), "")


def followers(patch: Patch, palette: Palette) -> tuple[str, ...]:
    """The nodes that follow the patch's codec, in the patch's order.

    Those that share latents or trajectories with its main decoder, and those that name the same codec. In a patch that
    plays several codecs side by side the others keep theirs.
    """
    named = codec_nodes(patch, palette)
    if not named:
        return ()
    first = next(iter(named))
    together = _sharing_latents(patch, palette, first)
    return tuple(name for name in patch.nodes if name in named and (name in together or named[name] == named[first]))


def with_codec(patch: Patch, palette: Palette, codec: str) -> Patch:
    """The patch with one codec for all nodes that follow the patch's; as it was where they name it already."""
    named = codec_nodes(patch, palette)
    others = [name for name in followers(patch, palette) if named[name] != codec]
    return reduce(lambda after, name: set_value(after, name, SETTING, codec), others, patch)


def _has_codec(spec: NodeSpec) -> bool:
    setting = spec.settings.get(SETTING)
    return setting is not None and setting.about.file == "model"


def _sharing_latents(patch: Patch, palette: Palette, first: str) -> set[str]:
    beside: dict[str, set[str]] = {name: set() for name in patch.nodes}
    for cord in patch.cords:
        source, target = patch.nodes.get(cord.source_node), patch.nodes.get(cord.target_node)
        spec = palette.get(source.type) if source is not None else None
        port = spec.outputs.get(cord.source_port) if spec is not None else None
        if port is not None and target is not None and port.kind in ("latent", "trajectories"):
            beside[cord.source_node].add(cord.target_node)
            beside[cord.target_node].add(cord.source_node)
    found, waiting = {first}, [first]
    while waiting:
        fresh = beside[waiting.pop()] - found
        found |= fresh
        waiting += fresh
    return found
