"""Attributes of models as people write them: numbers, words, arrays, sounds."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.nodes.audiofile import write_sound
from latent_terrain.nodes.codec.attributes import BufferSound, as_type, parsed, split_values
from latent_terrain.nodes.codec.interface import CodecError
from latent_terrain.nodes.codec.signature import AttributeFacts, Signature
from latent_terrain.nodes.codec.stream import ModuleStream
from latent_terrain.nodes.codec.torchscript import load_model

from . import effects, models

torch = pytest.importorskip("torch", reason="model files need torch")

SIGNATURE = Signature(
    {},
    {
        name: AttributeFacts(name, types, ())
        for name, types in {
            "gain": ("float",),
            "steps": ("int",),
            "mode": ("str",),
            "is_on": ("bool",),
            "pair": ("str", "int"),
            "curve": ("tensor",),
            "shape": ("tensor", "float"),
            "table": ("buffer",),
            "both": ("buffer", "float"),
        }.items()
    },
    48_000,
    "",
    0,
    (),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sound = np.linspace(0.25, -0.25, 1000, dtype=np.float32)
    write_sound(tmp_path / "my table.wav", np.stack([sound, -sound]), 44_100, "FLOAT")
    return tmp_path


@pytest.fixture
def shaper(folder: Path) -> ModuleStream:
    loaded = load_model(models.save(effects.Shaper(), folder / "shaper.ts"))
    return ModuleStream(loaded.pristine)


@given(st.lists(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="[]\"'"), min_size=1)))
def test_words_between_spaces_are_values(words: list[str]) -> None:
    assert split_values("  ".join(words)) == words


@given(st.lists(st.text(st.characters(exclude_characters="'"))))
def test_what_is_in_quotes_stays_together(words: list[str]) -> None:
    assert split_values(" ".join(f"'{word}'" for word in words)) == words


@given(st.text())
def test_any_text_is_values_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert all(isinstance(word, str) for word in split_values(text))


def test_values_are_typed(folder: Path) -> None:
    texts = ["gain=0.5", "steps=3", "mode=very soft", "is_on=True", "pair='a b' 7"]
    found = parsed(texts, SIGNATURE, "it", folder)
    assert found == {"gain": (0.5,), "steps": (3,), "mode": ("very soft",), "is_on": (True,), "pair": ("a b", 7)}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1 2 3", [1.0, 2.0, 3.0]),
        ("0.5", 0.5),
        ("[0.5]", [0.5]),
        ("[[1, 2], [3, 4]]", [[1.0, 2.0], [3.0, 4.0]]),
        ("[]", []),
    ],
)
def test_tensors_are_written_as_numbers_or_in_brackets(text: str, wanted: object) -> None:
    (tensor,) = parsed([f"curve={text}"], SIGNATURE, "it")["curve"]
    assert tensor.dtype == torch.float32
    assert tensor.tolist() == wanted
    if text.startswith("["):
        assert parsed([f"shape={text} 2"], SIGNATURE, "it")["shape"][0].tolist() == wanted


def test_a_buffer_takes_a_sound_or_a_part_of_one(folder: Path) -> None:
    (whole,) = parsed(["table=my table.wav"], SIGNATURE, "it", folder)["table"]
    assert (whole.sound.shape, whole.rate, whole.name) == ((2, 1000), 44_100, "my table.wav")
    assert whole.sound[0, 0] == pytest.approx(0.25)
    part, number = parsed(["both='my table.wav#t=0.01,0.02' 2"], SIGNATURE, "it", folder)["both"]
    np.testing.assert_array_equal(part.sound, whole.sound[:, 441:882])
    assert number == 2.0
    assert not as_type("", "buffer").sound.size
    assert as_type([1.0, 2.0], "buffer").sound.shape == (1, 2)
    assert as_type(whole, "buffer") is whole


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour=1", "its attributes: gain, steps"),
        ("gain", "write NAME=VALUE"),
        ("gain=loud", "gain takes float, not 'loud'"),
        ("steps=1.5", "steps takes int"),
        ("is_on=2", "is_on takes bool"),
        ("steps=inf", "steps takes int"),
        ("gain=nan", "gain takes float"),
        (f"curve={'[' * 100_000}", "curve takes tensor"),
        ("curve=loud", r"curve takes tensor \(numbers, or"),
        ("curve=[[1, 2], [3]]", "curve takes tensor"),
        ("curve=[1, null]", "curve takes tensor"),
        ("curve=[1, 1e999]", "curve takes tensor"),
        ("shape=[1, 2 3", "shape takes tensor"),
        ("pair='a 7", "pair takes str, int"),
        ("pair=a b c", "pair takes str, int"),
        ("table=nothing.wav", "table cannot be set: .*nothing.wav"),
        ("table=my table.wav#t=5,6", "lasts 0.02 s"),
    ],
)
def test_what_cannot_be_set_is_a_sentence(text: str, words: str, folder: Path) -> None:
    with pytest.raises(CodecError, match=words):
        parsed([text], SIGNATURE, "it", folder)


def test_arrays_that_are_no_sound_are_refused() -> None:
    for wrong in (np.zeros((1, 2, 3)), [np.nan], object()):
        with pytest.raises((ValueError, TypeError)):
            as_type(wrong, "buffer")


def test_a_model_takes_tensors_and_buffers_and_keeps_them_through_a_reset(shaper: ModuleStream, folder: Path) -> None:
    ones = np.ones((1, 1, 8), np.float32)
    assert shaper.set_attribute("curve", (as_type("[1, 3]", "tensor"), 0.5)) == 0
    assert shaper.call("forward", ones) == pytest.approx(1.0)
    assert shaper.set_attribute("table", (as_type("my table.wav", "buffer", folder),)) == 0
    assert shaper.get_attribute("table") == "1000 at 44100"
    for _ in range(2):
        assert shaper.call("forward", ones) == pytest.approx(1.25)
        shaper.reset()
    assert shaper.set_attribute("table", (as_type("", "buffer"),)) == 0
    assert shaper.call("forward", ones) == pytest.approx(1.0)


def test_a_sound_too_long_for_the_buffer_is_refused_by_the_model(shaper: ModuleStream) -> None:
    assert shaper.set_attribute("table", (BufferSound("long", np.zeros((1, 5000), np.float32), 48_000),)) == -1
    assert shaper.get_attribute("table").startswith("0 at")
