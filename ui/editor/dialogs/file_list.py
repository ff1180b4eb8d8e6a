"""Choosing a file: folders and what is in them, the places one goes to, and what a typed name means."""

import os
from dataclasses import dataclass
from pathlib import Path

from ....graphs.printable import is_unicode, printable
from ....nodes.audiofile import SUFFIXES
from ...patcher.window_requests import ChooseFile
from ..document.desk import Desk

MOST = 500


@dataclass(frozen=True)
class FileEntry:
    """Something in a folder. size: bytes."""

    path: Path
    is_folder: bool
    size: int = 0

    @property
    def name(self) -> str:
        """As it is listed: folders with a slash."""
        return f"{self.path.name}/" if self.is_folder else self.path.name


def listed(folder: Path, ask: ChooseFile, shows_all: bool = False) -> tuple[list[FileEntry], str]:
    """What is to be chosen from in a folder, folders first, by name; and a sentence when it can't be looked into.

    Hidden files and files of other kinds are left out, unless all is to be shown; names that are not UTF-8 always.
    """
    found: list[FileEntry] = []
    unsaid = 0
    try:
        with os.scandir(folder) as entries:
            for one in entries:
                entry = _entry(one)
                if entry is not None and (shows_all or _is_wanted(entry, ask)):
                    if is_unicode(one.name):
                        found.append(entry)
                    else:
                        unsaid += 1
    except (OSError, ValueError) as error:
        return [], f"{printable(str(folder))} can't be opened: {getattr(error, 'strerror', None) or error}"
    found.sort(key=lambda one: (not one.is_folder, one.name.casefold()))
    if len(found) > MOST:
        return found[:MOST], f"showing the first {MOST} of {len(found)}; type the name"
    return found, f"{unsaid} not listed, as their names are not UTF-8; rename them" if unsaid else ""


def meant(folder: Path, typed: str, ask: ChooseFile) -> Path:
    """The file (or the folder to go to) that a typed name means. Raises ValueError with a sentence."""
    text = typed.strip()
    if not text:
        raise ValueError("choose a folder" if ask.is_folder else "type a name or choose from the list")
    if "\0" in text:
        raise ValueError("not a valid file name")
    path = Path(os.path.normpath(folder / os.path.expanduser(text)))
    if path.is_dir():
        return path
    if ask.is_saving:
        if ask.kinds and path.suffix.lower() not in ask.kinds:
            path = path.with_name(path.name + ask.kinds[0])
        if not path.parent.is_dir():
            raise ValueError(f"there is no folder {path.parent}")
        return path
    if not path.exists():
        raise ValueError(f"there is no {path.name} here")
    return path


def places(desk: Desk) -> list[tuple[str, Path]]:
    """Where one may want to go: beside the patch, home, and where patches were opened lately; each once, and there."""
    wanted = [("Patch folder", desk.document.folder), ("home", Path.home())]
    if desk.settings.sound_folder:
        wanted.append((Path(desk.settings.sound_folder).name or "/", Path(desk.settings.sound_folder)))
    wanted += [(name, Path.home() / name) for name in ("Music", "Desktop", "Downloads")]
    wanted += [(Path(one).parent.name or "/", Path(one).parent) for one in desk.settings.recent]
    found: dict[Path, str] = {}
    for name, path in wanted:
        if path not in found and is_unicode(str(path)) and path.is_dir():
            found[path] = name
    return [(name, path) for path, name in found.items()][:10]


def nothing_words(kinds: tuple[str, ...]) -> str:
    """What is said of a folder with nothing to choose."""
    if not kinds:
        return "Empty folder."
    return "No sound files here." if kinds == SUFFIXES else f"No {', '.join(kinds)} files here."


def size_words(size: int) -> str:
    """Bytes as people say them."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size = round(size / 1000)
    return f"{size} GB"


def _entry(one: "os.DirEntry[str]") -> FileEntry | None:
    try:
        is_folder = one.is_dir()
        return FileEntry(Path(one.path), is_folder, 0 if is_folder else one.stat().st_size)
    except OSError:
        return None  # a link to nowhere


def _is_wanted(entry: FileEntry, ask: ChooseFile) -> bool:
    if entry.path.name.startswith("."):
        return False
    if entry.is_folder:
        return True
    return not ask.is_folder and (not ask.kinds or entry.path.suffix.lower() in ask.kinds)
