"""Placing many lines by themselves: inside the box, apart from each other, alike beside alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_terrain.nodes.gui.clearance import clearance_between
from latent_terrain.nodes.gui.layout import STYLES, Style, lay_out
from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.nodes.gui.units import MapBox, MapError

boxes = st.sampled_from(
    [MapBox(), MapBox(16, 4, -16, -4), MapBox(0, 0, 1, 1), MapBox(0, 100, 10, 0), MapBox(-1, -1, 1, 0)]
)
frame_counts = st.lists(st.integers(1, 3000), min_size=1, max_size=40)


def _laid_out(
    style: Style, counts: list[int], box: MapBox, seed: int, clearance: float | None = None
) -> list[Polyline]:
    means = np.random.default_rng(seed).normal(size=(len(counts), 8))
    return lay_out(style, counts, box, features=means, seed=seed, clearance=clearance)


def _dense(line: Polyline) -> np.ndarray:
    return line.positions_at(np.linspace(0, line.length, 200)).T


@settings(max_examples=18)
@given(st.sampled_from(STYLES), frame_counts, boxes, st.integers(0, 1000))
def test_f91_lines_stay_inside_the_box_and_never_touch(style: Style, counts: list[int], box: MapBox, seed: int) -> None:
    lines = _laid_out(style, counts, box, seed)
    assert len(lines) == len(counts)
    assert all(box.contains(line.anchors).all() for line in lines)
    usual = np.sqrt(np.prod(box.size) / len(counts))
    dense = [_dense(line) for line in lines]
    for index, one in enumerate(dense[:-1]):
        others = np.concatenate(dense[index + 1 :])
        assert np.linalg.norm(one[:, np.newaxis] - others, axis=2).min() > 0.01 * usual


@settings(max_examples=15)
@given(st.sampled_from(STYLES), st.integers(2, 20), st.integers(0, 1000))
def test_the_clearance_asked_for_is_kept(style: Style, count: int, seed: int) -> None:
    counts = np.random.default_rng(seed).integers(5, 300, count).tolist()
    assert clearance_between(_laid_out(style, counts, MapBox(), seed, clearance=0.2)) >= 0.2 * (1 - 1e-6)


@settings(max_examples=15)
@given(st.sampled_from(STYLES), st.integers(0, 1000))
def test_lengths_grow_with_the_square_root_of_the_count(style: Style, seed: int) -> None:
    counts = [400, 100, 25, 225]
    lengths = np.array([line.length for line in _laid_out(style, counts, MapBox(), seed)])
    np.testing.assert_allclose(lengths / lengths[0], [1, 0.5, 0.25, 0.75], rtol=0.05)


def test_lengths_can_grow_with_the_count_itself() -> None:
    lengths = [line.length for line in lay_out("scatter", [40, 10], MapBox(), growth="count")]
    assert lengths[0] == pytest.approx(4 * lengths[1])


@pytest.mark.parametrize("style", STYLES)
def test_the_same_seed_gives_the_same_lines_and_another_seed_others(style: Style) -> None:
    counts = [30, 60, 90, 20, 50]
    means = np.random.default_rng(0).normal(size=(5, 8))
    first, again, other = (lay_out(style, counts, MapBox(), features=means, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_sounds_that_are_alike_lie_close_together() -> None:
    random = np.random.default_rng(5)
    means = np.concatenate([random.normal(size=(6, 8)) * 0.2 + centre for centre in (-5, 0, 5)])
    lines = lay_out("map", [50] * 18, MapBox(), features=means, seed=1)
    middles = np.array([line.position_at(line.length / 2) for line in lines])
    gaps = np.linalg.norm(middles[:, np.newaxis] - middles, axis=2)
    group = np.repeat([0, 1, 2], 6)
    alike = group[:, np.newaxis] == group
    assert gaps[alike & (gaps > 0)].mean() < 0.6 * gaps[~alike].mean()


@pytest.mark.parametrize("means", [np.zeros((4, 8)), np.ones((4, 1)), np.zeros((4, 0)), np.full((4, 2), 1e308)])
def test_a_map_of_sounds_that_are_all_alike_still_keeps_them_apart(means: np.ndarray) -> None:
    assert clearance_between(lay_out("map", [9, 9, 9, 9], MapBox(), features=means)) > 0.1


@pytest.mark.parametrize("style", STYLES)
def test_one_sound_and_none_are_fine(style: Style) -> None:
    assert len(_laid_out(style, [40], MapBox(), 0)) == 1
    assert lay_out(style, [], MapBox(), features=np.zeros((0, 4))) == []


@pytest.mark.parametrize("style", STYLES)
def test_more_clearance_than_fits_is_refused_with_a_sentence(style: Style) -> None:
    with pytest.raises(MapError, match="do not fit in this box"):
        _laid_out(style, [10] * 30, MapBox(), 0, clearance=5.0)


@pytest.mark.parametrize(
    ("style", "counts", "means", "clearance"),
    [
        ("grid", [1], None, None),
        ("map", [1, 2], None, None),
        ("map", [1, 2], [[0.0]], None),
        ("map", [1, 2], [[0.0], [float("nan")]], None),
        ("rows", [0, 2], None, None),
        ("rows", [1] * 10_001, None, None),
        ("rows", [1], None, -1.0),
        ("rows", [1], None, float("nan")),
    ],
)
def test_what_cannot_be_laid_out_is_refused_with_a_sentence(
    style: Style, counts: list[int], means: list[list[float]] | None, clearance: float | None
) -> None:
    with pytest.raises(MapError, match=r"^layout: "):
        lay_out(style, counts, MapBox(), features=means, clearance=clearance)


def test_clearance_sees_crossings_and_gaps() -> None:
    plus = [Polyline(np.array([[-1.0, 0], [1, 0]])), Polyline(np.array([[0.0, -1], [0, 1]]))]
    assert clearance_between(plus) == 0
    beside = [Polyline(np.array([[0.0, 0], [4, 0]])), Polyline(np.array([[2.0, 3.0]]))]
    assert clearance_between(beside) == pytest.approx(3)


def _groups(count: int, kinds: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features ``[count, 12]`` of kinds that differ, and the kind of each."""
    random = np.random.default_rng(seed)
    kind = random.integers(0, kinds, count)
    return random.normal(size=(kinds, 12))[kind] * 3 + random.normal(size=(count, 12)), kind


