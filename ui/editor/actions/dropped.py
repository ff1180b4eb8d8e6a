"""Files that are dropped on the window: a patch is opened, a model becomes the codec, sounds are added or found."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from ...patcher.hits import OnControl, OnNode, under
from ...patcher.window_requests import ChooseOne
from ..document.desk import Desk
from ..document.patch_codec import SUFFIXES as MODELS
from ..document.patch_codec import has_codec, use_codec
from .files import unless_unsaved, void

PATCH = ".ltp"


def take_dropped(desk: Desk, paths: tuple[Path, ...], find: Callable[..., None] | None = None) -> None:
    """Do what was meant with files and folders dropped where the pointer is.

    find: looks for sound files on the map, where they were dropped on one that has sounds; then that is asked.
    """
    patches = [one for one in paths if one.suffix.lower() == PATCH]
    models = [one for one in paths if one.suffix.lower() in MODELS]
    sounds = tuple(one for one in paths if one not in patches and one not in models)
    if patches:
        unless_unsaved(desk, lambda: void(desk.open(patches[0])))
    elif models and has_codec(desk):
        use_codec(desk, models[0])
    elif models:
        desk.say(f"{models[0].name}: this patch has no codec yet; add sounds first, then drop the model", "warning")
    elif find is not None and not any(one.is_dir() for one in sounds):
        names = sounds[0].name if len(sounds) == 1 else f"{len(sounds)} sounds"
        add = partial(desk.sounds.add, sounds)
        choices = ("Add to the map's sounds", add), ("Find on the map", partial(find, *sounds))
        desk.ask(ChooseOne(f"{names} dropped on the map", choices))
    else:
        desk.sounds.add(sounds, None if find is not None else encoder_under(desk))


def encoder_under(desk: Desk) -> str | None:
    """The encode node whose card the pointer is on."""
    found = under(desk.layout, desk.pointer, 0.0)
    name = found.control.node if isinstance(found, OnControl) else found.node if isinstance(found, OnNode) else ""
    return name if name in desk.palette.names(desk.patch, "encoder") else None
