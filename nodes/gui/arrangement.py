"""A whole map laid out by itself: a line for each sound and a tour through them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engine import Content, Progress, Trajectories
from ...graphs.printable import counted
from .beside import laid_beside
from .drawing import ADDED, DENSITY, OWN_TOUR, line_of, read_drawing
from .kept_lines import KeptLines, frame_of, is_same_map, kept_content, kept_lines
from .layout import Style, lay_out, line_randoms, relative_sizes
from .lines import Polyline
from .neighbours import between, likeness_of, standardised
from .tour import order_led_on, tour
from .units import Floats, MapBox

# The tour, beside the lines (``line/0000`` …).
WALK = "tour/0000"


def arranged(
    style: Style,
    latents: Trajectories,
    outer: MapBox,
    seed: int,
    before: Content,
    progress: Progress,
    drawn: Mapping[int, Polyline] | None = None,
    again: bool = False,
) -> Content:
    """``line/0000`` … ``[anchors, 2]``, one per sound, ``tour/0000`` ``[n, 3]`` (latent frames, x, y), and how long a
    line is for a latent frame in the mean (``density``); nothing when it was asked to stop.

    before: what this gave the last time. Lines that are there stay where they are; sounds that came since get theirs
    beside them, and one that is back has its own again. drawn: lines drawn by hand, by sound: sounds that came since
    get theirs (``added/0000``) beside those. again: only lines drawn by hand stay. Raises MapError.
    """
    box, drawn = _inner(outer), drawn or {}
    frame = frame_of(box, seed, len(latents.arrays), style)
    kept, is_same = kept_lines(before, latents), is_same_map(before, frame) and not again
    if not is_same:  # beside lines drawn by hand, a sound that was there without one is to have none
        kept = KeptLines(known=kept.known) if drawn else KeptLines()
    there = {**kept.lines, **{number: line.anchors for number, line in drawn.items()}}
    is_known = [number in there or (bool(drawn) and number in kept.known) for number in range(len(latents.arrays))]
    fresh = [number for number, known in enumerate(is_known) if not known]
    made = kept_content(kept, latents, frame)
    if not fresh and WALK in before and is_same and all(_is_equal(before.get(name), made[name]) for name in made):
        progress(1.0, f"{counted(len(latents.arrays), 'line')} keep their positions")
        return before
    if not progress(0.1, f"laying out {counted(len(fresh), 'line')}"):
        return {}
    if there and fresh:
        lines = _beside(style, latents, box, seed, {number: Polyline(one) for number, one in there.items()}, fresh)
    elif fresh:
        features = likeness_of(latents) if style == "map" else None
        lines = lay_out(style, latents.lengths, box, features=features, names=latents.names, seed=seed)
    else:
        lines = []
    if not progress(0.7, "finding a tour"):
        return {}
    laid = {number: np.asarray(line.anchors) for number, line in zip(fresh, lines, strict=True)}
    kept = replace(kept, lines={**kept.lines, **laid}, added=kept.added | (frozenset(laid) if drawn else frozenset()))
    made = kept_content(kept, latents, frame)
    walked = {number: Polyline(one) for number, one in sorted(kept.lines.items())}
    lasting = [latents.lengths[number] for number in walked]
    density = laid_before(before) if is_same or drawn else 0.0
    density = density or sum(line.length for line in walked.values()) / max(sum(lasting), 1)
    if walked:
        made[WALK] = np.asarray(tour(list(walked.values()), outer, lasting, density).moments)
    if density:
        made[DENSITY] = np.array([density])
    progress(1.0, f"laid out {counted(len(fresh), 'line')}")
    return made


def _beside(
    style: Style,
    latents: Trajectories,
    box: MapBox,
    seed: int,
    there: Mapping[int, Polyline],
    fresh: Sequence[int],
) -> list[Polyline]:
    """Lines for new sounds: on a map near what they are like, with lengths in proportion to those that are there."""
    sizes = relative_sizes(latents.lengths)
    flat = {number: line for number, line in there.items() if line.axes == 2 and number < len(sizes)}
    known = sorted(flat)
    usual = [flat[number].length / sizes[number] for number in known if flat[number].length]
    unit = float(np.median(usual)) if usual else math.sqrt(float(np.prod(box.size)) / len(sizes))
    targets: list[Floats | None] = [None] * len(fresh)
    if style == "map" and known:
        table = standardised(likeness_of(latents))
        middles = np.array([flat[number].position_at(flat[number].length / 2) for number in known])
        targets = list(between(table[list(fresh)], table[known], middles))
    randoms = line_randoms(seed, latents.names, len(sizes))
    lengths, own = [float(unit * sizes[number]) for number in fresh], [randoms[number] for number in fresh]
    return laid_beside(list(flat.values()), lengths, targets, box, own)


def laid_before(before: Content) -> float:
    """The distance per latent frame of lines that were laid out; new ones beside them change no tempo."""
    found = before.get(DENSITY)
    return max(float(np.asarray(found).reshape(-1)[0]), 0.0) if found is not None and found.size else 0.0


def _is_equal(one: NDArray[Any] | None, other: NDArray[Any]) -> bool:
    return one is not None and one.dtype == other.dtype and np.array_equal(one, other)


def with_tour(before: Content, content: Content, box: MapBox, frames: Sequence[int], density: float) -> Content:
    """A map's content with its automatic tour led along its lines, where a hand has changed them.

    The tour goes on in the order that it had, past lines that are new, too. before: the content until now. frames: of
    each sound, as far as they are known. density: value units per frame. Raises MapError.
    """
    old, new = read_drawing(before), read_drawing(content)
    lines = {number: line_of(path) for number, path in new.lines.items()}
    is_led = new.is_toured and not new.is_arranged and new.lines != old.lines
    if not is_led or any(line.axes != 2 for line in lines.values()):
        return content
    walked = line_of(new.play[min(new.play)]).anchors
    order = order_led_on(walked, {number: line_of(path) for number, path in old.lines.items()}, lines)
    lasting = [
        frames[number] if number < len(frames) and frames[number] else round(lines[number].length / density) + 1
        for number in order
    ]
    made = tour([lines[number] for number in order], box, lasting, density, order=range(len(order)))
    return {**content, f"{OWN_TOUR}0000": np.asarray(made.moments, np.float32)}


def tour_led_on(content: Content, box: MapBox, frames: Sequence[int], density: float) -> Content:
    """A map's content with its automatic tour led past lines that were laid out beside the hand's and that it misses.

    frames, density: as in ``with_tour``; the same object where it passes all.
    """
    if not any(name.startswith(ADDED) for name in content) or f"{OWN_TOUR}0000" not in content:
        return content
    drawing = read_drawing(content)
    lines = {number: line_of(path) for number, path in drawing.lines.items()}
    if not drawing.is_toured or any(line.axes != 2 for line in lines.values()):
        return content
    walked = line_of(drawing.play[min(drawing.play)]).anchors
    near = 1e-4 * max(box.size)  # the tour is kept in single precision
    missed = {
        f"{ADDED}{number:04d}"
        for number, line in lines.items()
        if np.linalg.norm(walked - line.corners[0], axis=1).min() > near
    }
    before = {name: array for name, array in content.items() if name not in missed}
    return with_tour(before, content, box, frames, density) if len(before) < len(content) else content


def _inner(outer: MapBox) -> MapBox:
    """The map less a margin, so that no line touches the frame."""
    (left, right), (top, bottom) = outer.across, outer.down
    x, y = 0.06 * (right - left), 0.1 * (bottom - top)
    return MapBox(left + x, top + y, right - x, bottom - y)
