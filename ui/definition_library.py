"""The definitions that every patch may use: those of patch files in the user's folder, and of installed packages.

A file there is a patch like any other; what is offered is its definitions, its own nodes being an example of them. A
package names a folder of such files, as ``package.module:folder`` or the package itself, in the entry-point group
``latent_terrain.definitions``. A patch that uses one gets a copy of its own, so it plays wherever it is taken.
"""

import logging
from collections.abc import Iterable, Sequence
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path

from ..graphs import EditError, Patch, PatchFileError, add_node, load_file, paste, save
from ..graphs.file_write import data_folder
from ..graphs.fragments import definitions_out
from ..graphs.scopes import definitions

GROUP = "latent_terrain.definitions"
PATTERN = "*.ltp"
MOST_FILES = 1000
log = logging.getLogger(__name__)


def user_folder() -> Path:
    """Where the user's own definitions lie; it need not be there."""
    return data_folder() / "definitions"


def package_folders() -> list[Path]:
    """The folders that installed packages name; one that can't be found is left out, and logged."""
    found: list[Path] = []
    for point in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        try:
            found.append(Path(str(files(point.module))))
        except Exception as error:
            log.warning("%s: its definitions can't be found (%s)", point.value, error, exc_info=error)
    return found


class DefinitionLibrary:
    """What lies in the folders, read again where a file has changed since. Of two of one name the first counts.

    patch: all of it, a patch of definitions only; the same object while nothing changes. files: where each is from.
    complaints: what could not be read, in sentences.
    """

    def __init__(self, folders: Sequence[Path] | None = None) -> None:
        self._folders = folders
        self._seen: list[tuple[Path, int, int]] = []
        self.patch = Patch()
        self.files: dict[str, Path] = {}
        self.complaints: list[str] = []

    def look(self) -> Patch:
        """Read what has changed on the disk; gives the patch."""
        folders = [user_folder(), *package_folders()] if self._folders is None else self._folders
        seen = list(_stamps(folders))
        if seen != self._seen:
            self._seen = seen
            self._read([path for path, _, _ in seen])
        return self.patch

    def brought(self, patch: Patch, type_: str) -> Patch:
        """A patch with a definition of the library, and those inside it, where it has none of that name yet."""
        if type_ in definitions(patch) or type_ not in definitions(self.patch):
            return patch
        after, _ = paste(patch, definitions_out(self.patch, [type_]))
        return after

    def keep(self, patch: Patch, definition: str) -> Path:
        """Save a definition of a patch, and those inside it, into the user's folder; gives the file.

        Raises EditError for one that is not there, or where a file of that name is; PatchFileError and OSError.
        """
        if not definition or definition not in definitions(patch):
            raise EditError(f"{definition}: there is no such definition in this patch")
        path = (self._folders[0] if self._folders else user_folder()) / f"{definition}.ltp"
        if path.exists():
            raise EditError(f"{path.name} is in the library already; rename the definition, or remove {path}")
        path.parent.mkdir(parents=True, exist_ok=True)
        save(add_node(definitions_out(patch, [definition]), definition), path)
        return path

    def _read(self, paths: Iterable[Path]) -> None:
        found, self.files, self.complaints = Patch(), {}, []
        for path in paths:
            try:
                there = load_file(path)
            except (PatchFileError, OSError) as error:
                self.complaints.append(f"{path.name}: its definitions can't be read ({error})")
                continue
            names = {name for name in definitions(there) if name}
            for name in sorted(names & self.files.keys()):
                text = f"{path.name}: {name} is a definition of {self.files[name].name} already; this one is left out"
                self.complaints.append(text)
            fresh = names - self.files.keys()
            found, _ = paste(found, definitions_out(there, fresh))
            self.files |= dict.fromkeys(sorted(fresh), path)
        self.patch = found


def _stamps(folders: Iterable[Path]) -> Iterable[tuple[Path, int, int]]:
    """The files, each with what tells that it was written anew."""
    for folder in folders:
        try:
            paths = sorted(folder.glob(PATTERN))[:MOST_FILES]
        except OSError:
            continue
        for path in paths:
            try:
                told = path.stat()
            except OSError:
                continue
            yield path, told.st_mtime_ns, told.st_size
