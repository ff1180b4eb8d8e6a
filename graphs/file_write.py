"""One way to write any file: whole, or not at all.

The bytes go into a file beside the target and to the disk, which then takes the target's place in one step. Whenever
this is stopped, by a crash, a full disk or a power cut, what was there before is still there, whole.
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
import sys
import time
from pathlib import Path

# Bytes of a file's name on common systems.
LONGEST_NAME = 255
PREVIOUS = ".prev"
PART = ".part"
# A part of a file that no process here writes any more, and no other computer has for so long, is left behind.
STALE_SECONDS = 60.0
# What is left of these may hold sound, and is offered instead (see ``nodes.audiofile.unfinished``).
RECORDINGS = (".wav", ".flac")
_PIECE = 1 << 20
_PART_NAME = re.compile(rf"\.(?P<name>.+)\.(?P<owner>[0-9]{{1,10}})-[0-9a-f]{{8}}{re.escape(PART)}", re.DOTALL)
_SAVING, _SAVED, _SAVING_SECONDS = ".saving-", (".npz", ".pt", ".ts"), 86_400.0
_ADVICE = {
    errno.ENOSPC: "make room, or save on another disk",
    errno.EDQUOT: "make room, or save on another disk",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ENOENT: "make that folder first, or choose another place",
}
_OTHERWISE = "choose another place, where you may write"


class WriteError(ValueError):
    """A file can't be written; the text names it, says why and what to do."""


class NewFile:
    """A file being written, which takes its place on ``commit``. Raises WriteError where it can't be.

    Links are followed, permissions kept (or taken from ``like``), from the first byte on; what is write-protected, or
    no plain file, is refused before anything is written. ``handle`` is the binary file, without a buffer; ``part`` its
    name for now. What killed programs left in that folder goes (see ``clean_folder``).
    """

    def __init__(self, path: Path | str, like: Path | None = None) -> None:
        self.target = real_path(path)
        _refuse_unfit(self.target)
        self._like = like if like is not None else self.target
        self.part = self.target.with_name(part_name(self.target.name))
        clean_folder(self.target.parent)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(self.part, flags, _mode_of(self._like) & 0o666)
        except OSError as error:
            raise self.error(error) from None
        self.handle = os.fdopen(descriptor, "w+b", buffering=0)

    def commit(self, *, keep_previous: bool = False, replaces: bool = True) -> Path:
        """Put it in its place; gives the path. keep_previous: what was there is then called ``NAME.prev``.

        replaces: whether a file that is there by now goes; else a free name beside it is taken, ``NAME-2``. Where it
        fails, what was written stays in ``part``.
        """
        try:
            os.fsync(self.handle.fileno())
            self.handle.close()
            if self._like.exists():
                with contextlib.suppress(PermissionError):
                    shutil.copymode(self._like, self.part)
            if keep_previous and self.target.exists():
                _keep_previous(self.target)
            if replaces:
                os.replace(self.part, self.target)
            else:
                self.target = _put_beside(self.part, self.target)
        except OSError as error:
            raise self.error(error) from None
        _settle(self.target.parent)
        return self.target

    def write(self, data: bytes) -> None:
        """All of it, straight to the system: nothing waits in a buffer for a kill to lose it. Raises OSError."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self.handle.fileno(), rest) :]

    def discard(self) -> None:
        """Leave no trace, if it has not taken its place; what was there stays."""
        with contextlib.suppress(OSError):
            self.handle.close()
        with contextlib.suppress(OSError):
            self.part.unlink(missing_ok=True)

    def error(self, error: OSError) -> WriteError:
        """What kept it from being written, as a sentence."""
        advice = _ADVICE.get(error.errno or 0, _OTHERWISE)
        return WriteError(f"{self.target.name} can't be saved ({reason(error)}); {advice}")


def reason(error: OSError) -> str:
    """What the system says of an error, to stand within a sentence."""
    return (error.strerror or str(error)).lower()


def write_file(path: Path | str, data: bytes, *, keep_previous: bool = False, like: Path | None = None) -> Path:
    """Write a whole file (see ``NewFile``). Gives the path, links followed. Raises WriteError."""
    file = NewFile(path, like)
    try:
        file.write(data)
        return file.commit(keep_previous=keep_previous)
    except OSError as error:
        raise file.error(error) from None
    finally:
        file.discard()


def copy_file(source: Path | str, target: Path | str) -> Path:
    """Copy a file, whole or not at all, with its permissions. Gives the path. Raises WriteError, OSError."""
    from .file_read import open_regular  # which reads what this writes

    with open_regular(source) as read:
        file = NewFile(target, like=Path(source))
        try:
            while piece := read.read(_PIECE):
                file.write(piece)
            return file.commit()
        except OSError as error:
            raise file.error(error) from None
        finally:
            file.discard()


def real_path(path: Path | str) -> Path:
    """Where a file really is, through all links. Raises WriteError for what can't name a file."""
    try:
        found = Path(os.path.realpath(path))
        os.fsencode(found)
    except (OSError, ValueError):
        raise WriteError(f"{str(path)!r} can't name a file; choose another name") from None
    if not found.name:
        raise WriteError(f"{path} is a folder; name a file in it")
    return found


