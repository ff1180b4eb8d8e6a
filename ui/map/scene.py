"""The map as plain shapes: the terrain's picture, lines with their joints and names, pads, ink and playheads.

Lengths are pixels of the whole sheet, so that pulling the map moves it all without drawing anything anew.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from ...graphs import Point
from ...nodes.gui.curves import BezierCurve
from ...nodes.gui.drawing import Played, line_of
from ...nodes.gui.timed_paths import Timed
from ..surface.look import Look, faded, measure, mixed
from ..surface.shapes import Box, Colour, Disc, Image, Label, Path, Picture, Rectangle, Shape, ShapeGroup, Stroke
from ..terrain_image.lines import line_colour
from .gestures.gesture import NOTHING, MapOverlay
from .gestures.play import Ink
from .hand import MapHand, loop_ends, walked_path
from .hits import OnJoint, OnPad
from .line_names import LETTER as NAME
from .line_names import RADIUS, LineNames
from .plane import Floats, Plane
from .sheet import Layer, Sheet
from .tiles import Corners, TextureTile

COMPLETE: Colour = (88, 192, 211, 255)
INCOMPLETE: Colour = (178, 178, 178, 255)
PLAYED: Colour = (240, 173, 100, 255)
# The reference's colours (spec §11.12), and more for more playheads.
HEADS: tuple[Colour, ...] = ((249, 188, 65, 255), (242, 199, 156, 255), (120, 220, 160, 255), (200, 150, 250, 255))
TERRAIN, OVER, INKED, DRAWN, MARKED, ABOVE = 0, 1, 2, 3, 4, 6
# Of a line with more joints only the ends are marked, until it is chosen.
MOST_JOINTS = 120
# A line of more points has no shade around it, which would cost as much as the line.
SHADED = 100
FINE_PIXELS = 2.0
LETTER = 11.0
EVERYWHERE = Box(-1e7, -1e7, 1e7, 1e7)
# So many frames a playhead's trail lasts.
TRAIL = 90


@dataclass
class Trails:
    """Where the playheads are and were, value units."""

    places: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    past: deque[Floats] = field(default_factory=lambda: deque(maxlen=TRAIL))

    def add(self, places: np.ndarray[tuple[int, ...], np.dtype[np.floating]] | None) -> None:
        """Another frame; None: nothing plays."""
        if places is None or places.ndim != 2 or places.shape[1] != 2:
            self.places = np.zeros((0, 2))
            self.past.clear()
            return
        self.places = np.asarray(places, np.float64)
        if self.past and self.past[-1].shape != self.places.shape:
            self.past.clear()
        self.past.append(self.places.copy())


@dataclass(frozen=True)
class _Manner:
    """All that the picture of one line depends on, but for the line."""

    box: tuple[float, float, float, float]
    scale: tuple[float, float]
    colour: Colour
    sign: Colour
    is_chosen: bool
    is_active: bool
    lit: int
    number: str
    name: tuple[str, Point] | None
    look: str


Ground: TypeAlias = tuple[tuple[TextureTile, ...], Corners]


class MapScene:
    """Makes the picture; pieces that did not change are the same objects."""

    def __init__(self) -> None:
        self._lines: dict[tuple[Layer, int], tuple[Played, _Manner, ShapeGroup]] = {}
        self._ground: tuple[object, Picture] | None = None
        self._ink: tuple[object, ShapeGroup] | None = None
        self._names = LineNames()

    def picture(self, hand: MapHand, look: Look, trails: Trails, terrain: Ground | None) -> Picture:
        """All there is to see. terrain: its picture's tiles and left, top, right, bottom in value units."""
        sheet = hand.sheet
        picture: Picture = dict(self._on_ground(sheet, look, terrain))
        if hand.ink.strokes:
            picture["ink"] = self._inked(hand.ink, sheet.view)
        layers: tuple[Layer, ...] = ("learn", "play")
        kept: dict[tuple[Layer, int], tuple[Played, _Manner, ShapeGroup]] = {}
        names = self._names.placed(hand)
        for layer in sorted(layers, key=lambda one: one == sheet.layer):
            lines = sheet.drawing.lines if layer == "learn" else sheet.drawing.play
            for number in sorted(lines):
                name = names.get(number) if layer == "learn" else None
                path, manner = lines[number], self._manner(hand, look, layer, number, name)
                known = self._lines.get((layer, number))
                if known is None or known[0] is not path or known[1] != manner:
                    known = (path, manner, _line(path, manner, sheet.view, look))
                kept[layer, number] = known
                picture[f"{layer} {number}"] = known[2]
        self._lines = kept
        shapes = [*_pads(hand, look), *_loops(sheet, look)]
        if shapes:
            picture["pads"] = ShapeGroup((0.0, 0.0), tuple(shapes), EVERYWHERE, MARKED)
        heads = _heads(trails, sheet.view)
        if heads:
            picture["heads"] = ShapeGroup((0.0, 0.0), tuple(heads), EVERYWHERE, ABOVE)
        over = _over(hand.overlay or NOTHING, sheet.view, look)
        if over:
            picture["overlay"] = ShapeGroup((0.0, 0.0), tuple(over), EVERYWHERE, ABOVE)
        return picture

    def _on_ground(self, sheet: Sheet, look: Look, terrain: Ground | None) -> Picture:
        plane = sheet.view
        mark = (plane.box, plane.size, plane.shown.scale, sheet.habits.snaps, look.name, terrain, not sheet.lines)
        if self._ground is None or self._ground[0] != mark:
            picture: Picture = {}
            corner, far = plane.to_sheet([(plane.box.left, plane.box.top), (plane.box.right, plane.box.bottom)])
            edge = Box(float(corner[0]), float(corner[1]), float(far[0]), float(far[1]))
            picture["ground"] = ShapeGroup((0.0, 0.0), (Rectangle(edge, fill=look.well),), EVERYWHERE, TERRAIN)
            if terrain is not None:
                tiles, (left, top, right, bottom) = terrain
                ends = plane.to_sheet([(left, top), (right, bottom)])
                images = tuple(Image(_part(ends, tile.part), tile.name, tile.inside) for tile in tiles)
                picture["terrain"] = ShapeGroup((0.0, 0.0), images, EVERYWHERE, TERRAIN)
            lines = _grid(sheet, look) if sheet.habits.snaps else []
            picture["grid"] = ShapeGroup((0.0, 0.0), (*lines, Rectangle(edge, line=look.edge)), EVERYWHERE, OVER)
            self._ground = (mark, picture)
        return self._ground[1]

    def _inked(self, ink: Ink, plane: Plane) -> ShapeGroup:
        mark = (id(ink.strokes), ink.version, plane.box, plane.size, plane.shown.scale)
        if self._ink is None or self._ink[0] != mark:
            shapes: list[Shape] = []
            for stroke in ink.strokes:
                if len(stroke) < 2:
                    continue
                values = np.array(stroke)
                colour = (255, 255, 255, 190)
                width = 0.5 + 5.0 * float(values[:, 2].mean())
                shapes.append(Stroke(_points(plane.to_sheet(values[:, :2])), colour, width))
            self._ink = (mark, ShapeGroup((0.0, 0.0), tuple(shapes), EVERYWHERE, INKED))
        return self._ink[1]

    @staticmethod
    def _manner(hand: MapHand, look: Look, layer: Layer, number: int, name: tuple[str, Point] | None) -> _Manner:
        sheet, hovered = hand.sheet, hand.hovered
        is_active = layer == sheet.layer
        sign = (*line_colour(number), 255)
        if layer == "learn":
            done = sheet.completion(number)
            colour = COMPLETE if done is None or done.complete else INCOMPLETE
        else:
            is_played = bool(sheet.drawing.play) and _walked(sheet) == number
            colour = PLAYED if is_played else INCOMPLETE
        if not is_active:
            colour, sign = faded(colour, 0.35), (sign[0], sign[1], sign[2], 90)
        lit = (hovered.joint if isinstance(hovered, OnJoint) and hovered.number == number else -1) if is_active else -1
        box, scale = sheet.view.box, sheet.view.scale
        return _Manner(
            (box.left, box.top, box.right, box.bottom),
            (float(scale[0]), float(scale[1])),
            colour,
            sign,
            is_active and number in sheet.chosen,
            is_active,
            lit,
            str(number + 1),
            name,
            look.name,
        )


