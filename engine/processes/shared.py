"""Memory that two processes see at once: arrays in a mapped file without a name that others could find.

The file lies where the system keeps such things in memory, readable by its owner only, and is removed when its maker
closes it. Nothing here waits; who may write what is agreed between both sides.
"""

import mmap
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from .alive import is_running

# Array name -> (number type as numpy writes it, shape).
Layout = Mapping[str, tuple[str, tuple[int, ...]]]
ALIGNMENT = 64
PREFIX = "latent-terrain-"
MEMORY_FOLDER = Path("/dev/shm")


class SharedArrays:
    """Arrays over shared memory, zero at first, by name in ``arrays``."""

    def __init__(self, path: Path, layout: Layout, is_owner: bool, descriptor: int = -1) -> None:
        self.path, self.layout, self._is_owner = path, layout, is_owner
        size = max(_size(layout), 1)
        if descriptor < 0:
            descriptor = self.opened()
        try:
            if is_owner:
                os.ftruncate(descriptor, size)
            self._map = mmap.mmap(descriptor, size)
        finally:
            os.close(descriptor)
        self.arrays: dict[str, np.ndarray[Any, Any]] = {}
        begin = 0
        for name, (dtype, shape) in layout.items():
            count = prod(shape)
            self.arrays[name] = np.frombuffer(self._map, dtype, count, begin).reshape(shape)
            begin += _aligned(np.dtype(dtype).itemsize * count)

    @classmethod
    def create(cls, layout: Layout) -> "SharedArrays":
        """New arrays of zeros. Raises OSError where there is no room."""
        where = MEMORY_FOLDER if os.access(MEMORY_FOLDER, os.W_OK) else None
        descriptor, name = tempfile.mkstemp(prefix=f"{PREFIX}{os.getpid()}-", dir=where)
        os.close(descriptor)
        return cls(Path(name), layout, is_owner=True)

    @classmethod
    def attach(cls, path: str, layout: Mapping[str, Any], descriptor: int = -1) -> "SharedArrays":
        """The arrays that another process made. Raises OSError when they are gone.

        descriptor: the opened file, for who may open none; it is closed.
        """
        known = {name: (str(dtype), tuple(map(int, shape))) for name, (dtype, shape) in layout.items()}
        return cls(Path(path), known, is_owner=False, descriptor=descriptor)

    def opened(self) -> int:
        """The file, opened to be handed over; whoever asks closes it. Raises OSError."""
        return os.open(self.path, os.O_RDWR | getattr(os, "O_BINARY", 0))

    def words(self, name: str) -> memoryview:
        """An int64 array as a memoryview, which Python reads and writes fastest."""
        return self.arrays[name].data.cast("B").cast("q")

    def close(self) -> None:
        """Let go; the maker removes the file. Arrays still held elsewhere stay readable."""
        self.arrays.clear()
        with suppress(BufferError):
            self._map.close()
        if self._is_owner:
            with suppress(OSError):
                self.path.unlink()


def sweep_left_behind() -> None:
    """Remove what killed processes left in memory."""
    if not MEMORY_FOLDER.is_dir():
        return
    for path in MEMORY_FOLDER.glob(f"{PREFIX}*"):
        number = path.name.removeprefix(PREFIX).partition("-")[0]
        if number.isdigit() and not is_running(int(number)):
            with suppress(OSError):
                path.unlink()


def _size(layout: Layout) -> int:
    return sum(_aligned(np.dtype(dtype).itemsize * prod(shape)) for dtype, shape in layout.values())


def _aligned(count: int) -> int:
    return -(-count // ALIGNMENT) * ALIGNMENT
