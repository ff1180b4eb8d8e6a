"""The output is recorded at once, and named by hand when it is done; nothing is lost where nobody answers."""

from pathlib import Path

import pytest

from latent_terrain.engine import load_palette
from latent_terrain.graphs import Patch, save
from latent_terrain.ui.editor.actions import ACTIONS
from latent_terrain.ui.editor.actions.record_output import rename
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.patcher.window_requests import TypeText

PALETTE = load_palette()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    save(Patch(), tmp_path / "piece.ltp")
    made = Desk(PALETTE, SilentEditorSound(), Settings())
    assert made.open(tmp_path / "piece.ltp")
    return made


def record(desk: Desk) -> Path:
    """Begin and end it by the key's action; gives the file, which the engine would have written."""
    before = len(desk.asks)
    ACTIONS["sound.record"].run(desk)
    assert len(desk.asks) == before, "nothing is asked first"
    path = desk.recording_to
    assert path is not None
    assert desk.sound.file == path  # type: ignore[attr-defined]
    ACTIONS["sound.record"].run(desk)
    assert desk.sound.file is None  # type: ignore[attr-defined]
    path.write_bytes(b"sound")
    return path


def answer(desk: Desk, text: str) -> None:
    ask = desk.asks.popleft()
    assert isinstance(ask, TypeText)
    ask.then(text)


def test_one_action_records_beside_the_patch_and_the_name_comes_later(desk: Desk, tmp_path: Path) -> None:
    path = record(desk)
    assert path.parent == tmp_path / "recordings"
    assert path.name.startswith("piece 20")
    answer(desk, "take")
    assert not path.exists()
    assert (tmp_path / "recordings" / "take.wav").read_bytes() == b"sound"


def test_nobody_answers_and_nothing_is_lost(desk: Desk) -> None:
    first, second = record(desk), record(desk)
    assert first != second
    assert first.exists()
    assert second.exists()


def test_a_name_that_is_taken_is_followed_by_a_number(desk: Desk, tmp_path: Path) -> None:
    for text in ("take", "take.wav"):
        record(desk)
        answer(desk, text)
    found = sorted(one.name for one in (tmp_path / "recordings").iterdir())
    assert found == ["take-2.wav", "take.wav"]


@pytest.mark.parametrize("name", ["../out", ".hidden", "a/b", "..", ""])
def test_a_name_that_is_none_leaves_the_file_where_it_is(desk: Desk, name: str) -> None:
    path = record(desk)
    rename(desk, path, name)
    assert path.exists()


def test_what_cannot_be_is_a_sentence(desk: Desk, tmp_path: Path) -> None:
    path = record(desk)
    path.unlink()
    rename(desk, path, "take")
    assert "can't be renamed" in desk.log.entries[-1].text
    for one in (tmp_path / "recordings").iterdir():
        one.unlink()
    (tmp_path / "recordings").rmdir()
    (tmp_path / "recordings").write_text("in the way")
    ACTIONS["sound.record"].run(desk)
    assert desk.recording_to is None
    assert "can't record there" in desk.log.entries[-1].text


def test_a_patch_of_no_file_records_into_the_users_folder(desk: Desk, tmp_path: Path) -> None:
    desk.begin()
    assert record(desk).is_relative_to(tmp_path / "data")
