"""Where scripts begin: a new patch, one from a file, one that plays, or what plays already."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...engine.session.client import Client, EngineGone
from ...engine.session.registry import find_engines, in_words, named
from ...graphs import Patch, PatchFileError, load_file
from ...graphs.starters import STARTERS
from .handle import ScriptError
from .instrument import Instrument


def new() -> Instrument:
    """An empty patch."""
    return Instrument(Patch())


def load(name: str | Path) -> Instrument:
    """A patch from its file, or a starter by name (``walk``, ``orbit`` …)."""
    path = Path(name)
    try:
        if not path.exists() and str(name) in STARTERS:
            return Instrument(load_file(STARTERS[str(name)].file), name=str(name))
        return Instrument(load_file(path), path.absolute().parent, path.absolute())
    except PatchFileError as error:
        raise ScriptError(str(error)) from None


@contextmanager
def play(name: str | Path, device: str | None = None, strict: bool = True) -> Iterator[Instrument]:
    """A patch that plays as long as the ``with`` lasts; what failed meanwhile is a ScriptError at its end."""
    it = load(name)
    is_whole = False
    try:
        yield it.play(device, strict=strict)
        is_whole = True
    finally:
        it.close(strict=strict and is_whole)


def attach(name: str | int | None = None) -> Instrument:
    """What plays already (``latent-terrain run``, the editor, a script), in the hands of this script too.

    name: as ``latent-terrain engines`` lists it, or its process number; None: what was started last. ``stop`` ends it,
    ``close`` leaves it.
    """
    address = None
    if name is not None:
        address = named(str(name))
        if address is None:
            raise ScriptError(f"no engine named {name}; there {in_words(find_engines())}")
    it: Instrument | None = None
    try:
        client = Client.attach(address, heard=lambda news: it._hear(news) if it is not None else None)
    except EngineGone as error:
        raise ScriptError(str(error)) from None
    it = Instrument(client.patch, name=address.name if address is not None else "")
    it._play_through(client, plays_on=True)
    return it
