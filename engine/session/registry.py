"""Where running engines are found: one small file each, which only its owner can read."""

import json
import os
import secrets
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ...graphs.file_read import parse_json, read_bytes
from ..processes.alive import is_running

FOLDER = "latent-terrain"
UNNAMED = "engine"
# Bytes of such a file.
LARGEST = 1 << 16
# Bytes of a local socket's path that every system takes (macOS has 104 with the last zero, Linux 108).
LONGEST_SOCKET = 103


@dataclass(frozen=True)
class Address:
    """How to reach an engine. key: what proves that one may. name: no two that run have the same.

    patch: what it began with, for people. since: when it began, seconds since 1970.
    """

    process: int
    name: str
    where: str
    key: bytes
    mark: str
    patch: str = ""
    since: float = 0.0


def runtime_folder() -> Path:
    """The user's own folder for such things, made if need be; nobody else can look into it."""
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    return _private(Path(base) / FOLDER if base and Path(base).is_dir() else _temporary(tempfile.gettempdir()))


def announce(name: str, patch: str = "") -> tuple[Address, socket.socket]:
    """A new address for this process, written where clients look, and the socket that listens there.

    name: what to call it; with a number behind it where another is called so.
    """
    folder, process = runtime_folder(), os.getpid()
    name = _free_name(name or UNNAMED)
    mark = f"{process}-{secrets.token_hex(4)}"
    if hasattr(socket, "AF_UNIX"):
        where = _socket_path(folder, f"{mark}.sock")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(where)
    else:
        listener = socket.create_server(("127.0.0.1", 0))
        where = f"127.0.0.1:{listener.getsockname()[1]}"
    listener.listen()
    address = Address(process, name, where, secrets.token_bytes(32), mark, patch, time.time())
    descriptor = os.open(_file(address), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({**asdict(address), "key": address.key.hex()}, file)
    return address, listener


def connect(address: Address, seconds: float) -> socket.socket:
    """A connection to an engine. Raises OSError when it is not there."""
    if hasattr(socket, "AF_UNIX") and not address.where.startswith("127.0.0.1:"):
        found = socket.socket(socket.AF_UNIX)
        found.settimeout(seconds)
        try:
            found.connect(address.where)
        except OSError:
            found.close()
            raise
    else:
        host, _, port = address.where.rpartition(":")
        found = socket.create_connection((host, int(port)), seconds)
    found.settimeout(None)
    return found


def withdraw(address: Address) -> None:
    """Take an address back."""
    with suppress(OSError):
        _file(address).unlink()
    with suppress(OSError):
        Path(address.where).unlink()


def find_engines() -> list[Address]:
    """The engines that run now, newest first; what dead ones left is removed."""
    return sorted(_found(), key=lambda one: (-one.since, -one.process))


def named(name: str) -> Address | None:
    """The engine of a name, or of a process number."""
    found = find_engines()
    return next((one for one in found if one.name == name), None) or next(
        (one for one in found if str(one.process) == name), None
    )


def in_words(found: Sequence[Address]) -> str:
    """Which engines there are, to stand after "there"."""
    names = ", ".join(one.name for one in found)
    return f"{'are' if len(found) > 1 else 'is'} {names}" if found else "is none"


def _temporary(base: str) -> Path:
    owner = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "me")
    return Path(base) / f"{FOLDER}-{owner}"


def _private(folder: Path) -> Path:
    """The folder, made if need be. Raises OSError with a sentence where others can look into it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if hasattr(os, "getuid") and (folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077):
        raise OSError(f"{folder} belongs to another user or is open to others; remove it and try again")
    return folder


def _socket_path(folder: Path, name: str) -> str:
    """Where a socket can be: systems allow short paths only, so a long folder has its sockets among temporary files."""
    bases = (tempfile.gettempdir(), "/tmp")
    for place in (folder, *map(_temporary, bases)):
        if len(os.fsencode(place / name)) <= LONGEST_SOCKET:
            return str(_private(place) / name)
    raise OSError(f"{folder}: too long for a socket; set XDG_RUNTIME_DIR to a folder with a shorter path")


def _free_name(name: str) -> str:
    taken, number, free = {one.name for one in find_engines()}, 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def _found() -> Iterator[Address]:
    for path in runtime_folder().glob("*.json"):
        try:
            raw = parse_json(read_bytes(path, LARGEST))
            address = Address(
                int(raw["process"]),
                str(raw["name"]),
                str(raw["where"]),
                bytes.fromhex(raw["key"]),
                str(raw["mark"]),
                str(raw.get("patch", "")),
                float(raw.get("since", 0.0)),
            )
        except (OSError, ValueError, OverflowError, KeyError, TypeError):
            continue
        if is_running(address.process):
            yield address
        else:
            withdraw(address)


def _file(address: Address) -> Path:
    return runtime_folder() / f"{address.mark}.json"
