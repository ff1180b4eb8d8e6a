"""Model files that are refused as codecs: harmful, damaged, of table entries, or no models at all."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from latent_terrain.nodes.codec.effect import EffectWork
from latent_terrain.nodes.codec.interface import CodecError
from latent_terrain.nodes.codec.loader import load_codec

torch = pytest.importorskip("torch", reason="TorchScript codecs need torch")
from . import effects, models  # noqa: E402


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (models.Saving, "writes files"),
        (models.Reading, "from_file"),
        (models.Forking, "background"),
        (models.Lying, "decode fails"),
        (effects.Effect, "no method 'decode' \\(only forward\\)"),
    ],
)
def test_models_that_would_harm_or_cannot_decode_are_refused(tmp_path: Path, make, words: str) -> None:
    with pytest.raises(CodecError, match=words):
        load_codec(str(models.save(make(), tmp_path / "m.ts")))


def test_files_that_are_no_models_are_refused(tmp_path: Path) -> None:
    whole = models.save(models.Codec(), tmp_path / "whole.ts").read_bytes()
    (tmp_path / "text.ts").write_bytes(b"not a model at all")
    (tmp_path / "empty.ts").write_bytes(b"")
    (tmp_path / "cut.ts").write_bytes(whole[: len(whole) // 2])
    torch.save({"weight": torch.zeros(3)}, tmp_path / "weights.ts")
    with zipfile.ZipFile(tmp_path / "bomb.ts", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m/code/__torch__.py", "x = 1")
        archive.writestr("m/data.pkl", bytes(50_000_000))
    with zipfile.ZipFile(tmp_path / "out.ts", "w") as archive:
        archive.writestr("m/code/__torch__.py", "x = 1")
        archive.writestr("m/data.pkl", b"")
        archive.writestr("m/../../evil", b"")
    for name in ("text", "empty", "cut", "weights", "bomb", "out"):
        with pytest.raises(CodecError, match=f"{name}.ts"):
            load_codec(f"{name}.ts", tmp_path)


def test_code_that_runs_on_loading_is_refused_before_it_does(tmp_path: Path) -> None:
    models.save(models.Codec(), tmp_path / "m.ts")
    with zipfile.ZipFile(tmp_path / "m.ts") as source, zipfile.ZipFile(tmp_path / "bad.ts", "w") as target:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename.endswith(".py"):
                data += b"\n  def __setstate__(self, state: int) -> NoneType:\n    return None\n"
            target.writestr(entry.filename, data)
    with pytest.raises(CodecError, match="while it is being loaded"):
        load_codec("bad.ts", tmp_path)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1), data=st.binary(min_size=1, max_size=20))
def test_damaged_files_never_end_in_anything_but_a_sentence(tmp_path: Path, place: float, data: bytes) -> None:
    path = tmp_path / "m.ts"
    if not path.exists():
        models.save(models.Codec(), path)
    whole = path.read_bytes()
    at = int(place * (len(whole) - 1))
    (tmp_path / "hurt.ts").write_bytes(whole[:at] + data + whole[at + len(data) :])
    try:
        load_codec("hurt.ts", tmp_path).new_instance().decode(np.zeros((1, models.LATENT, 1), np.float32))
    except CodecError:
        return


@pytest.mark.parametrize("kind", [models.Discrete, models.DiscreteDeaf])
def test_table_entries_are_no_latents_to_steer_and_the_reason_is_told(kind: Callable[[], Any], tmp_path: Path) -> None:
    path = models.save(kind(), tmp_path / "discrete.ts")
    with pytest.raises(CodecError, match=r"discrete latents.*model node"):
        load_codec(str(path))


def test_a_model_of_table_entries_plays_in_a_model_node(tmp_path: Path) -> None:
    path = models.save(models.Discrete(), tmp_path / "discrete.ts")
    work = EffectWork(str(path), str(tmp_path), "decode")
    assert work.facts()["inputs"] == models.LATENT
