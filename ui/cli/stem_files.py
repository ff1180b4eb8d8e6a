"""The stems of a render as files beside the mix."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from .output import FILE, RUN, USAGE, Failure, say
from .patches import OpenedPatch

if TYPE_CHECKING:
    from ...engine import Engine, FloatArray, Palette
    from ...graphs import Patch
    from ...nodes.audiofile import SoundWriter
    from ..stems import Stem


class StemFiles:
    """Writes each stem of what an engine plays; ``patch`` and ``palette`` are what the engine is to play.

    Used in a ``with``: the files take their places at its end. Raises Failure, SoundError.
    """

    def __init__(self, folder: Path, opened: OpenedPatch, palette: "Palette", mix: Path) -> None:
        from ...graphs import EditError
        from ..stems import with_stems

        self.folder, self._mix = folder, mix
        try:
            found: tuple[Patch, Palette, list[Stem]] = with_stems(opened.patch, palette)
        except EditError as error:
            raise Failure(f"{opened.name}: {error}", RUN) from None
        self.patch, self.palette, self.stems = found
        self.paths = [folder / f"{one.name}{mix.suffix}" for one in self.stems]
        if mix.absolute() in [one.absolute() for one in self.paths]:
            raise Failure(f"--stems {folder}: a stem is called {mix.name} too; write the mix elsewhere", USAGE)
        for one in self.stems:
            if one.together:
                say(f"{one.name}: one stem of {', '.join(one.together)}, whose sounds can't be told apart behind it")
        self._writers: list[SoundWriter] = []
        self._stack = ExitStack()

    def open(self, sample_rate: float, channels: int) -> "StemFiles":
        """Begin the files; in the folder, which is made where there is none."""
        from ...nodes.audiofile import SoundWriter

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Failure(f"--stems {self.folder}: can't be made ({error.strerror}); name a folder", FILE) from None
        try:
            for path in self.paths:
                self._writers.append(SoundWriter(path, sample_rate, channels))
        except BaseException:
            self.discard()
            raise
        return self

    def discard(self) -> None:
        """Drop what was begun; files that were there stay as they were."""
        for writer in self._writers:
            writer.discard()

    def write(self, engine: "Engine", mix: "FloatArray") -> None:
        """Append what the stems were in a block."""
        from ..stems import take_stems

        for writer, sound in zip(self._writers, take_stems(engine, self.stems, mix), strict=True):
            writer.write(sound)

    def cut(self) -> None:
        """They end before they were to end."""
        for writer in self._writers:
            writer.is_cut = True

    def told(self) -> list[dict[str, object]]:
        """The files, as plain data; says which were clipped."""
        for one, writer in zip(self.stems, self._writers, strict=True):
            if writer.clipped:
                say(f"{writer.path}: {writer.clipped} samples clipped, so stems do not add up there; lower {one.name}")
        pairs = zip(self.stems, self._writers, strict=True)
        return [{"node": one.name, "file": str(writer.path), "together": one.together} for one, writer in pairs]

    def __enter__(self) -> "StemFiles":
        from ...nodes.audiofile.unfinished import noted

        for writer in self._writers:
            self._stack.enter_context(noted(writer))
            self._stack.enter_context(writer)
        return self

    def __exit__(self, *problem: object) -> None:
        if problem[0] is not None:
            self.cut()
        self._stack.close()
