"""Any sound file at any rate, in any order of reading."""

import os
from itertools import pairwise
from math import ceil
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from latent_terrain.nodes.audiofile import SoundError, SoundFile, list_sounds
from latent_terrain.nodes.audiofile import folder as listing


def noise(frames: int, channels: int = 1, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal((frames, channels)) * 0.1).astype(np.float32)


def wav(path: Path, audio: np.ndarray, rate: int = 44_100, subtype: str = "FLOAT") -> Path:
    soundfile.write(path, audio, rate, subtype=subtype)
    return path


@pytest.fixture(scope="module")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wav(tmp_path_factory.mktemp("sounds") / "long.wav", noise(200_000, 2))


@pytest.fixture(scope="module")
def whole(long_file: Path) -> np.ndarray:
    with SoundFile(long_file, 48_000) as sound:
        return sound.read(0, sound.frames)


@pytest.mark.parametrize(
    ("name", "subtype", "closeness"),
    [
        ("a.wav", "PCM_16", 1e-4),
        ("a.wav", "PCM_U8", 1e-2),
        ("a.flac", "PCM_24", 1e-6),
        ("a.aiff", "PCM_24", 1e-6),
        ("a.ogg", "VORBIS", 0.2),
        ("a.mp3", "MPEG_LAYER_III", 0.2),
        ("a.w64", "DOUBLE", 1e-7),
    ],
)
def test_every_usual_format_is_read(tmp_path: Path, name: str, subtype: str, closeness: float) -> None:
    time = np.arange(20_000) / 44_100
    audio = np.stack([np.sin(2 * np.pi * 440 * time), np.sin(2 * np.pi * 660 * time)], 1).astype(np.float32) * 0.5
    soundfile.write(tmp_path / name, audio, 44_100, subtype=subtype)
    with SoundFile(tmp_path / name) as sound:
        assert (sound.channels, sound.sample_rate, sound.frames) == (2, 44_100, 20_000)
        assert np.abs(sound.read(0, 20_000).T - audio).max() < closeness


@pytest.mark.parametrize("suffix", ["mp3", "ogg", "flac"])
def test_jumping_about_in_a_compressed_file_gives_what_playing_through_gives(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, noise(400_000), 44_100)
    with SoundFile(path) as through, SoundFile(path) as jumping:
        expected = through.read(0, through.frames)
        for start in (399_000, 10, 250_000, 131_072, 60_000):
            assert np.abs(jumping.read(start, 900) - expected[:, start : start + 900]).max() < 1e-7


@pytest.mark.parametrize("suffix", ["mp3", "ogg", "opus"])
def test_reading_on_in_a_compressed_file_is_exact_at_another_rate(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    form = {"opus": ("OGG", "OPUS")}.get(suffix, (None, None))
    soundfile.write(path, noise(300_000), 48_000, format=form[0], subtype=form[1])
    decoded, _ = soundfile.read(path, dtype="float32")
    with SoundFile(path, 44_100) as once, SoundFile(path, 44_100) as pieces:
        whole = once.read(0, once.frames)
        assert np.array_equal(np.concatenate(list(pieces.blocks(999)), axis=1), whole)
    assert np.abs(whole[0] - soxr.resample(decoded, 48_000, 44_100)[: whole.shape[1]])[10:].max() < 1e-5


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 217_687), max_size=6), order=st.randoms())
def test_the_order_and_size_of_reads_change_nothing(long_file: Path, whole: np.ndarray, cuts: list[int], order) -> None:
    edges = sorted({0, *cuts, whole.shape[1]})
    spans = list(pairwise(edges))
    order.shuffle(spans)
    got = np.full_like(whole, np.nan)
    with SoundFile(long_file, 48_000) as sound:
        for begin, end in spans:
            sound.read(begin, end - begin, got[:, begin:end])
    assert np.array_equal(got, whole)


def test_blocks_are_the_whole_sound_whatever_their_size(long_file: Path, whole: np.ndarray) -> None:
    for size in (100_000, 65_536, 7_777):
        with SoundFile(long_file, 48_000) as sound:
            assert np.array_equal(np.concatenate(list(sound.blocks(size)), axis=1), whole)


@pytest.mark.parametrize("rates", [(44_100, 48_000), (48_000, 44_100), (192_000, 8_000), (8_000, 96_000)])
def test_a_tone_keeps_its_pitch_phase_and_length_at_another_rate(tmp_path: Path, rates: tuple[int, int]) -> None:
    source, target = rates
    tone = np.sin(2 * np.pi * 997 * np.arange(2 * source) / source).astype(np.float32)
    with SoundFile(wav(tmp_path / "tone.wav", tone, source), target) as sound:
        assert sound.frames == ceil(len(tone) * target / source)
        got = sound.read(0, sound.frames)[0]
    expected = np.sin(2 * np.pi * 997 * np.arange(len(got)) / target)
    edge = target // 20
    assert np.abs(got - expected)[edge:-edge].max() < 1e-4


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames=st.integers(1, 3_000), source=st.integers(100, 200_000), target=st.integers(100, 200_000))
def test_the_length_law_holds_for_any_rates(tmp_path: Path, frames: int, source: int, target: int) -> None:
    with SoundFile(wav(tmp_path / "short.wav", noise(frames), source), target) as sound:
        assert sound.frames == ceil(frames * target / source)
        assert np.isfinite(sound.read(0, min(sound.frames, 5_000))).all()


def test_one_sample_is_a_sound(tmp_path: Path) -> None:
    with SoundFile(wav(tmp_path / "click.wav", np.ones((1, 1), np.float32))) as sound:
        assert sound.frames == 1
        assert sound.read(-2, 5).tolist() == [[0, 0, 1, 0, 0]]


