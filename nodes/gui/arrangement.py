"""A whole map laid out by itself: a line for each sound and a tour through them."""

from collections.abc import Sequence

import numpy as np

from ...engine import Content, Progress, Trajectories
from .drawing import DENSITY, OWN_TOUR, line_of, read_drawing
from .layout import Style, lay_out, lay_out_map
from .neighbours import likeness_of
from .partition import is_partition_of, kept_partition, partition_content
from .tour import order_led_on, tour
from .units import MapBox

# The tour, beside the lines (``line/0000`` …).
WALK = "tour/0000"


def arranged(
    style: Style, latents: Trajectories, outer: MapBox, seed: int, before: Content, progress: Progress
) -> Content:
    """``line/0000`` … ``[anchors, 2]``, one per sound, ``tour/0000`` ``[n, 3]`` (latent frames, x, y), and how long a
    line is for a latent frame in the mean (``density``); nothing when it was asked to stop.

    before: what this gave the last time. A map goes on from that, so that sounds that come or go move the others
    little; the map of these very sounds stays as it is. Raises MapError.
    """
    count, box = len(latents.arrays), _inner(outer)
    if style == "map" and is_partition_of(before, latents, box, seed) and WALK in before:
        progress(1.0, f"{count} lines keep their positions")
        return before
    if not progress(0.1, f"laying out {count} lines"):
        return {}
    partition: Content = {}
    if style == "map":
        kept = kept_partition(before, latents, box, seed)
        features = likeness_of(latents)
        lines, cells = lay_out_map(latents.lengths, box, features, latents.names, before=kept, seed=seed)
        partition = partition_content(cells, latents, box, seed)
    else:
        lines = lay_out(style, latents.lengths, box, names=latents.names, seed=seed)
    if not progress(0.7, "finding a tour"):
        return {}
    made = {f"line/{index:04d}": np.asarray(one.anchors) for index, one in enumerate(lines)}
    density = sum(one.length for one in lines) / max(sum(latents.lengths), 1)
    made[WALK] = np.asarray(tour(lines, outer, latents.lengths, density).moments)
    made[DENSITY] = np.array([density])
    progress(1.0, f"laid out {count} lines")
    return {**made, **partition}


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


def _inner(outer: MapBox) -> MapBox:
    """The map less a margin, so that no line touches the frame."""
    (left, right), (top, bottom) = outer.across, outer.down
    x, y = 0.06 * (right - left), 0.1 * (bottom - top)
    return MapBox(left + x, top + y, right - x, bottom - y)
