"""Patch files on disk: whatever happens while saving, a whole patch is there."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.graphs import Node, Patch, PatchFileError, add_node, autosave, load_file, recoverable, save
from latent_terrain.graphs.files import autosave_of, previous_of

OLD, NEW = add_node(Patch(), "sine", name="old"), add_node(Patch(), "sine", name="new")
STEPS = ("open", "write", "fsync", "close", "access", "chmod", "link", "replace")
"""What saving asks of the system; every one is made to fail, and to be the last thing a process does."""

KILLED = """
import os, sys
from latent_terrain.graphs import Patch, add_node, save
step, nth, moment, path = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
real, calls = getattr(os, step), [0]

def killing(*arguments, **more):
    calls[0] += 1
    if calls[0] == nth and moment == "before":
        os._exit(9)
    if calls[0] == nth and moment == "during":
        arguments = (arguments[0], arguments[1][: len(arguments[1]) // 2])
    result = real(*arguments, **more)
    if calls[0] == nth:
        os._exit(9)
    return result

patch = add_node(Patch(), "sine", name="new")
setattr(os, step, killing)
save(patch, path)
"""


def test_saving_keeps_the_version_before(tmp_path: Path) -> None:
    path = tmp_path / "song.ltp"
    save(OLD, path)
    assert not previous_of(path).exists()
    save(NEW, path)
    assert load_file(path) == NEW
    assert load_file(previous_of(path)) == OLD
    assert sorted(one.name for one in tmp_path.iterdir()) == ["song.ltp", "song.ltp.prev"]


def test_a_save_that_fails_at_any_step_leaves_a_whole_patch_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = steps_of_a_save(tmp_path / "asked.ltp", monkeypatch)
    assert {"open", "write", "fsync", "link", "replace"} <= {step for step, _ in steps}
    refusals = 0
    for step, nth in steps:
        path = tmp_path / f"{step}-{nth}" / "song.ltp"
        path.parent.mkdir()
        save(OLD, path)
        with monkeypatch.context() as patching:
            calls = counted(patching, step, nth, OSError(28, "No space left on device"))
            failure = _failure_of(lambda path=path: save(NEW, path))  # type: ignore[misc]
        assert calls[0] >= nth, f"{step} {nth} was never reached"
        assert load_file(path) == (OLD if failure else NEW)
        assert not failure or "no space left on device" in failure
        assert {one.name for one in path.parent.iterdir()} <= {"song.ltp", "song.ltp.prev"}
        refusals += bool(failure)
    assert refusals >= 4


def test_a_first_save_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted(monkeypatch, "fsync", 1, OSError(28, "No space left on device"))
    with pytest.raises(PatchFileError, match="make room"):
        save(NEW, tmp_path / "song.ltp")
    assert list(tmp_path.iterdir()) == []


def test_a_process_killed_at_any_step_leaves_a_whole_patch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = steps_of_a_save(tmp_path / "asked.ltp", monkeypatch)
    moments = [(*step, moment) for step in steps for moment in ("before", "after")]
    seen = []
    for step, nth, moment in [*moments, ("write", 1, "during")]:
        path = tmp_path / f"{step}-{nth}-{moment}" / "song.ltp"
        path.parent.mkdir()
        save(OLD, path)
        command = [sys.executable, "-c", KILLED, step, str(nth), moment, str(path)]
        done = subprocess.run(command, capture_output=True, check=False)
        assert done.returncode == 9, (step, nth, moment, done.stderr)
        found = load_file(path)
        assert found in (OLD, NEW)
        seen.append(found == NEW)
        save(NEW, path)
        assert load_file(path) == NEW
    assert any(seen)
    assert not all(seen)


def test_a_disk_that_takes_a_few_bytes_at_a_time_still_gets_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:7]))
    assert load_file(save(NEW, tmp_path / "song.ltp")) == NEW


def test_a_write_protected_patch_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(OLD, tmp_path / "song.ltp")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(PatchFileError, match="write-protected; save under another name"):
        save(NEW, path)
    assert load_file(path) == OLD


def test_a_disk_that_knows_no_permissions_can_be_saved_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(OLD, tmp_path / "song.ltp")
    counted(monkeypatch, "chmod", 1, PermissionError(1, "Operation not permitted"))
    assert load_file(save(NEW, path)) == NEW


def test_links_are_followed_and_permissions_kept(tmp_path: Path) -> None:
    real, link = tmp_path / "real.ltp", tmp_path / "link.ltp"
    save(OLD, real)
    real.chmod(0o640)
    link.symlink_to(real)
    save(NEW, link)
    assert link.is_symlink()
    assert load_file(real) == NEW
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_disk_without_hard_links_keeps_the_version_before_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    path = tmp_path / "song.ltp"
    save(OLD, path)
    save(NEW, path)
    assert (load_file(path), load_file(previous_of(path))) == (NEW, OLD)


def test_an_autosave_is_offered_only_while_it_is_newer_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "song.ltp"
    save(OLD, path)
    assert recoverable(path) is None
    kept = autosave(NEW, path)
    os.utime(kept, ns=(1, 1))
    assert recoverable(path) is None
    os.utime(path, ns=(0, 0))
    assert recoverable(path) == kept == autosave_of(path)
    kept.write_bytes(kept.read_bytes()[:-5])
    assert recoverable(path) is None


@pytest.mark.parametrize(
    ("name", "what"),
    [("gone.ltp", "there is no file"), (".", "is a folder"), ("wrong.ltp", "wrong.ltp: this is a WAV sound")],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, what: str) -> None:
    (tmp_path / "wrong.ltp").write_bytes(b"RIFF....WAVE")
    with pytest.raises(PatchFileError, match=what):
        load_file(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_named_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ltp")
    with pytest.raises(PatchFileError, match="a device or a pipe"):
        load_file(tmp_path / "pipe.ltp")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_or_a_device_is_never_replaced_by_a_patch(tmp_path: Path) -> None:
    path = tmp_path / "pipe.ltp"
    os.mkfifo(path)
    with pytest.raises(PatchFileError, match=r"pipe\.ltp is a folder, a device or a pipe; save under another name"):
        save(NEW, path)
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert [one.name for one in tmp_path.iterdir()] == ["pipe.ltp"]


def test_the_root_folder_is_no_patch() -> None:
    root = Path(Path.cwd().anchor)
    for work in (lambda: save(OLD, root), lambda: load_file(root), lambda: autosave(OLD, root)):
        assert "is a folder" in _failure_of(work)
    assert recoverable(root) is None


def test_a_name_that_no_file_can_have_is_a_sentence() -> None:
    works: list[Callable[[str], object]] = [lambda name: save(OLD, name), load_file]
    for work in works:
        with pytest.raises(PatchFileError, match="can't name a file"):
            work("a\0b.ltp")


def test_a_patch_that_cannot_be_a_file_leaves_the_old_one(tmp_path: Path) -> None:
    path = save(OLD, tmp_path / "song.ltp")
    with pytest.raises(PatchFileError, match="can't name a node"):
        save(Patch({"a b": Node("sine")}), path)
    assert load_file(path) == OLD
    assert [one.name for one in tmp_path.iterdir()] == ["song.ltp"]


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PatchFileError, match=r"song\.ltp can't be saved"):
        save(OLD, tmp_path / "no such folder" / "song.ltp")


def counted(patching: pytest.MonkeyPatch, step: str, nth: int, error: OSError) -> list[int]:
    """Make the nth call of one of the system's functions fail. Gives the count of calls so far."""
    real: Callable[..., Any] = getattr(os, step)
    calls = [0]

    def failing(*arguments: Any, **more: Any) -> Any:
        calls[0] += 1
        if calls[0] == nth:
            if step == "close":
                real(*arguments, **more)
            raise error
        return real(*arguments, **more)

    patching.setattr(os, step, failing)
    return calls


def steps_of_a_save(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Each call that saving over a patch makes: which, and the how manyeth of its kind."""
    save(OLD, path)
    steps = []
    with monkeypatch.context() as patching:
        counts = {step: counted(patching, step, 0, OSError()) for step in STEPS}
        save(NEW, path)
        for step, calls in counts.items():
            steps += [(step, nth + 1) for nth in range(calls[0])]
    return steps


def _failure_of(work: Callable[[], object]) -> str:
    try:
        work()
    except PatchFileError as error:
        return str(error)
    return ""
