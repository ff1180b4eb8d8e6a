"""What a param takes, in its own units and from 0 to 1."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from latent_terrain.engine import load_palette
from latent_terrain.engine.messages.children import Range
from latent_terrain.engine.sources.osc.ranges import from_norm, ranges_of, taken
from latent_terrain.graphs import Patch, add_node

from .words import about

PITCH = about("float", 20.0, 20_000.0, "log")
SIDES = about("choice", choices=("left", "both", "right"))


@pytest.mark.parametrize(
    ("range_", "norm", "value"),
    [
        (about("float", -60.0, 12.0), 0.0, -60.0),
        (about("float", -60.0, 12.0), 0.5, -24.0),
        (about("float", -60.0, 12.0), 1.0, 12.0),
        (PITCH, 0.0, 20.0),
        (PITCH, 1 / 3, 200.0),
        (PITCH, 1.0, 20_000.0),
        (about("float", 0.0, 10.0, "log"), 0.5, 5.0),
        (about("int", 0, 10), 0.26, 3),
        (about("int", 1, 1024, "log"), 0.5, 32),
        (about("bool"), 0.49, False),
        (about("bool"), 0.5, True),
        (SIDES, 0.0, "left"),
        (SIDES, 0.5, "both"),
        (SIDES, 0.67, "right"),
        (SIDES, 1.0, "right"),
        (about("float", 2.0, 3.0), -1.0, 2.0),
        (about("float", 2.0, 3.0), 7.0, 3.0),
    ],
)
def test_a_place_on_a_slider_means_a_value_along_its_curve(range_: Range, norm: float, value: object) -> None:
    found = from_norm(range_, norm)
    assert type(found) is type(value)
    assert found == (pytest.approx(value) if isinstance(value, float) else value)


@given(some.floats(0.001, 1e4), some.floats(1.0, 1e4), some.floats(0, 1), some.sampled_from(["linear", "log"]))
def test_a_slider_never_leaves_the_range_and_its_ends_are_the_ranges(
    low: float, width: float, norm: float, curve: str
) -> None:
    range_ = about("float", low, low + width, curve)
    assert from_norm(range_, 0.0) == low
    assert from_norm(range_, 1.0) == low + width
    assert low <= float(from_norm(range_, norm)) <= low + width


@pytest.mark.parametrize(
    ("range_", "given_value", "value"),
    [
        (about("float", 0, 10), 2.5, 2.5),
        (about("float", 0, 10), 3, 3.0),
        (about("float", 0, 10), True, 1.0),
        (about("int", 0, 10), 2.6, 3),
        (about("bool"), 1.0, True),
        (about("bool"), 0, False),
        (about("bool"), True, True),
        (SIDES, "both", "both"),
    ],
)
def test_a_value_is_taken_in_the_params_own_kind(range_: Range, given_value: object, value: object) -> None:
    found = taken(range_, [given_value], False)
    assert (found.value, found.remark) == (value, "")
    assert type(found.value) is type(value)


@pytest.mark.parametrize(("number", "end"), [(11.0, 10.0), (-3, 0.0), (2**62, 10.0)])
def test_what_is_beyond_the_range_is_its_end_and_is_remarked(number: float, end: float) -> None:
    found = taken(about("float", 0, 10), [number], False)
    assert found.value == end
    assert "goes from 0 to 10" in found.remark
    assert taken(about("float", 0, 10), [number], True).value == (1.0 if number > 0 else 0.0)


@pytest.mark.parametrize("is_norm", [False, True])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, None, b"blob", [1.0], "loud"])
def test_what_is_no_number_is_refused(bad: object, is_norm: bool) -> None:
    found = taken(about("float", 0, 10), [bad], is_norm)
    assert found.value is None
    assert "takes a number" in found.remark


@pytest.mark.parametrize("bad", ["up", 1, 0.5])
def test_a_word_that_is_no_choice_is_refused_with_the_choices(bad: object) -> None:
    found = taken(SIDES, [bad], False)
    assert found.value is None
    assert "left, both, right" in found.remark


@pytest.mark.parametrize("given_values", [[], [1.0, 2.0]])
def test_one_value_is_taken_not_none_nor_two(given_values: list[Any]) -> None:
    found = taken(about(), given_values, False)
    assert found.value is None
    assert f"not {len(given_values)}" in found.remark


def test_every_param_of_a_patch_is_known_with_its_range() -> None:
    patch = add_node(Patch(), "gain", name="gain-1")
    patch = add_node(add_node(patch, "audio_out", name="out"), "nosuchtype", name="odd")
    ranges = ranges_of(patch, load_palette())
    assert ranges["gain-1"]["level"] == about("float", -90.0, 24.0)
    assert "odd" not in ranges
    assert set(ranges) <= {"gain-1", "out"}
