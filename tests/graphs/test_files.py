"""Patch files on disk: whatever happens while saving, a whole patch is there."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.graphs import Patch, PatchFileError, add_node, autosave, load_file, recoverable, save
from latent_terrain.graphs.files import autosave_of, previous_of

OLD, NEW = add_node(Patch(), "sine", name="old"), add_node(Patch(), "sine", name="new")
STEPS = ("open", "fsync", "link", "replace")


def test_saving_keeps_the_version_before(tmp_path: Path) -> None:
    path = tmp_path / "song.ltp"
    save(OLD, path)
    assert not previous_of(path).exists()
    save(NEW, path)
    assert load_file(path) == NEW
    assert load_file(previous_of(path)) == OLD
    assert sorted(one.name for one in tmp_path.iterdir()) == ["song.ltp", "song.ltp.prev"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_save_that_fails_at_any_step_leaves_a_whole_patch_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, nth: int
) -> None:
    path = tmp_path / "song.ltp"
    save(OLD, path)
    real: Callable[..., Any] = getattr(os, step)
    calls = [0]

    def failing(*arguments: Any, **more: Any) -> Any:
        calls[0] += 1
        if calls[0] == nth:
            raise OSError(28, "No space left on device")
        return real(*arguments, **more)

    monkeypatch.setattr(os, step, failing)
    failure = _failure_of(lambda: save(NEW, path))
    assert load_file(path) == (OLD if failure else NEW)
    assert not failure or "no space left on device" in failure
    monkeypatch.undo()
    assert not [one for one in tmp_path.iterdir() if one.suffix == ".part"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_process_killed_at_any_step_leaves_a_whole_patch(tmp_path: Path, step: str, nth: int, moment: str) -> None:
    path = tmp_path / "song.ltp"
    save(OLD, path)
    code = f"""
import os
from latent_terrain.graphs import Patch, add_node, save
real, calls = os.{step}, [0]
def killing(*arguments, **more):
    calls[0] += 1
    if calls[0] == {nth} and {moment == "before"}:
        os._exit(9)
    result = real(*arguments, **more)
    if calls[0] == {nth}:
        os._exit(9)
    return result
os.{step} = killing
save(add_node(Patch(), "sine", name="new"), {str(path)!r})
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode in (0, 9), done.stderr
    assert load_file(path) in (OLD, NEW)


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
    os.utime(path, ns=(1, 1))
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


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PatchFileError, match=r"song\.ltp can't be saved"):
        save(OLD, tmp_path / "no such folder" / "song.ltp")


def _failure_of(work: Callable[[], object]) -> str:
    try:
        work()
    except PatchFileError as error:
        return str(error)
    return ""
