"""The map: tools, layers, and what is done to lines. Keys of these mean this while the map has the focus."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

from ....nodes.audiofile.folder import SUFFIXES
from ...map import operations
from ...map.hand import MapHand, Wanted
from ...map.sheet import Tool
from ...patcher.window_requests import ChooseFile, Show
from ..document.desk import Desk
from .registry import Action

ARROWS = (("left", "Left", -1, 0), ("right", "Right", 1, 0), ("up", "Up", 0, -1), ("down", "Down", 0, 1))
TOOLS: tuple[tuple[Tool, str, str], ...] = (
    ("line", "Draw lines", "D"),
    ("free", "Draw freehand", "F"),
    ("pen", "Draw curves (pen)", "P"),
    ("point", "Place points", "T"),
    ("erase", "Erase", "E"),
    ("move", "Select and move", "V"),
    ("pad", "Place pads", "K"),
    ("record", "Record gesture", "R"),
    ("hand", "Play by touch", "H"),
)


def has_map(desk: Desk) -> bool:
    """Whether there is a canvas."""
    return desk.maps.current is not None


def on_map(run: Callable[[MapHand], object]) -> Callable[[Desk], None]:
    """What is done with the canvas that is seen."""

    def act(desk: Desk) -> None:
        hand = desk.maps.current
        if hand is not None:
            run(hand)

    return act


def on_sheet(run: Callable[..., object], *more: object) -> Callable[[Desk], None]:
    """What is done on the sheet of the canvas that is seen."""
    return on_map(lambda hand: run(hand.sheet, *more))


def _layer(hand: MapHand) -> None:
    hand.finish()
    hand.sheet.show("play" if hand.sheet.layer == "learn" else "learn")


def _snap(hand: MapHand) -> None:
    hand.sheet.habits.snaps = not hand.sheet.habits.snaps


def _fit(hand: MapHand) -> None:
    hand.sheet.view = hand.sheet.view.whole()


def _wipe(hand: MapHand) -> None:
    hand.ink.clear()


def _lay_out(desk: Desk) -> None:
    hand = desk.maps.current
    if hand is not None and operations.lay_out(hand.sheet) and not desk.settings.learns_by_itself:
        desk.sound.learn(desk.patch)


def _export(desk: Desk) -> None:
    hand = desk.maps.current
    if hand is None:
        return
    name = f"{hand.sheet.node}{time.strftime('%Y%m%d%H%M%S')}.png"

    def chosen(path: Path) -> None:
        hand.wanted.append(Wanted("export", path=path))

    desk.ask(ChooseFile("Export the map as a picture", (".png", ".svg"), True, chosen, name=name))


def _want(desk: Desk, wanted: Wanted) -> None:
    """Have the map's window do something; it is opened for that."""
    hand = desk.maps.current
    if hand is not None:
        hand.wanted.append(wanted)
        desk.show_map()


def _find(desk: Desk) -> None:
    hand = desk.maps.current
    if hand is None:
        return

    def chosen(path: Path) -> None:
        _want(desk, Wanted("find", path=path))

    desk.ask(ChooseFile("Find this sound on the map", SUFFIXES, False, chosen))


def _wanting(what: Literal["paste", "record"]) -> Callable[[Desk], None]:
    return lambda desk: _want(desk, Wanted(what))


def _way(desk: Desk, way: Literal["docked", "floating", "full"]) -> None:
    """Show the map this way, or put it away if it is shown so."""
    if desk.maps.is_alone:
        _fill_screen(desk)
        return
    opened = desk.settings.panels
    if "map" in opened and desk.maps.way == way:
        opened.remove("map")
        desk.settings.opens_map = False
        return
    desk.maps.way = way
    desk.show_map()


def _fill_screen(desk: Desk) -> None:
    desk.ask(Show("full screen"))


def _side(desk: Desk, side: str) -> None:
    """Let a docked map stand there by the patch."""
    desk.settings.map_side = side
    desk.maps.way = "docked"
    desk.show_map()


