"""Programs that were compiled on this computer before: their machine code, in the user's own private folder."""

import json
import logging
import platform
from functools import cache
from hashlib import sha256
from pathlib import Path

from ...engine.loops.cache import LoopError, cache_folder
from ...graphs.file_write import NewFile, WriteError
from .library import installed, machine_target

MOST_KEPT = 200
"""Programs; each takes about 0.1 MB."""
PREFIX = "faust_"
LARGEST = 16 << 20
log = logging.getLogger(__name__)


def read_kept(key: str) -> tuple[str, float] | None:
    """Machine code and load of a program that was compiled here before; None where there is none.

    key: equal programs have equal ones (``FaustSource.digest``). Raises MissingError without the compiler.
    """
    try:
        path = _file(key)
        if not path.is_file() or path.stat().st_size > LARGEST:
            return None
        found = json.loads(path.read_text("utf-8"))
        machine, load = found["machine"], found["load"]
        is_whole = isinstance(machine, str) and isinstance(load, float) and found["sum"] == _sum(machine, load)
    except (LoopError, OSError, ValueError, KeyError, TypeError) as error:
        log.info("a kept program can't be read: %s", error)
        return None
    return (machine, load) if is_whole else None


def keep(key: str, machine: str, load: float) -> None:
    """Keep a program for the next start; where that can't be, it is compiled again then."""
    try:
        path = _file(key)
        _make_room(path.parent)
        new = NewFile(path)
        new.handle.write(json.dumps({"machine": machine, "load": load, "sum": _sum(machine, load)}).encode())
        new.commit()
    except (LoopError, OSError, ValueError, WriteError) as error:
        log.info("a compiled program can't be kept: %s", error)


def _file(key: str) -> Path:
    """Of a program as this compiler makes it for this processor. Raises LoopError, MissingError."""
    name = sha256(f"{key} {_conditions()}".encode()).hexdigest()[:32]
    return cache_folder() / f"{PREFIX}{name}.json"


@cache
def _conditions() -> str:
    """All that machine code depends on beside its program: the compiler, its libraries, the processor."""
    compiler, libraries = installed()
    files = [compiler, *sorted(libraries.rglob("*.lib"))]
    parts = [(one.name, one.stat().st_size, one.stat().st_mtime_ns) for one in files]
    return sha256(repr((parts, machine_target(), _processor())).encode()).hexdigest()


def _processor() -> str:
    """Which instructions it has, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return platform.processor()
    return next((one for one in lines if one.startswith(("flags", "Features"))), platform.processor())


def _sum(machine: str, load: float) -> str:
    return sha256(f"{load!r} {machine}".encode()).hexdigest()


def _make_room(folder: Path) -> None:
    """Remove the programs that were compiled longest ago."""
    kept = sorted(folder.glob(f"{PREFIX}*.json"), key=lambda path: path.stat().st_mtime)
    for path in kept[: max(0, len(kept) + 1 - MOST_KEPT)]:
        path.unlink(missing_ok=True)
