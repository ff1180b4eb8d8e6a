"""Other people's models that are odd but good are played, and what cannot be played says why."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from latent_terrain.nodes.codec.describe import describe
from latent_terrain.nodes.codec.interface import CodecError, reason_of
from latent_terrain.nodes.codec.loader import load_codec
from latent_terrain.nodes.codec.prints import MOST_KEPT, printed

torch = pytest.importorskip("torch", reason="TorchScript models need torch")
from latent_terrain.nodes.codec.effect import EffectWork  # noqa: E402

from . import models, odd_models  # noqa: E402

Sound = NDArray[np.float32]


def saved(model: Any, folder: Path, name: str = "m.ts") -> str:
    return str(models.save(model, folder / name))


def place(frames: int = 30, seed: int = 0) -> Sound:
    """One place, held."""
    held = np.random.default_rng(seed).standard_normal((1, models.LATENT, 1)).astype(np.float32)
    return held.repeat(frames, axis=2)


def decibels(change: Sound, sound: Sound) -> float:
    return float(10 * np.log10(np.mean(np.square(change)) / np.mean(np.square(sound)) + 1e-20))


@pytest.mark.parametrize("level", [odd_models.NOISE, 0.2])
def test_hidden_latents_are_zeros_beside_a_noise_generator_too(tmp_path: Path, level: float) -> None:
    codec = load_codec(saved(odd_models.Noisy(level), tmp_path))
    assert codec.facts.hidden_latents == 3
    assert codec.facts.is_stochastic
    one, other = (codec.new_instance(seed=seed).decode(place()) for seed in (1, 2))
    noise = float(np.std(one - other))
    assert noise == pytest.approx(level * (2 / 3) ** 0.5, rel=0.05), "only the generator's own noise is left"
    assert np.abs(one).max() > 0.1


def test_without_saying_how_many_they_stay_as_they_are(tmp_path: Path) -> None:
    assert load_codec(saved(models.Dicing(), tmp_path)).facts.hidden_latents == 0


@pytest.mark.parametrize("kind", ["dynamic", "static"])
def test_models_of_eight_bits_run(tmp_path: Path, kind: str) -> None:
    codec = load_codec(saved(odd_models.int8(kind), tmp_path))
    assert (codec.facts.latent_dim, codec.facts.ratio) == (models.LATENT, models.RATIO)
    z = np.random.default_rng(0).standard_normal((2, models.LATENT, 20)).astype(np.float32)
    with torch.inference_mode():
        whole = odd_models.Small().eval().decode(torch.from_numpy(z)).numpy()
    made = codec.new_instance(lanes=2).decode(z)
    assert np.abs(made - whole).max() < 0.1
    assert np.abs(whole).max() > 0.3


def test_what_restores_eight_bits_may_do_nothing_else(tmp_path: Path) -> None:
    path = Path(saved(odd_models.int8("static"), tmp_path))
    loaded = "    self.zero_point = (state)[13]\n"
    for number, more in enumerate(
        ("    while True:\n      pass\n", "    print(state)\n", "    _9 = (self).other(torch.eq(1, 1), )\n")
    ):
        bad = odd_models.with_code(path, tmp_path / f"bad{number}.ts", loaded, loaded + more)
        models.trust(models.digest_of(bad.read_bytes()), bad.name)
        with pytest.raises(CodecError, match="while it is being loaded"):
            load_codec(str(bad))


def test_operators_that_are_not_torchs_are_named(tmp_path: Path) -> None:
    path = Path(saved(models.Codec(), tmp_path))
    bad = odd_models.with_code(path, tmp_path / "bad.ts", "torch.tanh(", "ops.torchaudio .tanh(")
    with pytest.raises(CodecError, match=r"operators that are not part of torch \(torchaudio\)"):
        load_codec(str(bad))


def test_a_model_from_a_graphics_card_plays_on_the_processor(tmp_path: Path) -> None:
    here = load_codec(saved(models.Codec(), tmp_path, "here.ts"))
    card = load_codec(saved(odd_models.OnCard(), tmp_path, "card.ts"))
    np.testing.assert_allclose(card.decode(place()), here.decode(place()), atol=1e-6)


def test_the_reason_that_a_model_is_left_out_for_is_given(tmp_path: Path) -> None:
    with pytest.raises(CodecError, match=r"decode is skipped: it declares frames of 131072 samples.*1 to 65536"):
        load_codec(saved(odd_models.FarApart(), tmp_path))


CUDA = """The following operation failed in the TorchScript interpreter.
Traceback of TorchScript, serialized code (most recent call last):
  File "code/__torch__.py", line 12, in decode
    n = torch.zeros(_0, device=torch.device("cuda:0"))
        ~~~~~~~~~~~ <--- HERE