def test_channels_are_adapted_as_the_rule_says(tmp_path: Path) -> None:
    three = np.tile(np.array([[0.1, 0.2, 0.6]], np.float32), (10, 1))
    path = wav(tmp_path / "three.wav", three)
    with SoundFile(path, channels=1) as mono:
        assert mono.read(0, 1)[:, 0] == pytest.approx([0.3])
        assert mono.warnings == ()
    with SoundFile(path, channels=2) as fewer:
        assert fewer.read(0, 1)[:, 0] == pytest.approx([0.1, 0.2])
        assert "first 2" in fewer.warnings[0]
    with SoundFile(path, channels=5) as more:
        assert more.read(0, 1)[:, 0] == pytest.approx([0.1, 0.2, 0.6, 0.1, 0.2])
    with SoundFile(wav(tmp_path / "one.wav", three[:, :1]), channels=3) as copies:
        assert copies.read(0, 1)[:, 0] == pytest.approx([0.1, 0.1, 0.1])


def test_samples_that_are_no_numbers_become_silence_with_a_warning(tmp_path: Path) -> None:
    audio = noise(2_000)
    audio[100], audio[200], audio[300] = np.nan, np.inf, 1e30
    with SoundFile(wav(tmp_path / "broken.wav", audio), 48_000) as sound:
        assert np.isfinite(sound.read(0, sound.frames)).all()
        assert np.abs(sound.read(0, sound.frames)).max() < 1
        assert len(sound.warnings) == 1
        assert "invalid samples" in sound.warnings[0]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("text.wav", b"this is no sound at all", "not a readable sound file"),
        ("empty.wav", b"", "is empty"),
        ("odd.raw", b"1234", "not a readable sound file"),
        ("head.wav", b"RIFF\x00\x00\x00\x00WAVE", "not a readable sound file"),
    ],
)
def test_what_is_no_sound_is_refused_by_name(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SoundError, match=words) as caught:
        SoundFile(tmp_path / name)
    assert name in str(caught.value)


def test_missing_files_folders_and_pipes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SoundError, match=r"no sound file .*gone\.wav"):
        SoundFile(tmp_path / "gone.wav")
    with pytest.raises(SoundError, match="folder"):
        SoundFile(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.wav")
        with pytest.raises(SoundError, match="not a sound file"):
            SoundFile(tmp_path / "pipe.wav")


def test_a_file_without_samples_says_so(tmp_path: Path) -> None:
    with pytest.raises(SoundError, match="is empty"):
        SoundFile(wav(tmp_path / "nothing.wav", np.zeros((0, 1), np.float32)))


def test_impossible_wishes_are_refused(long_file: Path) -> None:
    for rate in (0, -1, float("nan"), 1e9):
        with pytest.raises(SoundError, match="Hz"):
            SoundFile(long_file, rate)
    with pytest.raises(SoundError, match="at least 1"):
        SoundFile(long_file, channels=0)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300), head=st.sampled_from([b"", b"RIFF", b"fLaC", b"OggS", b"FORM", b"ID3"]))
def test_no_bytes_whatever_break_the_reader(tmp_path: Path, data: bytes, head: bytes) -> None:
    path = tmp_path / "fuzz.wav"
    path.write_bytes(head + data)
    try:
        with SoundFile(path, 48_000) as sound:
            assert np.isfinite(sound.read(0, min(sound.frames, 1_000))).all()
    except SoundError:
        return


def test_a_long_file_is_read_in_bounded_memory(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", 8_000, 1, "PCM_16") as file:
        for _ in range(40):
            file.write(np.zeros(100_000, np.int16))
    tracemalloc.start()
    with SoundFile(path) as sound:
        assert sum(block.shape[1] for block in sound.blocks(10_000)) == 4_000_000
    assert tracemalloc.get_traced_memory()[1] < 4_000_000
    tracemalloc.stop()


def test_sounds_are_listed_in_the_order_of_a_person(tmp_path: Path) -> None:
    for name in ("take10.wav", "take2.WAV", "a.flac", ".hidden.wav", "notes.txt", "B.aif", "x.MP3"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "folder.wav").mkdir()
    assert [path.name for path in list_sounds(tmp_path)] == ["a.flac", "B.aif", "take2.WAV", "take10.wav", "x.MP3"]
    with pytest.raises(SoundError, match="cannot be listed"):
        list_sounds(tmp_path / "nowhere")


def test_folders_in_a_folder_are_looked_into_after_it(tmp_path: Path) -> None:
    for name in ("b/2.wav", "b/10.wav", "a/x/deep.wav", "z.wav", ".hidden/no.wav", "a/.no.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "a" / "circle").symlink_to(tmp_path)
    (tmp_path / "a" / "self").symlink_to(tmp_path / "a" / "self")
    said: list[str] = []
    names = [path.relative_to(tmp_path).as_posix() for path in list_sounds(tmp_path, said.append)]
    assert names == ["z.wav", "a/x/deep.wav", "b/2.wav", "b/10.wav"]
    assert said == []


def test_of_more_and_deeper_sounds_than_are_taken_a_sentence_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST", 3)
    monkeypatch.setattr(listing, "DEEPEST", 2)
    for name in ("1.wav", "2.wav", "a/3.wav", "a/b/4.wav", "a/b/c/5.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    said: list[str] = []
    assert len(list_sounds(tmp_path, said.append)) == 3
    assert any("more than 3 sounds" in one for one in said)
    monkeypatch.setattr(listing, "MOST", 9)
    said.clear()
    assert len(list_sounds(tmp_path, said.append)) == 4
    assert any("more than 2 levels deep" in one for one in said)
