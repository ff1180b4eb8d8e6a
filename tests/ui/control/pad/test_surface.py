"""What the pad shows of a canvas, and what a hand on it does."""

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from latent_terrain.graphs import Patch, add_node, remove_node, set_content, set_value
from latent_terrain.ui.control.pad.surface import PadError, Surface

from .playing import PALETTE, Told, bare, walk


def test_it_shows_lines_by_their_sounds_and_the_mark_of_the_land() -> None:
    state = Surface(Told(walk()), PALETTE).state()
    learned = [line for line in state["lines"] if line["kind"] == "learn"]
    assert len(learned) == 8
    assert "01-pluck" in {line["name"] for line in learned}
    assert all(len(line["points"]) >= 2 for line in learned)
    assert state["box"] == [-16.0, -4.0, 16.0, 4.0]
    assert state["terrain"]


def test_the_state_is_the_same_object_until_the_patch_changes() -> None:
    told = Told(walk())
    surface = Surface(told, PALETTE)
    first = surface.state()
    assert surface.state() is first
    told.edit(lambda patch: set_content(patch, "map", {"pads/1": np.array([1.0, 2.0])}, replace=False))
    assert surface.state() is not first
    assert surface.state()["pads"] == {"1": [1.0, 2.0]}
    assert surface.state()["terrain"] == first["terrain"]


def test_the_land_is_a_picture_of_the_canvass_shape() -> None:
    image = Image.open(io.BytesIO(Surface(Told(walk()), PALETTE).picture()))
    assert image.size == (768, 192)
    assert len(np.unique(np.asarray(image.convert("L").resize((64, 16))))) > 20
    with pytest.raises(PadError, match="is not trained"):
        Surface(Told(bare()), PALETTE).picture()


def test_playheads_are_told_in_units_of_the_canvas() -> None:
    told = Told(bare())
    told.places = np.array([[1.0, 2.0], [np.nan, 0.0], [-3.0, 0.5]], np.float32)
    assert Surface(told, PALETTE).heads() == [[1.0, 2.0], [-3.0, 0.5]]
    told.places = None
    assert Surface(told, PALETTE).heads() == []


def test_a_finger_takes_the_hand_and_moves_it_and_letting_go_gives_it_back() -> None:
    told = Told(set_value(bare(), "map", "mode", "orbit"))
    surface = Surface(told, PALETTE)
    assert surface.touch([[7, 0.0, 0.0, 0.2, 0, 0], [7, 0.75, 0.5, 0.8, 10, -5]]) == 2
    assert told.turns[0] == ("map", "mode", "hand")
    assert (told.last("hand_x"), told.last("hand_y"), told.last("pressure")) == (8.0, 0.0, 0.8)
    surface.touch([[7, 0.75, 0.5, 0, 0, 0]])
    assert told.last("pressure") == 0.0
    assert told.last("mode") == "hand"
    surface.let_go()
    assert told.last("mode") == "orbit"


def test_the_first_finger_is_the_hand_until_it_is_lifted() -> None:
    told = Told(bare())
    surface = Surface(told, PALETTE)
    surface.touch([[1, 0.5, 0.5, 0.5, 0, 0]])
    assert surface.touch([[2, 0.1, 0.1, 0.9, 0, 0]]) == 0
    assert told.last("hand_x") == 0.0
    surface.touch([[1, 0.5, 0.5, 0, 0, 0], [2, 0.25, 0.1, 0.9, 0, 0]])
    assert told.last("hand_x") == -8.0


NONSENSE: list[Any] = [
    None,
    3,
    "x",
    [[1, 2, 3]],
    [[1, float("nan"), 0, 0, 0, 0]],
    [[1, "a", 0, 0, 0, 0]],
    [[True, 0, 0, 0, 0, 0]],
    [[1e300, 0, 0, 0.5, 0, 0]],
    [[1, 0, 0, 0.5, 0, 0]] * 1000,
]


@pytest.mark.parametrize("events", NONSENSE)
def test_nonsense_is_counted_and_turns_nothing(events: Any) -> None:
    told = Told(bare())
    surface = Surface(told, PALETTE)
    surface.touch(events)
    assert surface.ignored > 0
    assert told.turns == []


@given(st.lists(st.lists(st.floats(-2, 2) | st.integers(-3, 3), min_size=6, max_size=6), max_size=12))
def test_the_hand_never_leaves_the_canvas(events: list[Any]) -> None:
    told = Told(bare())
    Surface(told, PALETTE).touch(events)
    for _, param, value in told.turns:
        if param in ("hand_x", "hand_y"):
            assert abs(float(value)) <= (16 if param == "hand_x" else 4)
        if param == "pressure":
            assert 0 <= float(value) <= 1


def test_which_canvas_is_meant_and_what_if_there_is_none() -> None:
    two = add_node(bare(), "gui", name="other")
    assert Surface(Told(two), PALETTE).node == "map"
    assert Surface(Told(two), PALETTE, "other").node == "other"
    with pytest.raises(PadError, match="it has map, other"):
        Surface(Told(two), PALETTE, "third")
    with pytest.raises(PadError, match="add a Map node"):
        Surface(Told(Patch()), PALETTE)


def test_a_canvas_that_has_gone_breaks_nothing() -> None:
    told = Told(bare())
    surface = Surface(told, PALETTE)
    told.edit(lambda patch: remove_node(patch, "map"))
    assert surface.state()["lines"] == []
    surface.touch([[1, 0.5, 0.5, 0.5, 0, 0]])
    assert surface.ignored > 0


def test_each_finger_has_its_own_pad_node_and_the_pen_leans() -> None:
    patch = add_node(add_node(walk(), "pad", name="one"), "pad", name="two", values={"finger": 2})
    client = Told(patch)
    surface = Surface(client, PALETTE)
    surface.touch([[7, 0.25, 0.5, 0.8, 45.0, -90.0], [9, 0.75, 0.1, 0.3, 0.0, 0.0]])
    one, two = (dict(client.patch.nodes[name].values) for name in ("one", "two"))
    assert (one["x"], one["y"], one["pressure"], one["tilt_x"], one["tilt_y"]) == (0.25, 0.5, 0.8, 0.5, -1.0)
    assert (two["x"], two["y"], two["pressure"]) == (0.75, 0.1, 0.3)
    surface.touch([[7, 0.3, 0.5, 0.0, 0.0, 0.0]])
    assert client.patch.nodes["one"].values["pressure"] == 0.0
    assert client.patch.nodes["one"].values["x"] == 0.25, "lifted, it stays where it was"
    surface.touch([[11, 0.9, 0.9, 1.0, 0.0, 0.0]])
    assert client.patch.nodes["one"].values["x"] == 0.9, "the free place is taken by the next finger"
    surface.let_go()
    assert [client.patch.nodes[name].values["pressure"] for name in ("one", "two")] == [0.0, 0.0]
