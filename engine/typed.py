"""Values as they are typed: numbers with units, little sums such as ``2*pi``, lists, words, files.

A text becomes what its param or setting is declared to be, for whoever types: on the command line, in the editor, by
OSC.
"""

import ast
import json
import math
import operator
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..graphs import Node
from .compile.resolve import is_number, wrong_param, wrong_setting
from .declare import ParamSpec, Scalar
from .name_schemes import scheme_of
from .setting_specs import SettingSpec

__all__ = [
    "Where",
    "is_number",
    "number",
    "param_of",
    "read_value",
    "seen_from",
    "setting_of",
    "shown",
    "split_list",
    "switch",
    "taken",
]
SUMS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
NAMES = {"pi": math.pi, "e": math.e}
YES, NO = ("on", "yes", "true", "1"), ("off", "no", "false", "0")
# What stands between a sound file and the seconds of the part that is meant: two numbers, with a comma between.
PART = "#t="


@dataclass(frozen=True)
class Where:
    """Where file names are typed. folder: the patch's; here: where they are meant from, None: from that folder too."""

    folder: Path
    here: Path | None = None

    def has(self, text: str) -> bool:
        """Whether a text names something that is there, as a whole or up to the part that is meant."""
        return (scheme_of(text) != "" and "," not in text) or any(
            _exists(folder / name)
            for name in (text, _file_of(text), os.path.expanduser(_file_of(text)))
            if name
            for folder in (self.here or self.folder, self.folder)
        )

    def path(self, text: str) -> str:
        """The name as the patch keeps it: ``~`` is home; what is meant from elsewhere than the patch is absolute."""
        if not text or scheme_of(text):
            return text
        if text.startswith("~") and not _exists((self.here or self.folder) / text):
            text = os.path.expanduser(text)
        if self.here is None:
            return text
        file = _file_of(text)
        if not _exists(self.here / file) and _exists(self.folder / file):
            return text
        return str(self.here / text)


def seen_from(folder: Path, before: Path, value: Any) -> Any:
    """The files that a setting names, as they are named from another folder than before: those that are there only.

    Relative names stay relative, so that the patch and its files may be moved together.
    """
    if isinstance(value, list | tuple):
        return [seen_from(folder, before, one) for one in value]
    if not isinstance(value, str) or not value or scheme_of(value) or os.path.isabs(value):
        return value
    file = value if _exists(before / value) else _file_of(value)
    if not any(_exists(before / f"{file}{ending}") for ending in ("", ".ts")):
        return value
    try:
        return Path(os.path.relpath((before / file).resolve(), folder.resolve())).as_posix() + value[len(file) :]
    except ValueError:  # on another drive
        return str((before / file).resolve()) + value[len(file) :]


def read_value(text: str, param: ParamSpec | None, setting: SettingSpec | None, where: Where | None = None) -> Any:
    """The value that a text means for a param or a setting. Raises ValueError with a sentence.

    In a list, commas part; not those of a file that is there, nor the one in ``FILE#t=1.5,3``. A list may be written as
    JSON too. where: what files there are; None: none is looked for.
    """
    text = text.strip()
    if param is not None:
        value: Any = text if param.kind == "choice" else switch(text) if param.kind == "bool" else _number(text)
        wrong = wrong_param(param, value)
        whole = param.kind == "int"
    elif setting is not None:
        value = _setting(text, setting, where)
        wrong = wrong_setting(setting, value)
        whole = isinstance(setting.default, int)
    else:
        return text
    if wrong:
        raise ValueError(wrong)
    return round(value) if whole and isinstance(value, float) else value


def taken(value: Any, param: ParamSpec | None, setting: SettingSpec | None, where: Where | None = None) -> Any:
    """The value that a program gives a param or a setting, as the patch keeps it: texts are read as if they were typed.

    Numbers and arrays of numpy become plain ones, paths texts. where: what files there are. Raises ValueError with a
    sentence.
    """
    value = [_plain(one) for one in value] if isinstance(value, list | tuple) else _plain(value)
    if isinstance(value, str):
        # a file's name is taken as it is: commas and spaces are its own
        is_file = setting is not None and bool(setting.about.file) and isinstance(setting.default, str)
        return value if is_file else read_value(value, param, setting, where)
    wrong = wrong_param(param, value) if param is not None else wrong_setting(setting, value) if setting else ""
    if wrong:
        raise ValueError(wrong)
    is_whole = param.kind == "int" if param is not None else setting is not None and isinstance(setting.default, int)
    return int(value) if is_whole and not isinstance(value, bool) else value


