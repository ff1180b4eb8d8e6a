"""What a patch names on the disk: the files that it reads, and those that it writes when it plays."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..engine import Palette, Setup
from ..engine.compile.resolve import shared_in
from ..engine.name_schemes import scheme_of
from ..engine.typed import PART
from ..graphs import Patch
from ..nodes.audiofile.permission import may_write
from ..nodes.codec.sounds import sounds_in
from ..nodes.codec.sounds.corpus import entry_of


@dataclass(frozen=True)
class Named:
    """A file as a patch names it: by a node's setting (``index`` in a list of several), or as an asset.

    kind: ``sound``, ``model``, ``terrain``; "" for an asset. writes: it is written, not read.
    """

    path: str
    node: str = ""
    setting: str = ""
    index: int | None = None
    asset: str = ""
    kind: str = ""
    writes: bool = False

    @property
    def whose(self) -> str:
        """Who names it."""
        return f"{self.node}.{self.setting}" if self.node else self.asset

    def words(self) -> str:
        """Whose it is and which."""
        return f"{self.whose}: {self.path}"


def named_files(patch: Patch, palette: Palette) -> Iterator[Named]:
    """Every file that a patch names, but for what comes with the program."""
    for name, node in patch.nodes.items():
        spec = palette.get(node.type)
        for setting in spec.settings.values() if spec is not None else ():
            if not setting.about.file:
                continue
            value = node.values.get(setting.name, setting.default)
            several = isinstance(value, list | tuple)
            for index, path in enumerate(value if several else [value]):
                if isinstance(path, str) and path and not scheme_of(path):
                    about = setting.about
                    place = index if several else None
                    yield Named(path, name, setting.name, place, kind=about.file, writes=about.writes)
    for name, asset in patch.assets.items():
        if asset.embedded is None:
            yield Named(asset.path, asset=name)


def played_sounds(patch: Patch, palette: Palette, folder: Path) -> Iterator[Named]:
    """Sound files that a patch plays as they are, and that no setting names any more."""
    resolve = Setup(folder=folder).resolve
    known = [resolve(str(one.path).partition(PART)[0]) for one in named_files(patch, palette) if one.kind == "sound"]
    for text in sounds_in(shared_in(patch)):
        entry = entry_of(text)
        path = resolve(entry.path)
        if not scheme_of(entry.path) and not any(path.is_relative_to(one) for one in known):
            yield Named(entry.path, "builtin:sounds", "sounds", kind="sound")


def asked_writes(patch: Patch, palette: Palette, folder: Path) -> Iterator[tuple[Named, Path]]:
    """The files that a patch would write where nobody has allowed it yet, and their places."""
    setup = Setup(folder=folder)
    for one in named_files(patch, palette):
        if one.writes and not may_write(path := setup.resolve(one.path), folder):
            yield one, path


def name_from(folder: Path, path: Path) -> str:
    """A file as a patch in a folder names it: from there on where it lies in it, else in full."""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def places(named: Iterable[Named]) -> list[dict[str, str]]:
    """Such files as plain data."""
    return [{"file": one.path, "by": one.whose} for one in named]
