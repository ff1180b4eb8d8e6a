"""Codecs of other libraries, as small ones with random weights: latents in, sound out, whatever the split."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latent_terrain.nodes.codec.interface import Codec, CodecError
from latent_terrain.nodes.codec.loader import codec_file, is_program, load_codec
from latent_terrain.nodes.codec.others import FAMILIES, family_of, weights_file

torch = pytest.importorskip("torch", reason="these codecs need torch")
transformers = pytest.importorskip("transformers", reason="EnCodec, DAC and Mimi need transformers")
diffusers = pytest.importorskip("diffusers", reason="Oobleck needs diffusers")


def encodec(**changed: Any) -> Any:
    shape = {"num_filters": 4, "hidden_size": 16, "upsampling_ratios": [4, 2, 2, 2], "num_lstm_layers": 1}
    books = {"codebook_dim": 16, "codebook_size": 32}
    return transformers.EncodecModel(transformers.EncodecConfig(**{**shape, **books, **changed}))


def dac() -> Any:
    shape = {"encoder_hidden_size": 8, "decoder_hidden_size": 64, "hidden_size": 32, "hop_length": 10}
    books = {"n_codebooks": 3, "codebook_size": 16, "codebook_dim": 4}
    ratios = {"downsampling_ratios": [2, 5], "upsampling_ratios": [5, 2]}
    return transformers.DacModel(transformers.DacConfig(**shape, **books, **ratios))


def mimi() -> Any:
    shape = {"hidden_size": 32, "num_filters": 4, "upsampling_ratios": [4, 2, 2], "upsample_groups": 32}
    attention = {"num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 16}
    books = {"codebook_dim": 16, "codebook_size": 32, "num_quantizers": 4, "vector_quantization_hidden_dimension": 16}
    return transformers.MimiModel(transformers.MimiConfig(intermediate_size=32, **shape, **attention, **books))


def oobleck() -> Any:
    shape = {"encoder_hidden_size": 4, "downsampling_ratios": [2, 4], "channel_multiples": [1, 2]}
    return diffusers.AutoencoderOobleck(decoder_channels=4, decoder_input_channels=2, audio_channels=2, **shape)


MAKERS: dict[str, Callable[..., Any]] = {"encodec": encodec, "dac": dac, "mimi": mimi, "oobleck": oobleck}
SIZES = {
    "encodec": (16, 32, 24_000, 1),
    "dac": (12, 10, 16_000, 1),
    "mimi": (32, 32, 24_000, 1),
    "oobleck": (2, 8, 44_100, 2),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with weights of each kind, under its name."""
    made = tmp_path_factory.mktemp("others")
    for name, make in MAKERS.items():
        torch.manual_seed(3)
        make().save_pretrained(made / name)
    return made


def opened(kind: str, folder: Path) -> Codec:
    return load_codec(f"{kind}:{kind}", folder)


@pytest.mark.parametrize("kind", MAKERS)
def test_it_says_what_it_is(kind: str, folder: Path) -> None:
    facts = opened(kind, folder).facts
    assert (facts.latent_dim, facts.ratio, facts.sample_rate, facts.channels) == SIZES[kind]
    assert facts.input_channels == facts.channels
    assert facts.is_streaming


@pytest.mark.parametrize("kind", MAKERS)
def test_the_split_of_a_stream_changes_nothing(kind: str, folder: Path) -> None:
    codec = opened(kind, folder).new_instance()
    latents = np.random.default_rng(1).standard_normal((1, codec.facts.latent_dim, 30)).astype(np.float32)
    whole = codec.decode(latents)
    codec.reset()
    pieces = [codec.decode(latents[..., begin:end]) for begin, end in ((0, 1), (1, 9), (9, 30))]
    assert np.abs(np.concatenate(pieces, 2) - whole).max() < 1e-4 * np.abs(whole).max()
    assert np.abs(whole).max() > 0


@pytest.mark.parametrize("kind", MAKERS)
def test_late_by_what_it_looks_ahead(kind: str, folder: Path) -> None:
    """Decoding in a stream gives what the library gives at once, ``latency`` samples later."""
    codec = opened(kind, folder).new_instance()
    facts = codec.facts
    latents = np.random.default_rng(2).standard_normal((1, facts.latent_dim, 60)).astype(np.float32)
    module: Any = codec.model.loaded.pristine  # type: ignore[attr-defined]
    with torch.inference_mode():
        at_once = module.decode(torch.from_numpy(latents)).numpy()
    streamed = codec.decode(latents)
    inside = slice(20 * facts.ratio, 40 * facts.ratio)
    late = slice(inside.start + facts.latency, inside.stop + facts.latency)
    assert np.abs(streamed[..., late] - at_once[..., inside]).max() < 1e-3 * np.abs(at_once).max()


