"""Thirty lines have names that can be read, and colours that can be told apart, the same ones everywhere."""

from itertools import combinations

import numpy as np
import pytest

from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.ui.map import line_names
from latent_terrain.ui.map.line_names import LETTER, LineNames
from latent_terrain.ui.map.sheet import Sheet
from latent_terrain.ui.surface.look import measure
from latent_terrain.ui.terrain_image.lines import LINES, line_colour

from .sheets import Hands, map_node, sheet_of


def crowded(count: int = 30) -> Sheet:
    sheet = sheet_of(map_node([9] * count))
    random = np.random.default_rng(3)
    drawing = sheet.drawing
    for number in range(count):
        start = random.uniform((-4, -2.5), (4, 2.5))
        drawing = drawing.with_line(number, Polyline(np.array([start, start + np.array([2.0, 0.5])])))
    sheet.put(drawing, "draw")
    return sheet


def areas(sheet: Sheet, names: dict) -> list[tuple[float, float, float, float]]:
    found = []
    for number, (words, (right, down)) in names.items():
        x, y = sheet.view.to_sheet(_start(sheet, number))
        found.append((x + right, y + down, x + right + measure(words, LETTER), y + down + LETTER + 2))
    return found


def _start(sheet: Sheet, number: int) -> np.ndarray:
    path = sheet.drawing.lines[number]
    assert isinstance(path, Polyline)
    return path.anchors[0]


def test_names_of_thirty_lines_do_not_lie_on_each_other_and_more_are_seen_closer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sheet = crowded()
    hands, names = Hands(sheet), LineNames()
    shown = dict(names.placed(hands.hand))
    assert 8 < len(shown) <= 30
    for one, other in combinations(areas(sheet, shown), 2):
        assert not (one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3])
    assert names.placed(hands.hand) is names.placed(hands.hand), "nothing is measured anew"
    before = names.placed(hands.hand)
    sheet.view = sheet.view.zoomed(3.0, (100.0, 50.0))
    assert names.placed(hands.hand) is before, "while one zooms they keep beside their starts"
    monkeypatch.setattr(line_names, "STEADY_SECONDS", 0.0)
    assert len(names.placed(hands.hand)) > len(shown)
    sheet.show("play")
    assert not names.placed(hands.hand)


def test_what_is_chosen_or_pointed_at_is_always_named() -> None:
    sheet = crowded()
    hands, names = Hands(sheet), LineNames()
    hidden = sorted(sheet.drawing.lines.keys() - names.placed(hands.hand).keys())
    assert hidden
    sheet.choose({hidden[0]})
    assert hidden[0] in names.placed(hands.hand)
    sheet.choose()
    hands.move(tuple(_start(sheet, hidden[-1]) + np.array([1.0, 0.25])))  # type: ignore[arg-type]
    pointed = getattr(hands.hand.hovered, "number", None)
    assert pointed in names.placed(hands.hand)


def test_forty_lines_have_colours_that_are_told_apart() -> None:
    colours = [line_colour(number) for number in range(40)]
    assert tuple(colours[:10]) == LINES
    lab = np.array([oklab(colour) for colour in colours])
    gaps = np.linalg.norm(lab[:, None] - lab[None], axis=2) + np.eye(40)
    assert gaps[10:, 10:].min() > 0.04, "as far as two neighbouring hues of a map with a dozen"
    assert gaps.min() > 0.03
    assert (lab[:, 0] > 0.6).all(), "bright enough on any terrain"


def oklab(colour: tuple[int, int, int]) -> np.ndarray:
    share = np.array(colour) / 255.0
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    cones = np.array([[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]]) @ linear
    mixed = [[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]
    return np.array(mixed) @ np.cbrt(cones)
