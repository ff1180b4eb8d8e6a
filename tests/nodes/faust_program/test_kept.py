"""Programs that were compiled before: at the next start they are loaded, as long as nothing they depend on changed."""

import json
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.nodes.faust_program import compiler, kept
from latent_terrain.nodes.faust_program.compiler import CompiledFaust, program
from latent_terrain.nodes.faust_program.library import FaustError, Instance
from latent_terrain.nodes.faust_program.source import FaustSource, read_code

pytest.importorskip("cyfaust", reason="Faust programs need the package cyfaust-llvm")


class Start:
    """A start of the program: nothing is remembered but what is on disk."""

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        self.compiled: list[str] = []
        self._patched, self._compile = patched, compiler.compile_apart
        patched.setattr(compiler, "compile_apart", self._counted)
        self.again()

    def again(self) -> None:
        compiler._remembered.clear()
        compiler._loaded.clear()
        self.compiled.clear()

    def _counted(self, source: FaustSource, seconds: float = 20.0) -> CompiledFaust:
        self.compiled.append(source.text)
        return self._compile(source, seconds)


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Start:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return Start(monkeypatch)


def sound(text: str) -> bytes:
    found, load = program(read_code(text, Path()))
    assert load >= 0
    instance = Instance(found, 48_000.0, 64)
    instance.given[:] = np.linspace(-1, 1, 64, dtype=np.float32)
    instance.compute(64)
    made = instance.made.tobytes()
    instance.close()
    return made


def files(tmp_path: Path) -> list[Path]:
    return sorted(tmp_path.rglob("faust_*.json"))


def test_what_was_compiled_is_not_compiled_at_the_next_start_and_sounds_the_same(start: Start) -> None:
    first = sound("process = _ : + ~ *(0.5);")
    assert len(start.compiled) == 1
    start.again()
    assert sound("process = _ : + ~ *(0.5);") == first
    assert not start.compiled
    sound("process = _ : + ~ *(0.4);")
    assert len(start.compiled) == 1


def test_only_its_owner_can_read_the_folder_and_a_mistake_is_not_kept(start: Start, tmp_path: Path) -> None:
    with pytest.raises(FaustError):
        sound("process = _ : ;")
    assert not files(tmp_path)
    sound("process = _ * 0.25;")
    (file,) = files(tmp_path)
    assert file.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("spoilt", ["", "[1]", '{"machine": "eA==", "load": 0.1, "sum": "0"}'])
def test_a_file_that_was_spoilt_is_compiled_anew(start: Start, tmp_path: Path, spoilt: str) -> None:
    first = sound("process = _ * 0.5;")
    (file,) = files(tmp_path)
    file.write_text(spoilt)
    start.again()
    assert sound("process = _ * 0.5;") == first
    assert len(start.compiled) == 1
    assert json.loads(file.read_text())["machine"]


def test_machine_code_that_can_not_be_loaded_is_compiled_anew(start: Start, tmp_path: Path) -> None:
    first = sound("process = _ * 0.5;")
    (file,) = files(tmp_path)
    file.write_text(json.dumps({"machine": "eA==", "load": 0.1, "sum": kept._sum("eA==", 0.1)}))
    start.again()
    assert sound("process = _ * 0.5;") == first
    assert len(start.compiled) == 1


def test_another_compiler_or_processor_compiles_anew(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    sound("process = _ * 0.5;")
    start.again()
    monkeypatch.setattr(kept, "_conditions", lambda: "another")
    sound("process = _ * 0.5;")
    assert len(start.compiled) == 1


def test_where_nothing_can_be_kept_it_plays_all_the_same(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", __file__)
    assert sound("process = _ * 0.5;")


def test_the_oldest_are_removed(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_KEPT", 2)
    for number in range(4):
        kept.keep(str(number), "code", 0.5)
    assert len(files(tmp_path)) == 2
    assert kept.read_kept("3") == ("code", 0.5)
