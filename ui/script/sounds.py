"""The sounds of a node in the hands of a script."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..sound_list import gathered, with_added
from ..sound_names import found_in, moved_to, sounds_of, without_names

if TYPE_CHECKING:
    from ...graphs import Patch
    from .instrument import Instrument


class Sounds(tuple[str, ...]):
    """The sounds of a node as its patch names them, in order: a tuple of what was there when it was asked for.

    Each edit is a step to undo, and lines stay with their sounds. Paths are from the current folder. Raises ScriptError
    for what is not there.
    """

    _instrument: "Instrument"
    _node: str

    def __new__(cls, instrument: "Instrument", node: str, texts: Iterable[str]) -> "Sounds":
        """The sounds of a node of an instrument."""
        made = super().__new__(cls, texts)
        made._instrument, made._node = instrument, node
        return made

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, list | tuple) else NotImplemented

    def __hash__(self) -> int:
        return super().__hash__()

    @property
    def names(self) -> tuple[str, ...]:
        """What the sounds are called, folders opened: the names that their lines have."""
        there = sounds_of(self._instrument.patch, self._node, self._instrument._folder.absolute())
        return tuple(one.passage.name for one in there)

    def add(self, *paths: str | Path) -> None:
        """Add sound files, and folders with all in them; new ones are encoded and laid out by ``train``."""
        from .handle import ScriptError

        said: list[str] = []
        files = gathered([Path(one).absolute() for one in paths], said.append)
        gone = [str(one) for one in paths if not Path(one).exists()]
        if gone or not files:
            text = f"{', '.join(gone)}: no such file or folder" if gone else "; ".join(said)
            raise ScriptError(text or "name sound files, or a folder that has some")
        palette, folder = self._instrument.palette, self._folder
        self._instrument._edited(lambda patch: with_added(patch, palette, files, folder, self._node)[0])

    def remove(self, *names: str) -> None:
        """Remove sounds, by path or name; their files stay, and their lines come back with them."""
        palette, folder = self._instrument.palette, self._folder
        self._instrument._edited(lambda patch: without_names(patch, palette, self._node, names, folder)[0])

    def relink(
        self, folder: str | Path | None = None, places: Mapping[str, str | Path] | None = None
    ) -> tuple[str, ...]:
        """Find missing sounds in a folder; places: where some are now, by name. Gives those that are still missing."""
        palette, home, left = self._instrument.palette, self._folder, list[str]()
        for name, place in (places or {}).items():
            there = partial(moved_to, palette=palette, node=self._node, name=name, place=Path(place).absolute())
            self._instrument._edited(partial(there, folder=home))
        if folder is not None:

            def change(patch: "Patch") -> "Patch":
                after, _, left[:] = found_in(patch, palette, self._node, Path(folder).absolute(), home)
                return after

            self._instrument._edited(change)
        return tuple(left)

    @property
    def _folder(self) -> Path:
        return self._instrument._folder.absolute()
