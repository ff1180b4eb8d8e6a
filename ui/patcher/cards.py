"""A card: a node with its title, ports and controls, drawn around its own corner."""

from collections.abc import Callable
from dataclasses import dataclass
from math import log10
from typing import Literal

import numpy as np

from ...engine.labels import name_label
from ...engine.values import FloatArray
from ...graphs import Point
from ...graphs.scopes import short_name
from ..surface.look import Look, elided, faded, measure, mixed
from ..surface.shapes import Box, Colour, Disc, Image, Label, Polygon, Rectangle, Shape, Stroke
from .categories import is_definition, title_colour
from .layout import HEAD, PAD, SMALL, TEXT, TITLE, ControlPlace, NodePlace
from .ports import SHAPES, PortPlace
from .values import place_of, shown, value_of

PORT = 4.6
ROUND = 6.0
SCOPE_POINTS = 96
QUIETEST_DB = -60.0
# What the mark of an instance takes of its title.
INNER = 18.0
# Channels of a meter that are drawn at most; a device has no more.
MOST_BARS = 64


@dataclass(frozen=True)
class CardState:
    """What a card shows besides its node. problem: a sentence, and whether it is an error. lit: for each port."""

    detail: Literal["far", "middle", "near"]
    is_chosen: bool = False
    is_pointed_at: bool = False
    problem: tuple[str, bool] | None = None
    load: int | None = None
    training: float | None = None
    lit: tuple[bool, ...] | None = None
    hovered: str | None = None
    has_picture: bool = False


def card(place: NodePlace, look: Look, state: CardState) -> tuple[Shape, ...]:
    """The shapes of a card, from its corner."""
    node = place.node
    width, height = place.box.width, place.box.height
    is_off = node.muted or node.bypassed
    is_dim = state.lit is not None and not any(state.lit)
    whole = Box(0.0, 0.0, width, height)
    is_wrong = state.problem is not None and state.problem[1]
    edge = look.error if is_wrong else look.chosen if state.is_chosen or state.is_pointed_at else look.edge
    body = mixed(look.card, look.ground, 0.5) if is_off or is_dim else look.card
    if state.detail == "far" and not is_off:  # all of the card, as a piece of its own would cost a frame of many cards
        body = mixed(body, title_colour(place.spec, look), 0.6)
    shapes: list[Shape] = [Rectangle(whole, body, edge, 2.0 if state.is_chosen or is_wrong else 1.0, ROUND)]
    title = node.title or short_name(place.name)
    colour = look.quiet if is_off or is_dim else look.text
    if state.detail == "far":
        size = min(26.0, 0.9 * width / max(measure(title, 1.0, "title"), 0.1))
        shapes.append(Label((6.0, min(height / 2, 20.0) - size / 2), title, size, colour, "title"))
        return tuple(shapes)
    head = Box(1.0, 1.0, width - 1.0, TITLE)
    shapes.append(Rectangle(head, body if is_off else title_colour(place.spec, look), None, 0.0, ROUND - 1))
    is_instance = is_definition(place.spec)
    room = width - 2 * PAD - (34.0 if is_off or state.load is not None else 0.0) - (INNER if is_instance else 0.0)
    shapes.append(Label((PAD, 5.5), elided(title, HEAD, room, "title"), HEAD, colour, "title"))
    badge = "M" if node.muted else "B" if node.bypassed else f"{state.load} µs" if state.load is not None else ""
    if badge:
        place_x = width - PAD - measure(badge, SMALL) - (INNER if is_instance else 0.0)
        shapes.append(Label((place_x, 7.5), badge, SMALL, look.warning if is_off else look.quiet))
    if is_instance:  # a card in a card
        right = width - PAD
        shapes.append(Rectangle(Box(right - 12.0, 7.0, right, TITLE - 7.0), None, colour, 1.0, 2.0))
        shapes.append(Rectangle(Box(right - 9.0, 11.0, right - 3.0, TITLE - 10.0), colour, None, 0.0, 1.0))
    for index, port in enumerate(place.ports):
        shapes += _port(port, place, look, state, state.lit is None or state.lit[index])
    if state.detail == "near" or place.spec is None:
        for control in place.controls:
            shapes += _control(control, place, look, is_off, state)
    if place.spec is None:
        shapes.append(Label((PAD, height - 16.0), f"unknown type {node.type}", SMALL, look.warning))
    if state.training is not None:
        shapes.append(Rectangle(Box(2.0, height - 4.0, width - 2.0, height - 1.0), look.well, None, 0.0, 1.0))
        shapes.append(Rectangle(Box(2.0, height - 4.0, 2.0 + (width - 4.0) * state.training, height - 1.0), look.good))
    if state.problem is not None and state.detail == "near":
        text, is_error = state.problem
        tint = look.error if is_error else look.warning
        shapes.append(Label((2.0, height + 4.0), elided(text, SMALL, max(width * 1.8, 260.0)), SMALL, tint))
    return tuple(shapes)


