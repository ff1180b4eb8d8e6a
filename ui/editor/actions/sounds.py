"""The sounds of a patch: added from files and folders, removed, put in order, cut to a part, found again."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ....engine.name_schemes import scheme_of
from ....engine.setup import Setup
from ....engine.typed import PART, number
from ....graphs.printable import counted
from ....nodes.audiofile import SoundError, split_passage
from ...patch_files import Named
from ...patcher.window_requests import ChooseSounds, Show, TypeText
from ...sound_list import SETTING, encoder_for, listed, part_of, put, shifted, without
from ..document.desk import Desk
from .named_files import ask_where, locate
from .registry import Action


@dataclass(frozen=True)
class SoundFact:
    """A sound as it is listed. path: None for what comes with the program. part: in seconds, "" for all of it."""

    index: int
    name: str
    folder: str
    path: Path | None
    part: str = ""
    is_missing: bool = False


def add_sounds(desk: Desk, node: str | None = None) -> None:
    """Ask for sounds and folders to add: to an encode node, or where the patch has room for them."""
    last = Path(desk.settings.sound_folder)
    begin = last if desk.settings.sound_folder and last.is_dir() else Path.home()
    desk.ask(ChooseSounds("Add sounds", lambda paths: desk.sounds.add(paths, node), begin))


def shown_node(desk: Desk) -> str | None:
    """The encode node whose sounds are listed: the one that is selected, else that of the map that is seen."""
    encoders = desk.palette.names(desk.patch, "encoder")
    chosen = next((name for name in sorted(desk.selection) if name in encoders), None)
    return chosen or encoder_for(desk.patch, desk.palette, desk.maps.seen)


def facts(desk: Desk, node: str, words: str = "") -> list[SoundFact]:
    """The sounds of a node in whose name or folder these words are; looks on the disk whether they are there."""
    wanted = words.casefold().split()
    resolve = Setup(folder=desk.document.folder).resolve
    found = []
    for index, text in enumerate(listed(desk.patch, node)):
        if not all(word in text.casefold() for word in wanted):
            continue
        if scheme_of(text):
            found.append(SoundFact(index, text, "comes with Latent Terrain", None))
            continue
        file, begin, end = _split(text)
        path = resolve(file)
        part = "" if begin == 0.0 and end is None else f"{begin:g} … {'end' if end is None else f'{end:g}'} s"
        found.append(SoundFact(index, path.name, str(path.parent), path, part, not path.exists()))
    return found


def remove(desk: Desk, node: str, indices: Collection[int]) -> bool:
    """Take sounds out of the list; their files stay, and their lines come back when they do."""
    sounds = without(listed(desk.patch, node), indices)
    label = f"remove {counted(len(indices), 'sound')}"
    return desk.edit(partial(put, palette=desk.palette, node=node, sounds=sounds), label)


def shift(desk: Desk, node: str, indices: frozenset[int], by: int) -> frozenset[int]:
    """Move sounds one place up (-1) or down (1); gives where they are then."""
    sounds, places = shifted(listed(desk.patch, node), indices, by)
    if sounds != listed(desk.patch, node):
        desk.edit(partial(put, palette=desk.palette, node=node, sounds=sounds), "reorder sounds")
    return places


def ask_part(desk: Desk, node: str, index: int) -> None:
    """Ask which part of a sound is meant."""
    text = listed(desk.patch, node)[index]
    _, begin, end = _split(text)
    now = "" if begin == 0.0 and end is None else f"{begin:g}, {'' if end is None else f'{end:g}'}"

    def typed(given: str) -> None:
        sounds = list(listed(desk.patch, node))
        if index >= len(sounds) or sounds[index] != text:
            desk.say("the list of sounds has changed meanwhile; choose the sound again", "warning")
            return
        try:
            sounds[index] = part_of(text, *_times(given))
        except ValueError as error:
            desk.say(f"{Path(text).name}: {error}", "warning")
            return
        desk.edit(partial(put, palette=desk.palette, node=node, sounds=sounds), "part of a sound")

    desk.ask(TypeText("Part of the sound: from, to (seconds); empty: all of it", now, typed))


def reveal(desk: Desk, one: SoundFact) -> None:
    """Show the file where it lies, in the system's file manager."""
    import typer

    if one.path is None or not one.path.exists():
        desk.say(f"{one.name} is missing; Relink finds it", "warning")
    elif typer.launch(str(one.path), locate=True):
        desk.say(f"no file manager opened; the file is {one.path}", "warning")


def relink(desk: Desk, node: str, one: SoundFact) -> None:
    """Ask where a sound is now; others that lie there too are found with it."""
    text = listed(desk.patch, node)[one.index]
    gone = Named(text, node, SETTING, one.index, kind="sound")

    def found(path: Path) -> None:
        if listed(desk.patch, node)[one.index : one.index + 1] == (text,):
            locate(desk, gone, path)

    ask_where(desk, gone, found)


def _split(text: str) -> tuple[str, float, float | None]:
    try:
        return split_passage(text)
    except SoundError:
        return text.partition(PART)[0], 0.0, None


def _times(given: str) -> tuple[float | None, float | None]:
    """From and to, as typed. Raises ValueError with a sentence."""
    if not given.strip():
        return None, None
    begin, _, end = given.partition(",")
    times = number(begin) if begin.strip() else 0.0, number(end) if end.strip() else None
    if times[0] < 0 or (times[1] is not None and times[1] <= times[0]):
        raise ValueError("give seconds from, to, the second larger: 1.5, 3")
    return times


def _has_sounds(desk: Desk) -> bool:
    return bool(desk.palette.names(desk.patch, "encoder"))


SOUNDS = (
    Action("file.add_sounds", "Add sounds …", "File", ("Ctrl+Shift+O",), add_sounds, is_structural=True),
    Action("file.sounds", "Sounds of this patch …", "File", (), lambda desk: desk.ask(Show("sounds")), _has_sounds),
)
