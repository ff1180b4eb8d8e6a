"""A model is judged by what its program compiles to: every real kind of model passes, no way of writing harm does."""

import io
import shutil
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.nodes.codec.interface import CodecError

pytest.importorskip("torch", reason="TorchScript codecs need torch")

import torch

from latent_terrain.nodes.codec.operators import check_operators, is_allowed
from latent_terrain.nodes.codec.torchscript import load_program

from . import harmful, models, odd_models


def functions_of(module: Any) -> list[Any]:
    held = io.BytesIO()
    torch.jit.save(module, held)
    inside: Any = torch._C
    unit = inside.CompilationUnit()
    inside.import_ir_module_from_buffer(unit, held.getvalue(), torch.device("cpu"), {}, False)
    return list(unit.get_functions())


class Aliasing(models.Codec):
    """Reads beyond its tensor."""

    @torch.jit.export
    def decode(self, z: torch.Tensor) -> torch.Tensor:
        other = torch.ops.aten._reshape_alias(z, [1, 1 << 20], [1 << 20, 1])
        return models.unfolded(self.make(z), self.channels) + other[0, 4096]


class Unbounded(models.Codec):
    """Asks an operator that believes the sizes it is told; how: which one."""

    def __init__(self, how: int) -> None:
        super().__init__()
        self.how: torch.jit.Final[int] = how  # pyright: ignore[reportPrivateImportUsage]

    @torch.jit.export
    def decode(self, z: torch.Tensor) -> torch.Tensor:
        large, small = torch.zeros(1, 1 << 21, 2), torch.zeros(1)
        if self.how == 0:
            large = torch.native_batch_norm(large, None, None, small, small, True, 0.1, 1e-5)[0]
        elif self.how == 1:
            no = torch.ops.aten._native_batch_norm_legit_no_training(large, small, small, small, small, 0.1, 1e-5)
            large = no[0]
        elif self.how == 2:
            large = torch.ops.aten._weight_norm_interface(large[0], torch.zeros(1, 1), 0)[0]
        elif self.how == 3:
            large = torch.repeat_interleave(torch.full([5], 1 << 62))
        else:
            rows = torch.zeros(1, 1, 1 << 14, 8)
            large = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(rows, rows, rows[:, :, :1])[0]
        return models.unfolded(self.make(z), self.channels) + large.sum()


class Background(models.Codec):
    """Saves in the background, where only a graph inside a graph shows it."""

    @torch.jit.export
    def decode(self, z: torch.Tensor) -> torch.Tensor:
        if bool(z.sum() > 0):
            for _ in range(2):
                torch.save(z, "/tmp/never-written")
        return models.unfolded(self.make(z), self.channels)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (models.Saving, "writes files"),
        (models.Reading, "from_file"),
        (models.Forking, "background"),
        (Aliasing, "aten::_reshape_alias"),
        (Background, "writes files"),
        (lambda: Unbounded(0), "aten::native_batch_norm"),
        (lambda: Unbounded(1), "aten::_native_batch_norm_legit_no_training"),
        (lambda: Unbounded(2), "aten::_weight_norm_interface"),
        (lambda: Unbounded(3), r"aten::repeat_interleave\.Tensor"),
        (lambda: Unbounded(4), "aten::_scaled_dot_product_flash"),
        (lambda: harmful.Overwriting("/tmp/x"), "from_file"),
    ],
)
def test_what_no_sound_model_needs_is_named(make: Callable[[], Any], words: str, tmp_path: Path) -> None:
    path = models.save(make(), tmp_path / "m.ts")
    with pytest.raises(CodecError, match=words):
        load_program(path.read_bytes(), "m.ts")


@pytest.mark.parametrize(
    "written",
    ["torch .save(", "torch.\tsave(", "torch. save (", "torch.\\\n save(", "ops .aten.save(", "ops.aten .save("],
)
def test_another_way_of_writing_it_is_the_same_program(written: str, tmp_path: Path) -> None:
    path = models.save(models.Saving(), tmp_path / "m.ts")
    other = odd_models.with_code(path, tmp_path / "other.ts", "torch.save(", written)
    assert other.read_bytes() != path.read_bytes()
    with pytest.raises(CodecError, match=r"writes files|cannot be loaded|aten::save"):
        load_program(other.read_bytes(), "other.ts")


@pytest.mark.parametrize(
    "change", [lambda name: name.replace(".py", ".PY"), lambda name: name.replace("code/", "CODE/")]
)
def test_other_letters_in_the_names_of_parts_hide_nothing(change: Callable[[str], str], tmp_path: Path) -> None:
    path = models.save(models.Saving(), tmp_path / "m.ts")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(tmp_path / "other.ts", "w") as made:
        for entry in source.infolist():
            made.writestr(change(entry.filename), source.read(entry))
    with pytest.raises(CodecError, match=r"writes files|cannot be loaded|no TorchScript program"):
        load_program((tmp_path / "other.ts").read_bytes(), "other.ts")


def test_in_place_is_allowed_with_the_operator_itself() -> None:
    assert is_allowed("aten::add_")
    assert not is_allowed("aten::set_")
    assert not is_allowed("aten::as_strided_")
    assert not is_allowed("prim::fork")