def _walked(sheet: Sheet) -> int:
    """The play line that the first playhead walks."""
    play = sorted(sheet.drawing.play)
    index = int(sheet.value("line") or 0) - 1
    return play[min(index, len(play) - 1)] if play and index >= 0 and walked_path(sheet) is not None else -1


def _line(path: Played, manner: _Manner, plane: Plane, look: Look) -> ShapeGroup:
    line = line_of(path)
    if line.axes != 2:
        return ShapeGroup((0.0, 0.0), (), EVERYWHERE, DRAWN)
    places = plane.to_sheet(line.corners)
    width = 3.0 if manner.is_chosen else 2.0  # whole numbers: the library draws those from a texture, twice as fast
    shapes: list[Shape] = []
    if len(places) > 1:
        points = Path(thinned(places))
        if len(points) <= SHADED or manner.is_chosen:
            shapes.append(Stroke(points, (0, 0, 0, 110 if manner.is_active else 40), width + 2.0))
        shapes.append(Stroke(points, manner.colour, width))
    if isinstance(path, BezierCurve) and manner.is_chosen:
        shapes += _handles(plane.to_sheet(path.controls), look)
    shapes += _joints(path, manner, plane, look)
    x, y = (float(one) for one in places[0])
    shapes.append(Disc((x, y), RADIUS, fill=manner.sign, line=(0, 0, 0, 160), thickness=1.0))
    shade = measure(manner.number, LETTER) / 2
    shapes.append(Label((x - shade, y - LETTER * 0.62), manner.number, LETTER, (0, 0, 0, manner.sign[3])))
    if manner.name is not None:
        words, (right, down) = manner.name
        for off, colour in ((1.0, (0, 0, 0, 200)), (0.0, (255, 255, 255, 235))):
            shapes.append(Label((x + right + off, y + down + off), words, NAME, colour))
    extent = places.min(axis=0) - 200.0, places.max(axis=0) + 200.0
    return ShapeGroup(
        (0.0, 0.0),
        tuple(shapes),
        Box(float(extent[0][0]), float(extent[0][1]), float(extent[1][0]), float(extent[1][1])),
        MARKED if manner.is_chosen else DRAWN,
    )


