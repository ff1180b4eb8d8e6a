"""Pairing loses nothing unasked, says what it did, and survives whatever it is given."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from latent_terrain.nodes.terrain.dataset import pair, stretched, summary
from latent_terrain.nodes.terrain.network import TerrainError


@dataclass
class Paths:
    names: tuple[str, ...]
    arrays: tuple[np.ndarray, ...]


def paths(*items: np.ndarray, kind: str = "line") -> Paths:
    return Paths(tuple(f"{kind} {number}" for number in range(1, len(items) + 1)), items)


def ramp(points: int, size: int = 2) -> np.ndarray:
    return np.linspace(np.zeros(size), np.arange(1, size + 1), points, dtype=np.float32)


def straight_line_of_the_help_patch() -> np.ndarray:
    """37 coordinates, 0.4 units apart, as the reference samples its straight example line (single precision steps)."""
    start, end = np.array([-7.039999976754189, -1.959999993443489]), np.array([7.04000036418438, 1.960000023245811])
    length, step, points, along = np.linalg.norm(end - start), np.float32(0.4), [], np.float32(0)
    while along < length + np.float32(0.001):
        points.append(start + (end - start) * float(along) / (length + float(np.float32(1e-5))))
        along = np.float32(along + step)
    return np.array(points)


def test_f13_f17_g06_truncating_37_coordinates_and_75_latents_leaves_37_as_the_reference_does():
    latents = np.random.default_rng(0).uniform(-6, 10, (75, 4)).astype(np.float32)
    latents[3, 1], latents[5, 2], latents[60] = -6.92055, 10.42218, 99
    pairs = pair(paths(straight_line_of_the_help_patch()), paths(latents), rule="truncate")
    facts = summary(pairs)
    assert facts["dataset_len"] == 37
    assert facts["coordinates"]["shape"] == [37, 2]
    assert facts["coordinates"]["range"] == pytest.approx([-7.04, 6.8324], abs=1e-4)
    assert facts["latents"] == {"shape": [37, 4], "range": pytest.approx([-6.92055, 10.42218])}
    assert "cut to 37" in pairs.report[0]


def test_f18_stretching_37_coordinates_to_75_latents_keeps_both_ends():
    line, latents = ramp(37), ramp(75, 4)
    pairs = pair(paths(line), paths(latents))
    assert pairs.x.shape == (75, 2)
    assert np.array_equal(pairs.z, latents)
    assert np.array_equal(pairs.x[[0, -1]], line[[0, -1]])
    np.testing.assert_allclose(pairs.x, ramp(75), atol=1e-6)
    assert pairs.lengths == (75,)
    assert pairs.report == ("line 1: 37 coordinates stretched to 75 latents",)


def test_a_recorded_gesture_keeps_its_rhythm():
    waiting = np.array([[0, 0], [0, 0], [0, 0], [1, 0]], np.float32)
    assert stretched(waiting, 7)[:, 0].tolist() == [0, 0, 0, 0, 0, 0.5, 1]


def test_equal_lengths_pass_untouched_and_unmentioned():
    pairs = pair(paths(ramp(5), ramp(3)), paths(ramp(5, 8), ramp(3, 8)))
    assert pairs.lengths == (5, 3)
    assert pairs.report == ()
    assert np.array_equal(pairs.x, np.concatenate([ramp(5), ramp(3)]))


@pytest.mark.parametrize(
    ("lines", "sounds", "said"), [(3, 1, "line 2, line 3 of the coordinates"), (1, 2, "take 2 of")]
)
def test_f16_surplus_trajectories_are_reported_by_name(lines, sounds, said):
    pairs = pair(paths(*[ramp(4)] * lines), paths(*[ramp(4)] * sounds, kind="take"))
    assert len(pairs.lengths) == 1
    assert said in pairs.report[0]


def test_single_points_are_paired_and_lopsided_ones_reported():
    pairs = pair(paths(ramp(1), ramp(1), ramp(6)), paths(ramp(1, 3), ramp(4, 3), ramp(1, 3)))
    assert pairs.lengths == (1, 4, 1)
    assert "one point for 4 latents" in pairs.report[0]
    assert "for one latent" in pairs.report[1]


def test_f15_empty_trajectories_are_left_out_and_reported():
    pairs = pair(paths(ramp(0), ramp(4)), paths(ramp(5), ramp(4)))
    assert pairs.lengths == (4,)
    assert "line 1 has no line yet" in pairs.report[0]


@pytest.mark.parametrize(
    ("coordinates", "latents", "said"),
    [
        (paths(), paths(ramp(3)), "no training lines"),
        (paths(ramp(3)), paths(), "no sounds to train on"),
        (paths(ramp(0)), paths(ramp(3)), "no line has a sound yet"),
        (paths(ramp(3, 129)), paths(ramp(3)), "1 to 128"),
        (paths(ramp(3, 2), ramp(3, 3)), paths(ramp(3), ramp(3)), "one size"),
        (paths(ramp(3)), paths(np.full((3, 2), np.nan)), "not numbers"),
        (paths(ramp(3)), paths(np.full((3, 2), 1e300)), "not numbers"),
        (paths(ramp(3)), paths(np.full((3, 2), 1e7)), "scale them"),
        (paths(ramp(3)), paths(np.zeros(3)), "shape"),
        (Paths(("a", "b"), (ramp(3),)), paths(ramp(3)), "2 names for 1"),
        (paths(np.array([["a", "b"]])), paths(ramp(3)), "not numbers"),
    ],
)
def test_what_cannot_be_paired_is_refused_with_a_reason(coordinates, latents, said):
    with pytest.raises(TerrainError, match=said):
        pair(coordinates, latents)


def test_an_unknown_rule_is_refused():
    unknown: Any = "guess"
    with pytest.raises(TerrainError, match="stretch or truncate"):
        pair(paths(ramp(2)), paths(ramp(2)), rule=unknown)


any_array = arrays(np.float64, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))


@given(
    lines=st.lists(any_array, max_size=3),
    sounds=st.lists(any_array, max_size=3),
    rule=st.sampled_from(["stretch", "truncate"]),
)
def test_f19_b19_anything_is_paired_or_refused_with_a_sentence(lines, sounds, rule):
    try:
        pairs = pair(paths(*lines), paths(*sounds), rule=rule)
    except TerrainError:
        return
    assert len(pairs.x) == len(pairs.z) == sum(pairs.lengths) > 0
    assert np.isfinite(pairs.x).all()
    assert np.isfinite(pairs.z).all()


@given(points=st.integers(1, 50), wanted=st.integers(1, 120))
def test_stretching_stays_on_the_line_and_meets_its_ends(points, wanted):
    line = np.random.default_rng(points).uniform(-16, 16, (points, 2)).astype(np.float32)
    long = stretched(line, wanted)
    assert long.shape == (wanted, 2)
    assert np.array_equal(long[0], line[0])
    if wanted > 1:
        np.testing.assert_allclose(long[-1], line[-1], atol=1e-5)
    assert (long.min(0) >= line.min(0) - 1e-5).all()
