"""A tour in the play layer: cut in its own times, led along lines that change, and back when it was deleted."""

import numpy as np
import pytest

from latent_terrain.graphs import set_content
from latent_terrain.nodes.gui.drawing import line_of
from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.nodes.gui.timed_paths import Tour
from latent_terrain.nodes.gui.tour import tour
from latent_terrain.nodes.gui.units import MapBox
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.map import operations
from latent_terrain.ui.map.sheet import Sheet

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


def toured(*numbers: int) -> Sheet:
    """Lines laid out beside each other for some of three sounds (22, 33, 41 latents), and their tour."""
    lines = {number: Polyline(np.array([[4.0 * number - 8, -2], [4.0 * number - 8, 2]])) for number in numbers}
    frames = [(22, 33, 41)[number] for number in numbers]
    walked = tour(list(lines.values()), MapBox(), frames, 0.4)
    content = {f"arrange/line/{number:04d}": line.anchors for number, line in lines.items()}
    content |= {"arrange/tour/0000": walked.moments, "arrange/density": np.array([0.4])}
    return sheet_of(set_content(map_node(layout="map"), "map", content))


def test_the_tour_goes_on_past_lines_that_a_hand_has_changed_and_new_ones() -> None:
    sheet = toured(0, 1)
    sheet.lay(0, Polyline(np.array([[-12.0, 3.0], [-12.0, -3.0]])), "move a line")
    assert sheet.value("layout") == "map", "sounds that are added get their line"
    assert passes(sheet) == {0: 21, 1: 32}
    sheet.lay(2, Polyline(np.array([[10.0, -3.0], [12.0, 0.0], [10.0, 3.0]])), "draw a line")
    assert passes(sheet) == {0: 21, 1: 32, 2: 40}
    sheet.show("play")
    assert list(sheet.lines) == [0]
    sheet.show("learn")
    sheet.lay(1, None, "delete a line")
    assert passes(sheet) == {0: 21, 2: 40}
    desk = sheet.desk
    assert isinstance(desk, Desk)
    for _ in range(3):
        desk.undo()
    assert passes(sheet) == {0: 21, 1: 32}
    assert sheet.drawing.is_arranged


def test_lines_keep_their_place_in_the_tour() -> None:
    sheet = toured(0, 1, 2)
    before = order(sheet)
    sheet.lay(before[1], Polyline(np.array([[15.0, 3.0], [14.0, 3.0]])), "move a line far away")
    assert order(sheet) == before


def test_a_tour_that_a_hand_has_changed_is_never_replaced() -> None:
    sheet = toured(0, 1)
    sheet.show("play")
    mine = Tour(np.array([[0.0, -8, -2], [60, 0, 0], [90, 8, 2]]))
    sheet.lay(0, mine, "another way")
    sheet.show("learn")
    sheet.lay(0, Polyline(np.array([[-12.0, 3.0], [-12.0, -3.0]])), "move a line")
    np.testing.assert_allclose(sheet.drawing.played[0].moments, mine.moments)  # type: ignore[union-attr]


def passes(sheet: Sheet) -> dict[int, int]:
    """How many latent frames the tour takes along each line that it passes from end to end."""
    (walked,) = sheet.drawing.played
    assert isinstance(walked, Tour)
    found: dict[int, int] = {}
    for number, path in sheet.drawing.lines.items():
        ends = [np.linalg.norm(walked.moments[:, 1:] - place, axis=1) for place in line_of(path).corners[[0, -1]]]
        begin = int(np.argmin(ends[0]))
        assert max(one.min() for one in ends) < 1e-4
        end = begin + int(np.argmin(ends[1][begin:]))
        found[number] = round(walked.moments[end, 0] - walked.moments[begin, 0])
    return found


def order(sheet: Sheet) -> list[int]:
    (walked,) = sheet.drawing.played
    assert isinstance(walked, Tour)
    starts = {number: line_of(path).corners[0] for number, path in sheet.drawing.lines.items()}
    return sorted(starts, key=lambda one: int(np.argmin(np.linalg.norm(walked.moments[:, 1:] - starts[one], axis=1))))
