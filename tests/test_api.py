"""What is public is listed, typed, cheap to import, and what docs and examples use."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import latent_terrain
import latent_terrain.testing
from latent_terrain.testing import battery

PUBLIC: list[str] = vars(latent_terrain)["__all__"]  # the stub has names only
ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
PROGRAMS = [
    ROOT / "CONTRIBUTING.md",
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "docs" / "examples").glob("*.py"),
    ROOT / "README.md",
]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLE = CONTRIBUTING.partition("One file in `nodes/`, named as the node:\n```python\n")[2].partition("```")[0]
RING = EXAMPLE.replace("from ..engine import", "from latent_terrain import")
CLICKER = '''"""Jump: a node that clicks."""

from typing import Annotated

from latent_terrain import Param, Signal, node


@node
def jump(audio: Signal, level: Annotated[float, Param(0, 1, ramp=False, help="how loud")] = 1.0) -> Signal:
    """Scale a sound all at once."""
    return audio * level
'''


def rows(text: str) -> list[str]:
    return re.findall(r"^\| `(\w+)` \| \S.+ \|$", text, re.MULTILINE)


def test_the_page_has_a_line_for_each_public_name_and_for_no_other() -> None:
    public, tests = PAGE.split("## Testing nodes of your own")
    assert sorted([*rows(public), "__version__"]) == sorted(PUBLIC)
    assert sorted(rows(tests)) == sorted(latent_terrain.testing.__all__)


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse((ROOT / "ui" / "public" / "__init__.pyi").read_text(encoding="utf-8"))
    imported = [alias.asname for part in tree.body if isinstance(part, ast.ImportFrom) for alias in part.names]
    homes = {
        str(alias.asname): str(part.module).removeprefix("latent_terrain.")
        for part in tree.body
        if isinstance(part, ast.ImportFrom)
        for alias in part.names
    }
    assert sorted([*map(str, imported), "__version__"]) == sorted(PUBLIC)
    assert homes == vars(latent_terrain)["_HOMES"]


@pytest.mark.parametrize("name", PUBLIC)
def test_each_name_is_there(name: str) -> None:
    assert getattr(latent_terrain, name) is not None
    assert name in dir(latent_terrain)


def test_another_name_is_refused_in_a_sentence() -> None:
    with pytest.raises(AttributeError, match=r"docs/api\.md lists"):
        _ = latent_terrain.nothing_of_that_name  # type: ignore[attr-defined]


def test_importing_it_imports_nothing_heavy_and_no_pytest() -> None:
    code = (
        "import sys, latent_terrain; assert 'numpy' not in sys.modules; from latent_terrain import *; "
        "assert not {'torch', 'sounddevice', 'dearpygui', 'pytest'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_docs_and_examples_import_what_is_public(path: Path) -> None:
    found = re.findall(r"^\s*from (latent_terrain\S*) import (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    public = {"latent_terrain": PUBLIC, "latent_terrain.testing": latent_terrain.testing.__all__}
    for room, names in found:
        assert set(names.split(", ")) <= set(public[room])


def test_the_node_that_contributing_shows_passes_lint_and_format() -> None:
    ruff = [sys.executable, "-m", "ruff"]
    for words in (["check"], ["format", "--check"]):
        words += ["--stdin-filename", "nodes/ring.py", "-"]
        done = subprocess.run([*ruff, *words], input=EXAMPLE, capture_output=True, text=True, cwd=ROOT, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("source", "outcome"), [(RING, "passed"), (CLICKER, "clicks at")], ids=["ring", "clicker"])
def test_a_package_tests_its_nodes_in_three_lines(tmp_path: Path, source: str, outcome: str) -> None:
    """The node that CONTRIBUTING shows passes outside of ours too, and the battery finds what is wrong with another."""
    (tmp_path / "toy_pack.py").write_text(source, encoding="utf-8")
    test = PAGE.partition("```python\n")[2].partition("```")[0]
    assert len(test.split("\n\n")) == 2
    (tmp_path / "test_toy.py").write_text(test.replace("my_nodes", "toy_pack"), encoding="utf-8")
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert outcome in done.stdout, done.stdout
    assert (done.returncode == 0) == (outcome == "passed"), done.stdout


def test_a_battery_of_nothing_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="mark a function or class with @node"):
        battery("json")
    with pytest.raises(ValueError, match="can't be loaded"):
        battery("nothing_of_that_name")
