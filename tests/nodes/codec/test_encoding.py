"""Recordings become latents: how many, where, and whatever the file is like."""

from dataclasses import replace
from math import ceil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from latent_terrain.nodes.audiofile import SoundError
from latent_terrain.nodes.codec.encode_files import (
    EncodingStopped,
    encode_folder,
    encode_sound,
    encode_sounds,
    latent_frames,
)
from latent_terrain.nodes.codec.interface import Array, CodecError, CodecFacts


class Levels:
    """A codec whose latents are each frame's mean and largest sample, ``late`` samples late, with its own memory."""

    def __init__(self, ratio: int = 64, late: int = 0, channels: int = 1, rate: int = 44_100) -> None:
        self._late, self._channels = late, channels
        self.facts = CodecFacts("levels", 2, ratio, rate, 1, channels, ("mean", "peak"), encoder_latency=late)
        self._past = np.zeros((1, channels, late), np.float32)

    def decode(self, latents: Array) -> Array:
        return np.repeat(latents[:, :1], self.facts.ratio, axis=2)

    def encode(self, audio: Array) -> Array:
        joined = np.concatenate([self._past, audio], axis=2)
        self._past = joined[..., joined.shape[2] - self._late :]
        heard = joined[..., : audio.shape[2]].reshape(1, self._channels, -1, self.facts.ratio)
        return np.stack([heard.mean((1, 3)), heard.max((1, 3))], axis=1)

    def reset(self, lane: int | None = None) -> None:
        self._past[:] = 0.0

    def new_instance(self, lanes: int = 1, seed: int = 0) -> "Levels":
        return Levels(self.facts.ratio, self._late, self._channels, self.facts.sample_rate)


def wav(path: Path, audio: np.ndarray, rate: int = 44_100) -> Path:
    soundfile.write(path, audio, rate, subtype="FLOAT")
    return path


def noise(frames: int, channels: int = 1) -> np.ndarray:
    return (np.random.default_rng(1).standard_normal((frames, channels)) * 0.1).astype(np.float32)


def expected(audio: np.ndarray, ratio: int) -> np.ndarray:
    frames = ceil(len(audio) / ratio)
    padded = np.zeros(frames * ratio, np.float32)
    padded[: len(audio)] = audio
    heard = padded.reshape(frames, ratio)
    return np.stack([heard.mean(1), heard.max(1)], 1)


@pytest.mark.parametrize(("samples", "frames"), [(4_096, 2), (4_097, 3), (6_144, 3), (1_000, 1)])
def test_f60_f65_b23_a_file_gives_exactly_as_many_latents_as_it_fills_frames(
    tmp_path: Path, samples: int, frames: int
) -> None:
    path = wav(tmp_path / "a.wav", noise(samples))
    for late in (0, 1, 2_047, 2_048, 3_000):
        codec = Levels(ratio=2_048, late=late)
        assert encode_sound(codec, path).latents.shape == (frames, 2)
        assert latent_frames(codec.facts, path) == frames


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(samples=st.integers(1, 2_000), late=st.integers(0, 300), chunk=st.integers(1, 80))
def test_f54_b25_every_latent_describes_its_own_samples(tmp_path: Path, samples: int, late: int, chunk: int) -> None:
    audio = noise(samples)
    made = encode_sound(Levels(late=late), wav(tmp_path / "a.wav", audio), chunk=chunk)
    assert made.latents == pytest.approx(expected(audio[:, 0], 64), abs=1e-6)


