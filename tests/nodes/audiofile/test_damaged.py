"""Files with a hole, or joined: what is there is used, in its place in time, and a sentence says what is missing."""

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from latent_terrain.nodes.audiofile import SoundFile

RATE = 48_000
SOUND = (0.3 * np.random.default_rng(3).standard_normal(6 * RATE)).clip(-0.9, 0.9).astype(np.float32)


def read(path: Path) -> tuple[np.ndarray, tuple[str, ...]]:
    with SoundFile(path) as sound:
        return sound.read(0, sound.frames), sound.warnings


def ogg_pages(data: bytes) -> list[int]:
    """Where the pages of sound begin, and the end."""
    found, place = list[int](), 0
    while place < len(data):
        count = data[place + 26]
        if int.from_bytes(data[place + 6 : place + 14], "little") > 0:
            found.append(place)
        place += 27 + count + sum(data[place + 27 : place + 27 + count])
    return [*found, place]


def close(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.abs(one - other).max() < 0.02)


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
@pytest.mark.parametrize("how", ["overwritten", "left out"])
@pytest.mark.parametrize("which", [0, 3])
def test_what_comes_after_a_hole_in_an_ogg_keeps_its_time(tmp_path: Path, subtype: str, how: str, which: int) -> None:
    soundfile.write(tmp_path / "a.ogg", SOUND, RATE, format="OGG", subtype=subtype)
    whole = (tmp_path / "a.ogg").read_bytes()
    expected, said = read(tmp_path / "a.ogg")
    assert said == ()
    pages = ogg_pages(whole)
    assert len(pages) > which + 4
    begin, end = pages[which : which + 2]
    seed = np.random.default_rng(1)
    data = whole[:begin] + (seed.bytes(end - begin) if how == "overwritten" else b"") + whole[end:]
    (tmp_path / "hole.ogg").write_bytes(data)
    audio, warnings = read(tmp_path / "hole.ogg")
    assert len(warnings) == 1
    assert "is damaged at" in warnings[0]
    silent = np.flatnonzero(np.abs(audio[0]) == 0)
    missing = len(silent) / RATE
    assert f"{missing:.2f} s are missing" in warnings[0]
    assert abs(audio.shape[1] - expected.shape[1]) < 1000
    size = min(audio.shape[1], expected.shape[1])
    after = silent[-1] + RATE // 4
    assert silent[-1] < size - RATE
    assert np.corrcoef(audio[0, after:size], expected[0, after:size])[0, 1] > 0.98
    if silent[0] > 2000:
        assert close(audio[0, : silent[0] - 2000], expected[0, : silent[0] - 2000])
    with SoundFile(tmp_path / "hole.ogg") as jumping:
        piece = jumping.read(int(after), 1000)
    assert close(piece, audio[:, after : after + 1000])


