"""How hard a pen presses, read from the kernel beside the mouse that the pen is (Linux; the library tells no pressure).

Events are read as the kernel documents them (linux/input.h): 24 bytes each on 64-bit machines. python-evdev would read
them too, but comes without wheels, so that it needs a compiler; this needs three numbers of each event.
Reading needs leave: ``/dev/input`` belongs to the group input on most systems. Without it, or without a tablet, a pen
counts as a mouse.
"""

import os
import select
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

EVENT = struct.Struct("@llHHi")
EV_KEY, EV_ABS = 0x01, 0x03
ABS_PRESSURE, BTN_TOOL_PEN, BTN_TOOL_RUBBER = 0x18, 0x140, 0x141
KEY_BYTES = 96
FOLDER = Path("/dev/input")
# Between two looks for tablets that were plugged in.
LOOK_SECONDS = 3.0


@dataclass
class Tablet:
    """A tablet: its file, and the numbers that stand for no pressure and for the most."""

    file: int
    low: int
    high: int


@dataclass
class PenState:
    """One pen as it is now. pressure: 0 … 1; is_near: whether the tablet sees it."""

    device: Tablet
    pressure: float = 0.0
    is_near: bool = False
    rest: bytes = b""

    def take(self, data: bytes) -> None:
        """More of what the kernel tells; pieces may end anywhere."""
        data = self.rest + data
        whole = len(data) // EVENT.size * EVENT.size
        self.rest = data[whole:]
        for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]):
            if kind == EV_ABS and code == ABS_PRESSURE:
                share = (value - self.device.low) / (self.device.high - self.device.low)
                self.pressure = min(max(share, 0.0), 1.0)
            elif kind == EV_KEY and code in (BTN_TOOL_PEN, BTN_TOOL_RUBBER):
                self.is_near = bool(value)
                self.pressure = self.pressure if value else 0.0


class Pens:
    """Follows all tablets on a thread of its own, until ``close``. find: gives those that are there, by path."""

    def __init__(self, find: "Callable[[set[str]], Iterator[tuple[str, Tablet]]] | None" = None) -> None:
        self._find = find or found
        self._pens: dict[str, PenState] = {}
        self._closing, self._closed = os.pipe()
        self._thread = threading.Thread(target=self._follow, name="pens", daemon=True)
        self._thread.start()

    @property
    def pressure(self) -> float | None:
        """How hard the pen that is near presses, 0 … 1; None while there is none."""
        return next((pen.pressure for pen in tuple(self._pens.values()) if pen.is_near), None)

    def close(self) -> None:
        """Follow them no more."""
        with suppress(OSError):
            os.write(self._closed, b".")
        self._thread.join(2.0)

    def _follow(self) -> None:
        while True:
            for path, device in self._find(set(self._pens)):
                self._pens[path] = PenState(device)
            files = {pen.device.file: path for path, pen in self._pens.items()}
            ready, _, _ = select.select([self._closing, *files], [], [], LOOK_SECONDS)
            if self._closing in ready:
                break
            for file in ready:
                self._read(files[file])
        for path in list(self._pens):
            self._drop(path)
        os.close(self._closing)
        os.close(self._closed)

    def _read(self, path: str) -> None:
        pen = self._pens[path]
        try:
            data = os.read(pen.device.file, 64 * EVENT.size)
        except OSError:
            data = b""
        if data:
            pen.take(data)
        else:
            self._drop(path)

    def _drop(self, path: str) -> None:
        pen = self._pens.pop(path)
        with suppress(OSError):
            os.close(pen.device.file)


def found(known: set[str], folder: Path = FOLDER) -> Iterator[tuple[str, Tablet]]:
    """Tablets that may be read and are not known yet."""
    for path in sorted(folder.glob("event*")):
        if str(path) in known or not os.access(path, os.R_OK):
            continue
        with suppress(OSError):
            file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            device = _opened(file)
            if device is not None:
                yield str(path), device
            else:
                os.close(file)


def _opened(file: int) -> Tablet | None:
    """A file of the kernel's as a tablet, if it is one: it knows pens and how hard they press."""
    import fcntl

    keys, axis = bytearray(KEY_BYTES), bytearray(24)
    try:
        fcntl.ioctl(file, _asks(0x20 + EV_KEY, KEY_BYTES), keys)
        fcntl.ioctl(file, _asks(0x40 + ABS_PRESSURE, 24), axis)
    except OSError:
        return None
    low, high = struct.unpack_from("ii", axis, 4)
    is_pen = bool(keys[BTN_TOOL_PEN // 8] >> (BTN_TOOL_PEN % 8) & 1)
    return Tablet(file, low, high) if is_pen and high > low else None


def _asks(number: int, size: int) -> int:
    """The kernel's number for a question that is answered in so many bytes (EVIOCGBIT, EVIOCGABS)."""
    return 2 << 30 | size << 16 | ord("E") << 8 | number
