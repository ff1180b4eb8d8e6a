"""Point by point: sounds found, placed, changed and taken away, each with its place; and learned in the end."""

from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine.offline import offline_setup
from latent_terrain.engine.training.jobs import run_jobs
from latent_terrain.graphs import Patch, add_node, connect
from latent_terrain.nodes.gui.drawing import line_of
from latent_terrain.nodes.gui.units import MapError
from latent_terrain.nodes.terrain.learned import learned_weights
from latent_terrain.nodes.terrain.network import evaluate
from latent_terrain.ui.map.pairs import add_pair, delete_pair, latents_of, place_of, random_latents, set_latents

from .sheets import PALETTE, Hands, map_node, sheet_of

PLACES = ((-10.0, 2.0), (0.0, -3.0), (9.0, 1.0))


def bare() -> Patch:
    """
    map --> land (nothing to learn yet)
    """
    patch = add_node(add_node(Patch(), "gui", name="map"), "terrain", name="land", values={"gauss": 0.0, "steps": 600})
    return connect(connect(patch, "map.coordinates", "land.coordinates"), "map.xy", "land.position")


def placed() -> Patch:
    patch = bare()
    for number, place in enumerate(PLACES):
        patch = add_pair(patch, PALETTE, "map", place, random_latents(8, number))
    return patch


def test_f87_sounds_placed_point_by_point_are_learned_and_given_back() -> None:
    patch = placed()
    training = run_jobs(patch, PALETTE, offline_setup(patch, Path()))
    weights = learned_weights(training.patch.nodes["land"].content)
    given = evaluate(weights, np.array(PLACES, np.float32))
    np.testing.assert_allclose(given, latents_of(patch, PALETTE, "map"), atol=0.15)


def test_f87_what_is_missing_is_added_and_a_second_sound_uses_it() -> None:
    patch = placed()
    assert [node.type for node in patch.nodes.values()].count("record") == 1
    assert len(latents_of(patch, PALETTE, "map")) == 3
    sheet = sheet_of(patch)
    assert [place_of(sheet, number) for number in range(4)] == [*PLACES, None]


def test_f87_a_pair_that_goes_leaves_all_others_with_their_places() -> None:
    patch = delete_pair(placed(), PALETTE, "map", 1)
    sheet = sheet_of(patch)
    assert [place_of(sheet, number) for number in range(2)] == [PLACES[0], PLACES[2]]
    np.testing.assert_array_equal(latents_of(patch, PALETTE, "map")[1], random_latents(8, 2))
    again = add_pair(patch, PALETTE, "map", (3.0, 3.0), random_latents(8, 9))
    np.testing.assert_array_equal(latents_of(again, PALETTE, "map")[2], random_latents(8, 9))
    assert place_of(sheet_of(again), 2) == (3.0, 3.0)


def test_a_sound_is_changed_where_it_lies() -> None:
    patch = set_latents(placed(), PALETTE, "map", 1, np.full(8, 0.5))
    np.testing.assert_array_equal(latents_of(patch, PALETTE, "map")[1], np.full(8, 0.5, np.float32))
    assert place_of(sheet_of(patch), 1) == PLACES[1]


def test_what_makes_no_pair_is_refused_with_a_sentence() -> None:
    with pytest.raises(MapError, match="numbers"):
        add_pair(bare(), PALETTE, "map", (0, 0), [float("nan")])
    with pytest.raises(MapError, match="8 latents"):
        add_pair(placed(), PALETTE, "map", (0, 0), [1.0, 2.0])
    with pytest.raises(MapError, match="no sound 9"):
        set_latents(placed(), PALETTE, "map", 8, [0.0] * 8)
    encoded = connect(add_node(bare(), "encode", name="sounds"), "sounds.latents", "map.latents")
    with pytest.raises(MapError, match="sounds of sounds"):
        add_pair(encoded, PALETTE, "map", (0, 0), [0.0] * 8)


def test_chance_repeats_by_its_seed() -> None:
    np.testing.assert_array_equal(random_latents(16, 4), random_latents(16, 4))
    assert not np.array_equal(random_latents(16, 4), random_latents(16, 5))


def test_a_sound_in_the_hand_is_put_down_with_the_next_click_and_dragged_on() -> None:
    hands = Hands(sheet_of(bare()))
    hands.hand.take("point")
    hands.sheet.offer = random_latents(8, 1)
    hands.drag((-5, 1), (-3, 2))
    assert np.round(line_of(hands.sheet.drawing.lines[0]).anchors, 3).tolist() == [[-3, 2]]
    np.testing.assert_array_equal(latents_of(hands.desk.patch, PALETTE, "map")[0], hands.sheet.offer)
    hands.sheet.offer = None
    hands.click((4, 1))
    assert set(hands.sheet.drawing.lines) == {0}, "there is no other sound to place"
    assert map_node().nodes
