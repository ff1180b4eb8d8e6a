"""The files that a patch names: which are missing, and where they may be now."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

from ....engine.name_schemes import scheme_of
from ....engine.typed import PART
from ....engine.values import SHARED
from ....graphs import Patch, add_asset, set_content, set_value
from ....nodes.audiofile import SUFFIXES
from ....nodes.codec.sounds.corpus import SOUNDS, moved_sound
from ...patch_files import Named, name_from, named_files
from ...patcher.window_requests import ChooseFile
from ..document.desk import Desk
from ..window.setting_values import KINDS


def missing_files(desk: Desk) -> list[Named]:
    """Files that the patch names and that are not there, looked for on the disk now."""
    folder = desk.document.folder
    return [one for one in _read_files(desk) if not _is_there(one.path, folder)]


def ask_where(desk: Desk, gone: Named, then: Callable[[Path], None]) -> None:
    """Ask where a file or a folder is now. then: gets it."""
    kinds = KINDS["model"] if gone.kind == "model" else ()
    desk.ask(ChooseFile(f"Where is {bare(gone.path)}?", kinds, False, then, is_folder=is_folder(gone)))


def is_folder(gone: Named) -> bool:
    """Whether what is missing was a folder of sounds: one of several, and without the suffix of a sound."""
    return gone.kind == "sound" and gone.index is not None and bare(gone.path).suffix.lower() not in SUFFIXES


def locate(desk: Desk, gone: Named, found: Path) -> bool:
    """Put the new place of a file or folder into the patch, as one step; what lay in it or beside it comes along."""
    folder = desk.document.folder
    there = [(gone, found)]
    for other in missing_files(desk):
        place = next((one for one in _places(gone, found, other) if _is_there(str(one), folder)), None)
        if other != gone and place is not None:
            there.append((other, place))

    def change(patch: Patch) -> Patch:
        return reduce(lambda after, one: moved(after, one[0], name_from(folder, one[1])), there, patch)

    asset = desk.patch.assets.get(gone.asset)
    if asset is not None and found.stat().st_size != asset.size:
        desk.say(f"{found.name} is not the file that the patch was made with: its size differs", "warning")
    return desk.edit(change, f"locate {found.name}")


def _places(gone: Named, found: Path, other: Named) -> Iterator[Path]:
    """Where another file may be, when one has been found."""
    before, path = bare(gone.path), bare(other.path)
    for old, new in ((before, found), (before.parent, found.parent)):
        if path.is_relative_to(old):
            yield new / path.relative_to(old)
    yield found.parent / path.name


def _read_files(desk: Desk) -> list[Named]:
    return [one for one in named_files(desk.patch, desk.palette) if not one.writes]


def _is_there(path: str, folder: Path) -> bool:
    if scheme_of(path):
        return True
    try:
        return (folder / path).exists() or (folder / bare(path)).exists()
    except (OSError, ValueError):
        return False


def bare(path: str) -> Path:
    """A path without the part of the sound that is meant."""
    return Path(path.partition(PART)[0])


def moved(patch: Patch, gone: Named, path: str) -> Patch:
    """The patch that names a file at another path; the part of a sound that is meant stays."""
    if gone.asset:
        return add_asset(patch, gone.asset, replace(patch.assets[gone.asset], path=path))
    part = gone.path.partition(PART)
    fresh = path + part[1] + part[2]
    if gone.kind == "sound":
        patch = _with_moved_sounds(patch, gone.node, part[0], path)
    if gone.index is None:
        return set_value(patch, gone.node, gone.setting, fresh)
    before = patch.nodes[gone.node].values.get(gone.setting)
    several = list(before) if isinstance(before, list | tuple) else []
    several[gone.index : gone.index + 1] = [fresh]
    return set_value(patch, gone.node, gone.setting, several)


def _with_moved_sounds(patch: Patch, node: str, old: str, new: str) -> Patch:
    """The patch in which the sounds that a node has encoded to be played as they are, too, are named otherwise."""
    content, changed = patch.nodes[node].content, dict[str, Any]()
    for key in content:
        if f"/{SHARED}{SOUNDS}" in key:
            with suppress(ValueError, TypeError):
                text = np.asarray(content[key], np.uint8).tobytes().decode("utf-8", "replace")
                after = moved_sound(text, old, new)
                if after != text:
                    changed[key] = np.frombuffer(after.encode("utf-8", "replace"), np.uint8)
    return set_content(patch, node, {**content, **changed}) if changed else patch