def param_of(node: Node, spec: ParamSpec) -> Scalar:
    """What a param of a node is: what plays, which is the default where the patch has none or one that can't be."""
    value: Any = node.values.get(spec.name, spec.default)
    return spec.default if wrong_param(spec, value) else value


def setting_of(node: Node, spec: SettingSpec) -> Any:
    """What a setting of a node is: the default where the patch has none or one that can't be."""
    value = node.values.get(spec.name, spec.default)
    return spec.default if wrong_setting(spec, value) else value


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def shown(value: Any) -> str:
    """A value as a text that ``read_value`` reads back."""
    if not isinstance(value, list | tuple):
        return str(value if value is not None else "")
    words = [str(one) for one in value]
    plain = ", ".join(words)
    return plain if split_list(plain) == words else json.dumps(words, ensure_ascii=False)


def switch(text: str) -> bool | str:
    """On or off; the text itself where it is neither."""
    word = text.lower()
    return True if word in YES else False if word in NO else text


def number(text: str) -> float:
    """A number, or a little sum of numbers. Raises ValueError with a sentence."""
    words = text.strip().rstrip("%").strip()
    while words and words[-1].isalpha() and not words.endswith(("pi", "e")):
        words = words[:-1].rstrip()
    try:
        found = _worked_out(ast.parse(words, mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError, RecursionError, TypeError):
        raise ValueError(f"{text!r} is not a number; give one, or an expression such as 2*pi") from None
    if not math.isfinite(found):
        raise ValueError(f"{text!r} is too large; give a smaller number")
    return found


def split_list(text: str, where: Where | None = None) -> list[str]:
    """The parts of a list as it is typed: commas part them, but those of files that are there, and of ``#t=1.5,3``."""
    if text.startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and all(isinstance(one, str | int | float) for one in found):
            return [one if isinstance(one, str) else json.dumps(one) for one in found]
    words = text.split(",")
    parts: list[str] = []
    begin = 0
    while begin < len(words):
        # the longest name that is there; few files have more commas than this
        ends = range(min(len(words), begin + 16), begin + 1, -1)
        names = {end: ",".join(words[begin:end]).strip() for end in ends}
        end = next((one for one, name in names.items() if where is not None and where.has(name)), begin + 1)
        is_part = PART in words[end - 1] and "," not in words[end - 1].rpartition(PART)[2]
        if is_part and end < len(words) and _is_time(words[end]) and _is_time(words[end - 1].rpartition(PART)[2]):
            end += 1
        parts.append(",".join(words[begin:end]).strip())
        begin = end
    return [part for part in parts if part]


def _setting(text: str, setting: SettingSpec, where: Where | None) -> Any:
    path = where.path if where is not None and setting.about.file else str
    default = setting.default
    if setting.choices:
        return text
    if isinstance(default, bool):
        return switch(text)
    if isinstance(default, tuple):
        parts = split_list(text, where if setting.about.file else None)
        return [path(part) for part in parts] if setting.element == "text" else [_number(part) for part in parts]
    return path(text) if isinstance(default, str) else _number(text)


def _number(text: str) -> float | str:
    """A number, or the text where it is none, to be refused by whoever knows what is wanted."""
    try:
        return number(text)
    except ValueError:
        return text


def _file_of(text: str) -> str:
    """A name without the part of the sound that is meant."""
    file, mark, times = text.rpartition(PART)
    return file if mark and all(_is_time(one) for one in times.split(",")) else text


def _is_time(text: str) -> bool:
    """Whether a text is seconds, or nothing (from the beginning, to the end)."""
    return all(letter in "0123456789.e+-" for letter in text.strip())


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _worked_out(part: ast.expr) -> float:
    match part:
        case ast.Constant(value) if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        case ast.Name(name) if name in NAMES:
            return NAMES[name]
        case ast.UnaryOp(ast.USub(), inner):
            return -_worked_out(inner)
        case ast.UnaryOp(ast.UAdd(), inner):
            return _worked_out(inner)
        case ast.BinOp(left, sign, right) if type(sign) in SUMS:
            one, other = _worked_out(left), _worked_out(right)
            if isinstance(sign, ast.Pow) and (abs(other) > 64 or abs(one) > 1e6):
                raise ValueError("too large")
            return SUMS[type(sign)](one, other)
    raise ValueError("no number")
