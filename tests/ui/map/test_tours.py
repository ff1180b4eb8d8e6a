"""A tour in the play layer: it is cut in its own times, and the one that was laid out comes back."""

import numpy as np
import pytest

from latent_terrain.graphs import set_content
from latent_terrain.nodes.gui.timed_paths import Tour
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.map import operations

from .sheets import Hands, map_node, sheet_of


def test_the_eraser_cuts_a_tour_in_two_that_keep_its_pace() -> None:
    hands = Hands(sheet_of(map_node()))
    hands.sheet.show("play")
    moments = np.array([[0.0, -8.0, 0.0], [10.0, 0.0, 0.0], [100.0, 8.0, 0.0]])
    hands.sheet.lay(0, Tour(moments), "a tour")
    hands.hand.take("erase")
    hands.click((4.0, 0.0))
    first, second = hands.sheet.drawing.played
    assert isinstance(first, Tour)
    assert isinstance(second, Tour)
    radius = 12.0 / 18.75
    assert first.lasts == pytest.approx(10.0 + 90.0 * (4.0 - radius) / 8.0, abs=0.01)
    assert second.lasts == pytest.approx(90.0 * (4.0 - radius) / 8.0, abs=0.01)
    np.testing.assert_allclose(second.positions_at(np.zeros(1))[:, 0], [4.0 + radius, 0.0], atol=0.01)


def test_a_laid_out_tour_that_is_deleted_is_told_to_be_walked_again() -> None:
    content = {
        "arrange/line/0000": np.array([[0.0, 0], [0, 1]]),
        "arrange/tour/0000": np.array([[0.0, 0, 0], [9, 0, 1]]),
    }
    sheet = sheet_of(set_content(map_node((10,), layout="map"), "map", content))
    sheet.show("play")
    sheet.choose({0})
    operations.delete(sheet)
    desk = sheet.desk
    assert isinstance(desk, Desk)
    assert "the playheads follow the automatic tour" in desk.log.entries[-1].text


def test_lines_that_were_laid_out_are_complete_however_short_they_are() -> None:
    content = {
        "arrange/line/0000": np.array([[0.0, 0], [0, 1]]),
        "arrange/tour/0000": np.array([[0.0, 0, 0], [9, 0, 1]]),
    }
    sheet = sheet_of(set_content(map_node((1000,), layout="map"), "map", content))
    done = sheet.completion(0)
    assert done is not None
    assert done.complete
