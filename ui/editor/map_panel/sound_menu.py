"""What can be done with a sound of the map's list."""

from collections.abc import Callable
from functools import partial

from ...map.hand import MapHand, Wanted
from ...map.hits import OnBody
from ...map.sounds import source_of
from ..actions.sounds import facts, relink, remove, reveal
from ..actions.take_menus import ask_what
from ..document.desk import Desk

Entries = list[tuple[str, Callable[[], object]]]


def sound_entries(desk: Desk, hand: MapHand, number: int) -> Entries:
    """Lines of its menu: listening, and what its file or its take allows."""
    sheet, patch, palette = hand.sheet, desk.patch, desk.palette
    entries: Entries = []
    if number in sheet.drawing.lines:
        entries.append(("Listen", lambda: hand.wanted.append(Wanted("listen", OnBody(number, 0, (0.0, 0.0))))))
    source = source_of(patch, palette, sheet.node)
    if source is None or desk.is_locked:
        return entries
    if palette.role(patch.nodes[source].type) == "takes":
        return [*entries, ("Take …", partial(ask_what, desk, source, number))]
    # A folder is one entry for many sounds, and what is missing has no row here: only a file of that name is meant.
    named = [one for one in facts(desk, source) if one.path is not None and one.path.stem == sheet.sounds[number].name]
    if len(named) != 1:
        return entries
    (one,) = named
    return [
        *entries,
        ("Remove from the patch", partial(remove, desk, source, {one.index})),
        ("Reveal", partial(reveal, desk, one)),
        ("Relink …", partial(relink, desk, source, one)),
    ]
