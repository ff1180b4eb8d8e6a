"""The tour: it goes on when the thing is done, can be left, and is remembered."""

from pathlib import Path

import numpy as np
import pytest

from latent_terrain.graphs import Patch, set_content
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.editor.actions import ACTIONS, perform
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.tour import LEARNED_SECONDS, STEPS
from latent_terrain.ui.editor.sound.interface import SoundStatus
from latent_terrain.ui.editor.sound.silent import SilentEditorSound

from ...patcher.benches import desk_of


@pytest.fixture
def desk() -> Desk:
    desk = desk_of(Patch())
    perform(desk, ACTIONS["help.tour"])
    return desk


def title(desk: Desk) -> str:
    return desk.tour.current.title if desk.tour.current is not None else ""


def on_walk(desk: Desk) -> None:
    """The walk is open, and the tour is at its beginning."""
    desk.start_from("walk")
    desk.tour.begin()


def test_each_step_is_done_by_doing_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.tour.tick(1.0)
    assert title(desk) == "Sounds"
    desk.document.new(STARTERS["walk"].build(), "walk")
    desk.tour.tick(2.0)
    assert title(desk) == "Lines"
    on_walk(desk)
    desk.tour.next()
    desk.tour.tick(3.0)
    assert title(desk) == "Lines"
    line = {"lines/0000": np.array([[0, 0], [1, 1]], np.float32)}
    desk.edit(lambda patch: set_content(patch, "map", {**patch.nodes["map"].content, **line}), "a line")
    desk.tour.tick(4.0)
    assert title(desk) == "Learn"
    desk.tour.tick(5.0)
    assert title(desk) == "Learn", "it is seen for a while"
    desk.tour.tick(5.1 + LEARNED_SECONDS)
    assert title(desk) == "Play"
    hand = desk.maps.current
    assert hand is not None
    hand.ink.add(0.0, 0.0, 1.0)
    desk.tour.tick(8.0)
    assert title(desk) == "Play", "nothing is heard while audio is off"
    monkeypatch.setattr(SilentEditorSound, "status", SoundStatus(is_on=True))
    desk.tour.tick(9.0)
    assert title(desk) == "Record"
    desk.recording_to = Path("take.wav")
    desk.tour.tick(10.0)
    assert title(desk) == "Record"
    desk.recording_to = None
    desk.tour.tick(11.0)
    assert title(desk) == ""
    assert desk.settings.tour_done


def test_every_step_can_be_passed_over_and_the_last_ends_it(desk: Desk) -> None:
    on_walk(desk)
    seen = []
    while desk.tour.step is not None:
        seen.append(title(desk))
        desk.tour.next()
    assert seen == [one.title for one in STEPS]


def test_escape_leaves_the_tour_and_keeps_what_is_selected(desk: Desk) -> None:
    on_walk(desk)
    desk.select(["map"])
    perform(desk, ACTIONS["edit.select_none"])
    assert desk.tour.step is None
    assert desk.settings.tour_done
    assert desk.selection == {"map"}
    perform(desk, ACTIONS["edit.select_none"])
    assert not desk.selection
