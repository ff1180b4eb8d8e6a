"""One way to read any file: what it is and how large is known before anything of it is taken.

Names come from patches, and patches from anybody: a name may lead to a pipe that never ends, to a device, or to a
file larger than the memory. Those are refused in a sentence before they are read.
"""

import json
import os
import stat
from pathlib import Path
from typing import IO, Any

from .file_write import reason

# How deep lists and maps in a JSON file may nest.
DEEPEST = 64


class ReadError(ValueError):
    """A file can't be read; the text names it, says why and what to do."""


def open_regular(path: Path | str, most: int | None = None) -> IO[bytes]:
    """A plain file opened for reading; never waits, whatever the name leads to.

    most: bytes; a larger file is refused. Raises ReadError for a folder, a device, a pipe and what is too large,
    OSError for what the system refuses, and ValueError for what can't name a file.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        found = os.fstat(handle)
        if stat.S_ISDIR(found.st_mode):
            raise ReadError(f"{path} is a folder; name a file in it")
        if not stat.S_ISREG(found.st_mode):
            raise ReadError(f"{path} is a device or a pipe, not a file; name a file")
        if most is not None and found.st_size > most:
            raise ReadError(f"{path} is larger than {_size(most)}, which no such file is; is it the right one?")
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_bytes(path: Path | str, most: int) -> bytes:
    """All bytes of a plain file of at most so many. Raises ReadError with a sentence, and nothing else."""
    try:
        with open_regular(path, most) as file:
            data = read_whole(file)
    except FileNotFoundError:
        raise ReadError(f"there is no file {path}; check its name and folder") from None
    except OSError as error:
        raise ReadError(f"{path} can't be read ({reason(error)}); check its permissions") from None
    except MemoryError:
        raise ReadError(f"{path} needs more memory than is free; close other programs") from None
    except ReadError:
        raise
    except ValueError:
        raise ReadError(f"{str(path)!r} can't name a file; choose another name") from None
    if len(data) > most:
        raise ReadError(f"{path} grew while it was read; try again when nothing writes to it")
    return data


def read_whole(file: IO[bytes]) -> bytes:
    """As much of an open file as it has now, and at most a byte more; memory for no more than that."""
    return file.read(os.fstat(file.fileno()).st_size + 1)


def parse_json(data: bytes | str) -> Any:
    """JSON in UTF-8, nested at most 64 deep. Raises ValueError, and nothing else, for anything else."""
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        found = json.loads(text, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise ValueError("it is not text in UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: line {error.lineno}, {error.msg[:1].lower()}{error.msg[1:]}") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if _is_deep(found):
        raise ValueError("it is nested too deeply")
    return found


def _no_number(word: str) -> Any:
    raise ValueError(f"it holds {word} where a number belongs")


def _is_deep(found: Any) -> bool:
    level = [found]
    for _ in range(DEEPEST):
        level = [
            inside
            for one in level
            if isinstance(one, dict | list)
            for inside in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


def _size(count: int) -> str:
    return f"{count >> 30} GiB" if count >= 1 << 30 else f"{count >> 20} MiB" if count >= 1 << 20 else f"{count} bytes"
