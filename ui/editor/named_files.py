"""The files that a patch names: which are missing, where they may be now, and all of them packed into one folder."""

import filecmp
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

from ...engine.typed import PART, WITH_US
from ...graphs import Patch, add_asset, set_value
from ...graphs.writing import copy_file
from .desk import Desk

FILES = "files"
"""The folder beside a packed patch."""


@dataclass(frozen=True)
class Missing:
    """A file that is not where it should be: of a node's setting (``index`` in a list of several), or of the patch."""

    path: str
    node: str = ""
    setting: str = ""
    index: int | None = None
    asset: str = ""
    kind: str = ""

    def words(self) -> str:
        """Whose it is and which."""
        return f"{f'{self.node} {self.setting}' if self.node else self.asset}: {self.path}"


def missing_files(desk: Desk) -> list[Missing]:
    """Files that the patch names and that are not there, looked for on the disk now."""
    folder = desk.document.folder
    return [one for one in _named_files(desk) if not _is_there(one.path, folder)]


def locate(desk: Desk, gone: Missing, found: Path) -> bool:
    """Put a file's new place into the patch; all that lay beside it and is there now comes along, as one step."""
    folder = desk.document.folder
    moved = [(gone, found)]
    for other in missing_files(desk):
        beside = found.parent / _bare(other.path).name
        if other != gone and _is_there(str(beside), folder):
            moved.append((other, beside))

    def change(patch: Patch) -> Patch:
        return reduce(lambda after, one: _moved(after, one[0], _relative(one[1], folder)), moved, patch)

    asset = desk.patch.assets.get(gone.asset)
    if asset is not None and found.stat().st_size != asset.size:
        desk.say(f"{found.name} is not the file that the patch was made with: its size differs", "warning")
    return desk.edit(change, f"locate {found.name}")


def packed(desk: Desk, target: Path) -> tuple[Patch, list[Path], list[str]]:
    """The patch with every file that it names copied into a folder beside it.

    target: where the patch itself will be. Gives the patch, the copies, and what was not there to be copied. What comes
    with the program stays where it is. Raises OSError, WriteError.
    """
    folder, home = desk.document.folder, target.parent / FILES
    patch, copies, gone = desk.patch, list[Path](), list[str]()
    for one in _named_files(desk):
        if one.path.startswith(WITH_US):
            continue
        source = folder / one.path
        source = source if source.exists() else folder / _bare(one.path)
        if not source.exists():
            gone.append(one.words())
            continue
        copy = _free(home, source)
        if not copy.exists():
            home.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, copy, copy_function=copy_file)
            else:
                copy_file(source, copy)
        copies.append(copy)
        patch = _moved(patch, one, f"{FILES}/{copy.name}")
    return patch, copies, gone


def _named_files(desk: Desk) -> Iterator[Missing]:
    for name, node in desk.patch.nodes.items():
        spec = desk.palette.get(node.type)
        for setting in spec.settings.values() if spec is not None else ():
            value = node.values.get(setting.name, setting.default)
            if not setting.about.file or (spec is not None and spec.type == "file_recorder"):
                continue
            several = isinstance(value, list | tuple)
            for index, path in enumerate(value if several else [value]):
                if isinstance(path, str) and path:
                    yield Missing(path, name, setting.name, index if several else None, kind=setting.about.file)
    for name, asset in desk.patch.assets.items():
        if asset.embedded is None:
            yield Missing(asset.path, asset=name)


def _is_there(path: str, folder: Path) -> bool:
    if path.startswith(WITH_US):
        return True
    try:
        return (folder / path).exists() or (folder / _bare(path)).exists()
    except (OSError, ValueError):
        return False


def _bare(path: str) -> Path:
    """A path without the part of the sound that is meant."""
    return Path(path.partition(PART)[0])


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def _moved(patch: Patch, gone: Missing, path: str) -> Patch:
    if gone.asset:
        return add_asset(patch, gone.asset, replace(patch.assets[gone.asset], path=path))
    part = gone.path.partition(PART)
    fresh = path + part[1] + part[2]
    if gone.index is None:
        return set_value(patch, gone.node, gone.setting, fresh)
    before = patch.nodes[gone.node].values.get(gone.setting)
    several = list(before) if isinstance(before, list | tuple) else []
    several[gone.index : gone.index + 1] = [fresh]
    return set_value(patch, gone.node, gone.setting, several)


def _free(home: Path, source: Path) -> Path:
    """A name in a folder that nothing else has: a file that is there already and equal is used again."""
    number, copy = 1, home / source.name
    while copy.exists() and not (source.is_file() and copy.is_file() and filecmp.cmp(source, copy, shallow=False)):
        number += 1
        copy = home / f"{source.stem}-{number}{source.suffix}"
    return copy
