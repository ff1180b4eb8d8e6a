"""What others do to the open files meanwhile: another window, another program, a version control system."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from ....graphs import Patch, load_file
from ....graphs.file_read import ReadError, read_bytes
from ....graphs.storage import MAX_BYTES


@dataclass(frozen=True)
class Stamp:
    """A file as it was at some moment; as long as the first three stay, nobody looks at its content again."""

    inode: int
    modified_ns: int
    size: int
    sha256: str = ""

    def is_untouched(self, status: os.stat_result) -> bool:
        """Whether a file looks as it did."""
        return (self.inode, self.modified_ns, self.size) == (status.st_ino, status.st_mtime_ns, status.st_size)


class OpenFile:
    """The file of the open patch: what was in it when it was read or written last, and what is in it now."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._stamp: Stamp | None = None
        self._seen: tuple[Stamp, Patch | None] | None = None
        self.base = Patch()
        """The patch as it was in the file then: what both sides began with."""

    def note(self, path: Path | None, patch: Patch) -> None:
        """This is what is in the file now; None: there is no file."""
        self._path, self.base = path, patch
        self._stamp, self._seen = (None if path is None else _stamp_of(path)), None

    def theirs(self) -> Patch | None:
        """The patch in the file, where somebody else has written it since; None where nobody has, or it is gone.

        Raises PatchFileError where what was written is no patch.
        """
        if self._path is None or self._stamp is None:
            return None
        try:
            status = self._path.stat()
            if self._stamp.is_untouched(status):
                return None
            if self._seen is not None and self._seen[0].is_untouched(status):
                return self._seen[1]
            now = _stamp_of(self._path)
        except OSError:
            return None
        if now is None or now.sha256 == self._stamp.sha256:
            self._stamp = now or self._stamp
            return None
        theirs = load_file(self._path)
        self._seen = (now, None if theirs == self.base else theirs)
        return self._seen[1]


def _stamp_of(path: Path) -> Stamp | None:
    try:
        status = path.stat()
        data = read_bytes(path, MAX_BYTES)
        return Stamp(status.st_ino, status.st_mtime_ns, status.st_size, hashlib.sha256(data).hexdigest())
    except (OSError, ReadError):
        return None
