"""Every file is written whole or not at all, whatever its name, its links, its modes and its disk are."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from latent_terrain.graphs.file_write import NewFile, WriteError, copy_file, part_name, write_file

from ..full_disk import full_disk

NAMES = ["plain.bin", "ü" * 120 + ".bin", "字" * 80 + ".bin", "x" * 255, "a, b#c=1.bin", "\udcff.bin"]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_that_the_system_takes_is_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_file(path, b"one")
    write_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert os.listdir(os.fsencode(tmp_path)) == [os.fsencode(name)]


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="choose a shorter name"):
        write_file(tmp_path / ("ü" * 128), b"")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_the_name_on_the_way_is_short_enough_and_its_own(name: str) -> None:
    assert len(os.fsencode(part_name(name))) <= 255
    assert part_name(name) != part_name(name)


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "old.bin"
    write_file(path, b"from before")
    with full_disk(1000), pytest.raises(WriteError, match=r"old\.bin can't be saved"):
        write_file(path, bytes(5000))
    assert path.read_bytes() == b"from before"
    assert list(tmp_path.iterdir()) == [path]


def test_links_are_written_through_also_those_that_lead_nowhere_yet(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    link = tmp_path / "link.bin"
    link.symlink_to(tmp_path / "folder" / "real.bin")
    for data in (b"one", b"two"):
        write_file(link, data)
        assert link.is_symlink()
        assert (tmp_path / "folder" / "real.bin").read_bytes() == data


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_modes_are_kept_or_taken_from_another_file(tmp_path: Path) -> None:
    secret, copy = tmp_path / "secret.bin", tmp_path / "copy.bin"
    write_file(secret, b"")
    secret.chmod(0o600)
    write_file(secret, b"more")
    write_file(copy, b"more", like=secret)
    assert [stat.S_IMODE(one.stat().st_mode) for one in (secret, copy)] == [0o600, 0o600]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_file_without_write_permission_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "kept.bin"
    write_file(path, b"kept")
    path.chmod(0o444)
    with pytest.raises(WriteError, match=r"kept\.bin is write-protected; save under another name"):
        write_file(path, b"new")
    assert path.read_bytes() == b"kept"


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, Path("/dev/null"), Path("/")):
        with pytest.raises(WriteError, match="is a folder"):
            write_file(path, b"")
    with pytest.raises(WriteError, match="make that folder first"):
        write_file(tmp_path / "no" / "where.bin", b"")


def test_what_is_discarded_leaves_no_trace(tmp_path: Path) -> None:
    file = NewFile(tmp_path / "a.bin")
    file.handle.write(b"some")
    file.discard()
    file.discard()
    assert not list(tmp_path.iterdir())


def test_a_copy_is_whole_or_not_there(tmp_path: Path) -> None:
    source, target = tmp_path / "a.bin", tmp_path / "b.bin"
    source.write_bytes(bytes(range(256)) * 20_000)
    source.chmod(0o640)
    copy_file(source, target)
    assert target.read_bytes() == source.read_bytes()
    assert os.name == "nt" or stat.S_IMODE(target.stat().st_mode) == 0o640
    with full_disk(1_000_000), pytest.raises(WriteError):
        copy_file(source, tmp_path / "c.bin")
    assert sorted(tmp_path.iterdir()) == [source, target]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_what_nobody_else_may_read_is_so_from_the_first_byte_on(tmp_path: Path) -> None:
    path = tmp_path / "diary.ltp"
    path.write_text("old")
    path.chmod(0o600)
    before = os.umask(0o022)
    try:
        file = NewFile(path)
        assert stat.S_IMODE(file.part.stat().st_mode) == 0o600
        file.discard()
        fresh = NewFile(tmp_path / "open.ltp")
        assert stat.S_IMODE(fresh.part.stat().st_mode) == 0o644
        fresh.discard()
    finally:
        os.umask(before)


@pytest.mark.skipif(os.name == "nt", reason="whether a process is gone is not asked there")
def test_what_killed_programs_left_goes_when_something_is_written_beside_it(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = [tmp_path / f".{name}.{gone.pid}-0123abcd.part" for name in ("piece.ltp", "other.npz", "a\nb.ts")]
    others = [
        tmp_path / f".piece.ltp.{os.getpid()}-0123abcd.part",  # of a program that runs
        tmp_path / f".take.wav.{gone.pid}-0123abcd.part",  # may hold sound
        tmp_path / f".piece.ltp.{gone.pid}-just-now.part",  # perhaps of another computer
        tmp_path / ".piece.ltp.part",
    ]
    for one in (*left, *others):
        one.write_text("half")
        os.utime(one, (1, 1))
    os.utime(others[2])
    write_file(tmp_path / "piece.ltp", b"whole")
    assert not any(one.exists() for one in left)
    assert all(one.exists() for one in others)


def test_a_file_that_replaces_none_takes_the_next_free_name(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        file = NewFile(tmp_path / "take.wav")
        file.write(b"%d" % number)
        file.commit(replaces=False)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {
        "take.wav": b"1",
        "take-2.wav": b"2",
        "take-3.wav": b"3",
    }
