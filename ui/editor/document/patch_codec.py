"""The codec of the patch: chosen once for all nodes that encode and decode its latents, then learned with again."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ....nodes.codec.interface import CodecError
from ....nodes.codec.library import Library, file_digest
from ....nodes.codec.loader import BUILTIN, BUILTINS, is_program, model_file
from ....nodes.codec.trust import is_trusted
from ...missing_models import noted
from ...one_codec import codec_nodes, patch_codec, with_codec
from ...patch_files import name_from
from ...patcher.window_requests import ChooseFile, ChooseOne

if TYPE_CHECKING:
    from .desk import Desk

SUFFIXES = (".ts", ".pt", ".npz")


def has_codec(desk: "Desk") -> bool:
    """Whether any node of the patch encodes or decodes."""
    return bool(codec_nodes(desk.patch, desk.palette))


def choose_codec(desk: "Desk", more: tuple[tuple[str, Callable[[], None]], ...] = ()) -> None:
    """Ask which codec the patch is to have: a built-in one, one of the user's library, or a file; or something more."""

    def look() -> Callable[[], None]:
        try:
            owned = [(one.name, Path(one.path)) for one in Library().models()]
        except (CodecError, OSError):
            owned = []
        return partial(_ask, desk, owned, more)

    desk.untrusted.behind(look)


def _ask(desk: "Desk", owned: list[tuple[str, Path]], more: tuple[tuple[str, Callable[[], None]], ...]) -> None:
    now = patch_codec(desk.patch, desk.palette)
    find = ChooseFile("Patch codec", SUFFIXES, False, lambda path: use_codec(desk, path))
    choices: list[tuple[str, Callable[[], None]]] = [
        (f"{BUILTIN}{name}", partial(use_codec, desk, f"{BUILTIN}{name}")) for name in BUILTINS
    ]
    choices += [(f"{name}   {path.parent}", partial(use_codec, desk, path)) for name, path in owned]
    choices += [("Find …", partial(desk.ask, find)), *more]
    desk.ask(ChooseOne(f"Patch codec (now {now})", tuple(choices)))


def use_codec(desk: "Desk", chosen: str | Path) -> None:
    """Give the patch one codec, as one step of undo, and encode and learn again what was learned with another.

    A model that nobody has allowed yet is asked about first.
    """
    folder = desk.document.folder
    name = name_from(folder, chosen) if isinstance(chosen, Path) else chosen
    before = desk.patch
    after = with_codec(before, desk.palette, name)
    if isinstance(chosen, Path):
        after = noted(after, name, chosen)
    desk.edit(lambda patch: after if patch is before else with_codec(patch, desk.palette, name), f"codec {name}")

    def look() -> Callable[[], None]:
        try:
            is_untrusted = is_program(name) and not is_trusted(file_digest(model_file(name, folder)))
        except (CodecError, OSError):
            return lambda: None  # the node's card says what is wrong with it
        return partial(desk.untrusted.ask, name, partial(_learn, desk)) if is_untrusted else partial(_learn, desk)

    desk.untrusted.behind(look)


def _learn(desk: "Desk") -> None:
    """Have the slow work done again, where it was done before."""
    for node in desk.patch.nodes.values():
        spec = desk.palette.get(node.type)
        jobs = [one.name for one in spec.offline.values() if one.is_job] if spec is not None else []
        if any(name.startswith(f"{job}/") for job in jobs for name in node.content):
            desk.say("re-encoding and retraining with this codec")
            desk.sound.learn(desk.patch)
            return