def thinned(places: Floats) -> Floats:
    """A line of pixels ``[n, 2]`` without points that lie within two pixels' way of the one before; its ends stay."""
    if len(places) < 64:
        return places
    way = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(places, axis=0), axis=1))))
    steps = np.floor(way / FINE_PIXELS)
    kept = np.concatenate(([True], np.diff(steps) > 0))
    kept[-1] = True
    return places[kept]


def _joints(path: Played, manner: _Manner, plane: Plane, look: Look) -> list[Shape]:
    if isinstance(path, Timed) or not manner.is_active:
        joints = line_of(path).anchors[[-1]]
    else:
        joints = path.joints if isinstance(path, BezierCurve) else path.anchors
        if len(joints) > MOST_JOINTS and not manner.is_chosen:
            joints = joints[[-1]]
        else:
            joints = joints[1:]
    shapes: list[Shape] = []
    for index, (x, y) in enumerate(plane.to_sheet(joints).tolist()):
        is_last = index == len(joints) - 1
        colour = mixed(manner.colour, (255, 255, 255, 255), 0.6) if index + 1 == manner.lit else manner.colour
        shapes.append(Disc((x, y), 5.0 if is_last else 3.2, fill=colour, line=(0, 0, 0, 140)))
    return shapes


def _handles(controls: Floats, look: Look) -> list[Shape]:
    shapes: list[Shape] = []
    for index in range(len(controls)):
        if index % 3 == 0:
            continue
        joint = index - 1 if index % 3 == 1 else index + 1
        (x, y), (jx, jy) = controls[index].tolist(), controls[joint].tolist()
        shapes.append(Stroke(((jx, jy), (x, y)), faded(look.chosen, 0.7), 1.0))
        shapes.append(Disc((x, y), 3.5, fill=look.ground, line=look.chosen))
    return shapes


def _pads(hand: MapHand, look: Look) -> list[Shape]:
    sheet, shapes = hand.sheet, list[Shape]()
    is_near = sheet.layer == "play" or sheet.tool == "pad"
    for pad, place in sheet.drawing.pads.items():
        x, y = (float(one) for one in sheet.view.to_sheet(place))
        is_lit = isinstance(hand.hovered, OnPad) and hand.hovered.pad == pad
        ring = look.chosen if is_lit else (255, 255, 255, 230 if is_near else 110)
        shapes.append(Disc((x, y), 11.0, fill=(0, 0, 0, 130), line=ring, thickness=1.5))
        shapes.append(Label((x - 3.4, y - 7.2), str(pad), NAME, ring))
    return shapes


