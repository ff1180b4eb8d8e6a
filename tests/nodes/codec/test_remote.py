"""Renders and commands run models in confined processes, and get from them what the model gives."""

import gc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine.frames import worker_start as loading
from latent_terrain.nodes.codec import remote
from latent_terrain.nodes.codec.effect import EffectWork, effect_order
from latent_terrain.nodes.codec.interface import CodecError
from latent_terrain.nodes.codec.loader import load_codec

pytest.importorskip("torch", reason="model files need torch")
from . import effects, harmful, models

pytestmark = [pytest.mark.remote, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    remote._models.clear()
    gc.collect()


def test_a_codec_apart_gives_what_it_gives_here(tmp_path: Path) -> None:
    path = str(models.save(models.Dicing(), tmp_path / "m.ts"))
    far, near = remote.open_codec(path), load_codec(path)
    assert far.facts == near.facts
    z = np.random.default_rng(1).standard_normal((2, models.LATENT, 9)).astype(np.float32)
    mine, theirs = near.new_instance(2, 5), far.new_instance(2, 5)
    whole = mine.decode(z)
    np.testing.assert_array_equal(theirs.decode(z), whole)
    theirs.reset()
    np.testing.assert_array_equal(theirs.decode(z), whole)
    sound = whole[:1]
    np.testing.assert_array_equal(far.encode(sound), near.encode(sound))
    with pytest.raises(CodecError, match="decodes latents shaped"):
        theirs.decode(z[:, :1])


def test_long_calls_go_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(models.save(models.Streaming(), tmp_path / "m.ts"))
    z = np.random.default_rng(1).standard_normal((1, models.LATENT, 50)).astype(np.float32)
    whole = remote.open_codec(path).decode(z)
    monkeypatch.setattr(remote, "MOST_NUMBERS", 7 * models.RATIO)
    np.testing.assert_allclose(remote.open_codec(path).decode(z), whole, atol=1e-6)


def test_one_process_serves_all_streams_of_a_file_and_ends_with_the_last(tmp_path: Path) -> None:
    path = str(models.save(models.Streaming(), tmp_path / "m.ts"))
    first, second = remote.open_codec(path), remote.open_codec(path)
    held = first._model  # type: ignore[attr-defined]
    assert second._model is held  # type: ignore[attr-defined]
    stream = first.new_instance()
    del stream
    gc.collect()
    assert len(held.forgotten) == 1
    first.decode(np.zeros((1, models.LATENT, 1), np.float32))
    assert not held.forgotten
    child = held._child
    del first, second, held
    remote._models.clear()
    gc.collect()
    assert not child.is_alive


def test_an_effect_apart_gives_what_it_gives_here(tmp_path: Path) -> None:
    path = str(models.save(effects.Effect(), tmp_path / "e.ts"))
    arguments = effect_order(path, tmp_path, "forward").arguments
    how = {"sample_rate": 44_100.0, "seed": 1}
    said, task = remote.open_effect(arguments, how)
    near = EffectWork(**arguments).open(how)
    assert task is not None
    assert (task.rows, task.ratio, task.onset, task.delay) == (near.rows, near.ratio, near.onset, near.delay)
    given = np.zeros((1 + int(said["inputs"]) * near._room, 4), np.float32)
    given[0], given[1:] = int(near.ratio), np.random.default_rng(1).standard_normal(given[1:].shape)
    np.testing.assert_array_equal(task.run(given), near.run(given))
    wrong = effect_order(path, tmp_path, "nothing").arguments
    said, task = remote.open_effect(wrong, how)
    assert task is None
    assert "has no method" in said["fault"]


@pytest.mark.parametrize("make", [lambda aim: harmful.Overwriting(aim), lambda aim: harmful.Planting(aim)])
def test_a_render_with_a_model_that_means_harm_does_none(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    precious = tmp_path / "precious"
    precious.write_bytes(b"x" * 64)
    path = str(models.save(make(str(precious)), tmp_path / "m.ts"))
    with pytest.raises(CodecError):
        remote.open_codec(path).decode(np.zeros((1, models.LATENT, 1), np.float32))
    assert precious.read_bytes() == b"x" * 64


def test_a_model_that_hangs_is_ended_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "CALL_SECONDS", 0.5)
    path = str(models.save(harmful.HangingLater(), tmp_path / "m.ts"))
    codec = remote.open_codec(path)
    with pytest.raises(CodecError, match="stopped or hangs"):
        codec.decode(np.full((1, models.LATENT, 1), 1e3, np.float32))
    with pytest.raises(CodecError, match="stopped or hangs"):
        codec.decode(np.zeros((1, models.LATENT, 1), np.float32))
    assert np.isfinite(remote.open_codec(path).decode(np.zeros((1, models.LATENT, 1), np.float32))).all()


def test_a_model_that_hangs_while_it_is_loaded_is_told_and_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "SAY_SECONDS", 0.5)
    monkeypatch.setattr(loading, "LOAD_SECONDS", 8.0)
    monkeypatch.setattr(remote, "LOAD_SECONDS", 8.0)
    said: list[str] = []
    monkeypatch.setattr(remote, "say", said.append)
    path = str(models.save(harmful.HangingAtOnce(), tmp_path / "m.ts"))
    with pytest.raises(CodecError, match=r"was not ready after 8 s|still loading"):
        remote.open_codec(path)
    assert "still loading" in said[0]


def test_a_model_that_nobody_allowed_is_not_run_apart_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path = str(models.save(models.Streaming(), tmp_path / "m.ts", allowed=False))
    with pytest.raises(CodecError, match="is an untrusted model file"):
        remote.open_codec(path)