def live_parts(place: NodePlace, look: Look, reading: Callable[[str, str], FloatArray | None]) -> tuple[Shape, ...]:
    """What moves on a card: meters, scopes, playheads."""
    x, y = place.node.position
    shapes: list[Shape] = []
    for control in place.controls:
        box = control.box.moved((-x, -y))
        if control.kind == "meter":
            shapes += _meter(box, reading(place.name, "peak"), look)
        elif control.kind == "scope":
            shapes += _scope(box, reading(place.name, "samples"), look)
        elif control.kind == "picture":
            shapes += _players(box, place, reading(place.name, "places"), look)
    return tuple(shapes)


def _port(port: PortPlace, place: NodePlace, look: Look, state: CardState, is_lit: bool) -> list[Shape]:
    x, y = port.place[0] - place.node.position[0], port.place[1] - place.node.position[1]
    colour = look.kind(port.kind)
    if not is_lit:
        colour = faded(mixed(colour, look.ground, 0.6), 0.6)
    radius = PORT * (1.45 if state.hovered == port.end else 1.0)
    shapes = [_mark((x, y), radius, port, colour, look)]
    if port.is_param or state.detail != "near":
        return shapes
    tint = look.quiet if is_lit else faded(look.quiet, 0.4)
    label = name_label(place.spec, port.port)
    aside = x + 9.0 if port.is_input else x - 9.0 - measure(label, TEXT)
    shapes.append(Label((aside, y - TEXT / 2 - 1.0), label, TEXT, tint))
    return shapes


def _mark(at: Point, radius: float, port: PortPlace, colour: Colour, look: Look) -> Shape:
    x, y = at
    if port.is_param:
        return Disc(at, radius * 0.72, look.card, colour, 1.4)
    match SHAPES[port.kind]:
        case "diamond":
            return Polygon(
                ((x, y - radius * 1.25), (x + radius * 1.25, y), (x, y + radius * 1.25), (x - radius * 1.25, y)), colour
            )
        case "square":
            return Rectangle(Box(x - radius, y - radius, x + radius, y + radius), colour)
        case "triangle":
            return Polygon(
                ((x - radius, y - radius * 1.1), (x + radius * 1.2, y), (x - radius, y + radius * 1.1)), colour
            )
        case _:
            return Disc(at, radius, colour)


def _control(control: ControlPlace, place: NodePlace, look: Look, is_off: bool, state: CardState) -> list[Shape]:
    x, y = place.node.position
    box = control.box.moved((-x, -y))
    ink = look.quiet if is_off else look.text
    if control.kind in ("meter", "scope"):
        return [Rectangle(box, look.well, None, 0.0, 3.0)]
    if control.kind == "picture":
        under: list[Shape] = [Rectangle(box, look.well, None, 0.0, 3.0)]
        if state.has_picture:
            under.append(Image(box, f"picture {place.name}"))
        return under + _lines(box, place, look)
    value = value_of(place, control.name)
    shapes: list[Shape] = [Rectangle(box, look.well, None, 0.0, 3.0)]
    spec = place.spec.params.get(control.name) if place.spec is not None else None
    if control.kind == "number" and spec is not None:
        share = place_of(spec, value)
        if share > 0.001:
            filled = Box(box.x0, box.y0, box.x0 + box.width * share, box.y1)
            shapes.append(Rectangle(filled, faded(look.fill, 0.5 if is_off else 1.0), None, 0.0, 3.0))
    if control.kind == "toggle":
        knob = Box(box.x1 - 26.0, box.y0 + 4.0, box.x1 - 4.0, box.y1 - 4.0)
        shapes.append(Rectangle(knob, look.good if value else look.edge, None, 0.0, 5.0))
        shapes.append(Disc((knob.x1 - 5.0 if value else knob.x0 + 5.0, (knob.y0 + knob.y1) / 2), 4.2, look.text))
        words = ""
    else:
        words = shown(place, control.name, value)
    label = name_label(place.spec, control.name)
    room = box.width - 12.0 - measure(label, TEXT)
    shapes.append(Label((box.x0 + 5.0, box.y0 + 2.0), label, TEXT, look.quiet))
    if words:
        fitting = elided(words, TEXT, max(room, 24.0))
        shapes.append(Label((box.x1 - 5.0 - measure(fitting, TEXT), box.y0 + 2.0), fitting, TEXT, ink))
    return shapes


