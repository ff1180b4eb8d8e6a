"""Whoever saves the patch that plays: what others made of its file is kept, and all hear that it was saved."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.messages import TellFacts
from latent_terrain.engine.session.facts import KeptFacts
from latent_terrain.graphs import load_file, save
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.control.dispatcher import ControlError, Dispatcher

from .toy_playing import Held

PALETTE = load_palette()


class Beside(Held):
    """A session that keeps what programs tell."""

    facts: KeptFacts

    def do(self, order: Any) -> None:
        if isinstance(order, TellFacts):
            self.facts.take(order)
        else:
            super().do(order)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return save(load_file(STARTERS["live-record"].file), tmp_path / "stage.ltp")


@pytest.fixture
def session(file: Path) -> Beside:
    made = Beside(load_file(file))
    made.facts = KeptFacts()
    return made


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def two(session: Beside, file: Path, said: list[str]) -> Iterator[list[Dispatcher]]:
    """Two programs beside one engine, as a service and a shell's command are."""
    made = [Dispatcher(session, PALETTE, file.parent, file, said.append) for _ in range(2)]
    yield made
    for one in made:
        one.close()


def test_what_another_program_made_of_the_file_is_kept(two: list[Dispatcher], file: Path, said: list[str]) -> None:
    two[0].do("/patch/save", [])
    assert said == []
    file.write_bytes(b"of somebody else")
    two[0].do("/patch/save", [])
    assert "stage as others had it.ltp" in said[0]
    assert (file.parent / "stage as others had it.ltp").read_bytes() == b"of somebody else"
    load_file(file)
    two[0].do("/patch/save", [])
    assert len(said) == 1


def test_what_cannot_be_kept_is_not_saved_over(
    two: list[Dispatcher], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_bytes(b"of somebody else")

    def full(*_: object) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(ControlError, match="give another name"):
        two[0].do("/patch/save", [])
    assert file.read_bytes() == b"of somebody else"


def test_a_save_by_one_program_is_heard_by_the_others(
    two: list[Dispatcher], session: Beside, file: Path, said: list[str]
) -> None:
    """A service whose patch a shell's command had saved put its own newer state aside at the next start."""
    followed: list[Path] = []
    two[1].saved = followed.append
    session.turn("walk", "frequency", 0.3)
    two[0].do("/patch/save", [])
    status = session.facts.for_all()
    for _ in range(2):
        two[1].hear_saved(status["facts"])
    assert followed == [file]
    two[1].do("/patch/save", [])
    assert said == []
    file.write_bytes(b"of somebody else")
    two[1].hear_saved(status["facts"])
    assert followed == [file, file], "its own save, and nobody else's"
