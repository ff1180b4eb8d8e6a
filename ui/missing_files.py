"""Files that a patch names and that are not there: which, where they may be now, and the patch that names them so."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

from ..engine import Palette
from ..engine.name_schemes import scheme_of
from ..engine.typed import PART
from ..engine.values import SHARED
from ..graphs import Patch, add_asset, set_content, set_value
from ..nodes.audiofile import SUFFIXES
from ..nodes.codec.sounds.corpus import SOUNDS, moved_sound
from .patch_files import Named, name_from, named_files


def missing_files(patch: Patch, palette: Palette, folder: Path) -> list[Named]:
    """Files that the patch reads and that are not there, looked for on the disk now."""
    return [one for one in named_files(patch, palette) if not one.writes and not _is_there(one.path, folder)]


def is_folder(gone: Named) -> bool:
    """Whether what is missing was a folder of sounds: one of several, and without the suffix of a sound."""
    return gone.kind == "sound" and gone.index is not None and bare(gone.path).suffix.lower() not in SUFFIXES


def found_with(patch: Patch, palette: Palette, folder: Path, gone: Named, found: Path) -> list[tuple[Named, Path]]:
    """One file at its new place, and the missing ones that lay in it or beside it and do so there, too."""
    there = [(gone, found)]
    for other in missing_files(patch, palette, folder):
        place = next((one for one in _places(gone, found, other) if _is_there(str(one), folder)), None)
        if other != gone and place is not None:
            there.append((other, place))
    return there


def relocated(patch: Patch, folder: Path, there: Iterable[tuple[Named, Path]]) -> Patch:
    """The patch in a folder that names files at other places."""
    return reduce(lambda after, one: moved(after, one[0], name_from(folder, one[1])), there, patch)


def bare(path: str) -> Path:
    """A path without the part of the sound that is meant."""
    return Path(path.partition(PART)[0])


def _places(gone: Named, found: Path, other: Named) -> Iterator[Path]:
    """Where another file may be, when one has been found."""
    before, path = bare(gone.path), bare(other.path)
    for old, new in ((before, found), (before.parent, found.parent)):
        if path.is_relative_to(old):
            yield new / path.relative_to(old)
    yield found.parent / path.name


def _is_there(path: str, folder: Path) -> bool:
    if scheme_of(path):
        return True
    try:
        return (folder / path).exists() or (folder / bare(path)).exists()
    except (OSError, ValueError):
        return False


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
