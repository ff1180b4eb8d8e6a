"""What a user allowed: kept by many programs at once, and undone by any name, also after the file is gone."""

import subprocess
import sys
from pathlib import Path

import pytest

from latent_terrain.nodes.codec.library import Library, store
from latent_terrain.nodes.codec.trust import digest_of, distrust, trust, trusted
from latent_terrain.ui.cli import main

ALLOWS = """
import sys
from latent_terrain.nodes.codec.trust import digest_of, trust
for number in range(25):
    trust(digest_of(f"{sys.argv[1]} {number}".encode()), f"{sys.argv[1]}-{number}.ts")
"""
MARKS = """
import sys
from pathlib import Path
from latent_terrain.nodes.codec.library import Library
for number in range(5):
    library = Library()
    library.mark(f"{sys.argv[1]}-{number}", licence=sys.argv[1])
"""


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def at_once(program: str) -> None:
    running = [subprocess.Popen([sys.executable, "-c", program, str(number)]) for number in range(4)]
    assert [one.wait(timeout=120) for one in running] == [0, 0, 0, 0]


def test_four_programs_that_allow_at_the_same_time_keep_all() -> None:
    at_once(ALLOWS)
    assert len(trusted()) == 100


def test_four_programs_that_note_licences_at_the_same_time_keep_all(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    for who in range(4):
        for number in range(5):
            (tmp_path / "models" / f"{who}-{number}.npz").write_bytes(f"{who} {number}".encode())
    library = Library()
    library.add_folder(tmp_path / "models")
    library.models()
    at_once(MARKS)
    assert [one.licence for one in Library().models() if one.licence != one.name[0]] == []


@pytest.mark.parametrize("by", ["name", "path", "start", "whole", "as it was typed"])
def test_it_is_taken_back_by_any_name_after_the_file_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    digest, other = digest_of(b"mine"), digest_of(b"other")
    trust(digest, str(tmp_path / "deep" / "mine.ts"))
    trust(other, "other.ts")
    assert main(["models", "allowed"]) == 0
    assert "mine.ts" in capsys.readouterr().out
    named = {
        "name": "mine.ts",
        "path": str(tmp_path / "deep" / "mine.ts"),
        "start": digest[:8],
        "whole": digest,
        "as it was typed": "deep/mine.ts",
    }[by]
    assert main(["model", named, "--distrust"]) == 0
    assert "no longer trusted" in capsys.readouterr().err
    assert list(trusted()) == [other]
    assert main(["model", named, "--distrust"]) == 3
    assert "no trusted model with that name" in capsys.readouterr().err


def test_too_short_a_start_of_a_hash_takes_nothing_back() -> None:
    trust("a" * 64, "one.ts")
    assert distrust("a") == {}
    assert len(trusted()) == 1


def test_a_damaged_library_is_kept_aside_and_begun_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store().parent.mkdir(parents=True)
    store().write_text("{broken")
    assert main(["models", "list"]) == 0
    assert "is kept as" in capsys.readouterr().err
    assert store().with_name("models.json.damaged-1").read_text() == "{broken"
