"""The sounds of a patch by name: which are meant, taken out of the list, found again at another place."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..engine import Palette, Setup
from ..engine.name_schemes import scheme_of
from ..engine.setup import written
from ..graphs import EditError, Patch
from ..nodes.audiofile import Passage, SoundError
from ..nodes.audiofile.folder import DEEPEST, list_sounds
from ..nodes.audiofile.meant import passages_of
from .missing_files import bare, found_with, is_folder, missing_files, relocated
from .patch_files import Named, name_from
from .sound_list import SETTING, listed, part_of, put


@dataclass(frozen=True)
class ListedSound:
    """A sound of a node: by which entry of its list (``text``) it is meant, and what it is.

    is_inside: whether the entry is a folder, which stands for all sounds in it.
    """

    index: int
    text: str
    passage: Passage
    is_inside: bool


def sounds_of(patch: Patch, node: str, folder: Path) -> list[ListedSound]:
    """The sounds of a node, folders opened, in their order. folder: the patch's own."""
    resolve = Setup(folder=folder).resolve
    return [
        ListedSound(index, text, one, resolve(str(bare(text))).is_dir())
        for index, text in enumerate(listed(patch, node))
        for one in passages_of([text], resolve)[0]
    ]


def node_with_sounds(patch: Patch, palette: Palette, node: str | None) -> str:
    """The node that is meant: that one, else the first that has sounds. Raises EditError."""
    encoders = palette.names(patch, "encoder")
    if node is not None and node not in encoders:
        raise EditError(f"{node}: no node of that name has sounds; {_names(encoders) or 'the patch has none'}")
    found = node or next((name for name in encoders if listed(patch, name)), next(iter(encoders), None))
    if found is None:
        raise EditError("no node of this patch has sounds yet; add some first")
    return found


def without_names(
    patch: Patch, palette: Palette, node: str, names: Sequence[str], folder: Path
) -> tuple[Patch, list[str]]:
    """The patch without some sounds of a node, and sentences about folders that are now a list of their sounds.

    names: as the patch has them, paths, or what the sounds are called (with or without the suffix). Raises EditError
    with all names that mean no sound, or several.
    """
    there = sounds_of(patch, node, folder)
    gone = {(one.index, one.passage) for one in _meant(there, names, folder)}
    kept: list[str] = []
    said: list[str] = []
    for index, text in enumerate(listed(patch, node)):
        own = [one for one in there if one.index == index]
        left = [one for one in own if (index, one.passage) not in gone]
        if len(left) == len(own):
            kept.append(text)
        elif left:
            kept += [_named(one.passage, folder) for one in left]
            said.append(
                f"{text}: its {len(left)} other sounds are named one by one now, so what is added to that folder later "
                "is not taken by itself"
            )
    return put(patch, palette, node, kept), said


def moved_to(patch: Patch, palette: Palette, node: str, name: str, place: Path, folder: Path) -> Patch:
    """The patch in which a sound or a folder of a node is found at another place, with what else lay beside it.

    Its line stays with it. Raises EditError.
    """
    texts = listed(patch, node)
    found = [text for text in texts if name in (text, str(bare(text)))] or [
        text for text in texts if name in (bare(text).name, bare(text).stem)
    ]
    if len(found) != 1:
        what = f"means {len(found)} sounds, {_names(found)}" if found else f"is not in the list of {node}"
        raise EditError(f"{name}: {what}; name one as sounds --list does")
    if not place.exists():
        raise EditError(f"{place}: there is no such file or folder; say where {name} is now")
    gone = Named(found[0], node, SETTING, texts.index(found[0]), kind="sound")
    return relocated(patch, folder, found_with(patch, palette, folder, gone, place))


def found_in(
    patch: Patch,
    palette: Palette,
    node: str,
    within: Path,
    folder: Path,
    may_be: Callable[[Path], bool] = lambda path: True,
) -> tuple[Patch, list[str], list[str]]:
    """The patch with the missing sounds of a node that lie in a folder, or in folders in it.

    Gives it with the names that were found and those that were not. Of several of one name, the one whose path ends
    most like the old one. may_be: whether a place that was found may be taken. Raises EditError for a folder that
    can't be read.
    """
    gone = [one for one in missing_files(patch, palette, folder) if (one.node, one.setting) == (node, SETTING)]
    try:
        files = list_sounds(within)
    except SoundError as error:
        raise EditError(str(error)) from None
    # no two files become one, but for parts of one file
    taken = {one.passage.path for one in sounds_of(patch, node, folder) if one.passage.path.exists()}
    found: dict[Path, Path] = {}
    for one in gone:
        old = bare(one.path)
        places = _folders(within) if is_folder(one) else files
        named = (place for place in places if place.name == old.name and place not in taken and may_be(place))
        best = found.get(old) or max(named, key=lambda place: _alike(place, old), default=None)
        if best is not None:
            found[old] = best
            taken.add(best)
    there = [(one, found[bare(one.path)]) for one in gone if bare(one.path) in found]
    left = [one.path for one in gone if bare(one.path) not in found]
    return relocated(patch, folder, there), [one.path for one, _ in there], left


def _meant(there: Sequence[ListedSound], names: Iterable[str], folder: Path) -> Iterator[ListedSound]:
    """The sounds that names mean. Raises EditError with all that mean none, or several."""
    wrong: list[str] = []
    found: list[ListedSound] = []
    for name in names:
        ways: tuple[list[ListedSound], ...] = (
            [one for one in there if name.rstrip("/") in (one.text.rstrip("/"), str(bare(one.text)))],
            [one for one in there if name in _paths(one, folder)],
            [one for one in there if name in (one.passage.path.name, one.passage.name, one.passage.path.stem)],
        )
        own = next((way for way in ways if way), [])
        if len(own) > 1 and own is not ways[0]:
            wrong.append(f"{name} means {len(own)} sounds, {_names(_named(one.passage, folder) for one in own)}")
        elif not own:
            wrong.append(f"{name} is none of its sounds")
        found += own
    if wrong:
        raise EditError(f"{'; '.join(wrong)}; name them as sounds --list does")
    yield from found


def _paths(one: ListedSound, folder: Path) -> Collection[str]:
    path = one.passage.path
    return {str(path), file_name(path, folder), _named(one.passage, folder)}


def file_name(path: Path, folder: Path) -> str:
    """A sound file as the patch in a folder names it; what comes with the program by its scheme."""
    text = written(path, folder)
    return text if scheme_of(text) else name_from(folder, path)


def _named(one: Passage, folder: Path) -> str:
    name = file_name(one.path, folder)
    return name if one.is_whole else part_of(name, one.begin, one.end)


def _folders(within: Path) -> list[Path]:
    """A folder and those in it."""
    found = [within]
    for here, inside, _ in os.walk(within):
        depth = len(Path(here).relative_to(within).parts)
        inside[:] = [] if depth >= DEEPEST else sorted(one for one in inside if not one.startswith("."))
        found += [Path(here) / one for one in inside]
    return found


def _alike(place: Path, old: Path) -> int:
    """How many names at their ends two paths have in common."""
    pairs = zip(reversed(place.parts), reversed(old.parts), strict=False)
    return next((count for count, (one, other) in enumerate(pairs) if one != other), len(old.parts))


def _names(some: Iterable[str]) -> str:
    return ", ".join(some)
