"""What is installed is what is in the folders, and nothing else."""

import importlib.util
import tomllib
from importlib.metadata import files
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CHECKOUT_ONLY = {"latent_terrain.nodes.codec.recipe"}
"""How the shipped weights were made: nobody who installs the program runs it."""
ROOMS = ["engine", "nodes", "graphs", "ui"]


@pytest.mark.parametrize("room", ROOMS)
def test_every_subfolder_is_listed_in_pyproject(room: str) -> None:
    """Editable installs hide a forgotten package; the wheel would not have it."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    for init in (ROOT / room).rglob("__init__.py"):
        inside = ".".join(("latent_terrain", *init.relative_to(ROOT).parent.parts))
        package = inside.replace("latent_terrain.ui.public", "latent_terrain")  # which is the package's root
        assert (package in listed) != (package in CHECKOUT_ONLY), package


def test_nothing_that_is_installed_imports_what_is_not() -> None:
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert setuptools["include-package-data"] is False, "a folder that is not listed would come along as data"
    recipe = ROOT / "nodes" / "codec" / "recipe"
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        if recipe not in path.parents:
            assert "codec.recipe" not in path.read_text(encoding="utf-8"), path
            assert path.parent.parent != recipe.parent or "from ..recipe" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("room", ROOMS)
def test_every_data_file_is_carried(room: str) -> None:
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["*"]
    packages = [init.parent for init in (ROOT / room).rglob("__init__.py")]
    carried = {path for package in packages for pattern in patterns for path in package.glob(pattern)}
    for path in (ROOT / room).rglob("*"):
        if path.is_file() and path.suffix not in (".py", ".pyc", ".prev"):
            assert path in carried, f"{path.name} would be missing from the wheel"


def test_only_our_name_is_installed() -> None:
    installed = {path.parts[0] for path in files("latent-terrain") or [] if path.suffix == ".py"}
    assert all(name == "latent_terrain" or name.startswith("__editable___latent_terrain") for name in installed)
    assert importlib.util.find_spec("latent_terrain.nodes")


@pytest.mark.parametrize("room", ROOMS)
def test_static_tools_can_see_the_rooms(room: str) -> None:
    """Without symbolic links (Windows without developer mode) mypy would check nothing and say so happily."""
    link = ROOT / "tests" / "typing" / "latent_terrain" / room
    if link.exists() and not link.is_dir():
        pytest.skip("this checkout has no symbolic links; install without -e before type checking")
    assert link.samefile(ROOT / room)


def test_pins_lie_within_the_ranges() -> None:
    pins = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {one.partition(">")[0].strip() for one in wanted}
    assert names <= set(pins)
    assert pins["torch"] == "2.13.0"
