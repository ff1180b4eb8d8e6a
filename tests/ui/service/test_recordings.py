"""Recordings in files of a length: rotated, the oldest removed, stopped before the disk is full, begun again after."""

import os
from pathlib import Path

import pytest

from latent_terrain.engine.messages import Order, RecordTo
from latent_terrain.ui.service.recordings import RecordingPlan, RotatedRecordings, bytes_of, seconds_of

PLENTY = 10 << 30


class Recorder:
    """Takes the orders of an engine, and writes a file for each, as one would in the end."""

    def __init__(self, folder: Path, free: int = PLENTY, keep: float = 0.0) -> None:
        self.files: list[str] = []
        self.stops = 0
        self.said: list[str] = []
        self.free = free
        self.status: dict[str, object] = {"recording": {"file": "x"}}
        plan = RecordingPlan(folder, every=60.0, keep=keep, free=1 << 30)
        self.rotated = RotatedRecordings(plan, "stage", self.do, self.said.append, lambda folder: self.free)

    def do(self, order: Order) -> None:
        assert isinstance(order, RecordTo)
        if order.file:
            self.files.append(order.file)
            path = Path(order.file)
            path = path.with_name(f"{path.stem}-{len(self.files)}{path.suffix}") if path.exists() else path
            path.write_bytes(b"x")
            os.utime(path, (len(self.files), len(self.files)))
        else:
            self.stops += 1

    def look(self, *times: float) -> None:
        for now in times:
            self.rotated.look(now, self.status)


def test_a_file_is_as_long_as_it_was_set_and_the_next_takes_its_place(tmp_path: Path) -> None:
    one = Recorder(tmp_path / "new")
    one.look(1.0, 30.0, 60.0)
    assert len(one.files) == 1
    one.look(61.0, 62.0)
    assert len(one.files) == 2
    assert one.stops == 0  # no gap: the engine is never told to stop between them
    one.rotated.close()
    assert one.stops == 1


def test_as_much_is_kept_as_was_set_and_others_files_are_left_alone(tmp_path: Path) -> None:
    for name in ("stage.flac", "stage take.flac", "other 2026-01-01 00-00-00.flac", "stage 2026-01-01 00-00-00.wav"):
        (tmp_path / name).write_bytes(b"mine")
    one = Recorder(tmp_path, keep=180.0)
    one.look(*(1.0 + 60.0 * count for count in range(8)))
    assert len(one.files) == 8
    ours = [path for path in tmp_path.iterdir() if path.read_bytes() == b"x"]
    assert len(ours) in (3, 4)  # with the one that is being written
    assert len([path for path in tmp_path.iterdir() if path.read_bytes() == b"mine"]) == 4


def test_a_disk_that_fills_stops_it_says_so_once_and_it_goes_on_when_there_is_room(tmp_path: Path) -> None:
    one = Recorder(tmp_path)
    one.look(1.0)
    one.free = 500 << 20
    one.look(3.0, 5.0, 7.0)
    assert one.stops == 1
    assert one.said == ["the disk has 500 MB left: recording has stopped, and waits for 1024 MB"]
    assert one.rotated.problem
    one.free = 1040 << 20  # hardly more than the least: it would stop at once
    one.look(9.0)
    assert len(one.files) == 1
    one.free = PLENTY
    one.look(11.0)
    assert len(one.files) == 2
    assert one.said[-1] == "recording again"
    assert not one.rotated.problem


def test_a_disk_that_is_full_from_the_start_records_nothing_and_says_so(tmp_path: Path) -> None:
    one = Recorder(tmp_path, free=1 << 20)
    one.look(1.0, 3.0)
    assert one.files == []
    assert one.said == ["the disk has 1 MB left: nothing is recorded before 1024 MB are free"]


def test_a_folder_that_goes_is_waited_for(tmp_path: Path) -> None:
    one = Recorder(tmp_path / "disk")
    one.look(1.0)

    def gone(folder: Path) -> int:
        raise OSError(5, "Input/output error")

    one.rotated._free = gone
    one.look(3.0, 5.0)
    assert one.said == [f"the folder {tmp_path / 'disk'} can't be reached; recording waits for it"]
    one.rotated._free = lambda folder: PLENTY
    one.look(7.0)
    assert len(one.files) == 2


def test_a_recording_that_ended_by_itself_is_begun_again(tmp_path: Path) -> None:
    one = Recorder(tmp_path)
    one.look(1.0)
    one.status = {"recording": None}
    one.look(3.0)  # it may not have begun yet
    assert len(one.files) == 1
    one.look(13.0, 20.0, 24.0)
    assert len(one.files) == 2


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("15m", 900), (" 1H ", 3600), ("1.5d", 129600)])
def test_times_in_words(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "x", "-1h", "0", "1w", "1h30", "nan", "9" * 400, "1000000d"])
def test_what_is_no_time_is_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="is no time; write 90s"):
        seconds_of(text)


def test_sizes_in_words() -> None:
    assert [bytes_of(one) for one in ("1", "2k", "500M", "1.5G", "2GB")] == [1, 2048, 500 << 20, 3 << 29, 2 << 30]
    for text in ("", "much", "-1G", "1X", "9" * 400):
        with pytest.raises(ValueError, match="is no size"):
            bytes_of(text)
