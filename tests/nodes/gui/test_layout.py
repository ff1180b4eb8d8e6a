"""Placing many lines by themselves: inside the box, apart from each other, alike beside alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_terrain.nodes.gui.layout import STYLES, Style, clearance_between, lay_out
from latent_terrain.nodes.gui.lines import Line
from latent_terrain.nodes.gui.units import Box, CanvasError

boxes = st.sampled_from([Box(), Box(16, 4, -16, -4), Box(0, 0, 1, 1), Box(0, 100, 10, 0), Box(-1, -1, 1, 0)])
frame_counts = st.lists(st.integers(1, 3000), min_size=1, max_size=40)


def _laid_out(style: Style, counts: list[int], box: Box, seed: int, clearance: float | None = None) -> list[Line]:
    means = np.random.default_rng(seed).normal(size=(len(counts), 8))
    return lay_out(style, counts, box, means=means, seed=seed, clearance=clearance)


def _dense(line: Line) -> np.ndarray:
    return line.positions_at(np.linspace(0, line.length, 200)).T


@settings(max_examples=18)
@given(st.sampled_from(STYLES), frame_counts, boxes, st.integers(0, 1000))
def test_f91_lines_stay_inside_the_box_and_never_touch(style: Style, counts: list[int], box: Box, seed: int) -> None:
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
    assert clearance_between(_laid_out(style, counts, Box(), seed, clearance=0.2)) >= 0.2 * (1 - 1e-6)


@settings(max_examples=15)
@given(st.sampled_from(STYLES), st.integers(0, 1000))
def test_lengths_grow_with_the_square_root_of_the_count(style: Style, seed: int) -> None:
    counts = [400, 100, 25, 225]
    lengths = np.array([line.length for line in _laid_out(style, counts, Box(), seed)])
    np.testing.assert_allclose(lengths / lengths[0], [1, 0.5, 0.25, 0.75], rtol=0.05)


def test_lengths_can_grow_with_the_count_itself() -> None:
    lengths = [line.length for line in lay_out("scatter", [40, 10], Box(), growth="count")]
    assert lengths[0] == pytest.approx(4 * lengths[1])


@pytest.mark.parametrize("style", STYLES)
def test_the_same_seed_gives_the_same_lines_and_another_seed_others(style: Style) -> None:
    counts = [30, 60, 90, 20, 50]
    means = np.random.default_rng(0).normal(size=(5, 8))
    first, again, other = (lay_out(style, counts, Box(), means=means, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_sounds_that_are_alike_lie_close_together() -> None:
    random = np.random.default_rng(5)
    means = np.concatenate([random.normal(size=(6, 8)) * 0.2 + centre for centre in (-5, 0, 5)])
    lines = lay_out("map", [50] * 18, Box(), means=means, seed=1)
    middles = np.array([line.position_at(line.length / 2) for line in lines])
    gaps = np.linalg.norm(middles[:, np.newaxis] - middles, axis=2)
    group = np.repeat([0, 1, 2], 6)
    alike = group[:, np.newaxis] == group
    assert gaps[alike & (gaps > 0)].mean() < 0.6 * gaps[~alike].mean()


@pytest.mark.parametrize("means", [np.zeros((4, 8)), np.ones((4, 1)), np.zeros((4, 0)), np.full((4, 2), 1e308)])
def test_a_map_of_sounds_that_are_all_alike_still_keeps_them_apart(means: np.ndarray) -> None:
    assert clearance_between(lay_out("map", [9, 9, 9, 9], Box(), means=means)) > 0.1


@pytest.mark.parametrize("style", STYLES)
def test_one_sound_and_none_are_fine(style: Style) -> None:
    assert len(_laid_out(style, [40], Box(), 0)) == 1
    assert lay_out(style, [], Box(), means=np.zeros((0, 4))) == []


@pytest.mark.parametrize("style", STYLES)
def test_more_clearance_than_fits_is_refused_with_a_sentence(style: Style) -> None:
    with pytest.raises(CanvasError, match="do not fit in this box"):
        _laid_out(style, [10] * 30, Box(), 0, clearance=5.0)


@pytest.mark.parametrize(
    ("style", "counts", "means", "clearance"),
    [
        ("grid", [1], None, None),
        ("map", [1, 2], None, None),
        ("map", [1, 2], [[0.0]], None),
        ("map", [1, 2], [[0.0], [float("nan")]], None),
        ("rows", [0, 2], None, None),
        ("rows", [1] * 501, None, None),
        ("rows", [1], None, -1.0),
        ("rows", [1], None, float("nan")),
    ],
)
def test_what_cannot_be_laid_out_is_refused_with_a_sentence(
    style: Style, counts: list[int], means: list[list[float]] | None, clearance: float | None
) -> None:
    with pytest.raises(CanvasError, match=r"^layout: "):
        lay_out(style, counts, Box(), means=means, clearance=clearance)


def test_clearance_sees_crossings_and_gaps() -> None:
    plus = [Line(np.array([[-1.0, 0], [1, 0]])), Line(np.array([[0.0, -1], [0, 1]]))]
    assert clearance_between(plus) == 0
    beside = [Line(np.array([[0.0, 0], [4, 0]])), Line(np.array([[2.0, 3.0]]))]
    assert clearance_between(beside) == pytest.approx(3)
