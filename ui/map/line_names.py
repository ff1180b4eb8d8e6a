"""The names of a map's lines: beside their starts, where they find room, and of what is chosen or pointed at always."""

import time

import numpy as np

from ...graphs import Point
from ...nodes.gui.drawing import line_of
from ..surface.labels import placed
from ..surface.look import elided, measure
from .hand import MapHand
from .hits import OnBody, OnJoint

LETTER, WIDEST = 12.0, 120.0
# Of the disc at a line's start, which has its number.
RADIUS = 6.5
USUAL: Point = (10.0, -7.0)
# Of what is drawn, of which names hide little.
MOST_POINTS = 2000
# Names are not placed anew sooner than this while lines are dragged or zoomed; meanwhile they keep beside their starts.
STEADY_SECONDS = 0.25


class LineNames:
    """Names with their places, found anew when lines, names, size or what is pointed at are others."""

    def __init__(self) -> None:
        self._mark: tuple[object, ...] = ()
        self._placed_at = 0.0
        self._found: dict[int, tuple[str, Point]] = {}

    def placed(self, hand: MapHand) -> dict[int, tuple[str, Point]]:
        """The lines whose names are shown: each with its words, and their left top from its start in pixels."""
        sheet, plane = hand.sheet, hand.sheet.view
        if sheet.layer != "learn":
            return {}
        pointed = {hand.hovered.number} if isinstance(hand.hovered, OnJoint | OnBody) else set[int]()
        names = {number: _words(hand, number) for number in sheet.drawing.lines}
        mark = (names, plane.box, sheet.chosen, pointed, sheet.drawing, tuple(plane.scale))
        now = time.monotonic()
        is_moving = mark[:4] == self._mark[:4] and now - self._placed_at < STEADY_SECONDS
        if mark != self._mark and not is_moving:
            self._mark, self._placed_at = mark, now
            order = sorted(names, key=lambda one: (one not in sheet.chosen, one not in pointed, one))
            starts = {number: plane.to_sheet(line_of(sheet.drawing.lines[number]).corners[0, :2]) for number in order}
            marks = [(float(x), float(y)) for x, y in starts.values()]
            shown = {one: names[one] if one in sheet.chosen else elided(names[one], LETTER, WIDEST) for one in order}
            sizes = [(measure(words, LETTER), LETTER + 2.0) for words in shown.values()]
            corners = [line_of(path).corners[:, :2] for path in sheet.drawing.lines.values()]
            drawn = plane.to_sheet(np.concatenate(corners)) if corners else np.zeros((0, 2))
            busy = drawn[:: 1 + len(drawn) // MOST_POINTS]
            self._found = {}
            for number, (x, y), area in zip(order, marks, placed(marks, sizes, RADIUS, busy=busy), strict=True):
                if area is not None:
                    self._found[number] = (shown[number], (area[0] - x, area[1] - y))
                elif number in sheet.chosen | pointed:
                    self._found[number] = (shown[number], USUAL)
        return self._found


def _words(hand: MapHand, number: int) -> str:
    sheet = hand.sheet
    weight = sheet.drawing.weights.get(number, 1.0)
    return sheet.name_of(number) + (f" × {weight:g}" if weight != 1.0 else "")
