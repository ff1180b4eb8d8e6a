import gc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import SettingError
from latent_terrain.nodes.audiofile import SoundFile
from latent_terrain.nodes.audiofile.permission import allow_write
from latent_terrain.nodes.file_recorder import FileRecorder
from latent_terrain.testing import setup_for

SOUND = np.random.default_rng(4).uniform(-0.9, 0.9, (2, 64 * 300)).astype(np.float32)


def record(path: Path, offline: bool, recording: bool = True) -> FileRecorder:
    recorder = FileRecorder(replace(setup_for(64), offline=offline, folder=path.parent), str(path), 2)
    for start in range(0, SOUND.shape[1], 64):
        recorder.process(SOUND[:, start : start + 64], recording)
    return recorder


@pytest.mark.parametrize("offline", [True, False], ids=["offline", "live"])
def test_the_file_holds_what_was_played(tmp_path: Path, offline: bool) -> None:
    path = tmp_path / "take.wav"
    recorder = record(path, offline)
    assert not path.exists()
    recorder.close()
    recorder.close()
    with SoundFile(path) as sound:
        np.testing.assert_allclose(sound.read(0, sound.frames), SOUND, atol=2e-7)
    told = recorder.read()
    assert (told.seconds, told.lost, told.problem, told.file) == (pytest.approx(0.4), 0.0, "", path)
    assert {name: array.tolist() for name, array in recorder.shows().items()} == {
        "seconds": [pytest.approx(0.4)],
        "lost": [0.0],
    }


def test_nothing_recorded_is_no_file_and_what_was_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    path.write_text("from before")
    record(path, offline=True, recording=False).close()
    FileRecorder(replace(setup_for(64), offline=False, folder=tmp_path), str(path), 2).close()
    assert path.read_text() == "from before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_recorder_that_is_dropped_finishes_its_file(tmp_path: Path) -> None:
    path = tmp_path / "take.flac"
    recorder = record(path, offline=False)
    del recorder
    gc.collect()
    assert path.exists()


@pytest.mark.parametrize(("name", "says"), [("take.mp3", "use .wav"), ("none/take.wav", "there is no folder")])
def test_names_that_cannot_work_are_refused(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(SettingError, match=says):
        FileRecorder(replace(setup_for(64), folder=tmp_path), str(tmp_path / name))


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    path.mkdir()
    for offline in (True, False):
        recorder = record(path, offline)
        with pytest.raises(ValueError, match="is a folder"):
            recorder.close()
        recorder.close()


def test_a_patch_records_into_its_own_folder_and_asks_for_every_other_place(tmp_path: Path) -> None:
    home, other = tmp_path / "patch", tmp_path / "music"
    for folder in (home / "takes", home / ".hidden", other):
        folder.mkdir(parents=True)
    (home / "link").symlink_to(other)
    setup = replace(setup_for(64), folder=home)
    FileRecorder(setup, "take.wav").close()
    FileRecorder(setup, "takes/take.wav").close()
    for name in (str(other / "master.wav"), "../music/master.wav", "link/master.wav", ".hidden/take.wav"):
        with pytest.raises(SettingError, match="--allow-write"):
            FileRecorder(setup, name)
    allow_write(other / "master.wav", home)
    for name in (str(other / "master.wav"), "link/master.wav"):
        FileRecorder(setup, name).close()
    with pytest.raises(SettingError, match="--allow-write"):
        FileRecorder(setup, str(other / "second.wav"))
    with pytest.raises(SettingError, match="--allow-write"):
        FileRecorder(replace(setup, folder=tmp_path / "stranger"), str(other / "master.wav"))


@pytest.mark.parametrize("offline", [True, False], ids=["offline", "live"])
@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_no_file_that_is_there_is_written_over(tmp_path: Path, offline: bool, suffix: str) -> None:
    path = tmp_path / f"master{suffix}"
    path.write_bytes(b"a year of work")
    first, second = record(path, offline), record(path, offline)
    for recorder, name in ((first, f"master-2{suffix}"), (second, f"master-3{suffix}")):
        recorder.close()
        assert recorder.read().file == tmp_path / name
        with SoundFile(tmp_path / name) as sound:
            assert sound.frames == SOUND.shape[1]
    assert path.read_bytes() == b"a year of work"
