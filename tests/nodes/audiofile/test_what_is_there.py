"""All the sound that a file holds is read, whatever its header says; what is missing is told in a sentence."""

import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from latent_terrain.nodes.audiofile import SoundError, SoundFile, foreign

RATE = 44_100
SECONDS = 1.5
TONE = (0.4 * np.sin(2 * np.pi * 331 * np.arange(int(RATE * SECONDS)) / RATE)).astype(np.float32)
needs_ffmpeg = pytest.mark.skipif(
    shutil.which("ffmpeg") is None or shutil.which("ffprobe") is None, reason="ffmpeg and ffprobe are not installed"
)


def read(path: Path) -> tuple[np.ndarray, tuple[str, ...]]:
    with SoundFile(path) as sound:
        return sound.read(0, sound.frames), sound.warnings


def pcm(audio: np.ndarray, order: str = "<") -> bytes:
    return np.rint(audio * 32767).astype(f"{order}i2").tobytes()


def chunk(name: bytes, body: bytes, order: str = "<", size: int | None = None) -> bytes:
    return name + struct.pack(f"{order}I", len(body) if size is None else size) + body + bytes(len(body) % 2)


FMT = struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)


def wave(*chunks: bytes, size: int | None = None, form: bytes = b"RIFF") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return form + struct.pack("<I", len(body) if size is None else size) + body


def aiff(frames: int, data_size: int, audio: bytes, *, size: int = 0, more: bytes = b"") -> bytes:
    rate = struct.pack(">HQ", 16383 + 15, RATE << (63 - 15))
    common = chunk(b"COMM", struct.pack(">hIh", 1, frames, 16) + rate, ">")
    sound = b"SSND" + struct.pack(">III", data_size, 0, 0) + audio
    return b"FORM" + struct.pack(">I", size) + b"AIFF" + common + more + sound


