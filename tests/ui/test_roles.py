"""Nodes of other people that say what they are for are shown, played and ended as the built-in ones are."""

from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import numpy as np
import pytest

from latent_terrain.engine import DeclarationError, Palette, Setting, Signal, load_palette, node, spec_of
from latent_terrain.graphs import Patch, add_node, connect
from latent_terrain.nodes.gui.node import Gui
from latent_terrain.nodes.record import Record
from latent_terrain.nodes.terrain.node import Terrain
from latent_terrain.ui.control.pad.surface import Surface
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.panels.node_search import find
from latent_terrain.ui.map.line_audition import silenced
from latent_terrain.ui.map.sounds import sounds_of, terrains_of
from latent_terrain.ui.patch_files import asked_writes
from latent_terrain.ui.patcher.layout import lay_out

from .control.pad.playing import Told
from .patcher.benches import desk_of


@node(role="map")
class TheirCanvas(Gui):
    """A canvas of somebody else."""


@node(role="terrain")
class TheirTerrain(Terrain):
    """A terrain of somebody else."""


@node(role="takes")
class TheirTakes(Record):
    """A recorder of latents of somebody else."""


@node(role="device_output")
class TheirOutput:
    """A place where sound goes, of somebody else."""

    def process(self, audio: Signal) -> None:
        """Nothing."""


@node(other_names=("tape~",))
class TheirTape:
    """Records to a file, as somebody else does."""

    def __init__(self, place: Annotated[str, Setting(file="sound", writes=True)] = "") -> None:
        pass

    def process(self, audio: Signal) -> None:
        """Nothing."""


THEIRS = {spec.type: spec for spec in map(spec_of, (TheirCanvas, TheirTerrain, TheirTakes, TheirOutput, TheirTape))}
PALETTE = Palette(MappingProxyType({**load_palette().specs, **THEIRS}))


@pytest.fixture
def patch() -> Patch:
    made = add_node(Patch(), "their_canvas", name="map")
    made = add_node(made, "their_terrain", name="terrain")
    made = add_node(made, "their_takes", name="takes", content={"takes/0001": np.ones((5, 2), np.float32)})
    made = connect(made, "map.out", "terrain.coordinates")
    return connect(made, "takes.takes", "terrain.latents")


@pytest.fixture
def desk(patch: Patch) -> Desk:
    return desk_of(patch, PALETTE)


def test_their_canvas_is_the_map(desk: Desk) -> None:
    assert desk.maps.names == ("map",)
    hand = desk.maps.current
    assert hand is not None
    assert hand.sheet.about is desk.patch.nodes["map"]
    assert hand.sheet.value("mode") == "loop"
    assert hand.sheet.terrains == ("terrain",)


def test_its_lines_stand_for_what_their_recorder_holds(patch: Patch) -> None:
    assert terrains_of(patch, PALETTE, "map") == ("terrain",)
    assert [(one.name, one.frames) for one in sounds_of(patch, PALETTE, "map")] == [("0001", 5)]


def test_a_chosen_terrain_of_theirs_shows_its_map(desk: Desk) -> None:
    desk.edit(lambda patch: add_node(patch, "gui", name="another"), "add")
    desk.maps.see("another")
    desk.maps.follow(frozenset({"terrain"}))
    assert desk.maps.current is not None
    assert desk.maps.current.sheet.node == "map"


def test_their_canvas_is_played_from_the_pad_and_has_a_picture_on_its_card(patch: Patch) -> None:
    assert Surface(Told(patch), PALETTE).node == "map"
    card = lay_out(patch, PALETTE).nodes["map"]
    assert "picture" in {control.kind for control in card.controls}


def test_their_output_is_silent_while_a_line_is_listened_to() -> None:
    assert silenced(add_node(Patch(), "their_output", name="out"), PALETTE).nodes["out"].muted


def test_their_recorder_is_asked_about_as_file_recorder_is(tmp_path: Path) -> None:
    patch = add_node(Patch(), "their_tape", name="tape", values={"place": "/elsewhere/take.wav"})
    assert PALETTE["their_tape"].writes_files
    assert PALETTE["file_recorder"].writes_files
    assert not PALETTE["sound_player"].writes_files
    assert [(one.whose, path) for one, path in asked_writes(patch, PALETTE, tmp_path)] == [
        ("tape.place", Path("/elsewhere/take.wav"))
    ]


def test_what_a_role_needs_is_told_when_the_node_is_declared() -> None:
    with pytest.raises(DeclarationError, match="the role osc_sender needs address, rate too"):

        @node(role="osc_sender")
        def odd(audio: Signal) -> Signal:
            """Odd."""
            return audio

    with pytest.raises(DeclarationError, match="there is no role 'choir'; choose one of map, terrain"):
        node(role="choir")(TheirTape)  # type: ignore[call-overload]


def test_their_node_is_found_by_its_name_in_other_programs() -> None:
    assert find(PALETTE, "tape~")[0].type == "their_tape"
