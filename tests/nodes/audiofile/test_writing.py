"""What was played is kept, exactly, whole, and the same each time."""

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.nodes.audiofile import SoundError, SoundFile, SoundWriter, write_sound
from latent_terrain.nodes.audiofile.wav import wav_header

from ...full_disk import full_disk

AUDIO = (np.random.default_rng(0).standard_normal((2, 5_001)) * 0.2).astype(np.float32)
KINDS = [("a.wav", "PCM_16"), ("a.wav", "PCM_24"), ("a.wav", "FLOAT"), ("a.flac", "PCM_16"), ("a.flac", "PCM_24")]


@pytest.mark.parametrize(("name", "subtype"), KINDS)
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_what_was_written_is_read_back(tmp_path: Path, name: str, subtype: str, channels: int) -> None:
    audio = np.resize(AUDIO, (channels, 5_001))
    write_sound(tmp_path / name, audio, 44_100, subtype)
    info = soundfile.info(tmp_path / name)
    assert (info.frames, info.channels, info.samplerate, info.subtype) == (5_001, channels, 44_100, subtype)
    tolerance = {"PCM_16": 2**-16, "PCM_24": 2**-24, "FLOAT": 0.0}[subtype]
    with SoundFile(tmp_path / name) as sound:
        assert np.abs(sound.read(0, 5_001) - audio).max() <= tolerance * 1.001


@pytest.mark.parametrize(("name", "subtype"), KINDS)
def test_the_same_sound_is_the_same_file_however_it_was_cut(tmp_path: Path, name: str, subtype: str) -> None:
    write_sound(tmp_path / name, AUDIO, 48_000, subtype)
    first = (tmp_path / name).read_bytes()
    with SoundWriter(tmp_path / name, 48_000, 2, subtype) as writer:
        for start in range(0, AUDIO.shape[1], 700):
            writer.write(AUDIO[:, start : start + 700])
    assert (tmp_path / name).read_bytes() == first


def test_a_second_copy_through_24_bits_changes_nothing(tmp_path: Path) -> None:
    write_sound(tmp_path / "a.wav", AUDIO, 48_000)
    with SoundFile(tmp_path / "a.wav") as sound:
        write_sound(tmp_path / "b.wav", sound.read(0, sound.frames), 48_000)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_too_loud_and_broken_samples_are_mended_and_counted(tmp_path: Path) -> None:
    audio = np.array([[2.0, -3.0, np.nan, np.inf, 0.5]], np.float32)
    with SoundWriter(tmp_path / "a.wav", 48_000, 1) as writer:
        writer.write(audio)
    assert (writer.clipped, writer.broken, writer.frames) == (2, 2, 5)
    with SoundFile(tmp_path / "a.wav") as sound:
        assert sound.read(0, 5)[0] == pytest.approx([1, -1, 0, 0, 0.5], abs=1e-6)


def test_an_interrupted_take_is_finished_and_kept(tmp_path: Path) -> None:
    def play() -> None:
        with SoundWriter(tmp_path / "take.wav", 48_000, 2) as writer:
            writer.write(AUDIO)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play()
    assert soundfile.info(tmp_path / "take.wav").frames == 5_001
    assert [path.name for path in tmp_path.iterdir()] == ["take.wav"]


def test_the_old_file_stands_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"old")
    writer = SoundWriter(path, 48_000, 2)
    writer.write(AUDIO)
    assert path.read_bytes() == b"old"
    writer.discard()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_a_crash_at_any_moment_leaves_a_part_that_opens_with_all_but_a_second(tmp_path: Path, name: str) -> None:
    writer = SoundWriter(tmp_path / name, 48_000, 2)
    (part,) = tmp_path.iterdir()
    for count in range(1, 60):
        writer.write(AUDIO)
        missing = 5_001 * count - (soundfile.info(str(part)).frames if count > 10 else 5_001 * count)
        assert missing <= 48_000
    heard, _ = soundfile.read(str(part), dtype="float32")
    np.testing.assert_allclose(heard.T, np.tile(AUDIO, 60)[:, : len(heard)], atol=1e-6)
    writer.discard()


