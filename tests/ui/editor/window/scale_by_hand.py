"""The scale of the window at 200 %: cards and the map are twice as large, and mouse and pen meet them there.

Run in a process of its own by test_in_windows.py: the library takes one window a process.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.nodes.gui.drawing import line_of
from latent_terrain.ui.editor.actions import ACTIONS, perform
from latent_terrain.ui.map.sheet import Sheet

from ..map_panel.map_by_hand import blank
from .conftest import Person

SCALE = 2.0


@pytest.fixture
def large(person: Person) -> Iterator[Person]:
    """Somebody before a window at 200 %, with the map open."""
    settings = person.desk.settings
    settings.ui_scale, settings.panels[:] = SCALE, []
    person.desk.begin(blank())
    person.wait(3)
    yield person
    settings.ui_scale = 1.0
    person.wait(3)


def on_screen(person: Person, place: tuple[float, float]) -> tuple[int, int]:
    """Where a point of the canvas is on the screen."""
    (x, y), (left, top) = person.desk.view.to_screen(place), person.app.canvas.corner
    return round(left + SCALE * x), round(top + SCALE * y)


def drag(person: Person, *places: tuple[int, int]) -> None:
    person.do("mousemove", *places[0])
    person.do("mousedown", 1)
    for begin, end in pairwise(places):
        for share in (0.25, 0.5, 0.75, 1.0):
            person.do("mousemove", *(round(a + (b - a) * share) for a, b in zip(begin, end, strict=True)))
    person.do("mouseup", 1)
    person.wait(3)


def test_cards_are_twice_as_large_and_dragged_where_they_are_seen(large: Person, tmp_path: Path) -> None:
    from PIL import Image

    from latent_terrain.ui.patcher.categories import title_colour

    desk = large.desk
    perform(desk, ACTIONS["view.whole"])
    large.wait(2)
    desk.view = type(desk.view)((desk.layout.nodes["decoder"].box.x0 - 60, desk.layout.nodes["decoder"].box.y0 - 40))
    large.do("mousemove", 5, 5)
    large.wait(4)
    card = desk.layout.nodes["decoder"]
    title = card.title
    picture = np.asarray(Image.open(large.picture(tmp_path / "window.png")).convert("RGB"))
    inside = on_screen(large, (title.x1 - 8, title.y0 + 5))
    outside = on_screen(large, (title.x1 + 4, title.y0 + 5))
    np.testing.assert_allclose(picture[inside[::-1]], title_colour(card.spec, large.app._look)[:3], atol=12)
    np.testing.assert_allclose(picture[outside[::-1]], large.app._look.ground[:3], atol=12)
    x, y = large.patch.nodes["decoder"].position
    begin = on_screen(large, (title.x1 - 20, title.y0 + 12))
    drag(large, begin, (begin[0] + 160, begin[1] + 96))
    assert large.patch.nodes["decoder"].position == pytest.approx((x + 80, y + 48), abs=8)


def test_lines_are_drawn_where_the_mouse_is_and_their_marks_are_twice_as_large(large: Person) -> None:
    desk, app = large.desk, large.app
    perform(desk, ACTIONS["view.map_full"])
    large.wait(4)
    sheet = sheet_of(large)
    assert sheet.view.size == pytest.approx([side / SCALE for side in app.map.view.size])

    def spot(place: tuple[float, float]) -> tuple[int, int]:
        x, y = sheet.view.to_screen(place)
        left, top = app.map.view.corner
        return round(left + SCALE * float(x)), round(top + SCALE * float(y))

    drag(large, spot((-12, 2)), spot((-9, -2)))
    np.testing.assert_allclose(line_of(sheet.drawing.lines[0]).anchors, [[-12, 2], [-9, -2]], atol=0.1)
    perform(desk, ACTIONS["view.map_full"])
    large.wait(3)


def sheet_of(person: Person) -> Sheet:
    hand = person.desk.maps.current
    assert hand is not None
    return hand.sheet
