"""TorchScript models of every kind behind the Codec protocol."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from latent_terrain.nodes.codec.interface import Codec, CodecError
from latent_terrain.nodes.codec.loader import load_codec
from latent_terrain.nodes.codec.torchscript import TorchCodec

torch = pytest.importorskip("torch", reason="TorchScript codecs need torch")
from . import models  # noqa: E402

RATIO, LATENT = models.RATIO, models.LATENT
MAKERS: dict[str, Callable[[], Any]] = {
    "memoryless": models.Codec,
    "streaming": models.Streaming,
    "stereo": lambda: models.Streaming(channels=2),
    "ratio 512": lambda: models.Streaming(ratio=512),
    "late": lambda: models.Late(100),
    "symmetric": models.Symmetric,
    "in pairs": models.InPairs,
    "dicing": models.Dicing,
    "dicing, but tells": lambda: models.Dicing(tells=True),
    "early": models.Early,
    "unhealthy": models.Unhealthy,
    "counting": models.Counting,
    "one lane": models.OneLane,
    "self-taught": models.SelfTaught,
    "adjustable": models.Adjustable,
}


@pytest.fixture(scope="module")
def codec(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], TorchCodec]:
    folder = tmp_path_factory.mktemp("models")
    made: dict[str, TorchCodec] = {}

    def get(kind: str) -> TorchCodec:
        if kind not in made:
            path = models.save(MAKERS[kind](), folder / f"{kind}.ts")
            loaded = load_codec(str(path))
            assert isinstance(loaded, TorchCodec)
            made[kind] = loaded
        return made[kind]

    return get


def latents(codec: Codec, frames: int, lanes: int = 1, seed: int = 0) -> np.ndarray:
    shape = (lanes, codec.facts.latent_dim, frames)
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def decoded(codec: Codec, z: np.ndarray, cuts: list[int]) -> np.ndarray:
    return np.concatenate([codec.decode(piece) for piece in np.split(z, cuts, axis=2)], axis=2)


@pytest.mark.parametrize("kind", MAKERS)
def test_the_facts_are_read_from_the_file(codec, kind: str) -> None:
    facts = codec(kind).facts
    assert facts.latent_dim == LATENT
    assert facts.ratio == (512 if kind == "ratio 512" else RATIO)
    assert facts.channels == (2 if kind == "stereo" else 1)
    assert facts.input_channels == {"stereo": 2, "early": 0}.get(kind, 1)
    assert facts.sample_rate == (48_000 if kind == "early" else 44_100)
    assert len(facts.labels) == LATENT
    assert facts.labels[0] == ("latent 1" if kind == "early" else "axis 0")
    assert facts.is_stochastic == (kind == "dicing")
    assert facts.hidden_latents == (3 if kind == "dicing, but tells" else 0)
    assert facts.is_streaming


@pytest.mark.parametrize("kind", MAKERS)
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 40), max_size=5).map(sorted))
def test_f47_any_split_of_a_stream_sounds_the_same(codec, kind: str, cuts: list[int]) -> None:
    one, other = codec(kind).new_instance(seed=3), codec(kind).new_instance(seed=3)
    z = latents(one, 40)
    assert np.abs(one.decode(z) - decoded(other, z, cuts)).max() < 1e-5


@pytest.mark.parametrize("kind", [kind for kind in MAKERS if kind != "early"])
def test_f47_any_split_of_a_stream_encodes_the_same(codec, kind: str) -> None:
    one, other = codec(kind).new_instance(seed=3), codec(kind).new_instance(seed=3)
    facts = one.facts
    x = np.random.default_rng(0).standard_normal((1, facts.input_channels, 23 * facts.ratio)).astype(np.float32)
    pieces = np.split(x, [facts.ratio, 5 * facts.ratio, 18 * facts.ratio], axis=2)
    assert np.abs(one.encode(x) - np.concatenate([other.encode(piece) for piece in pieces], axis=2)).max() < 1e-5


@pytest.mark.parametrize("kind", MAKERS)
def test_f53_reset_brings_back_the_first_sound_exactly(codec, kind: str) -> None:
    stream = codec(kind).new_instance(seed=1)
    z = latents(stream, 9)
    first = stream.decode(z)
    stream.decode(latents(stream, 5, seed=8))
    stream.reset()
    assert np.array_equal(stream.decode(z), first)


@pytest.mark.parametrize("kind", MAKERS)
def test_f53_a_fresh_stream_owes_nothing_to_the_exporter_or_to_others(codec, kind: str) -> None:
    busy = codec(kind).new_instance(seed=1)
    first = codec(kind).new_instance(seed=1)
    z = latents(busy, 6)
    parts = []
    for place in range(6):
        busy.decode(latents(busy, 3, seed=place))
        parts.append(first.decode(z[..., place : place + 1]))
    alone = codec(kind).new_instance(seed=1)
    assert np.abs(np.concatenate(parts, axis=2) - alone.decode(z)).max() < 1e-5


@pytest.mark.parametrize("kind", MAKERS)
def test_lanes_are_streams_of_their_own_and_reset_alone(codec, kind: str) -> None:
    together = codec(kind).new_instance(lanes=3, seed=2)
    z = latents(together, 10, lanes=3)
    begun = together.decode(z[..., :4])
    together.reset(1)
    went_on = together.decode(np.concatenate([z[:1, :, 4:8], z[1:2, :, :4], z[2:, :, 4:8]]))
    assert np.abs(went_on[1] - begun[1]).max() < 1e-5
    if kind != "dicing":
        alone = codec(kind).new_instance(seed=2)
        assert np.abs(np.concatenate([begun[2], went_on[2]], axis=1) - alone.decode(z[2:, :, :8])[0]).max() < 1e-5


def test_more_lanes_than_a_model_remembers_are_copies(codec) -> None:
    many = codec("streaming").new_instance(lanes=70)
    z = latents(many, 2, lanes=70)
    assert np.abs(many.decode(z)[69] - codec("streaming").new_instance().decode(z[69:])[0]).max() < 1e-5


def test_f55_chance_is_repeatable_by_seed_and_touches_nobody_elses(codec) -> None:
    z = latents(codec("dicing"), 5)
    torch.manual_seed(77)
    expected = torch.rand(3)
    torch.manual_seed(77)
    one = codec("dicing").new_instance(seed=4).decode(z)
    assert torch.equal(torch.rand(3), expected)
    torch.manual_seed(5)
    assert np.array_equal(codec("dicing").new_instance(seed=4).decode(z), one)
    assert not np.array_equal(codec("dicing").new_instance(seed=5).decode(z), one)
    two_lanes = codec("dicing").new_instance(lanes=2, seed=4).decode(np.concatenate([z, z]))
    assert not np.array_equal(two_lanes[0], two_lanes[1])


def test_latents_a_model_would_fill_by_chance_are_zero_where_it_says_how_many(codec) -> None:
    z = latents(codec("dicing, but tells"), 5)
    assert np.array_equal(
        codec("dicing, but tells").new_instance(seed=1).decode(z),
        codec("dicing, but tells").new_instance(seed=2).decode(z),
    )


def test_hidden_latents_are_zeros_unless_they_are_given(codec) -> None:
    stream = codec("dicing, but tells").new_instance(lanes=2)
    z = latents(stream, 5, lanes=2)
    hidden = np.random.default_rng(8).standard_normal((2, 3, 5)).astype(np.float32)
    plain = stream.decode(z)
    stream.reset()
    np.testing.assert_allclose(stream.decode(np.concatenate([z, 0 * hidden], 1)), plain, atol=1e-6)
    stream.reset()
    assert np.abs(stream.decode(np.concatenate([z, hidden], 1)) - plain).max() > 0.01
    with pytest.raises(CodecError, match=r"shaped \[2, 4, frames\]"):
        stream.decode(np.concatenate([z, hidden[:, :2]], 1))


def test_f56_a_model_without_streaming_is_given_context_and_comes_later(codec) -> None:
    stream = codec("symmetric").new_instance()
    late = stream.facts.latency
    assert late == stream.facts.encoder_latency == 3 * RATIO
    z = latents(stream, 30)
    with torch.inference_mode():
        whole = models.Symmetric().eval().decode(torch.tensor(z)).numpy()
    made = stream.decode(z)
    assert not made[..., :late].any()
    inner = slice(3 * RATIO, 26 * RATIO)
    assert np.abs(made[..., late:][..., inner] - whole[..., inner]).max() < 1e-5


@pytest.mark.parametrize("ahead", [True, False])
@pytest.mark.parametrize("size", [1, 7, 64])
def test_f56_where_no_context_is_enough_calls_fade_into_each_other(tmp_path: Path, ahead: bool, size: int) -> None:
    model = models.FarSeeing(ahead)
    stream = load_codec(str(models.save(model, tmp_path / "far.ts"))).new_instance(lanes=2)
    late = stream.facts.latency
    assert late == (32 * RATIO if ahead else RATIO)
    assert not stream.facts.is_streaming
    z = np.random.default_rng(0).standard_normal((2, LATENT, 160)).astype(np.float32)
    with torch.inference_mode():
        whole = model.eval().decode(torch.tensor(z)).numpy()

    def decoded(z: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.concatenate([stream.decode(z[..., at : at + size]) for at in range(0, 160, size)], 2)

    made = decoded(z)
    wrong = (made[..., late:] - whole[..., : -late or None])[..., 60 * RATIO :]
    assert np.abs(np.diff(wrong)).max() < 2 * np.abs(wrong).max() / RATIO, "an error that comes and goes in slopes"
    stream.reset(1)
    again = stream.decode(z[..., :1])
    np.testing.assert_array_equal(again[1], made[1][..., :RATIO])
    stream.reset()
    np.testing.assert_array_equal(decoded(z), made)


@pytest.mark.parametrize("late", [0, 30, 64, 100, 300])
def test_f54_delays_are_measured_to_an_eighth_of_a_frame(tmp_path: Path, late: int) -> None:
    facts = load_codec(str(models.save(models.Late(late) if late else models.Codec(), tmp_path / "late.ts"))).facts
    assert abs(facts.latency - late) <= RATIO / 8
    assert abs(facts.encoder_latency - late) <= RATIO / 8


def test_latents_that_are_no_numbers_do_no_harm(codec) -> None:
    stream = codec("streaming").new_instance()
    z = latents(stream, 8)
    z[0, 0, 2], z[0, 1, 3], z[0, 2, 4] = np.nan, np.inf, -np.inf
    assert np.isfinite(stream.decode(z)).all()
    assert stream.faults == 0


def test_a_model_that_gives_nonsense_is_silenced_reset_and_counted(codec) -> None:
    stream, fresh = codec("unhealthy").new_instance(), codec("unhealthy").new_instance()
    z = latents(stream, 4)
    assert stream.decode(z).any()
    assert not stream.decode(np.full((1, LATENT, 1), 99, np.float32)).any()
    assert stream.faults == 1
    assert np.array_equal(stream.decode(z), fresh.decode(z))


def test_what_is_given_and_returned_is_never_touched_later(codec) -> None:
    stream = codec("one lane").new_instance()
    z = latents(stream, 4)
    kept = z.copy()
    first = stream.decode(z)
    heard = first.copy()
    z[:] = 7.0
    stream.reset()
    assert np.array_equal(stream.decode(kept), heard)
    assert np.array_equal(first, heard)


@pytest.mark.parametrize("shape", [(1, LATENT + 1, 2), (2, LATENT, 2), (LATENT, 2), (1, 0, 2)])
def test_wrong_latents_are_refused_with_the_right_shape(codec, shape: tuple[int, ...]) -> None:
    with pytest.raises(CodecError, match=rf"\[1, {LATENT}, frames\]"):
        codec("streaming").decode(np.zeros(shape, np.float32))


def test_no_frames_are_no_sound(codec) -> None:
    for kind in ("streaming", "symmetric", "dicing"):
        assert codec(kind).new_instance().decode(np.zeros((1, LATENT, 0), np.float32)).shape == (1, 1, 0)


def test_wrong_sound_and_models_that_cannot_encode_are_refused(codec) -> None:
    with pytest.raises(CodecError, match="multiple of 64"):
        codec("streaming").encode(np.zeros((1, 1, 65), np.float32))
    with pytest.raises(CodecError, match="decode-only"):
        codec("early").encode(np.zeros((1, 1, 64), np.float32))
    with pytest.raises(CodecError, match="no lane 4"):
        codec("streaming").reset(4)
    with pytest.raises(CodecError, match="at least one lane"):
        codec("streaming").new_instance(lanes=0)


def test_f48_settings_of_a_model_can_be_read_and_set_and_outlive_a_reset(codec) -> None:
    stream, other = codec("adjustable").new_instance(), codec("adjustable").new_instance()
    z = latents(stream, 3)
    plain = stream.decode(z)
    stream.set_attribute("gain", 0.5)
    stream.set_attribute("offset", 0.25)
    assert stream.get_attribute("gain") == (0.5,)
    assert stream.get_attribute("offset") == (0.25,)
    for _ in range(2):
        stream.reset()
        assert stream.decode(z) == pytest.approx(plain * 0.5 + 0.25, abs=1e-6)
    assert np.array_equal(other.decode(z), plain)


def test_f48_settings_that_cannot_be_are_refused_in_a_sentence(codec) -> None:
    stream = codec("adjustable").new_instance()
    for name, values, words in (
        ("gain", (-1.0,), "rejects"),
        ("gain", ("loud",), "takes float"),
        ("gain", (), r"takes 1 value"),
        ("colour", (1,), "its attributes: gain, offset"),
    ):
        with pytest.raises(CodecError, match=words):
            stream.set_attribute(name, *values)


def test_streams_of_one_file_share_its_weights(codec) -> None:
    one, other = codec("streaming").new_instance(), codec("streaming").new_instance()
    mine, yours = (
        [parameter.data_ptr() for parameter in stream._opened()[0].stream.module.parameters()]
        for stream in (one, other)
    )
    assert mine == yours
    assert not codec("self-taught").model.shares_weights


def test_b26_a_file_is_loaded_once_from_any_thread_and_again_when_it_changes(tmp_path: Path) -> None:
    path = models.save(models.Codec(), tmp_path / "m.ts")
    found: list[Codec] = []
    threads = [threading.Thread(target=lambda: found.append(load_codec("m", tmp_path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one.model) for one in found if isinstance(one, TorchCodec)}) == 1
    models.save(models.Codec(ratio=128), path)
    assert load_codec("m", tmp_path).facts.ratio == 128


def test_an_unknown_rate_is_taken_for_44100_and_said(tmp_path: Path) -> None:
    codec = load_codec(str(models.save(models.Codec(rate=-1), tmp_path / "m.ts")))
    assert isinstance(codec, TorchCodec)
    assert codec.facts.sample_rate == 44_100
    assert "44100" in codec.model.notes[0]


def test_the_built_in_codec_needs_no_torch() -> None:
    code = (
        "import sys; from latent_terrain.nodes.codec import loader, encode_files, describe, torchscript;"
        "loader.load_codec('builtin:bank'); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_names_that_lead_nowhere_say_what_was_tried(tmp_path: Path) -> None:
    for name, words in (
        ("builtin:piano", "builtin:bank"),
        ("gone.ts", str(tmp_path / "gone.ts")),
        ("", "no codec given"),
        ("nul\0byte.ts", "no model file"),
        (str(tmp_path), "is a folder"),
    ):
        with pytest.raises(CodecError) as caught:
            load_codec(name, tmp_path)
        assert words in str(caught.value)
