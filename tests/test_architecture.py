"""The rooms and who may know whom."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("graphs", "engine", "nodes", "ui")
PUBLIC = "ui/public/"
EVERY_FILE = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]


LEARNING = (
    "nodes/codec/others/modules.py",
    "nodes/codec/recipe/",
    "nodes/codec/training/",
    "nodes/export/",
    "nodes/terrain/training.py",
    "nodes/terrain/basis.py",
    "nodes/terrain/perceptron.py",
)
"""Modules that are torch through and through, and themselves imported only where something learns or is exported."""


def imports(path: Path) -> Iterator[tuple[str, int, bool]]:
    """(top of what is imported, line, whether it runs when the module is imported)."""
    here = path.relative_to(ROOT).parent.parts
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(statement)
        for part in ast.walk(tree)
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) or _is_for_checkers(part)
        for statement in ast.walk(part)
    }
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Import):
            yield from ((alias.name.partition(".")[0], 0, id(statement) not in inside) for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            above = here[: len(here) + 1 - statement.level] if statement.level else ()
            target = (*above, *(statement.module or statement.names[0].name).split("."))
            yield target[0], statement.level, id(statement) not in inside


def _is_for_checkers(part: ast.AST) -> bool:
    return isinstance(part, ast.If) and isinstance(part.test, ast.Name) and part.test.id == "TYPE_CHECKING"


@pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    allowed = ROOMS[: ROOMS.index(room) + 1]
    for name, level, _ in imports(path):
        if path.relative_to(ROOT).as_posix().startswith(PUBLIC):
            # it is installed as the package's root, where relative names would mean other folders
            assert not level or path.parent.name == "testing"
        elif name in ROOMS or name == "latent_terrain":
            assert level, f"write 'from ..{name} import' instead of naming it absolutely"
            assert name in allowed, f"{room}/ must not import {name}/"


@pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: str(path.relative_to(ROOT)))
def test_heavy_things_are_imported_where_they_are_used(path: Path) -> None:
    if str(path.relative_to(ROOT)).startswith(LEARNING):
        return
    heavy = {"torch", "sounddevice", "dearpygui", "scipy"}
    found = {name for name, _, at_import in imports(path) if at_import} & heavy
    assert not found, f"import {found} inside the function that needs it"


def test_the_document_knows_nothing_of_sound() -> None:
    for path in (ROOT / "graphs").rglob("*.py"):
        assert not {name for name, _, _ in imports(path)} & {"torch", "soundfile", "soxr", "sounddevice"}


def test_f25_b01_the_engine_and_all_nodes_load_without_torch_and_without_portaudio() -> None:
    code = (
        "import sys; from latent_terrain.engine import load_palette; palette = load_palette(); "
        "assert not palette.complaints, palette.complaints; "
        "assert not {'torch', 'sounddevice', 'dearpygui'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_files_stay_small() -> None:
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in EVERY_FILE}
    assert not {str(path): size for path, size in sizes.items() if size > 400}


@pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_one_function_starts_another_python(path: Path) -> None:
    """It keeps off what lies in the current folder (see ``engine/processes/interpreter.py``)."""
    if path.relative_to(ROOT).as_posix() in ("engine/processes/interpreter.py", "engine/missing_package.py"):
        return  # the second names it in a hint
    for part in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not (isinstance(part, ast.Attribute) and part.attr == "executable"), "use start_python or run_python"


def _package_imports() -> dict[str, set[str]]:
    """Which packages each package imports, wherever the import stands; a parent and what lies in it count as one."""
    found: dict[str, set[str]] = {}
    for path in EVERY_FILE:
        here = path.relative_to(ROOT).parent.parts
        for statement in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(statement, ast.ImportFrom) and statement.level:
                target = (*here[: len(here) + 1 - statement.level], *(statement.module or "").split("."))
                target = tuple(part for part in target if part)
                if not (ROOT.joinpath(*target)).is_dir():
                    target = target[:-1]
                if target[: len(here)] != here and here[: len(target)] != target:
                    found.setdefault(".".join(here), set()).add(".".join(target))
    return found


def test_no_package_imports_itself_by_way_of_others() -> None:
    direct = _package_imports()

    def reached(package: str) -> set[str]:
        seen: set[str] = set()
        ahead = [package]
        while ahead:
            for one in direct.get(ahead.pop(), ()):
                if one not in seen:
                    seen.add(one)
                    ahead.append(one)
        return seen

    cycles = {package for package in direct if package in reached(package)}
    assert not cycles, "packages that import each other are one package, or need a third that both import"


NAMED_TWICE: dict[str, str] = {}
"""Class names that two files may have, with the reason."""


def test_a_class_name_means_one_thing() -> None:
    named: dict[str, list[str]] = {}
    for path in EVERY_FILE:
        for part in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(part, ast.ClassDef):
                named.setdefault(part.name, []).append(path.relative_to(ROOT).as_posix())
    twice = {name: places for name, places in named.items() if len(places) > 1 and name not in NAMED_TWICE}
    assert not twice


NOUNS = {
    "testing": "as in numpy.testing",
    "training": "a training run, as in PyTorch",
    "codec_training": "that of a codec",
    "mapping": "of a controller to a param, as in Ableton Live",
    "drawing": "what is drawn on a canvas",
}
"""Modules whose names end in -ing and are the field's nouns."""


def test_modules_are_named_by_what_they_are_and_not_by_what_they_do() -> None:
    gerunds = {path.stem for path in EVERY_FILE} | {
        part for path in EVERY_FILE for part in path.relative_to(ROOT).parts
    }
    assert not {name for name in gerunds if name.endswith("ing")} - NOUNS.keys()


def test_the_editors_files_lie_in_rooms() -> None:
    assert {path.name for path in (ROOT / "ui" / "editor").glob("*.py")} == {"__init__.py", "app.py"}