SOUND = pcm(TONE)
HONEST = chunk(b"LIST", b"INFOISFT" + struct.pack("<I", 4) + b"test")
PEAK = b"PEAK" + struct.pack("<I", 0x7000_0000) + bytes(16)
DS64 = chunk(b"ds64", bytes(28))
LIES = {
    "a recorder that died": (wave(chunk(b"fmt ", FMT), chunk(b"data", SOUND, size=0), size=0), "not closed properly"),
    "a recorder that died after a while": (
        wave(chunk(b"fmt ", FMT), chunk(b"data", SOUND, size=22_050), size=22_086),
        "not closed properly",
    ),
    "written into a pipe": (
        wave(chunk(b"fmt ", FMT), chunk(b"data", SOUND, size=0xFFFF_FFFF), size=0xFFFF_FFFF),
        "",
    ),
    "as sox writes it into a pipe": (
        wave(chunk(b"fmt ", FMT), chunk(b"data", SOUND, size=0x7FFF_F000), size=0x7FFF_F024),
        "",
    ),
    "cut off": (
        wave(chunk(b"fmt ", FMT), chunk(b"data", SOUND, size=2 * len(SOUND))),
        "ends abruptly at 1.50 s of 3.00 s",
    ),
    "damaged peak chunk before": (wave(chunk(b"fmt ", FMT), chunk(b"PEAK", bytes(9)), chunk(b"data", SOUND)), ""),
    "damaged peak chunk after": (wave(chunk(b"fmt ", FMT), chunk(b"data", SOUND), PEAK), ""),
    "odd chunks": (wave(chunk(b"junk", b"123"), chunk(b"fmt ", FMT), HONEST, chunk(b"data", SOUND), HONEST), ""),
    "an odd chunk without its padding": (
        wave(chunk(b"fmt ", FMT), b"note" + struct.pack("<I", 3) + b"abc", chunk(b"data", SOUND)),
        "",
    ),
    "a wrong size of the whole": (wave(chunk(b"fmt ", FMT), chunk(b"data", SOUND), size=12), ""),
    "RF64 with zeros": (
        wave(DS64, chunk(b"fmt ", FMT), chunk(b"data", SOUND, size=0xFFFF_FFFF), size=0xFFFF_FFFF, form=b"RF64"),
        "not closed properly",
    ),
    "a tag at its end": (wave(chunk(b"fmt ", FMT), chunk(b"data", SOUND)) + b"TAG" + bytes(2000), ""),
    "a tag in front": (
        b"ID3\x03\x00\x00\x00\x00\x00\x20" + bytes(32) + wave(chunk(b"fmt ", FMT), chunk(b"data", SOUND)),
        "",
    ),
    "AIFF of a recorder that died": (aiff(0, 0, pcm(TONE, ">")), "not closed properly"),
    "AIFF cut off": (aiff(2 * len(TONE), 2 * len(SOUND) + 8, pcm(TONE, ">")), "ends abruptly"),
    "AIFF with a damaged chunk": (
        aiff(len(TONE), len(SOUND) + 8, pcm(TONE, ">"), more=chunk(b"PEAK", bytes(5), ">")),
        "",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_header_that_lies_hides_no_sound(tmp_path: Path, lie: str) -> None:
    data, said = LIES[lie]
    path = tmp_path / ("a.aif" if lie.startswith("AIFF") else "a.wav")
    path.write_bytes(data)
    audio, warnings = read(path)
    assert audio.shape == (1, len(TONE))
    assert np.abs(audio[0] - TONE).max() < 1e-4
    if said:
        assert len(warnings) == 1
        assert said in warnings[0]
    else:
        assert warnings == ()


@pytest.mark.parametrize(
    ("form", "before", "sizes"),
    [
        ("AU", 8, {">I": (0, 0xFFFF_FFFF, 1_000_000)}),
        ("CAF", 4, {">q": (0, -1, 1_000_000)}),
        ("W64", 16, {"<Q": (0, 24, 1_000_000, 1 << 62)}),
    ],
)
def test_a_length_that_lies_in_other_formats(
    tmp_path: Path, form: str, before: int, sizes: dict[str, tuple[int, ...]]
) -> None:
    soundfile.write(tmp_path / "whole", TONE, RATE, format=form, subtype="PCM_16")
    whole = (tmp_path / "whole").read_bytes()
    assert read(tmp_path / "whole")[1] == ()
    at = (0 if form == "AU" else whole.index(b"data")) + before
    for how, wrong in sizes.items():
        for size in wrong:
            told = struct.pack(how, size)
            path = tmp_path / f"{size}.{form.lower()}"
            path.write_bytes(whole[:at] + told + whole[at + len(told) :])
            audio, warnings = read(path)
            assert np.abs(audio[0] - TONE).max() < 1e-4
            said = {0: "not closed properly", 24: "not closed properly", 1_000_000: "ends abruptly"}.get(size)
            assert [said is not None and said in one for one in warnings] == [True] * (said is not None)


def test_an_honest_empty_wave_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wave(chunk(b"fmt ", FMT), chunk(b"data", b""), HONEST))
    with pytest.raises(SoundError, match="is empty"):
        SoundFile(tmp_path / "a.wav")


@pytest.fixture(scope="module")
def flac(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("flac") / "a.flac"
    noise = np.random.default_rng(0).standard_normal(300_000) * 0.1
    soundfile.write(path, noise, RATE)
    return path.read_bytes()


def with_total(data: bytes, samples: int) -> bytes:
    return data[:21] + bytes([data[21] & 0xF0]) + struct.pack(">I", samples) + data[26:]


@pytest.mark.parametrize(("told", "said"), [(0, ""), (1000, "not closed properly"), (3_000_000, "ends abruptly")])
def test_a_flac_is_as_long_as_its_frames(tmp_path: Path, flac: bytes, told: int, said: str) -> None:
    (tmp_path / "whole.flac").write_bytes(flac)
    (tmp_path / "a.flac").write_bytes(with_total(flac, told))
    expected, _ = read(tmp_path / "whole.flac")
    audio, warnings = read(tmp_path / "a.flac")
    assert np.array_equal(audio, expected)
    assert [said in one for one in warnings] == [True] * bool(said)
    with SoundFile(tmp_path / "a.flac") as jumping:
        assert np.array_equal(jumping.read(250_000, 1000), expected[:, 250_000:251_000])


@pytest.mark.parametrize("told", [True, False])
def test_of_a_flac_cut_short_only_what_is_there_is_read(tmp_path: Path, flac: bytes, told: bool) -> None:
    (tmp_path / "whole.flac").write_bytes(flac)
    (tmp_path / "cut.flac").write_bytes((flac if told else with_total(flac, 0))[: len(flac) // 2 + 77])
    expected, _ = read(tmp_path / "whole.flac")
    audio, warnings = read(tmp_path / "cut.flac")
    assert 100_000 < audio.shape[1] < 200_000
    assert np.array_equal(audio, expected[:, : audio.shape[1]]), "no silence stands for what is missing"
    assert [("ends abruptly" in one, "is used" in one) for one in warnings] == [(True, True)] * told


@pytest.fixture(scope="module")
def mp3(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A variable bit rate: silence, then noise, then a tone; with the info frame of its encoder."""
    path = tmp_path_factory.mktemp("mp3") / "a.mp3"
    noise = np.random.default_rng(0).standard_normal(5 * RATE) * 0.2
    audio = np.concatenate([np.zeros(5 * RATE), noise, TONE, TONE])
    soundfile.write(path, audio, RATE, format="MP3", bitrate_mode="VARIABLE", compression_level=0.5)
    return path.read_bytes()


def frames_of(mp3: bytes) -> list[bytes]:
    from latent_terrain.nodes.audiofile.mpeg import header_at

    place, found = mp3.index(b"\xff\xfb"), list[bytes]()
    while (head := header_at(memoryview(mp3), place)) is not None:
        found.append(mp3[place : place + head.size])
        place += head.size
    return found


def test_an_mp3_of_variable_bit_rate_without_its_length_is_read_whole(tmp_path: Path, mp3: bytes) -> None:
    frames = frames_of(mp3)
    assert b"Xing" in frames[0] or b"Info" in frames[0]
    (tmp_path / "whole.mp3").write_bytes(mp3)
    (tmp_path / "bare.mp3").write_bytes(b"".join(frames[1:]))
    expected, said = read(tmp_path / "whole.mp3")
    audio, warnings = read(tmp_path / "bare.mp3")
    assert warnings == said == ()
    assert audio.shape[1] == 1152 * (len(frames) - 1) - 529
    middle = slice(6 * RATE, 6 * RATE + 4000)
    late = [at for at in range(3000) if np.abs(audio[:, at:][:, middle] - expected[:, middle]).max() < 1e-5]
    assert len(late) == 1
    assert np.abs(audio[:, late[0] :][:, : expected.shape[1]] - expected).max() < 1e-5


def test_an_intact_mp3_of_constant_bit_rate_is_not_told_to_break_off(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.mp3", TONE, RATE, format="MP3", bitrate_mode="CONSTANT")
    frames = frames_of((tmp_path / "a.mp3").read_bytes())
    for name, data in (("bare.mp3", frames[1:]), ("tagged.mp3", [*frames[1:], b"TAG" + bytes(125)])):
        (tmp_path / name).write_bytes(b"".join(data))
        audio, warnings = read(tmp_path / name)
        assert (audio.shape[1], warnings) == (1152 * (len(frames) - 1) - 529, ())


def test_of_an_mp3_cut_short_only_what_is_there_is_read(tmp_path: Path, mp3: bytes) -> None:
    (tmp_path / "cut.mp3").write_bytes(mp3[: int(len(mp3) * 0.6)])
    audio, warnings = read(tmp_path / "cut.mp3")
    assert np.abs(audio[:, -1152:]).max() > 0.05, "no silence stands for what is missing"
    assert len(warnings) == 1
    assert "ends abruptly" in warnings[0]


def test_what_lies_before_and_between_the_frames_of_an_mp3_is_passed_over(tmp_path: Path, mp3: bytes) -> None:
    frames = frames_of(mp3)[1:]
    (tmp_path / "bare.mp3").write_bytes(b"".join(frames))
    expected, _ = read(tmp_path / "bare.mp3")
    half = len(frames) // 2
    id3 = b"ID3\x04\x00\x00\x00\x00\x10\x00" + bytes(2048)
    junk = bytes(range(256)) * 30
    for name, data in (
        ("tag.mp3", [id3, *frames]),
        ("junk.mp3", [junk, *frames]),
        ("both.mp3", [id3, junk, *frames]),
        ("between.mp3", [*frames[:half], junk, *frames[half:]]),
    ):
        (tmp_path / name).write_bytes(b"".join(data))
        audio, _ = read(tmp_path / name)
        assert audio.shape == expected.shape
        assert np.abs(audio - expected).max() < 1e-5


def test_an_mp3_in_a_wave_is_read(tmp_path: Path, mp3: bytes) -> None:
    frames = b"".join(frames_of(mp3)[1:])
    form = struct.pack("<HHIIHHHHIHHH", 0x55, 1, RATE, 16_000, 1, 0, 12, 1, 2, 417, 1, 0)
    (tmp_path / "a.wav").write_bytes(wave(chunk(b"fmt ", form), chunk(b"data", frames)))
    (tmp_path / "a.mp3").write_bytes(frames)
    assert np.array_equal(read(tmp_path / "a.wav")[0], read(tmp_path / "a.mp3")[0])


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_every_link_of_a_chained_ogg_is_read(tmp_path: Path, subtype: str) -> None:
    for name, pitch in (("one", 1), ("two", 2)):
        soundfile.write(tmp_path / name, TONE[::pitch], 48_000, format="OGG", subtype=subtype)
    one, two = (read(tmp_path / name)[0] for name in ("one", "two"))
    (tmp_path / "chain.ogg").write_bytes(b"".join((tmp_path / name).read_bytes() for name in ("one", "two", "one")))
    audio, warnings = read(tmp_path / "chain.ogg")
    assert warnings == ()
    assert np.abs(audio - np.concatenate([one, two, one], axis=1)).max() < 1e-6
    with SoundFile(tmp_path / "chain.ogg") as jumping:
        assert np.abs(jumping.read(one.shape[1] - 500, 1000) - audio[:, one.shape[1] - 500 :][:, :1000]).max() < 1e-5


def test_an_ogg_cut_short_says_so(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.ogg", np.tile(TONE, 4), RATE)
    whole = (tmp_path / "a.ogg").read_bytes()
    (tmp_path / "cut.ogg").write_bytes(whole[: len(whole) * 2 // 3])
    audio, warnings = read(tmp_path / "cut.ogg")
    assert np.abs(audio[:, -500:]).max() > 0.1
    assert ["ends abruptly" in one for one in warnings] == [True]


def test_what_was_found_out_is_remembered_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(LIES["cut off"][0])
    assert read(path)[0].shape == read(path)[0].shape == (1, len(TONE))
    soundfile.write(path, TONE[:1000], RATE)
    assert read(path)[0].shape == (1, 1000)


@pytest.mark.parametrize("name", [b"caf\xe9.wav", b"caf\xe9.flac", b"caf\xe9.mp3", b"caf\xe9-cut.wav"])
def test_a_name_that_is_not_utf_8_works(tmp_path: Path, name: bytes) -> None:
    import os

    path = tmp_path / os.fsdecode(name)
    soundfile.write(tmp_path / ("a" + path.suffix), TONE, RATE)
    data = (tmp_path / ("a" + path.suffix)).read_bytes()
    try:
        path.write_bytes(data[: len(data) // 2] if b"cut" in name else data)
    except OSError:
        pytest.skip("this file system takes no such names")
    assert np.abs(read(path)[0]).max() > 0.3


def encode(path: Path, *options: str) -> None:
    soundfile.write(path.with_suffix(".src.wav"), TONE, RATE)
    source = str(path.with_suffix(".src.wav"))
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", source, *options, "-y", str(path)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip(f"this ffmpeg writes no {path.suffix}")


@needs_ffmpeg
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.m4a", ("-c:a", "aac")),
        ("a.aac", ("-c:a", "aac")),
        ("a.wma", ()),
        ("a.wv", ()),
        ("a.webm", ("-c:a", "libopus")),
        ("a.mka", ("-c:a", "libopus")),
        ("a.mp4", ("-f", "mp4", "-c:a", "aac")),
        ("-a b;c.m4a", ("-c:a", "aac")),
    ],
)
def test_ffmpeg_reads_what_libsndfile_can_not(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    encode(tmp_path / name, *options)
    audio, warnings = read(tmp_path / name)
    assert warnings == ()
    assert abs(audio.shape[1] / (48_000 if "libopus" in options else RATE) - SECONDS) < 0.1
    middle = audio[0, 10_000:50_000]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.4 / np.sqrt(2), rel=0.05)


@needs_ffmpeg
def test_a_list_that_names_other_files_is_no_sound(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "secret.wav", TONE, RATE)
    for name, text in (
        ("a.m4a", "ffconcat version 1.0\nfile secret.wav\n"),
        ("b.m4a", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.wav\n#EXT-X-ENDLIST\n"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(SoundError, match="not a readable sound file"):
            SoundFile(tmp_path / name)


def test_without_ffmpeg_a_sentence_says_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign.shutil, "which", lambda name: None)
    (tmp_path / "a.m4a").write_bytes(b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00")
    with pytest.raises(SoundError, match="Install ffmpeg"):
        SoundFile(tmp_path / "a.m4a")


def test_a_damaged_stretch_of_a_flac_silences_no_more_than_itself(tmp_path: Path) -> None:
    path = tmp_path / "damaged.flac"
    sound = np.random.default_rng(5).uniform(-0.5, 0.5, 200_000)
    soundfile.write(path, sound, 44_100, "PCM_16")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 500] = bytes(500)
    path.write_bytes(data)
    with SoundFile(path) as file:
        read = file.read(0, file.frames)[0]
        assert any("is damaged at 2." in one for one in file.warnings)
    heard = np.abs(read - sound) < 1e-4
    assert heard[:80_000].all()
    assert heard[120_000:].all()