LAYERS = """
Conv1d(2,2,3)
ConvTranspose1d(2,2,3)
GRU(2,2)
LSTM(2,2)
RNN(2,2)
Linear(2,2)
BatchNorm1d(2)
LayerNorm(2)
GroupNorm(1,2)
InstanceNorm1d(2)
LeakyReLU()
PReLU()
ELU()
GELU()
SiLU()
Mish()
Softplus()
Softmax(1)
Hardtanh()
GLU()
Dropout()
Upsample(scale_factor=2)
AvgPool1d(2)
MaxPool1d(2)
AdaptiveAvgPool1d(1)
ReflectionPad1d(1)
ReplicationPad1d(1)
ConstantPad1d(1,0.)
CircularPad1d(1)
Embedding(4,2)
PixelShuffle(2)
Unfold(2)
MultiheadAttention(4,2)
TransformerEncoderLayer(4,2,8)
Conv2d(2,2,3)
Flatten()
RMSNorm(2)
GRUCell(2,2)
LSTMCell(2,2)
RReLU()
"""


@pytest.mark.parametrize("layer", LAYERS.splitlines()[1:])
def test_layers_that_models_are_made_of_are_allowed(layer: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_operators(functions_of(torch.jit.script(eval(f"torch.nn.{layer}"))), layer)


class Spectral(torch.nn.Module):
    """What RAVE's noise synthesizer and filter banks do."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        amplitude = torch.sigmoid(x).pow(2.3) + 1e-7
        impulse = torch.fft.irfft(torch.view_as_complex(torch.stack([amplitude, torch.zeros_like(amplitude)], -1)))
        noise = torch.rand_like(impulse) * 2 - 1
        made = torch.fft.irfft(torch.fft.rfft(noise) * torch.fft.rfft(torch.roll(impulse, 3, -1)))
        window = torch.hann_window(64)
        spectrum = torch.stft(made.reshape(1, -1), 64, 16, window=window, return_complex=True)
        return torch.istft(spectrum, 64, 16, window=window) + torch.bernoulli(torch.ones(1)) + torch.einsum("ab->", x)


def test_spectral_synthesis_is_allowed() -> None:
    check_operators(functions_of(torch.jit.script(Spectral())), "noise")


def tracing(module: Any, work: Callable[[Any, Any], Any], given: Any) -> list[Any]:
    class Part(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module = module

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            made = work(self.module, x)
            return torch.as_tensor(made if isinstance(made, torch.Tensor) else made[0]).float()

    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return functions_of(torch.jit.trace(Part().eval(), given, check_trace=False, strict=False))


@pytest.mark.slow
@pytest.mark.parametrize("family", ["encodec", "dac", "mimi", "oobleck"])
def test_codecs_of_other_families_are_allowed_when_they_are_exported(family: str) -> None:
    transformers = pytest.importorskip("transformers", reason="other families come with the extra 'codecs'")
    diffusers = pytest.importorskip("diffusers", reason="other families come with the extra 'codecs'")
    sound, latents = torch.randn(1, 1, 4096), torch.randn(1, 32, 20)
    if family == "encodec":
        small = {
            "num_filters": 4,
            "hidden_size": 32,
            "codebook_size": 32,
            "codebook_dim": 32,
            "upsampling_ratios": [4, 2],
        }
        module = transformers.EncodecModel(transformers.EncodecConfig(**small))
    elif family == "dac":
        small = {"encoder_hidden_size": 8, "decoder_hidden_size": 32, "downsampling_ratios": [2, 4], "hidden_size": 32}
        small |= {"upsampling_ratios": [4, 2], "n_codebooks": 2, "codebook_size": 32, "codebook_dim": 4}
        module = transformers.DacModel(transformers.DacConfig(**small))
    elif family == "mimi":
        small = {"num_filters": 8, "hidden_size": 32, "codebook_size": 32, "codebook_dim": 16, "num_hidden_layers": 1}
        small |= {"num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 16, "intermediate_size": 32}
        small |= {"vector_quantization_hidden_dimension": 16, "num_quantizers": 2, "num_semantic_quantizers": 1}
        module = transformers.MimiModel(transformers.MimiConfig(**small, upsample_groups=32))
        codes = tracing(module, lambda one, x: one.encode(x).audio_codes, torch.randn(1, 1, 48_000))
        check_operators(codes, family)
    else:
        small = {"encoder_hidden_size": 8, "downsampling_ratios": [2, 4], "channel_multiples": [1, 2]}
        module = diffusers.AutoencoderOobleck(**small, decoder_channels=8, decoder_input_channels=32)
        sound = torch.randn(1, 2, 4096)
    check_operators(tracing(module, lambda one, x: one.encoder(x), sound), family)
    check_operators(tracing(module, lambda one, x: one.decoder(x), latents), family)


def test_a_copy_with_nothing_changed_is_loaded(tmp_path: Path) -> None:
    path = models.save(models.Streaming(), tmp_path / "m.ts")
    shutil.copy(path, tmp_path / "copy.ts")
    assert load_program((tmp_path / "copy.ts").read_bytes(), "copy.ts").signature.methods.keys() >= {"decode", "encode"}
