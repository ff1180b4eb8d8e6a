"""A recording survives a full disk, a kill and a name that is taken, and never disturbs who plays."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from latent_terrain.nodes.audiofile.tape import RESERVE, Tape
from latent_terrain.nodes.audiofile.unfinished import noted, notes_folder, recover
from latent_terrain.nodes.audiofile.write import SoundWriter

from ...full_disk import full_disk

RATE, BLOCK = 48_000, 4_800
SOUND = (np.random.default_rng(3).uniform(-0.5, 0.5, (2, BLOCK))).astype(np.float32)
BYTES = BLOCK * 2 * 3

RECORDING = """
import sys, time
from pathlib import Path
import numpy as np
from latent_terrain.nodes.audiofile.tape import Tape
sound = (np.random.default_rng(3).uniform(-0.5, 0.5, (2, 4800))).astype(np.float32)
tape = Tape(Path(sys.argv[1]), 48_000, 2, 4800, offline=False)
for _ in range(50):
    tape.take(sound)
while tape._written < tape._taken:
    time.sleep(0.01)
print("written", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _own_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.mark.parametrize("offline", [True, False])
def test_a_device_of_other_channels_goes_on_in_the_same_file(tmp_path: Path, offline: bool) -> None:
    tape = Tape(tmp_path / "take.wav", RATE, 3, 64, offline)
    for channels in (3, 1, 2, 5):
        tape.take(np.repeat(np.arange(1.0, channels + 1)[:, None] / 8, 64, axis=1).astype(np.float32))
    tape.close()
    assert tape.told().problem == ""
    sound, _ = soundfile.read(str(tmp_path / "take.wav"))
    expected = [[0.125, 0.25, 0.375], [0.125] * 3, [0.125, 0.25, 0.0], [0.125, 0.25, 0.375]]
    np.testing.assert_allclose(sound[::64], expected, atol=1e-4)


@pytest.mark.parametrize("name", ["take.wav", "take.flac"])
@pytest.mark.parametrize("offline", [True, False])
def test_a_full_disk_ends_the_recording_and_keeps_it(tmp_path: Path, name: str, offline: bool) -> None:
    tape = Tape(tmp_path / name, RATE, 2, BLOCK, offline)
    with full_disk(10 * BYTES):
        for _ in range(30):
            tape.take(SOUND)
        tape.close()
    told = tape.told()
    assert f"s were saved as {tmp_path / name}" in told.problem
    assert soundfile.info(str(tmp_path / name)).frames == round(told.seconds * RATE)
    assert told.seconds > 0.7
    tape.take(SOUND)
    assert recover() == []


def test_before_the_disk_is_full_it_warns_and_then_ends_with_room_left(tmp_path: Path) -> None:
    room = [RESERVE + 400 * RATE * 6]
    tape = Tape(tmp_path / "take.wav", RATE, 2, BLOCK, offline=True, free=lambda folder: room[0])

    def play_a_second() -> None:
        for _ in range(11):
            tape.take(SOUND)

    play_a_second()
    assert tape.told().warning == ""
    room[0] = RESERVE + 200 * RATE * 6
    play_a_second()
    assert "disk space is left for 200 more seconds of take.wav" in tape.told().warning
    assert tape.told().problem == ""
    room[0] = RESERVE - 1
    play_a_second()
    told = tape.told()
    assert told.problem.startswith("the disk is full; free some space and record again; 3.1 s were saved as ")
    assert soundfile.info(str(told.file)).duration == pytest.approx(told.seconds)


def test_a_cut_recording_leaves_an_older_one_alone(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    path.write_bytes(b"an older take")
    tape = Tape(path, RATE, 2, BLOCK, offline=True)
    with full_disk(4 * BYTES):
        for _ in range(10):
            tape.take(SOUND)
    tape.close()
    assert path.read_bytes() == b"an older take"
    assert tape.told().file == tmp_path / "take-cut.wav"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill that can't be refused")
@pytest.mark.parametrize("name", ["take.wav", "take.flac", "ü, 字 #t=1.wav"])
@pytest.mark.parametrize("is_taken", [False, True], ids=["free", "taken"])
def test_a_killed_recording_is_offered_at_the_next_start(tmp_path: Path, name: str, is_taken: bool) -> None:
    path = tmp_path / name
    if is_taken:
        path.write_bytes(b"an older take")
    child = subprocess.Popen(
        [sys.executable, "-c", RECORDING, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == b"written"
    assert recover() == [], "what is still being recorded is nobody's to finish"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    [one] = recover()
    assert one.wanted == path
    assert one.file == (path.with_stem(f"{path.stem}-recovered") if is_taken else path)
    assert f"{one.seconds:.1f} s were saved as {one.file}" in str(one)
    heard, rate = soundfile.read(str(one.file), dtype="float32")
    assert (rate, len(heard)) == (RATE, round(one.seconds * RATE))
    assert one.seconds > 4.0, "of five seconds at most one is missing"
    np.testing.assert_allclose(heard.T, np.tile(SOUND, 60)[:, : len(heard)], atol=1e-6)
    assert recover() == []
    assert not list(tmp_path.glob(".*"))
    if is_taken:
        assert path.read_bytes() == b"an older take"


def test_a_recording_that_cannot_be_put_in_its_place_now_is_kept_in_mind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = SoundWriter(tmp_path / "take.wav", RATE, 2)
    writer.write(SOUND)
    recording = noted(writer)
    recording.__enter__()
    [note] = notes_folder().iterdir()
    note.write_text(json.dumps({**json.loads(note.read_text()), "process": 2**22 + 1}))  # above what Linux gives

    def refuse(source: object, target: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", refuse)
        assert recover() == []
    [one] = recover()
    assert one.file == tmp_path / "take.wav"
    assert recover() == []


def test_notes_that_are_damaged_are_dropped_and_harm_nothing(tmp_path: Path) -> None:
    folder = notes_folder()
    folder.mkdir(parents=True)
    precious = tmp_path / "precious.txt"
    precious.write_text("mine")
    gone = 2**22 + 1  # above what Linux gives
    hostile = {"process": gone, "part": os.fsencode(precious).hex(), "wanted": "zz", "rate": 1}
    for number, text in enumerate(("", "[]", "{", json.dumps({"process": gone}), json.dumps(hostile), "x" * 99_999)):
        (folder / f"recording.{number}.json").write_text(text)
    assert recover() == []
    assert list(folder.iterdir()) == []
    assert precious.read_text() == "mine"


def test_where_no_note_can_be_kept_the_recording_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    tape = Tape(tmp_path / "take.wav", RATE, 2, BLOCK, offline=True)
    tape.take(SOUND)
    tape.close()
    assert tape.told().problem == ""
    assert soundfile.info(str(tmp_path / "take.wav")).frames == BLOCK


@pytest.mark.parametrize("name", ["take.wav", "take.flac"])
def test_a_disk_without_room_gets_no_empty_file(tmp_path: Path, name: str) -> None:
    tape = Tape(tmp_path / name, RATE, 2, BLOCK, offline=True, free=lambda folder: 0)
    tape.take(SOUND)
    tape.close()
    assert "nothing could be saved" in tape.told().problem
    assert not list(tmp_path.glob("*take*"))
    assert recover() == []
