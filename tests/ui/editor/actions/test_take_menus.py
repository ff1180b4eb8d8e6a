"""What can be done with a recorder's takes in the editor: chosen from a list, each one step of undo."""

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.graphs import Patch, add_node
from latent_terrain.ui.editor.actions.take_menus import ask_what
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.panels.menus import entries
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.patcher.hits import OnNode
from latent_terrain.ui.patcher.window_requests import ChooseOne, OpenMenu, TypeText
from latent_terrain.ui.takes import takes_of

PALETTE = load_palette()


@pytest.fixture
def desk() -> Desk:
    made = Desk(PALETTE, SilentEditorSound(), Settings(learns_by_itself=False))
    content = {f"takes/{n + 1:04d}": np.full((n + 5, 2), n, np.float32) for n in range(3)}
    made.begin(add_node(Patch(), "record", name="tape", content=content))
    return made


def takes(desk: Desk) -> list[tuple[str, int]]:
    return [(one.label, len(one.array)) for one in takes_of(desk.patch, "tape")]


def choose(desk: Desk, label: str) -> None:
    ask = desk.asks.pop()
    assert isinstance(ask, ChooseOne)
    dict(ask.choices)[label]()


def type_in(desk: Desk, text: str) -> None:
    ask = desk.asks.pop()
    assert isinstance(ask, TypeText)
    ask.then(text)


def test_the_menu_of_a_recorder_leads_to_its_takes(desk: Desk) -> None:
    found = {one.label: one for one in entries(desk, OpenMenu((0.0, 0.0), OnNode("tape", True)))}
    found["Takes …"].act()
    choose(desk, "2  (6 vectors)")
    choose(desk, "Rename …")
    type_in(desk, "door")
    assert takes(desk) == [("", 5), ("door", 6), ("", 7)]
    desk.undo()
    assert takes(desk) == [("", 5), ("", 6), ("", 7)]


def test_takes_move_are_trimmed_and_deleted(desk: Desk) -> None:
    ask_what(desk, "tape", 0)
    assert "Move up" not in dict(getattr(desk.asks[-1], "choices", ()))
    choose(desk, "Move down")
    ask_what(desk, "tape", 2)
    choose(desk, "Trim …")
    type_in(desk, "2 - 4")
    assert takes(desk) == [("", 6), ("", 5), ("", 3)]
    ask_what(desk, "tape", 0)
    choose(desk, "Delete")
    assert takes(desk) == [("", 5), ("", 3)]
    assert len(desk.document.history.labels) == 3


@pytest.mark.parametrize("text", ["", "all of it", "1", "0 - 3", "3 - 2", "1 - 99", "1 - 2 - 3"])
def test_a_stretch_that_can_not_be_kept_is_a_sentence(desk: Desk, text: str) -> None:
    ask_what(desk, "tape", 0)
    choose(desk, "Trim …")
    type_in(desk, text)
    assert takes(desk) == [("", 5), ("", 6), ("", 7)]
    assert "tape" in desk.log.entries[-1].text


def test_a_take_is_the_one_that_was_chosen_wherever_it_stands_by_now(desk: Desk) -> None:
    ask_what(desk, "tape", 2)
    ask_what(desk, "tape", 0)
    choose(desk, "Delete")
    choose(desk, "Delete")
    assert takes(desk) == [("", 6)]
    ask_what(desk, "tape", 5)
    assert not desk.asks


def test_a_locked_patch_keeps_its_takes(desk: Desk) -> None:
    ask_what(desk, "tape", 0)
    desk.is_locked = True
    choose(desk, "Delete")
    assert len(takes(desk)) == 3
