"""Lines laid out by themselves stay when sounds come, go, are renamed or sorted; new ones come beside them."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_terrain.engine import Content, Trajectories
from latent_terrain.nodes.gui.arrangement import arranged
from latent_terrain.nodes.gui.clearance import clearance_between
from latent_terrain.nodes.gui.drawing import line_of, read_drawing, write_drawing
from latent_terrain.nodes.gui.kept_lines import FRAME, SOUNDS, kept_lines
from latent_terrain.nodes.gui.layout import STYLES, Style
from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.nodes.gui.units import MapBox

BOX = MapBox()


def sounds(numbers: Sequence[int], names: dict[int, str] | None = None) -> Trajectories:
    arrays = []
    for number in numbers:
        random = np.random.default_rng(number)
        frames = 5 + 7 * (number % 5)
        arrays.append((random.normal(size=4) * 3 + random.normal(size=(frames, 4))).astype(np.float32))
    return Trajectories(tuple((names or {}).get(one, f"s{one}") for one in numbers), tuple(arrays))


def told(done: float, text: str, /, snapshot: object = None) -> bool:
    return True


def laid(style: Style, latents: Trajectories, before: Content, **more: object) -> dict[str, np.ndarray]:
    return dict(arranged(style, latents, BOX, 3, before, told, **more))  # type: ignore[arg-type]


def lines_in(made: Content) -> dict[int, np.ndarray]:
    drawing = read_drawing({f"arrange/{name}": array for name, array in made.items()})
    return {number: line_of(path).anchors for number, path in drawing.lines.items()}


@settings(deadline=None, max_examples=25)
@given(
    st.sampled_from(STYLES),
    st.lists(st.permutations(range(7)).flatmap(lambda all_: st.integers(1, 7).map(lambda n: all_[:n])), max_size=4),
    st.sets(st.integers(0, 6), max_size=2),
)
def test_no_line_ever_moves_and_none_touches_another(style: Style, steps: list[list[int]], renamed: set[int]) -> None:
    made, known = dict[str, np.ndarray](), dict[int, np.ndarray]()
    for step, numbers in enumerate(steps):
        names = {one: f"other {one}" for one in renamed} if step % 2 else None
        made = laid(style, sounds(numbers, names), made)
        found = lines_in(made)
        assert set(found) == set(range(len(numbers)))
        for place, number in enumerate(numbers):
            np.testing.assert_array_equal(found[place], known.setdefault(number, found[place]))
            assert BOX.contains(found[place]).all()
        lines = [Polyline(one) for one in found.values()]
        assert len(lines) < 2 or clearance_between(lines) > 0
        again = arranged(style, sounds(numbers, names), BOX, 3, made, told)
        assert again is made, "what is done is not done again"


def test_a_new_sound_lies_by_what_it_is_like_as_long_as_the_others_and_changes_no_tempo() -> None:
    random = np.random.default_rng(0)
    kinds = random.normal(size=(5, 12)) * 4
    kind = [*(n % 5 for n in range(60)), *range(5)]
    arrays = [(kinds[one] + random.normal(size=(30, 12))).astype(np.float32) for one in kind]
    latents = Trajectories(tuple(f"s{n}" for n in range(65)), tuple(arrays))
    before = laid("map", Trajectories(latents.names[:60], latents.arrays[:60]), {})
    after = laid("map", latents, before)
    paths = [Polyline(one) for _, one in sorted(lines_in(after).items())]
    middles = np.array([one.position_at(one.length / 2) for one in paths])
    for number in range(60, 65):
        nearest = np.argsort(np.linalg.norm(middles[:60] - middles[number], axis=1))[:4]
        assert sum(kind[one] == kind[number] for one in nearest) >= 3
    usual = np.median([one.length for one in paths[:60]])
    assert all(one.length > 0.3 * usual for one in paths[60:])
    assert after["density"] == before["density"]


def test_many_new_sounds_find_room_too() -> None:
    before = laid("map", sounds(range(6)), {})
    after = laid("map", sounds(range(80)), before)
    for number, line in lines_in(before).items():
        np.testing.assert_array_equal(lines_in(after)[number], line)
    assert clearance_between([Polyline(one) for one in lines_in(after).values()]) > 0


def test_another_codec_changes_all_latents_and_no_line() -> None:
    first = sounds(range(5))
    before = laid("map", first, {})
    other = Trajectories(first.names, tuple(np.repeat(array, 2, axis=1) + 1 for array in first.arrays))
    after = laid("map", other, before)
    for number, line in lines_in(before).items():
        np.testing.assert_array_equal(lines_in(after)[number], line)


def test_beside_lines_drawn_by_hand_only_what_came_later_is_laid_out() -> None:
    drawn = {0: Polyline(np.array([[-10.0, 0], [10, 0]])), 1: Polyline(np.array([[0.0, -3], [0, -1]]))}
    content = write_drawing({}, read_drawing({}))
    for number, line in drawn.items():
        content = write_drawing(content, read_drawing(content).with_line(number, line))
    made = laid("map", sounds(range(3)), laid("map", sounds(range(3)), {}), drawn=drawn)
    assert not any(name.startswith("added/") for name in made), "the third has been left without a line"
    made = laid("map", sounds(range(5)), made, drawn=drawn)
    whole = {**content, **{f"arrange/{name}": array for name, array in made.items()}}
    found = read_drawing(whole)
    assert set(found.lines) == {0, 1, 3, 4}
    assert not found.is_arranged
    assert clearance_between([line_of(one) for one in found.lines.values()]) > 0
    less = write_drawing(whole, found.with_line(3, None))
    assert set(read_drawing(less).lines) == {0, 1, 4}, "one that was deleted stays away"
    gone = laid("map", sounds((0, 1, 2, 4)), made, drawn=drawn)
    back = laid("map", sounds((0, 1, 2, 4, 3)), gone, drawn=drawn)
    np.testing.assert_array_equal(back["added/0004"], made["added/0003"], "one whose sound went is back with it")


def test_lines_are_laid_out_afresh_for_another_canvas_seed_or_style_on_request_and_from_damage() -> None:
    before = laid("map", sounds(range(5)), {})
    fresh = {
        "again": laid("map", sounds(range(6)), before, again=True),
        "style": laid("scatter", sounds(range(6)), before),
        "seed": dict(arranged("map", sounds(range(6)), BOX, 4, before, told)),
        "box": dict(arranged("map", sounds(range(6)), MapBox(0, 0, 1, 1), 3, before, told)),
    }
    for name, made in fresh.items():
        assert not np.array_equal(lines_in(made)[0], lines_in(before)[0]), name
    for name in (SOUNDS, FRAME):
        for array in (before[name][:2], before[name] * 0, np.full(3, np.nan, np.float32)):
            assert set(lines_in(laid("map", sounds(range(5)), {**before, name: array}))) == set(range(5))


def test_a_map_that_was_kept_before_its_style_was_noted_stays() -> None:
    before = laid("map", sounds(range(5)), {})
    old = {name: array for name, array in before.items() if not name.startswith("aside/")}
    old[FRAME] = np.array([*before[FRAME][:6], 9, 5], np.float32)
    old["ground/cells"] = np.ones((9, 3), np.float32)
    after = laid("map", sounds([4, 0, 1, 2, 3, 9]), old)
    for number in range(5):
        np.testing.assert_array_equal(lines_in(after)[(number + 1) % 5], lines_in(before)[number])
    assert kept_lines(after, sounds([9])).lines.keys() == {0}