def part_name(name: str) -> str:
    """A hidden name for a file on its way to ``name``, which tells whose it is and by which process it is written."""
    mark = f".{os.getpid()}-{secrets.token_hex(4)}{PART}"
    return f".{shortened(name, LONGEST_NAME - len(mark) - 1)}{mark}"


def left_parts(folder: Path) -> list[Path]:
    """Parts of files that processes which are gone left in a folder: hidden, and named as ``part_name`` has it."""
    found: list[Path] = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for one in entries:
            named = _PART_NAME.fullmatch(one.name)
            if named is None or is_running(int(named["owner"])):
                continue
            with contextlib.suppress(OSError):
                age = time.time() - one.stat(follow_symlinks=False).st_mtime
                if age > STALE_SECONDS and one.is_file(follow_symlinks=False):
                    found.append(folder / one.name)
    return sorted(found)


def clean_folder(folder: Path) -> None:
    """Take away what killed programs left half written in a folder, but for what may hold sound. Never raises."""
    for left in left_parts(folder):
        if not is_part_of_sound(left):
            with contextlib.suppress(OSError):
                left.unlink()
    with contextlib.suppress(OSError):
        for left in folder.glob(f"{_SAVING}*"):
            _clean_saving(left)


def is_part_of_sound(part: Path) -> bool:
    """Whether a part is one of a recording."""
    named = _PART_NAME.fullmatch(part.name)
    return named is not None and named["name"].lower().endswith(RECORDINGS)


def _clean_saving(left: Path) -> None:
    """A passing folder in which earlier versions saved terrains and models: it holds one file, for a moment."""
    with contextlib.suppress(OSError):
        is_old = time.time() - left.lstat().st_mtime > _SAVING_SECONDS
        if len(left.name) == len(_SAVING) + 8 and is_old and left.is_dir() and not left.is_symlink():
            inside = list(left.iterdir())
            if len(inside) <= 1 and all(one.suffix in _SAVED and one.is_file() for one in inside):
                for one in inside:
                    one.unlink()
                left.rmdir()


def is_running(process: int) -> bool:
    """Whether there is a process of that number; where that can't be asked without harm, it is taken to be there."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def free_beside(path: Path) -> Path:
    """The path itself, or where there is such a file ``NAME-2``, ``NAME-3`` and so on beside it."""
    number, free = 1, path
    while os.path.lexists(free):
        number += 1
        free = path.with_name(f"{shortened(path.stem, LONGEST_NAME - 24)}-{number}{path.suffix}")
    return free


def shortened(name: str, most: int) -> str:
    """A name of at most so many bytes, cut between letters: systems count bytes, and letters have up to four."""
    encoded = os.fsencode(name)
    return name if len(encoded) <= most else encoded[:most].decode(sys.getfilesystemencoding(), "ignore")


def data_folder() -> Path:
    """Where this program keeps what it remembers for its user."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "latent-terrain"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "latent-terrain"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "latent-terrain"


def _refuse_unfit(target: Path) -> None:
    try:
        found = target.stat()
        # Root may write everything; whoever takes all write permissions from a file means it all the same.
        is_writable = bool(found.st_mode & 0o222) and os.access(target, os.W_OK)
    except OSError:
        return  # not there yet; what else is wrong shows when it is opened
    if not stat.S_ISREG(found.st_mode):
        raise WriteError(f"{target.name} is a folder, a device or a pipe; save under another name")
    if not is_writable:
        raise WriteError(f"{target.name} is write-protected; save under another name")


def _mode_of(like: Path) -> int:
    """The permissions of a file; everybody's, less what the user's umask takes, where there is none."""
    try:
        return stat.S_IMODE(like.stat().st_mode)
    except OSError:
        return 0o666


def _put_beside(part: Path, wanted: Path) -> Path:
    """Give a finished file a name that no file has, whoever takes names meanwhile; gives the name."""
    while True:
        free = free_beside(wanted)
        try:
            os.link(part, free)
        except FileExistsError:
            continue
        except OSError:  # a file system without links
            os.replace(part, free)
            return free
        part.unlink()
        return free


def _keep_previous(target: Path) -> None:
    """The file as it is now, under its second name; the first name never goes away."""
    spare = target.with_name(part_name(target.name))
    try:
        try:
            os.link(target, spare)
        except OSError:
            shutil.copy2(target, spare)
        os.replace(spare, target.with_name(target.name + PREVIOUS))
    finally:
        with contextlib.suppress(OSError):
            spare.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """Ask the disk to remember the new name; not every system lets folders be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
