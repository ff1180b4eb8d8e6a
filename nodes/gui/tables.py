"""Trading data sets with FluCoMa (``fluid.dataset~``, JSON) and with spreadsheets (CSV): rows of numbers by name.

A data set of pairs is two of them, coordinates and latents, with the same identifiers. A point of a line is written as
``NAME#0``, ``NAME#1`` …, so that lines are lines again when they are read.
"""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .exchange import MAX_BYTES, parsed, short
from .units import Floats, MapError

MOST_COLUMNS = 1024
MOST_ROWS = 1_000_000
DELIMITERS = ",;\t"
# What the column of identifiers is called, in lower case.
HEADS = ("", "id", "ids", "identifier", "index", "key", "label", "name", "row")
POINT = re.compile(r"(.*)#(\d+)", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Table:
    """ids: one for each row, "" all over where the file names none. rows: float64 ``[n, columns]``."""

    ids: tuple[str, ...]
    rows: Floats

    @property
    def is_named(self) -> bool:
        """Whether rows have identifiers."""
        return any(self.ids)


def read_dataset(source: str | bytes) -> Table | None:
    """A FluCoMa data set as JSON; None for other JSON, such as the Max externals' dictionaries. Raises MapError."""
    whole = parsed(source)
    if not ("cols" in whole and isinstance(whole.get("data"), Mapping)):
        return None
    data = whole["data"]
    assert isinstance(data, Mapping)
    columns = whole["cols"]
    rows: list[list[float]] = []
    for key, row in data.items():
        if not isinstance(row, list) or any(isinstance(one, bool) or not isinstance(one, int | float) for one in row):
            raise MapError(f"data {short(key)}: it is not a list of numbers; give a data set, not a label set")
        if len(row) != columns:
            raise MapError(f"data {short(key)}: it has {len(row)} numbers, cols says {short(columns)}; save it again")
        rows.append(row)
    return _table(tuple(map(str, data)), rows)


def write_dataset(table: Table) -> str:
    """The same as JSON text, as FluCoMa writes it. Raises MapError."""
    _checked(table)
    data = {key: list(map(float, row)) for key, row in zip(_named(table), table.rows, strict=True)}
    return json.dumps({"cols": table.rows.shape[1], "data": data}, ensure_ascii=False, allow_nan=False)


def read_csv(source: str | bytes) -> Table:
    """Rows of numbers parted by commas, semicolons or tabs; a line of heads and a column of identifiers may be there.

    Raises MapError with the line at fault.
    """
    if len(source) > MAX_BYTES:
        raise MapError(f"file: it is larger than {MAX_BYTES >> 20} MiB; split the data set")
    try:
        text = source if isinstance(source, str) else source.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MapError("file: it is not text; save it as CSV in UTF-8") from None
    first = next((line for line in text.splitlines() if line.strip()), "")
    mark = max(DELIMITERS, key=first.count)
    try:
        lines = [
            (number, row) for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=mark), 1) if any(row)
        ]
    except csv.Error as error:
        raise MapError(f"file: it is not CSV ({error}); save it again") from None
    if not lines:
        raise MapError("file: it is empty; save it again")
    body = lines[1:] if len(lines) > 1 and _is_head(lines[0][1], lines[1][1], mark) else lines
    head = lines[0][1] if body is not lines else []
    by_head = bool(head) and head[0].strip().lower() in HEADS and len(body[0][1]) > 1
    has_ids = by_head or any(_number(row[0], mark) is None for _, row in body)
    width = len(body[0][1])
    rows: list[list[float]] = []
    for number, row in body:
        if len(row) != width:
            raise MapError(f"line {number}: it has {len(row)} columns, the first has {width}; make all alike")
        values = [_number(one, mark) for one in row[int(has_ids) :]]
        if None in values:
            word = row[int(has_ids) + values.index(None)]
            raise MapError(f"line {number}: {short(word)} is not a number; only the first column may name the rows")
        rows.append([one for one in values if one is not None])
    return _table(tuple(row[0].strip() if has_ids else "" for _, row in body), rows)


def write_csv(table: Table, kind: str) -> str:
    """The same as CSV text with a line of heads: ``id``, and ``kind`` with a number for each column."""
    _checked(table)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", *(f"{kind} {number}" for number in range(1, table.rows.shape[1] + 1))])
    writer.writerows([key, *map(repr, map(float, row))] for key, row in zip(_named(table), table.rows, strict=True))
    return out.getvalue()


def as_trajectories(table: Table) -> tuple[tuple[str, ...], tuple[Floats, ...]]:
    """The names and points of a table: ``NAME#0``, ``NAME#1`` … are one line, each other row is a point by itself."""
    lines: dict[str, list[int]] = {}
    for number, key in enumerate(table.ids):
        found = POINT.fullmatch(key)
        known = lines.get(found[1], []) if found else []
        if found is not None and int(found[2]) == len(known):
            lines.setdefault(found[1], []).append(number)
        else:
            lines[key if key and key not in lines else f"{key or 'row'} {number + 1}"] = [number]
    return tuple(lines), tuple(table.rows[numbers] for numbers in lines.values())


def as_table(names: Sequence[str], arrays: Sequence[Floats]) -> Table:
    """Trajectories as rows: a point keeps its name, those of a line get numbers; empty ones are left out."""
    used: set[str] = set()
    ids: list[str] = []
    for name, array in zip(names, arrays, strict=True):
        unique, count = name, 2
        while unique in used:
            unique, count = f"{name} {count}", count + 1
        used.add(unique)
        ids += [unique] if len(array) == 1 else [f"{unique}#{number}" for number in range(len(array))]
    points = [np.asarray(array, np.float64) for array in arrays if len(array)]
    # as few digits as single precision has
    rows = np.array([[float(f"{value:.9g}") for value in row] for array in points for row in array], np.float64)
    return Table(tuple(ids), rows.reshape(len(ids), -1))


def _is_head(first: list[str], second: list[str], mark: str) -> bool:
    """Whether a line names the columns: words stand there where the next line has numbers."""
    pairs = zip(first, second, strict=False)
    return any(_number(one, mark) is None and _number(other, mark) is not None for one, other in pairs)


def _number(word: str, mark: str) -> float | None:
    text = word.strip().replace(",", ".") if mark == ";" else word.strip()
    try:
        found = float(text)
    except ValueError:
        return None
    return found if np.isfinite(found) and "_" not in text else None


def _table(ids: tuple[str, ...], rows: list[list[float]]) -> Table:
    if not rows or not rows[0]:
        raise MapError("file: it holds no numbers; save it again")
    if len(rows) > MOST_ROWS or len(rows[0]) > MOST_COLUMNS:
        raise MapError(f"file: it has more than {MOST_ROWS:,} rows or {MOST_COLUMNS:,} columns; split the data set")
    named = [key for key in ids if key]
    if len(set(named)) != len(named):
        twice = next(key for number, key in enumerate(named) if key in named[:number])
        raise MapError(f"file: the row {short(twice)} is there twice; keep one of them")
    try:
        table = Table(ids, np.array(rows, np.float64))
    except OverflowError:
        raise MapError("file: a number is too large; record it again") from None
    _checked(table)
    return table


def _checked(table: Table) -> None:
    if table.rows.ndim != 2 or not table.rows.size or not np.all(np.isfinite(table.rows)):
        raise MapError("data set: it is empty, or a number in it is not finite; record it again")


def _named(table: Table) -> tuple[str, ...]:
    return table.ids if table.is_named else tuple(map(str, range(len(table.rows))))
