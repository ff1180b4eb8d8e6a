"""A patch that asks to record elsewhere: asked about once for each file, and heard after a yes."""

from pathlib import Path

import pytest

from latent_terrain.engine import Engine
from latent_terrain.engine.offline import offline_setup
from latent_terrain.graphs import Patch, add_node, save, set_value
from latent_terrain.nodes.audiofile.permission import may_write
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.window.setting_values import put_file
from latent_terrain.ui.patcher.window_requests import Confirm

from ...patcher.benches import PALETTE, desk_of


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def master(tmp_path: Path) -> Path:
    (tmp_path / "music").mkdir()
    return tmp_path / "music" / "master.wav"


@pytest.fixture
def desk(tmp_path: Path, master: Path) -> Desk:
    patch = add_node(Patch(), "file_recorder", name="tape", values={"file": "../music/master.wav"})
    (tmp_path / "patch").mkdir()
    made = desk_of(Patch())
    assert made.open(save(patch, tmp_path / "patch" / "piece.ltp"))
    return made


def questions(desk: Desk) -> list[Confirm]:
    desk.tick(1.0)
    found = [one for one in desk.asks if isinstance(one, Confirm)]
    desk.asks.clear()
    return found


def problems(desk: Desk) -> list[str]:
    engine = Engine(desk.patch, PALETTE, offline_setup(desk.patch, desk.document.folder))
    engine.close()
    return [str(one) for one in engine.problems if one.severity == "error"]


def test_it_is_asked_once_and_allowed_from_then_on(desk: Desk, master: Path) -> None:
    (question,) = questions(desk)
    assert str(master) in question.text
    assert question.choices[question.default][0] == "Cancel"
    assert not may_write(master, desk.document.folder)
    desk.edit(lambda patch: add_node(patch, "sine"), "add")
    assert questions(desk) == [], "one question for one file"
    dict(question.choices)["Allow"]()
    assert may_write(master, desk.document.folder)
    assert problems(desk) == []
    desk.edit(lambda patch: set_value(patch, "tape", "file", str(master.with_name("other.wav"))), "set")
    assert len(questions(desk)) == 1, "another file is another question"


def test_what_is_left_is_not_written(desk: Desk, master: Path) -> None:
    (question,) = questions(desk)
    dict(question.choices)["Cancel"]()
    with pytest.raises(ValueError, match="--allow-write"):
        problems(desk)
    assert list(master.parent.iterdir()) == []


def test_beside_the_patch_and_where_it_was_chosen_by_hand_nothing_is_asked(desk: Desk, master: Path) -> None:
    questions(desk)
    desk.edit(lambda patch: set_value(patch, "tape", "file", "take.wav"), "set")
    assert questions(desk) == []
    assert put_file(desk, "tape", "file", master.with_name("chosen.wav"))
    assert questions(desk) == []
    assert problems(desk) == []


def test_a_hostile_name_is_shown_as_what_it_is(desk: Desk) -> None:
    questions(desk)
    desk.edit(lambda patch: set_value(patch, "tape", "file", "/tmp/\u202egpj\n.wav"), "set")
    (question,) = questions(desk)
    assert "\u202e" not in question.text
    assert r"\u202egpj\n.wav" in question.text
