"""Whatever goes wrong with code per sample is one sentence at its node, and the rest of the patch plays."""

import math
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine import Engine, Palette, Sample, State, load_palette, per_sample, spec_of
from latent_terrain.engine.loops import cache as cache_module
from latent_terrain.engine.loops import library as library_module
from latent_terrain.engine.loops import node as node_module
from latent_terrain.engine.loops.description import PerSample
from latent_terrain.engine.loops.library import LoopLibrary
from latent_terrain.engine.offline import offline_setup
from latent_terrain.graphs import Patch, add_node, connect

from ...waiting import eventually

TOYS = "toy_compiler"


@per_sample
def toy_plain(audio: Sample) -> float:
    """Gives a sound back."""
    return audio


@per_sample
def toy_endless(audio: Sample, kept: State = 0.0) -> tuple[float, float]:
    """Never ends."""
    while kept < 2.0:
        kept = kept * 0.5
    return audio, kept


@per_sample
def toy_slow(audio: Sample, kept: State = 0.0) -> tuple[float, float]:
    """Takes hours for a sample, every loop of it being bounded."""
    for _ in range(100_000):
        for _ in range(100_000):
            for _ in range(100_000):
                kept = math.sin(kept + audio)
    return audio, kept


@per_sample
def toy_raises(audio: Sample) -> float:
    """Raises."""
    if audio > 0.5:
        raise ValueError("too loud for me")
    return audio


@per_sample
def toy_untyped(audio: Sample) -> float:
    """Can't be compiled."""
    return audio.loudness  # type: ignore[attr-defined, no-any-return] # pyright: ignore


@per_sample
def toy_bursts(audio: Sample, kept: State = 1.0) -> tuple[float, float]:
    """Grows beyond all numbers."""
    kept = kept * 1e30 * 1e30
    return audio + kept, kept