def test_f52_f62_b28_other_rates_and_channels_are_adapted(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", noise(48_000, 3), 48_000)
    made = encode_sound(Levels(channels=2, rate=24_000), path)
    assert made.latents.shape == (ceil(24_000 / 64), 2)
    assert made.seconds == 1.0
    assert "first 2" in made.warnings[0]
    assert encode_sound(Levels(channels=2), wav(tmp_path / "mono.wav", noise(640))).latents.any()


def test_f61_b22_one_sample_and_silence_are_sounds(tmp_path: Path) -> None:
    assert encode_sound(Levels(), wav(tmp_path / "a.wav", np.ones((1, 1)))).latents[0, 1] == 1.0
    assert not encode_sound(Levels(), wav(tmp_path / "b.wav", np.zeros((100, 1)))).latents.any()


def test_f60_b24_files_do_not_hear_each_other(tmp_path: Path) -> None:
    loud, soft = wav(tmp_path / "loud.wav", np.ones((500, 1))), wav(tmp_path / "soft.wav", noise(300))
    codec = Levels(late=100)
    codec.encode(np.ones((1, 1, 640), np.float32))
    sounds, problems = encode_sounds(codec, [loud, soft, loud])
    assert not problems
    assert [one.name for one in sounds] == ["loud", "soft", "loud"]
    assert np.array_equal(sounds[1].latents, encode_sound(Levels(late=100), soft).latents)
    assert np.array_equal(sounds[0].latents, sounds[2].latents)


def test_a_broken_file_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    good = wav(tmp_path / "good.wav", noise(300))
    (tmp_path / "bad.wav").write_bytes(b"nonsense")
    sounds, problems = encode_sounds(Levels(), [tmp_path / "bad.wav", good, tmp_path / "gone.wav"])
    assert [one.name for one in sounds] == ["good"]
    assert "bad.wav" in problems[0]
    assert "gone.wav" in problems[1]


def test_f63_a_folder_is_encoded_in_order(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        wav(tmp_path / f"take{number}.wav", noise(100))
    assert [one.name for one in encode_folder(Levels(), tmp_path)[0]] == ["take1", "take2", "take10"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(SoundError, match="no sound files"):
        encode_folder(Levels(), tmp_path / "empty")


def test_f64_b28_progress_rises_to_one_and_can_stop_the_work(tmp_path: Path) -> None:
    paths = [wav(tmp_path / f"{name}.wav", noise(2_000)) for name in "abc"]
    told: list[float] = []

    def progress(done: float, text: str) -> bool:
        told.append(done)
        assert text.split()[0] in {"a.wav", "b.wav", "c.wav"}
        return True

    encode_sounds(Levels(), paths, chunk=4, progress=progress)
    assert told == sorted(told)
    assert told[-1] == 1.0
    with pytest.raises(EncodingStopped, match=r"b\.wav"):
        encode_sounds(Levels(), paths, progress=lambda done, text: done < 0.4)
    with pytest.raises(EncodingStopped):
        encode_sounds(Levels(), paths, cancel=lambda: True)


def test_a_codec_that_cannot_encode_says_so_at_once(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", noise(100))
    with pytest.raises(CodecError, match="decode-only"):
        encode_sounds(Levels(channels=0), [path])
    with pytest.raises(CodecError, match="decode-only"):
        encode_sound(Levels(channels=0), path)


def test_f59_the_built_in_codec_encodes_independently_of_chunks(tmp_path: Path) -> None:
    from latent_terrain.nodes.codec.loader import load_codec

    codec = load_codec("builtin:bank")
    path = wav(tmp_path / "a.wav", noise(20_000, 2), 48_000)
    one, other = encode_sound(codec, path), encode_sound(codec, path, chunk=3)
    assert one.latents.shape == (ceil(20_000 * 44_100 / 48_000 / codec.facts.ratio), codec.facts.latent_dim)
    assert np.abs(one.latents - other.latents).max() < 1e-4


@pytest.mark.parametrize("kind", ["Streaming", "Symmetric", "Dicing", "Late"])
def test_f59_torchscript_models_encode_in_place_and_independently_of_chunks(tmp_path: Path, kind: str) -> None:
    torch = pytest.importorskip("torch", reason="TorchScript codecs need torch")
    from latent_terrain.nodes.codec.loader import load_codec

    from . import models

    model = models.Late(96) if kind == "Late" else getattr(models, kind)()
    codec = load_codec(str(models.save(model, tmp_path / "m.ts")))
    audio = noise(1_999)
    path = wav(tmp_path / "a.wav", audio)
    one, other = encode_sound(codec, path), encode_sound(codec, path, chunk=5)
    assert one.latents.shape == (32, models.LATENT)
    assert np.abs(one.latents - other.latents).max() < 1e-5
    if kind == "Late":
        padded = np.zeros((1, 1, 32 * 64), np.float32)
        padded[0, 0, :1_999] = audio[:, 0]
        with torch.inference_mode():
            ideal = models.Codec.encode(model.eval(), torch.tensor(padded))[0].T.numpy()
        assert np.abs(one.latents - ideal).max() < 1e-5


@pytest.mark.parametrize(("ratio", "latents"), [(4096, 64), (8192, 256)])
def test_f57_large_ratios_and_many_latents_are_counted_right(tmp_path: Path, ratio: int, latents: int) -> None:
    class Wide(Levels):
        """Stereo in, as many latents as asked."""

        def __init__(self) -> None:
            super().__init__(ratio, 0, 2, 48_000)
            self.facts = replace(self.facts, latent_dim=latents, labels=tuple(map(str, range(latents))))

        def encode(self, audio: Array) -> Array:
            return np.repeat(super().encode(audio)[:, :1], latents, axis=1)

        def new_instance(self, lanes: int = 1, seed: int = 0) -> "Wide":
            return Wide()

    for samples in (1, ratio - 1, ratio, ratio + 1, 5 * ratio):
        file = wav(tmp_path / "sound.wav", noise(samples, 2), 48_000)
        assert encode_sound(Wide(), file, chunk=2).latents.shape == (ceil(samples / ratio), latents)
