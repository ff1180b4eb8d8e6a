"""Compiled code that can't be had is no reason not to play; what was damaged is compiled anew."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import Engine
from latent_terrain.engine.kernels import build
from latent_terrain.engine.kernels import code as code_module
from latent_terrain.engine.kernels.code import Code, code, kernel_file
from latent_terrain.engine.kernels.kernel import Kernel
from latent_terrain.engine.kernels.lanes import Lanes
from latent_terrain.engine.loops.cache import LoopError

from ..batches import engine_of, many


def without_llvmlite(patched: pytest.MonkeyPatch, folder: Path) -> None:
    for name in [one for one in sys.modules if one.partition(".")[0] in ("numba", "llvmlite")]:
        patched.delitem(sys.modules, name)
    patched.setitem(sys.modules, "llvmlite", None)


def nowhere_to_keep_it(patched: pytest.MonkeyPatch, folder: Path) -> None:
    patched.setenv("XDG_CACHE_HOME", __file__)


def no_compiler(patched: pytest.MonkeyPatch, folder: Path) -> None:
    patched.setattr(code_module, "BUILDER", "latent_terrain.engine.kernels.nobody:serve")


@pytest.mark.parametrize(
    ("how", "says"),
    [(without_llvmlite, "llvmlite"), (nowhere_to_keep_it, "can't be kept"), (no_compiler, "does not start")],
)
def test_without_it_a_sentence_and_numpy_plays(
    how: Callable[[pytest.MonkeyPatch, Path], None],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    how(monkeypatch, tmp_path)
    caplog.set_level(logging.INFO, "latent_terrain")
    other = Code()
    other.wait()
    assert other.play is None
    assert says in other.problem
    assert any("play without compiled code" in one.getMessage() for one in caplog.records)
    monkeypatch.setattr(code, "play", other.play)
    assert np.isfinite(engine_of(many("sine", 5)).process()).all()


def test_what_is_kept_is_loaded_and_a_damaged_file_is_compiled_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = kernel_file().read_bytes()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = kernel_file()
    for damaged in (b"", whole[:1000], whole[:-1] + b"x", b"nonsense\n" * 100):
        path.write_bytes(damaged)
        other = Code()
        other.load()
        assert other.play is None
        assert not other.problem
        assert not path.exists()
    other.wait()
    assert other.play is not None
    assert path.is_file()
    monkeypatch.setattr(code_module, "_build", None)
    again = Code()
    again.ask()
    assert again.play is not None


def test_code_that_gives_other_bits_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(LoopError, match="other numbers"):
        build.check(lambda headers, number: None)


def test_an_op_that_is_none_and_sound_that_is_scattered_are_refused() -> None:
    with pytest.raises(ValueError, match="no op"):
        Kernel("wobble")
    scattered = np.zeros((1, 128), np.float32)[:, ::2]
    with pytest.raises(ValueError, match="one after the other"):
        Lanes(Kernel("times"), [scattered], {"audio": [scattered]}, None, {}, {"level": (0.0, 1.0)}, 48_000.0)


def test_an_engine_that_plays_live_asks_for_it_and_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(Code, "ask", lambda self: asked.append(True))
    patch = many("sine", 2)
    from latent_terrain.engine.setup import Setup

    Engine(patch, engine_of(patch).palette, Setup(offline=False))
    assert asked == [True]