ALL = (toy_plain, toy_endless, toy_slow, toy_raises, toy_untyped, toy_bursts)
PALETTE = Palette({**load_palette().specs, **{spec_of(one).type: spec_of(one) for one in ALL}})


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LoopLibrary:
    """Nothing is compiled yet, and compiled code goes to a folder of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    fresh = LoopLibrary()
    monkeypatch.setattr(node_module, "library", fresh)
    return fresh


def patch_with(type_: str) -> Patch:
    """A tone that is heard, and beside it the node."""
    patch = add_node(add_node(Patch(), "sine", name="tone"), "audio_out", name="out")
    patch = add_node(patch, type_, name="it")
    patch = add_node(patch, "mix", name="mix")
    patch = connect(connect(patch, "tone.out", "it.audio"), "tone.out", "mix.audio_1")
    return connect(connect(patch, "it.out", "mix.audio_2"), "mix.out", "out.audio")


def told_of(type_: str) -> list[str]:
    """What is told offline; the tone must be heard, and the node must not."""
    patch = patch_with(type_)
    engine = Engine(patch, PALETTE, offline_setup(patch, Path(), 48_000.0, 256))
    for _ in range(4):
        engine.process()
    assert np.abs(engine.signal("mix", "out")).max() > 0.1
    assert not engine.signal("it", "out").any()
    found = [str(one) for one in engine.faults()]
    engine.close()
    return found


def told_live(type_: str) -> list[str]:
    """What is told while it plays live."""
    patch = patch_with(type_)
    engine = Engine(patch, PALETTE, replace(offline_setup(patch, Path(), 48_000.0, 256), offline=False))
    told = [str(one) for one in engine.problems]  # what is known when it is made is told there

    def has_told() -> bool:
        engine.process()
        engine.tidy()
        told.extend(str(one) for one in engine.faults())
        return bool(told)

    eventually(has_told)
    for _ in range(20):
        has_told()
    assert np.abs(engine.signal("mix", "out")).max() > 0.1
    assert not engine.signal("it", "out").any()
    engine.close()
    return told


def takes(target: str) -> Callable[[pytest.MonkeyPatch], None]:
    def how(patched: pytest.MonkeyPatch) -> None:
        patched.setattr(library_module, "TARGET", f"{TOYS}:{target}")

    how.__name__ = target
    return how


def without_numba(patched: pytest.MonkeyPatch) -> None:
    for name in [one for one in sys.modules if one.partition(".")[0] in ("numba", "llvmlite")]:
        patched.delitem(sys.modules, name)
    patched.setitem(sys.modules, "numba", None)


def in_a_file(patched: pytest.MonkeyPatch) -> None:
    patched.setenv("XDG_CACHE_HOME", __file__)


def hurried(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(library_module, "TRIAL_SECONDS", 1.0)


def hung(patched: pytest.MonkeyPatch) -> None:
    takes("never_answers")(patched)
    patched.setattr(library_module, "START_SECONDS", 1.0)
    patched.setattr(library_module, "COMPILE_SECONDS", 0.2)


def usual(patched: pytest.MonkeyPatch) -> None:
    pass


FAULTS: list[tuple[str, Callable[[pytest.MonkeyPatch], None], str]] = [
    ("toy_plain", without_numba, "needs numba, which is not installed; run: "),
    ("toy_plain", in_a_file, "can't be kept in"),
    ("toy_plain", takes("is_killed"), "has ended (code -9)"),
    ("toy_plain", takes("never_starts"), "can't be compiled"),
    ("toy_plain", hung, "takes too long to compile; make it simpler"),
    ("toy_endless", usual, "fails (a loop in it went round more than 100000 times for one sample; let it end sooner)"),
    ("toy_slow", hurried, "never ends; make it simpler"),
    ("toy_raises", usual, "fails (too loud for me); correct it"),
    ("toy_untyped", usual, "can't be compiled"),
]
NAMES = [f"{type_}-{how.__name__}" for type_, how, _ in FAULTS]


@pytest.mark.parametrize(("type_", "how", "words"), FAULTS, ids=NAMES)
def test_a_fault_offline_is_one_sentence_and_the_rest_plays(
    type_: str, how: Callable[[pytest.MonkeyPatch], None], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    how(monkeypatch)
    told = told_of(type_)
    assert len(told) == 1, told
    assert told[0].startswith("it: ")
    assert words in told[0]


@pytest.mark.parametrize("case", [0, 2, 7], ids=[NAMES[one] for one in (0, 2, 7)])
def test_a_fault_live_is_one_sentence_and_the_rest_plays(case: int, monkeypatch: pytest.MonkeyPatch) -> None:
    type_, how, words = FAULTS[case]
    how(monkeypatch)
    told = told_live(type_)
    assert len(told) == 1, told
    assert words in told[0]


def test_numbers_that_are_no_sound_are_handled_as_those_of_any_node() -> None:
    patch = patch_with("toy_bursts")
    engine = Engine(patch, PALETTE, offline_setup(patch, Path(), 48_000.0, 256))
    for _ in range(40):
        assert np.isfinite(engine.process()).all()
    told = [str(one) for one in engine.faults()]
    assert all(one.startswith("it: gave invalid numbers") for one in told)
    assert np.abs(engine.signal("mix", "out")).max() > 0.1
    engine.close()


def compiled(library: LoopLibrary, kind: PerSample = toy_plain.kind) -> Any:
    loop = library.get(kind, ())
    loop.wait()
    assert not loop.problem, loop.problem
    return loop


def test_what_was_compiled_once_is_only_loaded(tmp_path: Path, library: LoopLibrary, monkeypatch: Any) -> None:
    compiled(library)
    monkeypatch.setattr(library_module, "TARGET", f"{TOYS}:is_killed")
    compiled(LoopLibrary())
    folder = tmp_path / "latent-terrain" / "loops"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_damaged_files_are_made_anew(tmp_path: Path, library: LoopLibrary) -> None:
    compiled(library)
    kept = list((tmp_path / "latent-terrain" / "loops" / "__pycache__").glob("*.nb?"))
    assert kept
    for path in kept:
        path.write_bytes(b"not what it was")
    compiled(LoopLibrary())


def test_code_that_somebody_else_may_write_is_not_run(tmp_path: Path, library: LoopLibrary) -> None:
    (tmp_path / "latent-terrain" / "loops").mkdir(parents=True)
    (tmp_path / "latent-terrain" / "loops").chmod(0o777)
    loop = library.get(toy_plain.kind, ())
    loop.wait()
    assert "not yours alone" in loop.problem


def test_a_changed_module_is_not_what_is_loaded(tmp_path: Path, library: LoopLibrary) -> None:
    loop = compiled(library)
    path = next((tmp_path / "latent-terrain" / "loops").glob("*.py"))
    path.write_text(path.read_text().replace("return audio", "return 5.0 * audio"))
    again = compiled(LoopLibrary())
    for one in (loop, again):
        out = np.zeros((1, 1, 4), np.float32)
        one.call(out, np.zeros((1, 1, 0)), 48_000.0, np.ones((1, 1, 4), np.float32))
        assert out.tolist() == [[[1.0] * 4]]


def test_the_cache_does_not_grow_for_ever(
    tmp_path: Path, library: LoopLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "MOST_KEPT", 2)
    for gain in (2, 3, 4):
        compiled(library, replace(toy_plain.kind, source=toy_plain.kind.source + f"\n# {gain}"))
    folder = tmp_path / "latent-terrain" / "loops"
    assert len(list(folder.glob("*.py"))) == len(list(folder.glob("*.tried"))) == 2
    assert len(list((folder / "__pycache__").glob("*.nbi"))) == 2
    compiled(LoopLibrary())


def test_after_a_while_what_failed_is_tried_again(library: LoopLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        takes("is_killed")(patched)
        first = library.get(toy_plain.kind, ())
        first.wait()
    assert library.get(toy_plain.kind, ()) is first
    assert "set it again" in first.problem
    monkeypatch.setattr(library_module, "AGAIN_SECONDS", -math.inf)
    assert library.get(toy_plain.kind, ()) is not first


def test_importing_the_engine_does_not_import_numba() -> None:
    import subprocess

    code = (
        "import sys; from latent_terrain.engine import load_palette; load_palette(); "
        "assert not {'numba', 'llvmlite'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