@pytest.mark.parametrize(("name", "subtype"), KINDS)
def test_a_full_disk_keeps_all_that_went_onto_it(tmp_path: Path, name: str, subtype: str) -> None:
    writer = SoundWriter(tmp_path / name, 48_000, 2, subtype)
    written = 0

    def fill() -> None:
        nonlocal written
        while True:
            writer.write(AUDIO)
            written += AUDIO.shape[1]

    with full_disk(200_000):
        with pytest.raises(SoundError, match=r"written further \(file too large\); free some space"):
            fill()
        with pytest.raises(SoundError, match="already closed"):
            writer.write(AUDIO)
        writer.close()
    heard, _ = soundfile.read(str(tmp_path / name), dtype="float32")
    assert len(heard) == writer.frames
    assert len(heard) > written - 2 * 4096
    np.testing.assert_allclose(heard.T, np.tile(AUDIO, 60)[:, : len(heard)], atol=4e-5)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_a_cut_sound_never_takes_the_place_of_a_whole_one(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_sound(path, AUDIO, 48_000)
    before = path.read_bytes()
    for cut in ("a-cut", "a-cut-2"):
        with SoundWriter(path, 48_000, 2) as writer:
            writer.write(AUDIO[:, :2000])
            writer.is_cut = True
        assert writer.path == path.with_stem(cut)
        assert soundfile.info(writer.path).frames == 2000
    assert path.read_bytes() == before


def test_a_sound_written_in_one_go_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"old")
    with full_disk(10_000), pytest.raises(SoundError):
        write_sound(path, AUDIO, 48_000)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["ü" * 125 + ".wav", "字" * 83 + ".flac", "kick, dry#t=1.wav"])
def test_long_and_foreign_names_are_written(tmp_path: Path, name: str) -> None:
    write_sound(tmp_path / name, AUDIO, 48_000)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("frames", [0, 1])
@pytest.mark.parametrize(("name", "subtype"), KINDS)
def test_very_short_takes_are_valid_files(tmp_path: Path, name: str, subtype: str, frames: int) -> None:
    write_sound(tmp_path / name, np.zeros((1, frames), np.float32), 44_100, subtype)
    assert soundfile.info(tmp_path / name).frames == (1 if name == "a.flac" else frames)


def test_beyond_four_gibibytes_the_file_is_rf64(tmp_path: Path) -> None:
    path = tmp_path / "huge.wav"
    frames = 1_500_000_000
    head = wav_header(48_000, 2, "PCM_24", frames)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + frames * 6)
    assert path.stat().st_blocks < 1_000 or os.name == "nt"
    info = soundfile.info(path)
    assert (info.format, info.frames, info.channels) == ("RF64", frames, 2)


@given(
    channels=st.integers(1, 256), subtype=st.sampled_from(["PCM_16", "PCM_24", "FLOAT"]), frames=st.integers(0, 2**40)
)
def test_a_header_has_the_same_length_for_any_number_of_samples(channels: int, subtype: str, frames: int) -> None:
    assert len(wav_header(48_000, channels, subtype, frames)) == len(wav_header(48_000, channels, subtype, 0))


def test_what_cannot_be_written_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "folder.wav").mkdir()
    for path, rate, channels, subtype, words in (
        ("a.mp3", 48_000, 2, "PCM_24", r"\.wav or \.flac"),
        ("a.flac", 48_000, 2, "FLOAT", "PCM_16 or PCM_24"),
        ("a.flac", 48_000, 9, "PCM_24", "channels"),
        ("a.wav", 48_000, 0, "PCM_24", "channels"),
        ("a.wav", float("nan"), 1, "PCM_24", "Hz"),
        ("a.wav", 48_000, 1, "PCM_12", "PCM_12"),
        ("no/where/a.wav", 48_000, 1, "PCM_24", "make that folder first"),
        ("no/where/a.flac", 48_000, 1, "PCM_24", "make that folder first"),
        ("folder.wav", 48_000, 1, "PCM_24", "is a folder"),
    ):
        with pytest.raises(SoundError, match=words):
            SoundWriter(tmp_path / path, rate, channels, subtype)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.wav"]


def test_wrong_shapes_and_late_writes_are_refused(tmp_path: Path) -> None:
    writer = SoundWriter(tmp_path / "a.wav", 48_000, 1)
    with pytest.raises(SoundError, match="takes 1 channels"):
        writer.write(AUDIO)
    writer.close()
    writer.close()
    with pytest.raises(SoundError, match="already closed"):
        writer.write(AUDIO[:1])
