"""Trading drawings and data sets with the Max externals: their dictionaries as JSON, read and written."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .lines import MAX_AXES, Polyline
from .units import Floats, MapError

MAX_BYTES = 128 * 2**20
MAX_LATENTS = 1024
COLOUR_CHANNELS = 4
ANCHOR_KEYS = ("anchor_x", "anchor_y")
KNOWN = ("coordinates", "latents", "anchors", "terrain")


@dataclass(frozen=True)
class Exchange:
    """What an exchange file holds; each part may be empty.

    coordinates: one ``[T, C]`` array per trajectory, C 1 to 6. latents: one ``[T, D]`` array per sound, D 1
    to 1024. anchors: the drawn lines, 2-D. terrain: the picture, ``[h, w]`` (one channel) or ``[4, h, w]``,
    or None. ignored: names of top-level entries that were not read. All float64. Source: spec §15.
    """

    coordinates: tuple[Floats, ...] = ()
    latents: tuple[Floats, ...] = ()
    anchors: tuple[Polyline, ...] = ()
    terrain: Floats | None = None
    ignored: tuple[str, ...] = field(default=(), compare=False)


def read_exchange(source: str | bytes | Mapping[str, object]) -> Exchange:
    """Read a dictionary of the Max externals, as JSON text or already parsed.

    Takes the present layout and the old one with anchors inside the coordinates, and single numbers where
    Max has shortened a list of one. Raises MapError, and nothing else, with one sentence that names the
    entry at fault.
    """
    whole = parsed(source) if isinstance(source, str | bytes) else _table(source, "file")
    parts = {name: _table(whole[name], name) for name in KNOWN if name in whole}
    if not parts:
        raise MapError(f"file: it holds none of {', '.join(KNOWN)}; save a data set or a terrain from Max")
    coordinates, inside = _coordinates(parts.get("coordinates", {}))
    return Exchange(
        coordinates,
        _trajectories(parts.get("latents", {}), "latents", MAX_LATENTS),
        _anchors(parts["anchors"]) if "anchors" in parts else inside,
        _terrain(parts["terrain"]) if "terrain" in parts else None,
        tuple(str(name) for name in whole if name not in KNOWN),
    )


def write_exchange(exchange: Exchange) -> str:
    """The same as JSON text in the present layout; empty parts are left out. Raises MapError."""
    whole: dict[str, object] = {}
    for name, arrays, most in (
        ("coordinates", exchange.coordinates, MAX_AXES),
        ("latents", exchange.latents, MAX_LATENTS),
    ):
        if arrays:
            whole[name] = {
                str(number): _columns(array, f"{name} {number}", most) for number, array in enumerate(arrays, 1)
            }
    if exchange.anchors:
        whole["anchors"] = {str(number): _anchor_lists(line, number) for number, line in enumerate(exchange.anchors, 1)}
    if exchange.terrain is not None:
        whole["terrain"] = _picture(exchange.terrain)
    return json.dumps(whole, indent=1, allow_nan=False)


def parsed(source: str | bytes) -> Mapping[str, object]:
    """JSON text as a dictionary. Raises MapError, and nothing else, with a sentence."""
    if len(source) > MAX_BYTES:
        raise MapError(f"file: it is larger than {MAX_BYTES >> 20} MiB; split the data set")
    try:
        text = source if isinstance(source, str) else source.decode("utf-8-sig")
        return _table(json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number), "file")
    except MapError:
        raise
    except UnicodeDecodeError:
        raise MapError("file: it is not text; choose a dictionary saved as JSON") from None
    except json.JSONDecodeError as error:
        raise MapError(f"file: it is not JSON (line {error.lineno}: {error.msg}); save it again") from None
    except RecursionError:
        raise MapError("file: its entries are nested too deeply; it is not a saved dictionary") from None
    except ValueError:
        raise MapError("file: it holds a number too long to read; save it again") from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise MapError(f"file: the entry {short(twice)} is there twice in one place; keep one of them")
    return table


def _no_number(word: str) -> object:
    raise MapError(f"file: it holds {word} where a number belongs; record that trajectory again")


def _coordinates(table: Mapping[str, object]) -> tuple[tuple[Floats, ...], tuple[Polyline, ...]]:
    """The coordinates, and the lines that the old layout keeps among them."""
    plain: dict[str, object] = {}
    old: dict[str, object] = {}
    for key, value in table.items():
        entries = _table(value, f"coordinates {short(key)}")
        plain[key] = {name: part for name, part in entries.items() if name not in ANCHOR_KEYS}
        if any(name in entries for name in ANCHOR_KEYS):
            old[key] = {name: part for name, part in entries.items() if name in ANCHOR_KEYS}
    if old and len(old) != len(plain):
        raise MapError("coordinates: only some trajectories hold anchors; save them again")
    return _trajectories(plain, "coordinates", MAX_AXES), _anchors(old)


def _trajectories(table: Mapping[str, object], part: str, most: int) -> tuple[Floats, ...]:
    arrays: list[Floats] = []
    for number, value in enumerate(_numbered(table, part, 1), 1):
        where = f"{part} {number}"
        columns = _numbered(_table(value, where), where, 0)
        if not 1 <= len(columns) <= most:
            raise MapError(f"{where}: it has {len(columns)} dimensions; there may be 1 to {most}")
        arrays.append(_joined(columns, where))
        if arrays[-1].shape[1] != arrays[0].shape[1]:
            raise MapError(
                f"{where}: it has {arrays[-1].shape[1]} dimensions, {part} 1 has {arrays[0].shape[1]}; "
                "make all trajectories alike"
            )
    return tuple(arrays)


def _anchors(table: Mapping[str, object]) -> tuple[Polyline, ...]:
    lines = []
    for number, value in enumerate(_numbered(table, "anchors", 1), 1):
        where = f"anchors {number}"
        entries = _table(value, where)
        for key in ANCHOR_KEYS:
            if key not in entries:
                raise MapError(f"{where}: {key} is missing; save the lines again")
        try:
            lines.append(Polyline(_joined([entries[key] for key in ANCHOR_KEYS], where)))
        except MapError as error:
            raise MapError(str(error).replace("line: ", f"{where}: ", 1)) from None
    return tuple(lines)


def _terrain(table: Mapping[str, object]) -> Floats:
    rows = _numbered(table, "terrain", 0)
    if not rows:
        raise MapError("terrain: it has no rows; plot it again")
    pictured: list[Floats] = []
    for number, value in enumerate(rows):
        where = f"terrain row {number}"
        if isinstance(value, Mapping):
            channels = _numbered(_table(value, where), where, 0)
            if len(channels) != COLOUR_CHANNELS:
                raise MapError(f"{where}: it has {len(channels)} channels; a colour terrain has 4")
            pictured.append(_joined(channels, where).T)
        else:
            pictured.append(_joined([value], where)[:, 0])
        if pictured[-1].shape != pictured[0].shape:
            raise MapError(f"{where}: it is not as wide as row 0; plot the terrain again")
    return np.stack(pictured, axis=-2)


def _numbered(table: Mapping[str, object], where: str, first: int) -> list[object]:
    """The values under "1", "2", … (or from "0") in that order, whatever order they are stored in."""
    keys = [str(number) for number in range(first, first + len(table))]
    surplus = sorted(table.keys() - set(keys))
    if surplus:
        lacking = next(key for key in keys if key not in table)
        raise MapError(f'{where}: there is no entry "{lacking}" but an entry {short(surplus[0])}; renumber the entries')
    return [table[key] for key in keys]


def _joined(columns: Sequence[object], where: str) -> Floats:
    """Lists of equal length as the columns of a table ``[T, columns]``."""
    lists = [_numbers(column, f'{where}, list "{index}"') for index, column in enumerate(columns)]
    for index, numbers in enumerate(lists):
        if len(numbers) != len(lists[0]):
            raise MapError(
                f'{where}: list "{index}" has {len(numbers)} numbers, list "0" has {len(lists[0])}; '
                "make them equally long"
            )
    if not len(lists[0]):
        raise MapError(f"{where}: it is empty; draw or record it again")
    return np.stack(lists, axis=1)


def _numbers(value: object, where: str) -> Floats:
    """A list of numbers, or one number standing for a list of one."""
    items = list(value) if isinstance(value, list | tuple) else [value]
    if any(isinstance(item, bool) or not isinstance(item, int | float) for item in items):
        raise MapError(f"{where}: it holds something that is not a number; save it again")
    try:
        array = np.array(items, np.float64)
    except OverflowError:
        array = np.array([np.inf])
    if not np.all(np.isfinite(array)):
        raise MapError(f"{where}: a number is too large or not finite; record it again")
    return array


def _table(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise MapError(f"{where}: it is not a dictionary of entries; choose a dictionary saved by Max")
    for key in value:
        if not isinstance(key, str):
            raise MapError(f"{where}: the entry {short(key)} is not named by text; name it by text")
    return value


def short(name: object) -> str:
    """A name for a sentence: not longer than 40 letters."""
    text = ascii(name)
    return text if len(text) <= 40 else text[:37] + "..."


def _columns(array: Floats, where: str, most: int) -> dict[str, list[float]]:
    table = np.asarray(array, np.float64)
    if table.ndim != 2 or not len(table) or not 1 <= table.shape[1] <= most:
        raise MapError(f"{where}: its shape is {table.shape}; give [frames, 1 to {most}]")
    return {str(index): _listed(column, where) for index, column in enumerate(table.T)}


def _anchor_lists(line: Polyline, number: int) -> dict[str, list[float]]:
    """A line's corners; a dot has two equal anchors, as in Max."""
    if line.axes != 2:
        raise MapError(f"anchors {number}: the line has {line.axes} axes; Max takes lines of 2")
    corners = line.corners if len(line.corners) > 1 else np.repeat(line.corners, 2, axis=0)
    return {key: _listed(corners[:, axis], f"anchors {number}") for axis, key in enumerate(ANCHOR_KEYS)}


def _picture(terrain: Floats) -> dict[str, object]:
    image = np.asarray(terrain, np.float64)
    if image.ndim == 3 and len(image) == COLOUR_CHANNELS and image.size:
        rows = np.moveaxis(image, 0, 1)
        return {
            str(index): {str(channel): _listed(values, "terrain") for channel, values in enumerate(row)}
            for index, row in enumerate(rows)
        }
    if image.ndim == 2 and image.size:
        return {str(index): _listed(row, "terrain") for index, row in enumerate(image)}
    raise MapError(f"terrain: its shape is {image.shape}; give [height, width] or [4, height, width]")


def _listed(numbers: Floats, where: str) -> list[float]:
    if not np.all(np.isfinite(numbers)):
        raise MapError(f"{where}: a number is not finite; record it again")
    return [float(number) for number in numbers]