@pytest.mark.parametrize("kind", MAKERS)
def test_what_is_encoded_is_what_the_library_encodes(kind: str, folder: Path) -> None:
    codec = opened(kind, folder).new_instance()
    facts = codec.facts
    sound = np.random.default_rng(4).standard_normal((1, facts.input_channels, 60 * facts.ratio)).astype(np.float32)
    latents = codec.encode(sound)
    assert latents.shape == (1, facts.latent_dim, 60)
    module: Any = codec.model.loaded.pristine  # type: ignore[attr-defined]
    with torch.inference_mode():
        at_once = module.encode(torch.from_numpy(sound)).numpy()
    shift = round(facts.encoder_latency / facts.ratio)
    streamed = latents[..., 20 + shift : 40 + shift]
    assert np.abs(streamed - at_once[..., 20:40]).max() < 1e-3 * np.abs(at_once).max()


def test_dac_is_steered_by_few_numbers_that_decode_to_what_its_own_latents_do(folder: Path) -> None:
    codec = opened("dac", folder)
    model = transformers.DacModel.from_pretrained(folder / "dac").eval()
    sound = torch.randn(1, 1, 400, generator=torch.Generator().manual_seed(1)) * 0.3
    with torch.inference_mode():
        found = [one for one in model.quantizer(model.encoder(sound)) if one is not None]
        numbers = next(one for one in found if not one.is_floating_point())
        theirs = model.decoder(next(one for one in found if one.shape[1:2] == (32,))).numpy()
        module: Any = codec.model.loaded.pristine  # type: ignore[attr-defined]
        rounded = []
        for book, part in zip(module.books, torch.as_tensor(numbers).unbind(1), strict=True):
            rounded.append(book.codebook(part).transpose(1, 2))
        ours = module.decode(torch.cat(rounded, 1)).numpy()
    count = min(ours.shape[2], theirs.shape[2])
    assert np.abs(ours[..., :count] - theirs[..., :count]).max() < 1e-4 * np.abs(theirs).max()


def test_nobody_is_asked_as_weights_are_no_program(folder: Path) -> None:
    for kind in MAKERS:
        assert not is_program(f"{kind}:{kind}")
    assert codec_file("dac:dac", folder) == folder / "dac" / "model.safetensors"


def test_stable_audio_keeps_it_in_a_folder_of_its_own(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "oobleck", tmp_path / "stable" / "vae")
    assert load_codec("oobleck:stable", tmp_path).facts.channels == 2


def test_a_codec_that_levels_whole_seconds_is_refused_with_the_reason(tmp_path: Path) -> None:
    encodec(norm_type="time_group_norm", use_causal_conv=False).save_pretrained(tmp_path / "whole")
    with pytest.raises(CodecError, match="whole seconds at a time"):
        load_codec("encodec:whole", tmp_path)


def test_weights_of_another_kind_are_refused(folder: Path) -> None:
    with pytest.raises(CodecError, match=r"are not mimi weights|cannot be loaded"):
        load_codec("mimi:encodec", folder)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("dac:", "names no weights"),
        ("dac:nowhere", "there is no folder nowhere"),
        ("dac:../../etc/passwd", "there is no folder"),
        ("encodec:facebook/encodec_24khz", "hf download facebook/encodec_24khz"),
    ],
)
def test_what_is_not_there_says_how_to_get_it(
    name: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(CodecError, match=says):
        weights_file(name, tmp_path)


def test_a_folder_without_weights_and_damaged_weights_are_sentences(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(CodecError, match=r"there is no model\.safetensors"):
        load_codec("dac:empty", tmp_path)
    shutil.copytree(folder / "dac", tmp_path / "damaged")
    (tmp_path / "damaged" / "model.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(CodecError, match="cannot be loaded"):
        load_codec("dac:damaged", tmp_path)
    shutil.copytree(folder / "dac", tmp_path / "odd")
    (tmp_path / "odd" / "config.json").write_text("{")
    with pytest.raises(CodecError, match="cannot be loaded"):
        load_codec("dac:odd", tmp_path)


def test_nothing_of_these_libraries_is_imported_before_they_are_asked_for() -> None:
    code = (
        "import sys; from latent_terrain.nodes.codec.loader import load_codec; load_codec('builtin:bank'); "
        "sys.exit(sum(name in sys.modules for name in ('transformers', 'diffusers', 'huggingface_hub', 'torch')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_family_has_a_name_that_is_no_path() -> None:
    assert set(FAMILIES) == set(MAKERS)
    assert family_of("builtin:bank") is None
    assert family_of("model.ts") is None
