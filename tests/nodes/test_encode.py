"""Encode: files and live sound become latents."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from latent_terrain.engine.teach import result_of, teach

from .land import PALETTE, draw, output, setup_for

RATIO = 1024


def tone(path: Path, samples: int, rate: int = 44_100, channels: int = 1) -> str:
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(samples) / rate)
    soundfile.write(path, np.repeat(wave[:, None], channels, axis=1), rate)
    return str(path)


def test_every_sound_becomes_as_many_frames_as_it_lasts(tmp_path: Path) -> None:
    """Golden G-09: no superfluous frame for exact multiples, no shift of the next sound."""
    lengths = (4 * RATIO, 4 * RATIO + 1, 6 * RATIO, 1)
    sounds = [tone(tmp_path / f"{index}.wav", length) for index, length in enumerate(lengths)]
    patch = draw(sounds=("encode", {"sounds": sounds}))
    content = teach(patch, PALETTE, setup_for(patch)).patch.nodes["sounds"].content
    assert [
        len(content[name]) for name in sorted(result_of(content, "encode") and content) if name.endswith(tuple("0123"))
    ] == [4, 5, 6, 1]


def test_any_rate_and_channel_count_is_taken(tmp_path: Path) -> None:
    one = tone(tmp_path / "a.wav", 44_100)
    other = tone(tmp_path / "b.flac", 96_000, 96_000, channels=2)
    patch = draw(sounds=("encode", {"sounds": [one, other]}))
    first, second = result_of(teach(patch, PALETTE, setup_for(patch)).patch.nodes["sounds"].content, "encode").values()
    assert len(first) == len(second) == -(-44_100 // RATIO)
    assert np.abs(first[4:-4] - second[4:-4]).mean() < 0.25


def test_a_folder_with_a_broken_file_names_it_and_goes_on(tmp_path: Path) -> None:
    tone(tmp_path / "good.wav", 5000)
    (tmp_path / "broken.wav").write_bytes(b"RIFF not a sound at all")
    patch = draw(sounds=("encode", {"sounds": [str(tmp_path)]}))
    taught = teach(patch, PALETTE, setup_for(patch))
    assert list(result_of(taught.patch.nodes["sounds"].content, "encode")) == ["0000/good"]
    assert len(taught.said) == 1
    assert "broken.wav" in str(taught.said[0])


def test_without_sounds_there_is_nothing_to_do(tmp_path: Path) -> None:
    patch = draw(sounds="encode")
    taught = teach(patch, PALETTE, setup_for(patch))
    assert (taught.done, taught.skipped) == ((), ())


def test_a_folder_without_sounds_is_a_sentence(tmp_path: Path) -> None:
    patch = draw(sounds=("encode", {"sounds": [str(tmp_path)]}))
    assert [str(one) for one in teach(patch, PALETTE, setup_for(patch)).skipped] == [
        "sounds: there are no sound files in that folder; name another in the setting 'sounds'"
    ]


def test_a_live_input_gives_the_latents_of_the_sound_just_before_each_frame() -> None:
    """
    sine --> encode
    """
    patch = draw("tone.out -> live.audio", tone=("sine", {"frequency": 440.0}), live="encode")
    found = output(patch, "live", "out", 40, RATIO)
    assert found.shape[0] == 8
    settled = found[:, 20:]
    assert np.abs(settled - settled.mean(axis=1, keepdims=True)).max() < 0.5
    assert np.abs(settled.mean(axis=1) - found[:, 0]).max() > 0.2


def test_sounds_are_encoded_again_when_a_sound_or_the_codec_changed_and_only_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = tone(tmp_path / "a.wav", 5000)
    patch = draw(sounds=("encode", {"sounds": [sound]}))
    done = teach(patch, PALETTE, setup_for(patch)).patch
    assert teach(done, PALETTE, setup_for(done)).done == ()
    tone(tmp_path / "a.wav", 6000)
    done = teach(done, PALETTE, setup_for(done)).patch
    assert len(done.nodes["sounds"].content["encode/0000/a"]) == 6
    other = tmp_path / "weights.npz"
    other.write_bytes(b"other weights")
    monkeypatch.setattr("latent_terrain.nodes.encode.codec_file", lambda name, folder: other)
    assert teach(done, PALETTE, setup_for(done)).done == ("sounds.encode",)