def _middles(lines: list[Polyline]) -> np.ndarray:
    return np.array([line.position_at(line.length / 2) for line in lines])


def test_of_many_sounds_the_neighbours_on_the_map_are_of_the_same_kind() -> None:
    features, kind = _groups(90, 6)
    places = _middles(lay_out("map", [40] * 90, MapBox(), features=features))
    gaps = np.linalg.norm(places[:, np.newaxis] - places, axis=2)
    np.fill_diagonal(gaps, np.inf)
    nearest = np.argsort(gaps, axis=1)[:, :5]
    assert np.mean(kind[nearest] == kind[:, np.newaxis]) > 0.8


def test_identical_sounds_get_lines_of_their_own() -> None:
    assert clearance_between(lay_out("map", [7] * 60, MapBox(), features=np.ones((60, 5)))) > 0
    few = np.repeat(np.eye(3), 20, axis=0)
    assert clearance_between(lay_out("map", [1] * 60, MapBox(), features=few)) > 0


@pytest.mark.slow
def test_a_thousand_sounds_of_very_different_lengths_are_laid_out() -> None:
    features, kind = _groups(1000, 20)
    counts = (np.random.default_rng(1).pareto(1.0, 1000) * 10 + 1).astype(int).tolist()
    lines = lay_out("map", counts, MapBox(), features=features)
    assert len(lines) == 1000
    assert clearance_between(lines) > 0
    places = _middles(lines)
    gaps = np.linalg.norm(places[:, np.newaxis] - places, axis=2)
    np.fill_diagonal(gaps, np.inf)
    assert np.mean(kind[np.argsort(gaps, axis=1)[:, :5]] == kind[:, np.newaxis]) > 0.75
