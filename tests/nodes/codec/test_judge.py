"""A codec is judged by trackers: every sound, every folder, all; what can't be judged is named."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from latent_terrain.nodes.codec.interface import CodecError, CodecFacts
from latent_terrain.nodes.codec.remote import open_codec
from latent_terrain.nodes.codec.training.judge import judge, reproduced


class Wire:
    """Latents are the samples themselves: nothing is lost."""

    def __init__(self, gain: float = 1.0, input_channels: int = 1) -> None:
        self.facts = CodecFacts("wire", 8, 8, 44100, 1, input_channels, ())
        self._gain = gain

    def decode(self, latents: np.ndarray) -> np.ndarray:
        return np.asarray(self._gain * latents.transpose(0, 2, 1).reshape(1, 1, -1), np.float32)

    def encode(self, audio: np.ndarray) -> np.ndarray:
        return np.asarray(audio.reshape(1, -1, 8).transpose(0, 2, 1))

    def reset(self, lane: int | None = None) -> None: ...

    def new_instance(self, lanes: int = 1, seed: int = 0) -> "Wire":
        return Wire(self._gain)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    time = np.arange(30000) / 44100
    for kind, hertz in (("low", 110), ("low", 165), ("high", 660)):
        (tmp_path / kind).mkdir(exist_ok=True)
        tone = 0.3 * np.sin(2 * np.pi * hertz * time) * np.minimum(1, np.arange(30000) / 500)
        soundfile.write(tmp_path / kind / f"{hertz}.wav", tone, 44100, subtype="FLOAT")
    return tmp_path


def test_a_wire_is_perfect_and_half_of_it_is_6_db_less(folder: Path) -> None:
    found = judge(Wire(), [folder])
    assert {(one.name, one.kind) for one in found.sounds} == {("110", "low"), ("165", "low"), ("660", "high")}
    assert found.mean["mel_db"] == pytest.approx(0, abs=1e-4)
    assert found.mean["wrong_f0"] == 0
    assert set(found.kinds) == {"low", "high"}
    assert judge(Wire(0.5), [folder]).mean["level_db"] == pytest.approx(-6.02, abs=0.05)
    assert [row.split()[0] for row in found.as_text()] == ["wire", "660", "110", "165", "high", "low", "mean"]


def test_what_is_too_short_or_no_sound_is_named_and_the_others_go_on(folder: Path) -> None:
    soundfile.write(folder / "short.wav", np.zeros(100), 44100)
    (folder / "broken.wav").write_bytes(b"RIFF")
    found = judge(Wire(), [folder])
    assert len(found.sounds) == 3
    assert sorted(one.split(":")[0] for one in found.warnings) == ["broken.wav", "short.wav"]


def test_a_codec_that_cannot_encode_and_a_folder_without_a_sound_are_refused(folder: Path) -> None:
    with pytest.raises(CodecError, match="decode-only"):
        judge(Wire(input_channels=0), [folder])
    with pytest.raises(CodecError, match="no sound could be judged"):
        judge(Wire(), [])


def test_the_built_in_codec_lies_in_time_with_its_original(folder: Path) -> None:
    copy, original = reproduced(open_codec("builtin:bank"), folder / "low" / "110.wav")
    assert len(copy) == len(original) == 30000
    quiet, loud = (np.sqrt((copy[part] ** 2).mean()) for part in (slice(0, 200), slice(2000, 28000)))
    assert loud > 3 * quiet
