"""Arrays out of ``.npz`` files: every size is read, and checked, before memory is taken for it.

An archive of a few MB may claim to hold gigabytes, and a pickle in it may claim to be an array. Headers are read alone
first; what is no plain array of numbers or text is refused.
"""

import io
import math
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from .file_read import ReadError, open_regular
from .file_write import reason

MOST_ARRAYS = 20_000
LONGEST_HEADER = 10_000
LARGEST_TOGETHER = 1 << 30
# Kinds of numpy that are plain: numbers and text.
KINDS = "biufcSU"
_SUFFIX = ".npy"


def read_npz(
    source: Path | bytes, name: str, *, most: int = LARGEST_TOGETHER, only: frozenset[str] | None = None
) -> Mapping[str, NDArray[np.generic]]:
    """The arrays of an archive by their names. Raises ReadError with a sentence about ``name``, and nothing else.

    most: bytes of the file, and of its arrays unpacked. only: the names to be read; others cost nothing.
    """
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else open_regular(source, most) as file:
            return _arrays(file, name, most, only)
    except ReadError:
        raise
    except FileNotFoundError:
        raise ReadError(f"{name}: there is no such file; check its name and folder") from None
    except OSError as error:
        raise ReadError(f"{name} can't be read ({reason(error)}); check its permissions") from None
    except MemoryError:
        raise ReadError(f"{name} needs more memory than is free; close other programs") from None
    except Exception as error:  # zipfile, zlib and numpy raise a dozen kinds on what is damaged
        raise ReadError(
            f"{name} is not an array archive, or is damaged ({type(error).__name__}); restore a backup"
        ) from None


def _arrays(file: IO[bytes], name: str, most: int, only: frozenset[str] | None) -> dict[str, NDArray[np.generic]]:
    with zipfile.ZipFile(file) as archive:
        entries = [one for one in archive.infolist() if one.filename.endswith(_SUFFIX)]
        if len(entries) > MOST_ARRAYS:
            raise ReadError(f"{name} holds more than {MOST_ARRAYS} arrays; it is something else")
        wanted = {one.filename.removesuffix(_SUFFIX): one for one in entries}
        if only is not None:
            wanted = {key: one for key, one in wanted.items() if key in only}
        if sum(one.file_size for one in wanted.values()) > most:
            raise ReadError(f"{name} would take more than {most >> 20} MiB unpacked; it is something else")
        return {key: _array(archive, one, name) for key, one in wanted.items()}


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> NDArray[np.generic]:
    with archive.open(entry) as file:
        shape, by_columns, dtype, begin = _header(file)
        if dtype.kind not in KINDS or dtype.hasobject:
            raise ReadError(f"{name}: {entry.filename} contains data that is neither numbers nor text")
        size = math.prod(shape) * dtype.itemsize
        if begin + size != entry.file_size:
            raise ReadError(f"{name}: {entry.filename} is not as long as it says; restore a backup")
        data = file.read(size + 1)
    if len(data) != size:
        raise ReadError(f"{name}: {entry.filename} is damaged; restore a backup")
    array = np.frombuffer(bytearray(data), dtype) if size else np.zeros(math.prod(shape), dtype)
    return array.reshape(shape, order="F" if by_columns else "C")


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[np.generic], int]:
    """Shape, order, kind, and where the numbers begin. Raises ValueError and its like."""
    version = npy.read_magic(file)
    if version not in ((1, 0), (2, 0)):  # the third is for names of fields, which no plain array has
        raise ValueError("no array")
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what Python 2 wrote, for which a damaged header is taken, too
        shape, by_columns, kind = read(file, max_header_size=LONGEST_HEADER)
    if not all(0 <= one < 1 << 40 for one in shape):
        raise ValueError("no shape")
    return shape, by_columns, kind, file.tell()