def _lines(box: Box, place: NodePlace, look: Look) -> list[Shape]:
    """A drawing in small."""
    if place.spec is None or place.spec.role != "map":
        return []
    edges = _edges(place)
    found: list[Shape] = []
    for name, line in place.node.content.items():
        kind = name.partition("/")[0]
        if kind in ("lines", "play") or name.startswith("arrange/line/"):
            points = _fitted(np.asarray(line), edges, box)
            if len(points) > 1:
                found.append(Stroke(points, look.quiet if kind != "play" else look.chosen, 1.0))
    return found


def _players(box: Box, place: NodePlace, places: FloatArray | None, look: Look) -> list[Shape]:
    if places is None or places.ndim != 2 or places.shape[1] < 2:
        return []
    return [Disc(at, 3.5, look.text, look.ground) for at in _fitted(places, _edges(place), box)]


def _edges(place: NodePlace) -> tuple[float, float, float, float]:
    raw = value_of(place, "box")
    if isinstance(raw, list | tuple) and len(raw) == 4:
        left, top, right, bottom = (float(one) for one in raw)
        if left != right and top != bottom:
            return left, top, right, bottom
    return -16.0, -4.0, 16.0, 4.0


def _fitted(points: np.ndarray, edges: tuple[float, float, float, float], box: Box) -> tuple[Point, ...]:
    if points.ndim != 2 or points.shape[1] < 2 or not np.isfinite(points).all():
        return ()
    left, top, right, bottom = edges
    step = max(1, len(points) // 64)
    some = (
        points[::step, :2] if len(points) % step == 1 or step == 1 else np.vstack([points[::step, :2], points[-1:, :2]])
    )
    x = box.x0 + np.clip((some[:, 0] - left) / (right - left), 0, 1) * box.width
    y = box.y0 + np.clip((some[:, 1] - top) / (bottom - top), 0, 1) * box.height
    return tuple(zip(x.tolist(), y.tolist(), strict=True))


def _meter(box: Box, peaks: FloatArray | None, look: Look) -> list[Shape]:
    if peaks is None or not peaks.size:
        return []
    found: list[Shape] = []
    channels = peaks.ravel()[:MOST_BARS]
    height = (box.height - 4.0) / len(channels)
    between = min(2.0, 0.3 * height)
    for index, peak in enumerate(channels):
        loud = 20 * log10(max(float(peak), 1e-6))
        share = min(1.0, max(0.0, 1.0 - loud / QUIETEST_DB))
        tint = look.error if loud > -0.1 else look.warning if loud > -9 else look.good
        top = box.y0 + 2.0 + index * height
        found.append(
            Rectangle(Box(box.x0 + 2.0, top, box.x0 + 2.0 + (box.width - 4.0) * share, top + height - between), tint)
        )
    return found


def _scope(box: Box, samples: FloatArray | None, look: Look) -> list[Shape]:
    if samples is None or samples.ndim != 2 or samples.shape[1] < 2:
        return []
    found: list[Shape] = []
    for channel, tint in zip(samples[:2], (look.signal, look.latent), strict=False):
        step = max(1, len(channel) // SCOPE_POINTS)
        some = np.clip(channel[::step], -1.0, 1.0)
        x = np.linspace(box.x0, box.x1, len(some))
        y = (box.y0 + box.y1) / 2 - some * (box.height / 2 - 2.0)
        found.append(Stroke(tuple(zip(x.tolist(), y.tolist(), strict=True)), tint, 1.2))
    return found
