"""Playheads: where they are, when they end, and that the block size does not matter."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.nodes.gui.playheads.course import MODES, Course, Mode
from latent_terrain.nodes.gui.playheads.playhead import Playhead, PositionFollower, Walk, coordinates_for
from latent_terrain.nodes.gui.playheads.travel import Rate, Travel, clean_speed
from latent_terrain.nodes.gui.units import Density, MapError

splits = st.lists(st.integers(0, 200), min_size=1, max_size=12)
durations = st.lists(st.floats(0, 60), min_size=1, max_size=5).map(tuple)


def _joined(parts: list[Walk], sizes: list[int]) -> Walk:
    starts = [0, *itertools.accumulate(sizes)]
    ends = [(start + k, line) for start, part in zip(starts, parts, strict=False) for k, line in part.ends]
    return Walk(
        np.concatenate([part.index for part in parts]),
        np.concatenate([part.position_ms for part in parts]),
        tuple(ends),
    )


def _walk(course: Course, rate: Rate, sizes: list[int], line: int = 0, sample_rate: float = 1000) -> Walk:
    """A walk in blocks of these sizes; a rate per sample is cut along with it."""
    head = Playhead(sample_rate)
    head.trigger(line)
    parts, start = [], 0
    for size in sizes:
        part = rate if np.ndim(rate) == 0 else np.asarray(rate)[start : start + size]
        parts.append(head.process(size, course, part))
        start += size
    return _joined(parts, sizes)


def _same(one: Walk, other: Walk) -> None:
    np.testing.assert_array_equal(one.index, other.index)
    np.testing.assert_allclose(one.position_ms, other.position_ms, atol=1e-9, rtol=0)
    assert one.ends == other.ends


@pytest.mark.parametrize(
    ("mode", "rate", "positions", "index", "ends"),
    [
        ("once", 1.0, [0, 1, 2, 3, 4, 5, 5, 5, 5, 5], [0] * 10, ((5, 0),)),
        ("once", -1.0, [5, 4, 3, 2, 1, 0, 0, 0, 0, 0], [0] * 10, ((5, 0),)),
        ("loop", 1.0, [0, 1, 2, 3, 4, 0, 1, 2, 3, 4], [0] * 10, ((5, 0),)),
        ("loop", -1.0, [5, 4, 3, 2, 1, 5, 4, 3, 2, 1], [0] * 10, ((5, 0),)),
        ("loop", 2.0, [0, 2, 4, 1, 3, 0, 2, 4, 1, 3], [0] * 10, ((3, 0), (5, 0), (8, 0))),
        ("ping-pong", 1.0, [0, 1, 2, 3, 4, 5, 4, 3, 2, 1], [0] * 10, ((5, 0),)),
        ("ping-pong", -1.0, [5, 4, 3, 2, 1, 0, 1, 2, 3, 4], [0] * 10, ((5, 0),)),
        ("chain", 1.0, [0, 1, 2, 3, 4, 0, 1, 2, 0, 1], [0] * 5 + [2] * 3 + [0] * 2, ((5, 0), (8, 2))),
        ("chain", -1.0, [5, 4, 3, 2, 1, 3, 2, 1, 5, 4], [0] * 5 + [2] * 3 + [0] * 2, ((5, 0), (8, 2))),
        ("chain", 0.0, [0] * 10, [0] * 10, ()),
    ],
)
def test_f96_every_mode_walks_as_its_name_says(
    mode: Mode, rate: float, positions: list[float], index: list[int], ends: tuple[tuple[int, int], ...]
) -> None:
    walk = _walk(Course((5.0, 0.0, 3.0), mode), rate, [10])
    np.testing.assert_allclose(walk.position_ms, positions, atol=1e-12)
    assert walk.index.tolist() == index
    assert walk.ends == ends


@given(durations, st.sampled_from(MODES), st.floats(-8, 8), splits, st.floats(0, 1), st.floats(0, 1))
def test_a_steady_walk_does_not_depend_on_the_blocks(
    lengths: tuple[float, ...], mode: Mode, rate: float, sizes: list[int], start: float, end: float
) -> None:
    course = Course(lengths, mode, start, end)
    _same(_walk(course, rate, sizes), _walk(course, rate, [sum(sizes)]))


@given(durations, st.sampled_from(MODES), splits, st.integers(0, 2**32 - 1), st.integers(0, 4))
def test_a_walk_at_changing_speed_does_not_depend_on_the_blocks(
    lengths: tuple[float, ...], mode: Mode, sizes: list[int], seed: int, line: int
) -> None:
    random = np.random.default_rng(seed)
    rate = random.choice([0.0, 1.0, -1.0, 0.5, 2.0], sum(sizes)) + random.normal(0, 0.3, sum(sizes))
    course = Course(lengths, mode)
    _same(_walk(course, rate, sizes, line), _walk(course, rate, [sum(sizes)], line))


@given(durations, st.sampled_from(MODES), st.floats(-4, 4), st.integers(2, 400))
def test_one_speed_and_the_same_speed_per_sample_walk_alike(
    lengths: tuple[float, ...], mode: Mode, rate: float, frames: int
) -> None:
    course = Course(lengths, mode)
    _same(_walk(course, rate, [frames]), _walk(course, np.full(frames, rate), [frames]))


@given(durations, st.sampled_from(MODES), st.integers(0, 2**32 - 1), st.floats(0, 1), st.floats(0, 1))
def test_a_playhead_never_leaves_the_part_that_is_played(
    lengths: tuple[float, ...], mode: Mode, seed: int, start: float, end: float
) -> None:
    course = Course(lengths, mode, start, end)
    walk = _walk(course, np.random.default_rng(seed).normal(0, 5, 300), [300])
    total = np.array(lengths)[walk.index]
    assert np.all(walk.position_ms >= course.loop_start * total - 1e-9)
    assert np.all(walk.position_ms <= course.loop_end * total + 1e-9)


@pytest.mark.parametrize("block", [1000, 4096])
@pytest.mark.parametrize("rate", [1.0, -1.0])
def test_f96_a_loop_of_whole_samples_has_exactly_that_length_for_ever(block: int, rate: float) -> None:
    sample_rate, ratio, latents = 48000, 2048, 22
    course = Course((Density(ratio, sample_rate, 0.4).distance_to_ms(0.4 * latents),), "loop")
    sizes = [block] * (3_000_000 // block)
    walk = _walk(course, rate, sizes, sample_rate=sample_rate)
    assert [k for k, _ in walk.ends] == list(range(ratio * latents, sum(sizes), ratio * latents))


@given(st.floats(0.5, 40), st.floats(0.25, 4))
def test_loops_end_on_the_first_sample_at_or_after_the_exact_moment_without_drift(length: float, rate: float) -> None:
    walk = _walk(Course((length,), "loop"), rate, [4000])
    exact = np.arange(1, len(walk.ends) + 1) * (length / rate)
    offsets = np.array([k for k, _ in walk.ends])
    if length > rate:
        np.testing.assert_array_equal(offsets, np.ceil(exact - 1e-5))


def test_original_speed_lasts_as_long_as_the_line_says() -> None:
    head = Playhead(44100)
    head.trigger()
    walk = head.process(60000, Course((818.49089,), "once"))
    assert walk.ends == ((int(np.ceil(818.49089 * 44.1)), 0),)
    assert not head.moving


def test_a_playhead_waits_at_the_start_until_triggered() -> None:
    head = Playhead(1000)
    walk = head.process(4, Course((10.0,), "loop", 0.5, 1.0))
    np.testing.assert_array_equal(walk.position_ms, [5, 5, 5, 5])
    head.trigger()
    np.testing.assert_allclose(head.process(3, Course((10.0,), "loop", 0.5, 1.0)).position_ms, [5, 6, 7])


def test_a_finished_playhead_holds_the_end_and_starts_again_when_triggered() -> None:
    head, course = Playhead(1000), Course((3.0, 2.0))
    head.trigger()
    head.process(10, course)
    held = head.process(3, course)
    np.testing.assert_array_equal(held.position_ms, [3, 3, 3])
    assert held.ends == ()
    head.trigger(1)
    walk = head.process(4, course)
    np.testing.assert_array_equal(walk.position_ms, [0, 1, 2, 2])
    assert walk.ends == ((2, 1),)


def test_a_finished_playhead_goes_on_when_the_mode_becomes_loop() -> None:
    head = Playhead(1000)
    head.trigger()
    head.process(10, Course((3.0,)))
    np.testing.assert_array_equal(head.process(4, Course((3.0,), "loop")).position_ms, [0, 1, 2, 0])


def test_playing_can_begin_at_a_place() -> None:
    head = Playhead(1000)
    head.trigger(0, from_ms=7.0)
    np.testing.assert_array_equal(head.process(4, Course((9.0,), "loop")).position_ms, [7, 8, 0, 1])


def test_a_longer_line_is_walked_on_from_the_same_place() -> None:
    head = Playhead(1000)
    head.trigger()
    head.process(3, Course((5.0,), "ping-pong"))
    walk = head.process(6, Course((6.0,), "ping-pong"))
    np.testing.assert_allclose(walk.position_ms, [3, 4, 5, 6, 5, 4])
    walk = head.process(3, Course((20.0,), "ping-pong"))
    np.testing.assert_allclose(walk.position_ms, [3, 2, 1])


def test_moving_the_loop_while_playing_brings_the_playhead_to_its_nearest_end() -> None:
    head = Playhead(1000)
    head.trigger()
    head.process(3, Course((10.0,), "loop"))
    walk = head.process(4, Course((10.0,), "loop", 0.5, 0.7))
    np.testing.assert_allclose(walk.position_ms, [5, 6, 5, 6])


def test_choosing_another_line_keeps_the_place_in_ms() -> None:
    head, course = Playhead(1000), Course((10.0, 20.0), "loop")
    head.trigger()
    head.process(4, course)
    head.select(1)
    walk = head.process(2, course)
    np.testing.assert_array_equal(walk.index, [1, 1])
    np.testing.assert_allclose(walk.position_ms, [4, 5])


def test_lines_that_disappear_leave_the_playhead_on_the_last() -> None:
    head = Playhead(1000)
    head.trigger(4)
    assert head.process(2, Course((5.0, 5.0), "loop")).index.tolist() == [1, 1]
    empty = head.process(3, Course(()))
    assert empty.index.tolist() == [-1, -1, -1]
    assert empty.position_ms.tolist() == [0, 0, 0]


@pytest.mark.parametrize(("mode", "ends"), [("once", ((0, 0),)), ("loop", ()), ("ping-pong", ()), ("chain", ())])
def test_a_dot_alone_is_held(mode: Mode, ends: tuple[tuple[int, int], ...]) -> None:
    walk = _walk(Course((0.0,), mode), 1.0, [5])
    assert walk.position_ms.tolist() == [0] * 5
    assert walk.ends == ends


@given(st.sampled_from(MODES), st.lists(st.floats(width=32), min_size=2, max_size=40))
def test_wild_speeds_do_no_harm(mode: Mode, rates: list[float]) -> None:
    walk = _walk(Course((5.0, 1e-9, 0.5), mode), np.array(rates), [len(rates)])
    assert np.all(np.isfinite(walk.position_ms))
    assert len(walk.ends) <= len(rates)


@pytest.mark.parametrize(
    "wrong", [{"mode": "backwards"}, {"loop_start": float("nan")}, {"durations_ms": (float("inf"),)}]
)
def test_a_course_that_makes_no_sense_is_refused_with_a_sentence(wrong: dict[str, object]) -> None:
    with pytest.raises(MapError, match=r"^playhead: "):
        Course(**{"durations_ms": (1.0,), **wrong})  # type: ignore[arg-type]


def test_distance_at_a_steady_speed_does_not_drift() -> None:
    travel = Travel(1000.0, 48000.0)
    for _ in range(1000):
        travel.advance(4801, 1.0)
    assert travel.position == 1000.0 * (4801 * 1000) / 48000


def test_speeds_are_cleaned() -> None:
    assert clean_speed(float("nan"), 4) == 0.0
    assert clean_speed(1e9, 4) == 1000.0
    np.testing.assert_array_equal(clean_speed([1.0, np.inf, -2e3], 5), [1, 0, -1000, -1000, -1000])


def _follow(signal: np.ndarray, sizes: list[int], duration: float) -> Walk:
    follower = PositionFollower()
    cuts = np.split(signal, np.cumsum(sizes)[:-1])
    return _joined([follower.process(part, 0, duration) for part in cuts], [len(part) for part in cuts])


def test_f95_a_position_signal_is_followed_both_ways_and_held_at_the_ends() -> None:
    walk = PositionFollower().process(np.array([-5.0, 0, 2.5, 10, 12, 9, 3], np.float32), 2, 10.0)
    np.testing.assert_array_equal(walk.position_ms, [0, 0, 2.5, 10, 10, 9, 3])
    assert walk.index.tolist() == [2] * 7


def test_the_end_is_reported_once_and_again_after_coming_back() -> None:
    signal = np.array([9.0, 10, 11, 10, 9.9, 10, 10, 0])
    assert PositionFollower().process(signal, 1, 10.0).ends == ((1, 1), (5, 1))


def test_the_end_of_another_line_is_reported_anew() -> None:
    follower = PositionFollower()
    assert follower.process(np.array([10.0]), 0, 10.0).ends == ((0, 0),)
    assert follower.process(np.array([10.0]), 0, 10.0).ends == ()
    assert follower.process(np.array([10.0]), 1, 5.0).ends == ((0, 1),)


@given(
    st.lists(st.floats(-5, 15, width=32), min_size=1, max_size=100),
    st.lists(st.integers(0, 30), min_size=1, max_size=5),
)
def test_following_does_not_depend_on_the_blocks(values: list[float], sizes: list[int]) -> None:
    signal = np.array(values)
    _same(_follow(signal, sizes, 10.0), _follow(signal, [len(values)], 10.0))


def test_a_position_that_is_not_a_number_repeats_the_last() -> None:
    follower = PositionFollower()
    follower.process(np.array([4.0]), 0, 10.0)
    walk = follower.process(np.array([np.nan, 5.0, np.nan, np.inf]), 0, 10.0)
    np.testing.assert_array_equal(walk.position_ms, [4, 5, 5, 10])


def test_a_dot_has_no_end_to_report_and_no_line_gives_none() -> None:
    assert PositionFollower().process(np.zeros(4), 0, 0.0).ends == ()
    assert PositionFollower().process(np.ones(2), -1, 0.0).index.tolist() == [-1, -1]


def test_coordinates_move_at_even_speed_round_a_corner_and_from_line_to_line() -> None:
    lines = [Polyline(np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 4.0]])), Polyline(np.array([[9.0]]))]
    density = Density(1000, 1000, 1.0)
    index = np.array([0, 0, 0, 1, -1, 7])
    out = np.full((3, 6), 99, np.float32)
    coordinates_for(lines, index, np.array([0.0, 3000, 5000, 0, 0, 0]), density, out)
    np.testing.assert_allclose(out[0], [0, 3, 3, 9, 0, 0], atol=1e-6)
    np.testing.assert_allclose(out[1], [0, 0, 2, 0, 0, 0], atol=1e-6)
    np.testing.assert_array_equal(out[2], np.zeros(6))


@settings(max_examples=30)
@given(splits, st.floats(-3, 3))
def test_coordinates_of_a_chain_do_not_depend_on_the_blocks(sizes: list[int], rate: float) -> None:
    random = np.random.default_rng(3)
    lines = [Polyline(random.normal(size=(5, 2))) for _ in range(3)]
    density = Density(64, 8000, 0.4)
    course = Course(tuple(density.distance_to_ms(line.length) for line in lines), "chain")
    results = []
    for cut in (sizes, [sum(sizes)]):
        walk = _walk(course, rate, cut, sample_rate=8000)
        out = np.zeros((2, sum(sizes)))
        results.append(coordinates_for(lines, walk.index, walk.position_ms, density, out))
    np.testing.assert_allclose(results[0], results[1], atol=1e-9)
