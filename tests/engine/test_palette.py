"""The palette: nodes found by entry point, one per file, no plug-in taking the others with it."""

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from latent_terrain.engine import load_palette, palette

GOOD = '''"""Halve: half of a sound."""
from latent_terrain.engine import Signal, node

@node
def {name}(audio: Signal) -> Signal:
    """Half of a sound."""
    return audio / 2
'''


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of packages that name themselves as node packages next to the built-in one."""
    found = [EntryPoint("builtin", "latent_terrain.nodes", palette.GROUP)]
    found += [EntryPoint("other", name, palette.GROUP) for name in ("halve_pack", "broken_pack")]
    monkeypatch.setattr(palette, "entry_points", lambda group: found)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("halve_pack", "broken_pack"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith(("halve_pack", "broken_pack"))]:
        del sys.modules[name]


def test_a_node_of_another_package_is_found_from_one_file(plugins: Path) -> None:
    (plugins / "halve_pack" / "halve.py").write_text(GOOD.format(name="halve"))
    found = load_palette()
    assert found["halve"].summary == "Half of a sound."
    assert "sine" in found


def test_a_broken_plug_in_is_named_and_the_rest_is_there(plugins: Path) -> None:
    (plugins / "broken_pack" / "bad.py").write_text("import nothing_of_that_name")
    (plugins / "halve_pack" / "halve.py").write_text(GOOD.format(name="halve"))
    found = load_palette()
    assert "halve" in found
    assert any("broken_pack.bad" in text and "nothing_of_that_name" in text for text in found.complaints)


def test_the_built_in_node_wins_a_name_and_the_other_is_told(plugins: Path) -> None:
    (plugins / "halve_pack" / "gain.py").write_text(GOOD.format(name="gain"))
    found = load_palette()
    assert found["gain"].build.__module__ == "latent_terrain.nodes.gain"
    assert any("node type 'gain' exists already" in text for text in found.complaints)


def test_every_built_in_node_is_named_as_its_file() -> None:
    for type_, spec in load_palette().specs.items():
        module = spec.build.__module__.removesuffix(".node").rpartition(".")[2]
        assert module == type_
