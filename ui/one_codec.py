"""One codec for a patch: all nodes that encode and decode its latents get the same, chosen once."""

from functools import reduce
from pathlib import Path

from ..engine import Palette
from ..engine.declare import NodeSpec
from ..engine.name_schemes import scheme_of
from ..graphs import EditError, Patch, set_value
from ..nodes.codec.interface import CodecError
from ..nodes.codec.library import file_digest
from ..nodes.codec.loader import BUILTIN, SOUNDS, codec_file, is_program
from ..nodes.codec.trust import UntrustedError, is_trusted
from .missing_models import noted

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


def with_sounds(patch: Patch, palette: Palette, node: str, setting: str, value: object) -> Patch:
    """The patch with a setting changed. Who gets sound files plays them as they are, by ``builtin:sounds``.

    So it is where nobody has chosen a codec for what shares latents with the node, and nothing is encoded live.
    """
    after = set_value(patch, node, setting, value)
    spec = palette.get(patch.nodes[node].type)
    if spec is None or not _has_codec(spec) or setting not in spec.settings or not value:
        return after
    if spec.settings[setting].about.file != "sound":
        return after
    beside = _sharing_latents(patch, palette, node) & codec_nodes(patch, palette).keys()
    is_live = any(cord.target_node in beside and cord.target_port == "audio" for cord in patch.cords)
    if is_live or any(SETTING in patch.nodes[name].values for name in beside):
        return after
    return reduce(lambda made, name: set_value(made, name, SETTING, SOUNDS), sorted(beside), after)


def codec_name(
    name: str, folder: Path, is_home: bool, within: bool = False, here: Path | None = None
) -> tuple[str, Path | None]:
    """A codec as a patch is to name it, and its file (None for one that is built in); found, and allowed to run.

    folder: where names begin. is_home: whether that is the patch's own folder, from which it names its files; all
    others are named in full. within: no file outside that folder is taken, nor one by the way of a link. here: another
    folder to look in. Raises CodecError with a sentence for what is not there, not within, or a program that nobody has
    allowed.
    """
    if name.startswith(BUILTIN):
        codec_file(name)
        return name, None
    if here is not None and not _is_there(name, folder) and _is_there(name, here):
        return codec_name(name, here, is_home=False)
    scheme = scheme_of(name)
    try:
        path = codec_file(name, folder)
        asked = (folder / Path(name.removeprefix(scheme)).expanduser()).absolute()
        if within and not path.resolve().is_relative_to(folder.resolve()):
            raise CodecError(f"{name[:80]!r}: name a built-in codec or a file in the folder of the patch that plays")
        sha256 = file_digest(path)
    except (OSError, RuntimeError) as error:  # RuntimeError: the ~ of nobody
        raise CodecError(f"{name[:80]!r} can't be read ({error})") from None
    if is_program(name) and not is_trusted(sha256):
        raise UntrustedError(name, sha256, path)
    if not asked.exists():  # .ts was left out, or its family keeps what was downloaded by the name of a repository
        if scheme:
            return name, path
        asked = path.absolute()
    home = folder.absolute()
    return scheme + (asked.relative_to(home).as_posix() if is_home and asked.is_relative_to(home) else str(asked)), path


def given_codec(patch: Patch, palette: Palette, name: str, path: Path | None = None) -> Patch:
    """``with_codec``, with the content of its file noted. Raises EditError where no node encodes or decodes."""
    if not codec_nodes(patch, palette):
        raise EditError(f"{name}: no node of this patch encodes or decodes, so it has no codec")
    after = with_codec(patch, palette, name)
    return after if path is None or after is patch else noted(after, name, path)


def _is_there(name: str, folder: Path) -> bool:
    try:
        return codec_file(name, folder).exists()
    except (CodecError, OSError, RuntimeError):
        return False


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
