"""The pad's buttons: the few commands that it has, for those who may, and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.engine import load_palette
from latent_terrain.graphs import load_file
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.control.dispatcher import Dispatcher
from latent_terrain.ui.control.pad.commands import PadCommands

from ....waiting import eventually
from ..toy_playing import Held


@pytest.fixture
def dispatcher(tmp_path: Path) -> Iterator[Dispatcher]:
    session = Held(load_file(STARTERS["live-record"].file))
    made = Dispatcher(session, load_palette(), tmp_path, None, lambda text: None)
    yield made
    made.close()


def test_a_button_records_and_shows_that_it_does(dispatcher: Dispatcher) -> None:
    commands = PadCommands(dispatcher)
    assert commands.shown()["can_record"] is True
    assert commands.shown()["is_recording"] is False
    assert commands.do(["/take/start"])
    eventually(lambda: commands.shown()["is_recording"])
    assert commands.do(["/take/stop"])
    eventually(lambda: not commands.shown()["is_recording"])
    eventually(lambda: "nothing was recorded" in commands.shown()["told"])  # nothing plays here


def test_what_fails_is_told_and_forgotten_with_what_works(dispatcher: Dispatcher) -> None:
    commands = PadCommands(dispatcher)
    commands.do(["/undo"])
    eventually(lambda: commands.shown()["told"] == "nothing to undo")
    dispatcher.session.turn("walk", "frequency", 2.0)
    before = commands.shown()["count"]
    commands.do(["/undo"])
    eventually(lambda: commands.shown()["count"] > before)
    assert commands.shown()["told"] == ""


@pytest.mark.parametrize(
    "said",
    [None, [], "x", ["/patch/load", "a"], ["/sounds/add", "a"], ["/train", None], ["/train", [1]], ["/train"] * 9, [1]],
)
def test_nothing_else_is_done(dispatcher: Dispatcher, said: Any) -> None:
    assert not PadCommands(dispatcher).do(said)
