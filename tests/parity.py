"""The table of features and the tests that carry their numbers. Run it to write ``tests/parity.md`` anew.

A test carries a number in its name (``test_f08_b06_…``) or in its docstring (F-08).
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

try:
    from .features import CANVAS, LEARNING
except ImportError:  # run as a program
    from features import CANVAS, LEARNING  # type: ignore[no-redef]

HERE = Path(__file__).parent
TABLE = HERE / "parity.md"


@cache
def found() -> dict[str, list[str]]:
    """The tests of every number, as ``file: name``."""
    tests: dict[str, list[str]] = {}
    for path in sorted(HERE.rglob("test_*.py")):
        for name, numbers in _numbered(path):
            for number in numbers:
                tests.setdefault(number, []).append(f"{path.relative_to(HERE)}: {name}")
    return tests


def table() -> str:
    """The table as it should stand in the file."""
    tests = found()
    lines = [
        "# What the Max externals can do, and the tests that hold us to it",
        "",
        "Made by `python tests/parity.py`; F: features, B: defects of theirs that are not ours, G: golden values.",
        "",
        "| number | what | tests |",
        "|---|---|---|",
    ]
    for number, what in {**LEARNING, **CANVAS}.items():
        listed = "<br>".join(f"`{one}`" for one in tests.get(number, ())) or "**none**"
        lines.append(f"| {number} | {what} | {listed} |")
    return "\n".join(lines) + "\n"


def _numbered(path: Path) -> Iterator[tuple[str, list[str]]]:
    for part in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and part.name.startswith("test_"):
            numbers = [f"{kind.upper()}-{digits}" for kind, digits in re.findall(r"_([fbg])(\d{2,3})(?=_)", part.name)]
            numbers += re.findall(r"\b[FBG]-\d{2,3}\b", ast.get_docstring(part) or "")
            if numbers:
                yield part.name, list(dict.fromkeys(numbers))


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
