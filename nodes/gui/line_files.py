"""Lines and playback paths as files that people write: JSON and CSV, exact to the last digit.

JSON: ``{"lines": [{"sound": NAME, "points": [[x, y], …]}], "paths": [{"path": 1, "points": …, "times": [0.0, …]}]}``.
CSV: a row for each point with the columns ``sound`` or ``path``, ``x``, ``y`` (``x3`` … ``x6``), and ``time``.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .exchange import MAX_BYTES, parsed, short
from .lines import MAX_AXES
from .units import Floats, MapError

AXES = ("x", "y", "x3", "x4", "x5", "x6")
HEAD = ("sound", "path", "time", "frame", *AXES, "curve", "weight")
NO_TIMES = "a training line has no times, it lasts from the beginning to the end of its sound; give times to a path"
KEYS = {
    "lines": ("sound", "points", "curve", "closed", "weight"),
    "paths": ("path", "points", "curve", "times", "frames"),
}


@dataclass(frozen=True, eq=False)
class FiledLine:
    """A training line (``sound``: its name) or a playback path (``path``: from 1; 0: of a line).

    points: float64 ``[n, C]``; of a curve its joints and handles. times: ``[n]`` of a path, seconds, or latent frames
    where ``in_frames``. weight: how much a training line counts.
    """

    points: Floats
    sound: str = ""
    path: int = 0
    times: Floats | None = None
    in_frames: bool = False
    is_curve: bool = False
    weight: float = 1.0


def write_json(lines: Sequence[FiledLine]) -> str:
    """Lines as JSON text."""
    whole: dict[str, list[dict[str, Any]]] = {"lines": [], "paths": []}
    for one in lines:
        entry: dict[str, Any] = {"path": one.path} if one.path else {"sound": one.sound}
        entry |= {"curve": True} if one.is_curve else {}
        entry |= {"weight": one.weight} if one.weight != 1.0 else {}
        entry["points"] = np.asarray(one.points, np.float64).tolist()
        if one.times is not None:
            entry["frames" if one.in_frames else "times"] = np.asarray(one.times, np.float64).tolist()
        whole["paths" if one.path else "lines"].append(entry)
    rows = {key: ",\n".join(f"  {json.dumps(one, ensure_ascii=False)}" for one in some) for key, some in whole.items()}
    return "{\n" + ",\n".join(f'"{key}": [\n{text}\n]' for key, text in rows.items()) + "\n}\n"


def write_csv(lines: Sequence[FiledLine]) -> str:
    """Lines as CSV text; columns that nothing needs are left out."""
    rows: list[dict[str, str]] = []
    for one in lines:
        for number, point in enumerate(one.points):
            row = {"path": str(one.path)} if one.path else {"sound": one.sound}
            row |= dict(zip(AXES, map(_text, point), strict=False))
            if one.times is not None:
                row["frame" if one.in_frames else "time"] = _text(one.times[number])
            row |= {"curve": "1"} if one.is_curve else {}
            row |= {"weight": _text(one.weight)} if one.weight != 1.0 else {}
            rows.append(row)
    used = {"sound", "x", "y"}.union(*rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, [name for name in HEAD if name in used], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def read_json(source: str | bytes) -> list[FiledLine]:
    """Lines from JSON text. Raises MapError, naming the entry at fault."""
    whole = parsed(source)
    if unknown := whole.keys() - KEYS.keys():
        raise MapError(f"file: it has an entry {short(min(unknown))}; there may be lines and paths")
    found: list[FiledLine] = []
    for kind, keys in KEYS.items():
        entries = whole.get(kind, [])
        if not isinstance(entries, list):
            raise MapError(f"{kind}: it is not a list")
        for number, entry in enumerate(entries, 1):
            found.append(_entry(entry, f"{kind} {number}", keys))
    return _unique(found)


def read_csv(source: str | bytes) -> list[FiledLine]:
    """Lines from CSV text; rows of one line follow each other. Raises MapError with the row at fault."""
    if len(source) > MAX_BYTES:
        raise MapError(f"file: it is larger than {MAX_BYTES >> 20} MiB; split it")
    try:
        text = source if isinstance(source, str) else source.decode("utf-8-sig")
        rows = [(number, row) for number, row in enumerate(csv.reader(io.StringIO(text), strict=True), 1) if any(row)]
    except UnicodeDecodeError:
        raise MapError("file: it is not text; save it as CSV in UTF-8") from None
    except csv.Error as error:
        raise MapError(f"file: it is not CSV ({error}); save it again") from None
    if not rows:
        raise MapError("file: it is empty; save it again")
    head = [name.strip().lower() for name in rows[0][1]]
    for name in head:
        if name not in HEAD or head.count(name) > 1:
            what = "is there twice" if name in HEAD else "is unknown"
            raise MapError(f"row 1: the column {short(name)} {what}; there may be {', '.join(HEAD)}")
    lines: dict[tuple[str, str], list[tuple[int, dict[str, str]]]] = {}
    last: tuple[str, str] | None = None
    for number, row in rows[1:]:
        if len(row) != len(head):
            raise MapError(f"row {number}: it has {len(row)} columns, the first has {len(head)}; make all alike")
        cells = dict(zip(head, row, strict=True))
        key = cells.get("sound", ""), cells.get("path", "").strip()
        if bool(key[0]) == bool(key[1]):
            raise MapError(f"row {number}: name a sound for a training line, or the number of a path, and not both")
        if key != last and key in lines:
            raise MapError(f"row {number}: {key[0] or f'path {key[1]}'} began further up; keep its rows together")
        lines.setdefault(key, []).append((number, cells))
        last = key
    return _unique([_of_rows(*key, own) for key, own in lines.items()])


def _of_rows(sound: str, path: str, rows: Sequence[tuple[int, Mapping[str, str]]]) -> FiledLine:
    first, cells = rows[0]
    axes = [name for name in AXES if cells.get(name, "").strip()]
    timed = [name for name in ("time", "frame") if cells.get(name, "").strip()]
    if axes != list(AXES[: len(axes)]) or len(axes) < 2:
        raise MapError(f"row {first}: it has no {next(name for name in AXES if name not in axes)}")
    if len(timed) > 1:
        raise MapError(f"row {first}: it has a time and a frame; give one of them")
    for number, row in rows:
        if [name for name in (*AXES, "time", "frame") if row.get(name, "").strip()] != [*axes, *timed]:
            raise MapError(f"row {number}: it has other columns filled in than row {first}; make the line alike")
    points = np.array([[_number(row[name], f"row {number}, {name}") for name in axes] for number, row in rows])
    times = [_number(row[timed[0]], f"row {number}, {timed[0]}") for number, row in rows] if timed else None
    weight = cells.get("weight", "").strip()
    return _checked(
        FiledLine(
            points,
            sound,
            _path_number(path, f"row {first}") if path else 0,
            None if times is None else np.array(times),
            timed == ["frame"],
            cells.get("curve", "").strip() not in ("", "0"),
            _number(weight, f"row {first}, weight") if weight else 1.0,
        ),
        f"row {first}",
    )


def _entry(entry: object, where: str, keys: Sequence[str]) -> FiledLine:
    if not isinstance(entry, Mapping):
        raise MapError(f"{where}: it is not an entry with {', '.join(keys)}")
    if "sound" in keys and ("times" in entry or "frames" in entry):
        raise MapError(f"{where}: {NO_TIMES}")
    if unknown := [key for key in entry if key not in keys]:
        raise MapError(f"{where}: it has {short(unknown[0])}; there may be {', '.join(keys)}")
    rows = entry.get("points")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) and row for row in rows):
        raise MapError(f"{where}: give points as a list of [x, y]")
    if any(len(row) != len(rows[0]) for row in rows):
        raise MapError(f"{where}: its points have different numbers of axes")
    points = np.array([[_real(one, f"{where}, point {n}") for one in row] for n, row in enumerate(rows, 1)])
    timed = [key for key in ("times", "frames") if key in entry]
    times = entry[timed[0]] if timed else None
    if len(timed) > 1 or (timed and (not isinstance(times, list) or len(times) != len(rows))):
        raise MapError(f"{where}: give times, or frames, as a list with one for each of its {len(rows)} points")
    if entry.get("closed"):
        points = np.concatenate([points, points[:1]])
    sound, path = entry.get("sound", ""), entry.get("path", 0)
    if not isinstance(sound, str) or ("sound" in keys and not sound):
        raise MapError(f"{where}: name its sound")
    return _checked(
        FiledLine(
            points,
            sound,
            _path_number(path, where) if "path" in keys else 0,
            None if times is None else np.array([_real(one, f"{where}, {timed[0]}") for one in times]),
            timed == ["frames"],
            bool(entry.get("curve")),
            _real(entry.get("weight", 1.0), f"{where}, weight"),
        ),
        where,
    )


def _checked(line: FiledLine, where: str) -> FiledLine:
    if not 2 <= line.points.shape[1] <= MAX_AXES:
        raise MapError(f"{where}: it has {line.points.shape[1]} axes; there may be 2 to {MAX_AXES}")
    if line.sound and line.times is not None:
        raise MapError(f"{where}: {NO_TIMES}")
    if line.times is not None and line.points.shape[1] != 2:
        raise MapError(f"{where}: a path with times has x and y only")
    return line


def _unique(lines: list[FiledLine]) -> list[FiledLine]:
    seen: set[tuple[str, int]] = set()
    for one in lines:
        if (one.sound, one.path) in seen:
            raise MapError(
                f"file: {short(one.sound) if one.sound else f'path {one.path}'} is there twice; keep one of them"
            )
        seen.add((one.sound, one.path))
    return lines


def _path_number(value: object, where: str) -> int:
    text = str(value).strip()
    if isinstance(value, bool) or not text.isascii() or not text.isdecimal() or not 1 <= int(text[:9]) <= 10_000:
        raise MapError(f"{where}: {short(value)} is no number of a path; give 1, 2, …")
    return int(text)


def _real(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MapError(f"{where}: {short(value)} is not a number")
    return _number(str(value), where)


def _number(text: str, where: str) -> float:
    try:
        found = float(text)
    except (ValueError, OverflowError):
        found = np.nan
    if not np.isfinite(found) or "_" in text:
        raise MapError(f"{where}: {short(text)} is not a number")
    return found


def _text(value: float) -> str:
    return repr(float(value))


def named(names: Iterable[str]) -> list[str]:
    """Names that can be told apart: the second ``voice`` is ``voice (2)``."""
    found: dict[str, None] = {}
    for name in names:
        unique, count = name, 2
        while unique in found:
            unique, count = f"{name} ({count})", count + 1
        found[unique] = None
    return list(found)
