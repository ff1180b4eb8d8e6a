"""The models that a user has: folders to look in, what lies there, whose it is, and which were used last.

Models are known by their content (sha256), so one that was moved or renamed is found again for a patch that misses it.
"""

import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ...graphs import remembered
from ...graphs.file_read import open_regular
from ...graphs.file_write import WriteError, data_folder
from .interface import CodecError

SUFFIXES = (".ts", ".npz")
MOST_FILES, DEEPEST = 5_000, 4
CHUNK = 1 << 20


@dataclass(frozen=True)
class Owned:
    """A model file. used: the day it was last played, "" for never. licence: as its user noted it."""

    sha256: str
    path: str
    size: int
    licence: str = ""
    used: str = ""
    is_favourite: bool = False

    @property
    def name(self) -> str:
        """The file's name without its suffix."""
        return Path(self.path).stem


class Library:
    """What is remembered of models; read when made, written by every change, together with what others changed.

    A damaged memory is put aside and begun anew.
    """

    folders: tuple[str, ...]
    _models: dict[str, Owned]
    _digests: dict[str, list[Any]]
    _base: dict[str, Any]

    def __init__(self) -> None:
        self._take(remembered.recall(store()))

    def add_folder(self, folder: Path) -> None:
        """Look into this folder from now on. Raises CodecError when it is none."""
        if not folder.is_dir():
            raise CodecError(f"{folder} is not a folder; choose one that contains models (.ts, .npz)")
        self.folders = tuple(dict.fromkeys([*self.folders, str(folder.resolve())]))
        self._write()

    def remove_folder(self, folder: Path) -> None:
        """Look into it no more; its models are forgotten unless they are favourites. Raises CodecError."""
        if str(folder.resolve()) not in self.folders:
            raise CodecError(f"{folder} is not in the list of folders: {', '.join(self.folders) or 'none'}")
        self.folders = tuple(one for one in self.folders if one != str(folder.resolve()))
        self._models = {
            key: one
            for key, one in self._models.items()
            if one.is_favourite or not Path(one.path).is_relative_to(folder.resolve())
        }
        self._write()

    def models(self) -> tuple[Owned, ...]:
        """What lies in the folders now: favourites first, then those used last, then by name."""
        for path in self._files():
            with suppress(OSError):
                self._meet(path)
        self._write()
        there = [one for one in self._models.values() if self._is_at(one, Path(one.path))]
        return tuple(
            sorted(sorted(there, key=lambda one: one.name), key=lambda one: (one.is_favourite, one.used), reverse=True)
        )

    def find(self, sha256: str) -> Path | None:
        """Where the model of this content lies, if it is anywhere in the folders."""
        known = self._models.get(sha256)
        if known is not None and self._is_at(known, Path(known.path)):
            return Path(known.path)
        return next((Path(one.path) for one in self.models() if one.sha256 == sha256), None)

    def mark(self, name: str, *, licence: str | None = None, is_favourite: bool | None = None) -> Owned:
        """Note a model's licence, or that it is a favourite. name: its name, path, or the start of its sha256."""
        found = [one for one in self.models() if name in (one.name, one.path, Path(one.path).name)]
        found = found or [one for one in self._models.values() if len(name) > 5 and one.sha256.startswith(name)]
        if len(found) != 1:
            many = "several models are" if found else "no model is"
            raise CodecError(f"{many} called {name}; see latent-terrain models list")
        changed = replace(
            found[0],
            licence=found[0].licence if licence is None else licence,
            is_favourite=found[0].is_favourite if is_favourite is None else is_favourite,
        )
        self._models[changed.sha256] = changed
        self._write()
        return changed

    def note_use(self, path: Path) -> None:
        """Remember that a model is played today."""
        with suppress(OSError, CodecError):
            one = self._meet(path.resolve())
            self._models[one.sha256] = replace(one, used=time.strftime("%Y-%m-%d"))
            self._write()

    def _is_at(self, one: Owned, path: Path) -> bool:
        try:
            return self._digest(path) == one.sha256
        except OSError:
            return False

    def _meet(self, path: Path) -> Owned:
        digest = self._digest(path)
        before = self._models.get(digest) or Owned(digest, str(path), 0)
        self._models[digest] = replace(before, path=str(path), size=path.stat().st_size)
        return self._models[digest]

    def _digest(self, path: Path) -> str:
        status = path.stat()
        known = self._digests.get(str(path))
        if known is not None and known[:2] == [status.st_size, status.st_mtime_ns]:
            return str(known[2])
        digest = file_digest(path)
        self._digests[str(path)] = [status.st_size, status.st_mtime_ns, digest]
        return digest

    def _files(self) -> Iterator[Path]:
        count = 0
        for folder in self.folders:
            for here, inside, files in os.walk(folder):
                if len(Path(here).relative_to(folder).parts) >= DEEPEST:
                    inside.clear()
                for name in sorted(files):
                    if name.lower().endswith(SUFFIXES):
                        count += 1
                        if count > MOST_FILES:
                            return
                        yield Path(here) / name

    def _take(self, read: Mapping[str, Any]) -> None:
        folders, models, digests = (read.get(key) for key in ("folders", "models", "digests"))
        self.folders = tuple(one for one in _list(folders) if isinstance(one, str) and _is_name(one))
        self._models = dict(_owned(models)) if isinstance(models, Mapping) else {}
        self._digests = dict(_digests(digests)) if isinstance(digests, Mapping) else {}
        self._base = self._document()

    def _document(self) -> dict[str, Any]:
        models = {key: asdict(one) for key, one in self._models.items()}
        return {"folders": list(self.folders), "models": models, "digests": dict(self._digests)}

    def _write(self) -> None:
        """Put what changed here into the file, beside what other programs changed. Raises CodecError."""
        base, ours = self._base, self._document()
        if ours == base and store().exists():
            return
        try:
            written = remembered.change(store(), lambda read: {**read, **remembered.merged(base, ours, _known(read))})
        except (OSError, WriteError) as error:
            raise CodecError(f"{store()} can't be written ({error}); the list of models is stored there") from None
        self._take(written)


def store() -> Path:
    """Where the library is kept."""
    return data_folder() / "models.json"


def file_digest(path: Path) -> str:
    """The sha256 of a plain file; of a device or a pipe there is none. Raises OSError."""
    sum_ = hashlib.sha256()
    try:
        with open_regular(path) as file:
            while piece := file.read(CHUNK):
                sum_.update(piece)
    except ValueError as error:
        raise OSError(str(error)) from None
    return sum_.hexdigest()


def _known(read: Mapping[str, Any]) -> dict[str, Any]:
    """What others wrote, of the kinds that are merged."""
    lists = {"folders": _list(read.get("folders"))}
    maps = {key: dict(one) if isinstance(one := read.get(key), Mapping) else {} for key in ("models", "digests")}
    return {**lists, **maps}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_name(path: str) -> bool:
    """Whether a text can name a file at all."""
    return bool(path) and "\0" not in path


def _digests(digests: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """Size, time of change in ns, and sha256 of each file that was read."""
    for path, known in digests.items():
        if isinstance(known, list) and len(known) == 3 and [type(one) for one in known] == [int, int, str]:
            yield path, known


def _owned(models: Mapping[str, Any]) -> Iterator[tuple[str, Owned]]:
    kinds = {"path": str, "size": int, "licence": str, "used": str, "is_favourite": bool}
    for key, raw in models.items():
        fits = isinstance(raw, dict) and all(isinstance(raw.get(name), kind) for name, kind in kinds.items())
        if fits and _is_name(raw["path"]):
            yield key, Owned(key, **{name: raw[name] for name in kinds})
