"""Node files that change while their nodes play: read again, and played by new instances.

A file is run as a fresh module beside the one that plays, not over it: what goes wrong half-way leaves what plays, and
its module, as they were. Only the file that declares a node is looked at; what it imports stays as it was read.
"""

import logging
import sys
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from . import declare
from .logs import failed
from .palette import Palette

log = logging.getLogger(__name__)
# When a file was changed, in nanoseconds, and its bytes: an editor may write twice within a clock's tick.
Stamp = tuple[int, int]


@dataclass
class NodeFiles:
    """The files of a palette's nodes. ``look`` is for one thread that may be slow, and that no compiler runs beside."""

    palette: Palette
    _seen: dict[str, Stamp | None] = field(default_factory=dict)
    has_changed: bool = False
    """Whether the palette has other nodes than were compiled last; whoever compiles takes it back."""

    def __post_init__(self) -> None:
        self._seen = {name: _stamp(name) for name in self._modules()}

    def look(self) -> list[str]:
        """Read again what was saved since; a sentence for each file, also for one that can't be read."""
        told: list[str] = []
        for name in self._modules():
            now = _stamp(name)
            if now is None or now == self._seen.get(name):
                continue  # a file that is gone for a moment is being written
            self._seen[name] = now
            told.append(self._read(name))
        return told

    def _modules(self) -> list[str]:
        return sorted({spec.build.__module__ for spec in self.palette.specs.values()})

    def _read(self, name: str) -> str:
        before = dict(declare.specs)
        try:
            _run(name)
        except Exception as error:
            declare.specs.clear()
            declare.specs.update(before)
            where = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
            text = f"{_file(name)}{where}: {error}; the previous version keeps playing; fix it and save again"
            return failed(log, text, error)
        for declared in [one for one in before if one.__module__ == name]:
            declare.specs.pop(declared, None)
        found = declare.declared_in(name)
        for spec in found:
            self.palette.replace(spec)
        self.has_changed = True
        return f"{_file(name)} reloaded: {', '.join(spec.type for spec in found) or 'it no longer declares a node'}"


def _file(name: str) -> str | None:
    return getattr(sys.modules.get(name), "__file__", None)


def _stamp(name: str) -> Stamp | None:
    try:
        found = Path(_file(name) or "").stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _run(name: str) -> ModuleType:
    """A fresh module in place of the one of that name, which is put back when this raises."""
    before = sys.modules[name]
    path = str(before.__file__)
    spec = spec_from_file_location(name, path, submodule_search_locations=getattr(before, "__path__", None))
    assert spec is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # annotations of classes are looked up here
    try:
        # Not by the loader: its cached bytes are taken for the file's when both are of one second and one size.
        exec(compile(Path(path).read_bytes(), path, "exec", dont_inherit=True), module.__dict__)
    except BaseException:
        sys.modules[name] = before
        raise
    return module