MAPPING = (
    Action("view.map", "Show map", "Map", ("F4",), partial(_way, way="docked")),
    Action("view.map_above", "Map above the patch", "Map/Place", (), partial(_side, side="above")),
    Action("view.map_below", "Map below the patch", "Map/Place", (), partial(_side, side="below")),
    Action("view.map_beside", "Map beside the patch", "Map/Place", (), partial(_side, side="beside")),
    Action("view.map_floating", "Map in its own window", "Map/Place", ("Shift+F4",), partial(_way, way="floating")),
    Action("view.map_window", "Map on a second screen", "Map/Place", (), lambda desk: desk.ask(Show("map window"))),
    Action("view.map_full", "Map in all of the window", "Map/Place", ("F11",), partial(_way, way="full")),
    Action("view.full_screen", "Full screen", "View", ("Shift+F11",), _fill_screen),
    *(
        Action(f"map.{tool}", label, "Map/Tools", (key,), on_map(partial(MapHand.take, tool=tool)), has_map)
        for tool, label, key in TOOLS
    ),
    Action(
        "map.layer", "Switch training lines / playback paths", "Map", ("Tab",), on_map(_layer), has_map, begins=True
    ),
    Action("map.snap", "Snap to grid", "Map", ("S",), on_map(_snap), has_map),
    Action("map.finish", "Finish curve", "Map/Change lines", ("Enter",), on_map(MapHand.finish), has_map),
    Action("map.fit", "Zoom to the whole map", "Map", ("Home",), on_map(_fit), has_map),
    Action("map.all", "Select all lines", "Map", ("Ctrl+A",), on_sheet(operations.select_all), has_map, begins=True),
    Action("map.delete", "Delete point or lines", "Map", ("Delete", "Backspace"), on_sheet(operations.delete), has_map),
    Action("map.clear", "Clear layer", "Map", ("Ctrl+Delete",), on_sheet(operations.clear), has_map),
    Action("map.reverse", "Reverse lines", "Map/Change lines", ("Shift+R",), on_sheet(operations.turn_round), has_map),
    Action(
        "map.mirror_x", "Flip horizontally", "Map/Change lines", ("X",), on_sheet(operations.mirror_lines, 0), has_map
    ),
    Action(
        "map.mirror_y", "Flip vertically", "Map/Change lines", ("Y",), on_sheet(operations.mirror_lines, 1), has_map
    ),
    Action("map.smooth", "Convert lines to curves", "Map/Change lines", ("C",), on_sheet(operations.smooth), has_map),
    Action(
        "map.straighten",
        "Convert curves to lines",
        "Map/Change lines",
        ("Shift+C",),
        on_sheet(operations.straighten),
        has_map,
    ),
    Action("map.to_play", "Copy to playback paths", "Map", ("Ctrl+Enter",), on_sheet(operations.to_play), has_map),
    Action("map.find", "Find a sound on the map …", "Map/Find a sound", ("Ctrl+Shift+F",), _find, has_map),
    Action(
        "map.find_pasted", "Find copied sound on the map", "Map/Find a sound", ("Ctrl+V",), _wanting("paste"), has_map
    ),
    Action(
        "map.find_recorded",
        "Record a sound to find on the map",
        "Map/Find a sound",
        ("Ctrl+Shift+M",),
        _wanting("record"),
        has_map,
    ),
    Action("map.lay_out", "Lay out by likeness", "Map", ("L",), _lay_out, has_map, True),
    Action("map.export", "Export picture …", "Map", ("Ctrl+Shift+E",), _export, has_map, begins=True),
    Action("map.wipe", "Clear trail", "Map", ("W",), on_map(_wipe), has_map),
    *(
        Action(f"map.{word}", f"Nudge {word}", "Map/Change lines", (key,), on_sheet(operations.nudge, x, y), has_map)
        for word, key, x, y in ARROWS
    ),
    *(
        Action(
            f"map.pad_{pad}", f"Go to pad {pad}", "Map/Pads", (str(pad),), on_sheet(operations.go_to_pad, pad), has_map
        )
        for pad in range(1, 10)
    ),
)
