"""No name lies on another or on a mark; what finds no room is left out."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_terrain.ui.surface.labels import Rectangle, placed

PLACES = st.tuples(st.floats(0, 400), st.floats(0, 200))
ROOM = (0.0, 0.0, 400.0, 200.0)


def meet(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(PLACES, st.floats(0, 90)), min_size=1, max_size=40))
def test_no_name_lies_on_another_nor_on_a_mark_nor_beyond_the_edge(marks: list) -> None:
    places, sizes = [place for place, _ in marks], [(wide, 14.0) for _, wide in marks]
    areas = placed(places, sizes, 6.0, ROOM)
    assert len(areas) == len(marks)
    shown = [one for one in areas if one is not None]
    assert not any(meet(one, other) for one, other in combinations(shown, 2))
    for area in shown:
        assert area[0] >= 0
        assert area[3] <= 200
        assert not any(meet(area, (x - 6, y - 6, x + 6, y + 6)) for x, y in places)


def test_what_has_room_is_named_beside_its_mark_and_hides_little() -> None:
    (area,) = placed([(50.0, 50.0)], [(30.0, 14.0)], 6.0)
    assert area == (59.0, 43.0, 89.0, 57.0)
    line = np.column_stack([np.linspace(50, 150, 50), np.full(50, 50.0)])
    (area,) = placed([(50.0, 50.0)], [(30.0, 14.0)], 6.0, busy=line)
    assert area is not None
    assert not ((line >= area[:2]) & (line <= area[2:])).all(axis=1).any()
    crowd = [(50.0, 50.0 + index) for index in range(40)]
    assert None in placed(crowd, [(30.0, 14.0)] * 40, 6.0)
    assert placed([], [], 6.0) == []