RuntimeError: CUDA error: no device is there
CUDA kernel errors might be asynchronously reported at some other API call.
Compile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.
"""


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError(CUDA), "CUDA error: no device is there"),
        (RuntimeError("mat1 and mat2 don't fit\n\nCPU: registered at x.cpp"), "mat1 and mat2 don't fit"),
        (RuntimeError(f"Could not run it. {'It may be omitted ' * 30}"), "Could not run it"),
        (RuntimeError(""), "RuntimeError"),
        (MemoryError(), "not enough memory"),
    ],
)
def test_the_first_line_that_says_something_is_the_reason(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason


def test_what_a_model_prints_reaches_no_output_and_is_kept_in_bounds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    codec = load_codec(saved(odd_models.Talkative(), tmp_path))
    for _ in range(100):
        codec.decode(place(1))
    print("ours")
    assert capsys.readouterr().out == "ours\n"
    assert 0 < len(printed()) <= MOST_KEPT


def test_a_discrete_model_is_no_codec_and_says_why(tmp_path: Path) -> None:
    about = describe(saved(models.Discrete(), tmp_path))
    assert not about.is_codec
    assert about.is_usable
    assert "discrete latents" in about.no_codec


def test_a_model_that_loading_refuses_is_told_as_no_codec(tmp_path: Path) -> None:
    makers: list[Callable[[], Any]] = [models.Codec, models.Discrete, models.Lying, odd_models.InEights, models.InPairs]
    for number, make in enumerate(makers):
        path = saved(make(), tmp_path, f"{number}.ts")
        try:
            load_codec(path)
            loads = True
        except CodecError:
            loads = False
        assert describe(path).is_codec == loads


def test_what_a_model_wants_multiples_of_is_told(tmp_path: Path) -> None:
    about = describe(saved(odd_models.Windowed(), tmp_path, "window.ts"))
    assert about.methods[0].multiple == odd_models.WINDOW
    assert any("multiples of 8192 samples" in note for note in about.notes)
    about = describe(saved(odd_models.InEights(), tmp_path, "eights.ts"))
    decode = next(one for one in about.methods if one.facts.name == "decode")
    assert decode.multiple == 8 * models.RATIO
    assert describe(saved(models.Codec(), tmp_path, "plain.ts")).notes == ()


def test_a_model_of_large_windows_plays(tmp_path: Path) -> None:
    work = EffectWork(saved(odd_models.Windowed(), tmp_path), str(tmp_path), "forward")
    assert work.facts()["period"] == odd_models.WINDOW


@pytest.mark.parametrize("package", ["missing", "broken"])
def test_a_missing_torch_is_not_blamed_on_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    from latent_terrain.nodes.codec.trial import examine

    path = saved(models.Codec(), tmp_path)
    raises = {"missing": 'ModuleNotFoundError("no torch", name="torch")', "broken": 'OSError("libtorch.so: gone")'}
    (tmp_path / "torch.py").write_text(f"raise {raises[package]}\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(CodecError) as caught:
        examine(Path(path))
    said = {"missing": "torch, which is not installed; run: ", "broken": "does not load (libtorch.so: gone); run: "}
    assert said[package] in str(caught.value)
    assert re.search(
        r"(python\S*|--python \S+) (-m pip install )?(--force-reinstall |--reinstall )?torch$", str(caught.value)
    )
    assert "author" not in str(caught.value)
