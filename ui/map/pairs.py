"""Point by point: a sound that one found is put down somewhere, and the terrain learns what lies between (spec §14).

A pair is a take of one latent vector in a record node, and the point of the same number on the map.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from ...engine.palette import Palette
from ...engine.values import FloatArray
from ...graphs import Node, Patch, Point, add_node, connect, set_content
from ...nodes.gui.drawing import Drawing, line_of, read_drawing
from ...nodes.gui.lines import Polyline
from ...nodes.gui.units import MapError
from .sheet import Sheet, with_drawing
from .sounds import settled, source_of, terrains_of

TAKES = "takes/"
FARTHEST = 10.0
# Where a new record node stands, from its map.
BESIDE = (0.0, 320.0)


def pairs_node(patch: Patch, palette: Palette, map_node: str) -> str | None:
    """The record node that has the latents of a map's points; None when there is none yet."""
    found = source_of(patch, palette, map_node)
    return found if found is not None and palette.role(patch.nodes[found].type) == "takes" else None


def latents_of(patch: Patch, palette: Palette, map_node: str) -> tuple[FloatArray, ...]:
    """The latent vector of every pair ``[latent_dim]``, in order; of a take of several, their mean."""
    node = pairs_node(patch, palette, map_node)
    if node is None:
        return ()
    content = patch.nodes[node].content
    return tuple(np.asarray(content[name], np.float32).mean(axis=0) for name in _takes(patch.nodes[node]))


def add_pair(
    patch: Patch, palette: Palette, map_node: str, place: Point, latents: Sequence[float] | FloatArray
) -> Patch:
    """Put a sound down at a place. What is missing for it, a record node and its cords, is added.

    Raises MapError when the map's sounds come from elsewhere, or are of another size.
    """
    vector = _vector(latents)
    source = source_of(patch, palette, map_node)
    if source is not None and palette.role(patch.nodes[source].type) != "takes":
        raise MapError(f"{map_node}: its lines belong to the sounds of {source}; point mode needs a map without sounds")
    if source is None:
        patch, source = _with_node(patch, palette, map_node)
    node = patch.nodes[source]
    patch = settled(patch, palette, map_node)
    names = _takes(node)
    sizes = {node.content[name].shape[1] for name in names}
    if sizes - {len(vector)}:
        raise MapError(f"{source}: its takes have {sizes.pop()} latents, this sound {len(vector)}")
    number = max((int(name.removeprefix(TAKES)) for name in names if name[len(TAKES) :].isdecimal()), default=0) + 1
    fresh = f"{TAKES}{number:04d}"
    if names and fresh <= names[-1]:
        raise MapError(f"{source}: the take {names[-1]!r} sorts after all numbers; rename it")
    patch = set_content(patch, source, {**node.content, fresh: vector[np.newaxis]})
    drawing = read_drawing(patch.nodes[map_node].content)
    return with_drawing(patch, palette, map_node, drawing.with_line(len(names), Polyline(np.array([place]))))


def set_latents(
    patch: Patch, palette: Palette, map_node: str, number: int, latents: Sequence[float] | FloatArray
) -> Patch:
    """Let a pair, by number from 0, sound otherwise."""
    patch = settled(patch, palette, map_node)
    source, name = _named(patch, palette, map_node, number)
    return set_content(patch, source, {**patch.nodes[source].content, name: _vector(latents)[np.newaxis]})


def delete_pair(patch: Patch, palette: Palette, map_node: str, number: int) -> Patch:
    """Take a pair away, its sound and its point; all others stay with theirs."""
    patch = settled(patch, palette, map_node)
    source, name = _named(patch, palette, map_node, number)
    left = {key: array for key, array in patch.nodes[source].content.items() if key != name}
    patch = set_content(patch, source, left)
    drawing = read_drawing(patch.nodes[map_node].content)
    return with_drawing(patch, palette, map_node, _closed_up(drawing, number))


def random_latents(size: int, seed: int) -> FloatArray:
    """A sound by chance: latents as codecs have them, near N(0, 1)."""
    return np.asarray(np.random.default_rng(seed).standard_normal(size), np.float32)


def place_pair(sheet: Sheet, place: Point, latents: FloatArray) -> int | None:
    """Put a sound down on a sheet, one step of undo; gives its number."""
    palette = sheet.desk.palette
    number = len(latents_of(sheet.desk.patch, palette, sheet.node))
    change = partial(add_pair, palette=palette, map_node=sheet.node, place=place, latents=latents)
    return number if sheet.desk.edit(change, f"place sound {number + 1}") else None


def _closed_up(drawing: Drawing, number: int) -> Drawing:
    """Without a line; those after it move down to stay with their sounds."""

    def moved(which: int) -> int:
        return which - 1 if which > number else which

    lines = {moved(which): path for which, path in drawing.lines.items() if which != number}
    weights = {moved(which): one for which, one in drawing.weights.items() if which != number}
    return replace(drawing, lines=lines, weights=weights)


def _with_node(patch: Patch, palette: Palette, map_node: str) -> tuple[Patch, str]:
    x, y = patch.nodes[map_node].position
    after = add_node(patch, "record", position=(x + BESIDE[0], y + BESIDE[1]))
    name = next(one for one in after.nodes if one not in patch.nodes)
    after = connect(after, f"{name}.takes", f"{map_node}.latents")
    for terrain in terrains_of(after, palette, map_node):
        if not any(cord.target == f"{terrain}.latents" for cord in after.cords):
            after = connect(after, f"{name}.takes", f"{terrain}.latents")
    return after, name


def _takes(node: Node) -> list[str]:
    return sorted(name for name in node.content if name.startswith(TAKES) and node.content[name].ndim == 2)


def _named(patch: Patch, palette: Palette, map_node: str, number: int) -> tuple[str, str]:
    source = pairs_node(patch, palette, map_node)
    names = _takes(patch.nodes[source]) if source is not None else []
    if source is None or not 0 <= number < len(names):
        raise MapError(f"{map_node}: no sound {number + 1} yet; place one first")
    return source, names[number]


def _vector(latents: Sequence[float] | FloatArray) -> FloatArray:
    vector = np.asarray(latents, np.float32).reshape(-1)
    if not 1 <= len(vector) <= 1024 or not np.isfinite(vector).all():
        raise MapError("a sound is 1 to 1024 latents, all of them numbers; choose another")
    return np.clip(vector, -FARTHEST, FARTHEST)


def place_of(sheet: Sheet, number: int) -> Point | None:
    """Where a pair lies."""
    path = sheet.drawing.lines.get(number)
    if path is None:
        return None
    x, y = line_of(path).anchors[0][:2]
    return float(x), float(y)