def _loops(sheet: Sheet, look: Look) -> list[Shape]:
    ends = loop_ends(sheet)
    if ends is None:
        return []
    shapes: list[Shape] = []
    for name, place in ends.items():
        x, y = (float(one) for one in sheet.view.to_sheet(place))
        way = 1.0 if name == "loop_start" else -1.0
        shapes.append(Stroke(((x + 5 * way, y - 9), (x, y - 9), (x, y + 9), (x + 5 * way, y + 9)), look.chosen, 2.5))
    return shapes


def _heads(trails: Trails, plane: Plane) -> list[Shape]:
    shapes: list[Shape] = []
    past = np.stack(trails.past) if len(trails.past) > 1 else None
    for player, place in enumerate(trails.places):
        if not np.all(np.isfinite(place)):
            continue
        colour = HEADS[player % len(HEADS)]
        if past is not None:
            points = plane.to_sheet(past[:, player])
            shapes.append(Stroke(_points(points), faded(colour, 0.45), 2.0))
        x, y = (float(one) for one in plane.to_sheet(place))
        shapes.append(Disc((x, y), 8.0, line=(0, 0, 0, 160), thickness=3.5))
        shapes.append(Disc((x, y), 8.0, line=colour, thickness=2.0))
    return shapes


def _over(overlay: MapOverlay, plane: Plane, look: Look) -> list[Shape]:
    """A gesture's own marks; what it has in pixels of the map is moved along with the sheet."""
    shapes: list[Shape] = []

    def on_sheet(place: Point) -> Point:
        return place[0] + plane.corner[0], place[1] + plane.corner[1]

    for guide in overlay.guides:
        places = plane.to_sheet(guide)
        shapes.append(Stroke(_points(places), look.chosen, 1.0))
        shapes += [Disc((float(x), float(y)), 3.5, fill=look.chosen) for x, y in places]
    if overlay.path is not None and len(overlay.path) > 1:
        shapes.append(Stroke(_points(plane.to_sheet(overlay.path)), faded(PLAYED, 0.8), 1.6))
    if overlay.box is not None:
        shapes.append(Rectangle(overlay.box.moved(plane.corner), fill=faded(look.chosen, 0.12), line=look.chosen))
    if overlay.ring is not None:
        place, radius = overlay.ring
        shapes.append(Disc(on_sheet(place), radius, line=look.text, thickness=1.5))
    if overlay.hint:
        x, y = on_sheet(overlay.hint_at)
        wide = measure(overlay.hint, NAME) + 12.0
        shapes.append(Rectangle(Box(x - 6, y - 3, x + wide, y + 16), fill=faded(look.card, 0.92), rounding=4.0))
        shapes.append(Label((x, y), overlay.hint, NAME, look.text))
    return shapes


def _part(ends: Floats, part: Corners) -> Box:
    """A part (left, top, right, bottom, 0 … 1) of the rectangle between two corners."""
    (x0, y0), (x1, y1) = ends.min(axis=0), ends.max(axis=0)
    left, top, right, bottom = part
    x, y, wide, high = float(x0), float(y0), float(x1 - x0), float(y1 - y0)
    return Box(x + wide * left, y + high * top, x + wide * right, y + high * bottom)


def _grid(sheet: Sheet, look: Look) -> list[Shape]:
    plane, steps, shapes = sheet.view, sheet.grid(), list[Shape]()
    (low_x, low_y), (high_x, high_y) = plane.box.corners
    colour = faded(look.quiet, 0.22)
    for axis, (low, high) in enumerate(((low_x, high_x), (low_y, high_y))):
        step = float(steps[axis])
        while (high - low) / step > 400:
            step *= 2
        for at in np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step:
            ends = [(at, low_y), (at, high_y)] if axis == 0 else [(low_x, at), (high_x, at)]
            shapes.append(Stroke(_points(plane.to_sheet(ends)), colour, 1.0))
    return shapes


def _points(places: Floats) -> tuple[Point, ...]:
    return tuple(map(tuple, places.tolist()))
