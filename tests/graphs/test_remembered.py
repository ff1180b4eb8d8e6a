"""The program's own files: changed by one program at a time, and never lost where they are damaged."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from latent_terrain.graphs import remembered
from latent_terrain.graphs.file_write import WriteError
from latent_terrain.graphs.remembered import change, keep, merged, recall, take_said

ADDS = """
import sys
from pathlib import Path
from latent_terrain.graphs.remembered import change
who = sys.argv[2]
for number in range(25):
    change(Path(sys.argv[1]), lambda read: {**read, f"{who}-{number}": number})
"""


def test_four_programs_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    command = [sys.executable, "-c", ADDS, str(path)]
    running = [subprocess.Popen([*command, str(number)]) for number in range(4)]
    assert [one.wait(timeout=120) for one in running] == [0, 0, 0, 0]
    assert len(recall(path)) == 100


def test_what_is_damaged_is_kept_aside_under_a_free_name_and_told_once(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    take_said()
    for number, damage in enumerate(("{broken", "[1, 2]", "\0" * 100), 1):
        path.write_text(damage)
        assert recall(path) == {}
        assert (tmp_path / f"own.json.damaged-{number}").read_text() == damage
        assert not path.exists()
    assert len(take_said()) == 3
    assert take_said() == []
    keep(path, {"a": 1})
    assert recall(path) == {"a": 1}
    assert recall(tmp_path / "gone.json") == {}
    assert take_said() == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_what_is_no_plain_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "own.json")
    assert recall(tmp_path / "own.json") == {}
    assert "a device or a pipe" in take_said()[0]
    assert os.listdir(tmp_path) == ["own.json"]


@pytest.mark.skipif(os.name == "nt", reason="files are locked otherwise on Windows")
def test_a_program_that_never_lets_go_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    monkeypatch.setattr(remembered, "PATIENCE_SECONDS", 0.05)
    with (tmp_path / "own.json.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(WriteError, match="locked by another program"):
            change(tmp_path / "own.json", lambda read: {**read, "a": 1})
    assert change(tmp_path / "own.json", lambda read: {**read, "a": 1}) == {"a": 1}


def test_both_sides_changes_are_kept(tmp_path: Path) -> None:
    base = {"folders": ["a", "b"], "models": {"x": {"licence": ""}, "y": {"licence": ""}}}
    ours = {"folders": ["a", "b", "c"], "models": {"x": {"licence": "mine"}}}
    theirs = {"folders": ["b", "d"], "models": {"x": {"licence": ""}, "y": {"licence": ""}, "z": {}}, "more": 1}
    both = merged(base, ours, theirs)
    assert both == {"folders": ["b", "d", "c"], "models": {"x": {"licence": "mine"}, "z": {}}, "more": 1}
    assert json.loads(json.dumps(merged(base, base, theirs))) == theirs