def test_several_holes_in_an_ogg_are_one_sentence(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.ogg", SOUND, RATE, format="OGG", subtype="VORBIS")
    data = bytearray((tmp_path / "a.ogg").read_bytes())
    pages = ogg_pages(bytes(data))
    for which in (1, 4):
        data[pages[which] + 400] ^= 0xFF
    (tmp_path / "holes.ogg").write_bytes(data)
    audio, warnings = read(tmp_path / "holes.ogg")
    assert audio.shape[1] == len(SOUND)
    assert ["is damaged in 2 places" in one for one in warnings] == [True]


def test_a_hole_in_the_second_of_two_joined_oggs_is_placed_in_it(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.ogg", SOUND, RATE, format="OGG", subtype="VORBIS")
    whole = (tmp_path / "a.ogg").read_bytes()
    pages = ogg_pages(whole)
    (tmp_path / "two.ogg").write_bytes(whole + whole[: pages[3]] + whole[pages[4] :])
    audio, warnings = read(tmp_path / "two.ogg")
    expected, _ = read(tmp_path / "a.ogg")
    assert audio.shape[1] == 2 * len(SOUND)
    assert close(audio[:, -RATE:], expected[:, -RATE:])
    assert len(warnings) == 1
    assert float(warnings[0].split(" is damaged at ")[1].split(" s:")[0]) > 6


@pytest.mark.parametrize("tagged", [False, True])
def test_joined_flacs_are_read_one_after_the_other(tmp_path: Path, tagged: bool) -> None:
    one, two = SOUND[:100_000], SOUND[100_000:170_000]
    data = b"ID3\x03\x00\x00\x00\x00\x00\x20" + bytes(32) if tagged else b""
    for name, part in (("one.flac", one), ("two.flac", two), ("same.flac", two)):
        soundfile.write(tmp_path / name, part, RATE)
        data += (tmp_path / name).read_bytes()
    (tmp_path / "all.flac").write_bytes(data)
    audio, warnings = read(tmp_path / "all.flac")
    assert warnings == ()
    assert np.abs(audio[0] - np.concatenate([one, two, two])).max() < 1e-4
    with SoundFile(tmp_path / "all.flac") as jumping:
        assert np.array_equal(jumping.read(99_000, 2000), audio[:, 99_000:101_000])


def test_joined_flacs_of_which_the_last_is_cut_say_so(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "one.flac", SOUND, RATE)
    data = (tmp_path / "one.flac").read_bytes()
    (tmp_path / "all.flac").write_bytes(data + data[: len(data) // 2])
    audio, warnings = read(tmp_path / "all.flac")
    assert 1.3 * len(SOUND) < audio.shape[1] < 1.7 * len(SOUND)
    assert np.abs(audio[0, len(SOUND) : audio.shape[1] - 100] - SOUND[: audio.shape[1] - 100 - len(SOUND)]).max() < 1e-4
    assert ["ends abruptly" in one and "of 12.00 s" in one for one in warnings] == [True]


@pytest.mark.parametrize("how", ["overwritten", "left out"])
def test_what_comes_after_a_hole_in_an_mp3_keeps_its_time(
    tmp_path: Path, how: str, capfd: pytest.CaptureFixture[str]
) -> None:
    soundfile.write(tmp_path / "a.mp3", SOUND, RATE, format="MP3", bitrate_mode="CONSTANT")
    whole = (tmp_path / "a.mp3").read_bytes()
    begin, end = len(whole) // 3, len(whole) // 2
    data = whole[:begin] + (bytes(end - begin) if how == "overwritten" else b"") + whole[end:]
    (tmp_path / "hole.mp3").write_bytes(data)
    expected, _ = read(tmp_path / "a.mp3")
    audio, warnings = read(tmp_path / "hole.mp3")
    assert len(warnings) == 1
    told = re.search(r"is damaged at (\S+) s: (\S+) s are missing and replaced by silence", warnings[0])
    assert told is not None, warnings
    place, missing = (float(one) for one in told.groups())
    assert (place, missing) == (pytest.approx(2, abs=0.2), pytest.approx(1, abs=0.2))
    assert audio.shape == expected.shape
    before, after = int((place - 0.1) * RATE), int((place + missing + 0.2) * RATE)
    assert close(audio[0, :before], expected[0, :before])
    assert close(audio[0, after:], expected[0, after:])
    assert "Xing" not in capfd.readouterr().err, "the decoder has nothing of its own to say"


def test_an_mp3_with_a_hole_that_breaks_off_too_says_both(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.mp3", SOUND, RATE, format="MP3", bitrate_mode="CONSTANT")
    whole = (tmp_path / "a.mp3").read_bytes()
    third = len(whole) // 3
    (tmp_path / "both.mp3").write_bytes(whole[:third] + bytes(3000) + whole[third + 3000 : 2 * third + 7])
    _, warnings = read(tmp_path / "both.mp3")
    assert [("is damaged at" in one, "ends abruptly" in one) for one in warnings] == [(True, False), (False, True)]
