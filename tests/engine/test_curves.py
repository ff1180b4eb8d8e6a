"""A knob's way along its range: there and back, exact at both ends, whatever the curve."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine.curves import place_of, value_at
from latent_terrain.engine.names import did_you_mean

CURVES = st.sampled_from(["linear", "log", "exponential", "bipolar"])
ENDS = st.floats(-1e6, 1e6, allow_nan=False)


@given(ENDS, ENDS, CURVES)
def test_both_ends_are_exact_and_nothing_lies_outside(low: float, high: float, curve: str) -> None:
    assert value_at(1.0, low, high, curve) == high == value_at(7.0, low, high, curve)
    assert value_at(0.0, low, high, curve) == pytest.approx(low, rel=1e-12) == value_at(-1.0, low, high, curve)
    slack = 1e-9 * (abs(low) + abs(high))
    assert min(low, high) - slack <= value_at(0.3, low, high, curve) <= max(low, high) + slack


@given(st.floats(0, 1), CURVES)
def test_a_place_is_found_again_by_its_value(place: float, curve: str) -> None:
    assert place_of(value_at(place, 20.0, 20_000.0, curve), 20.0, 20_000.0, curve) == pytest.approx(place, abs=1e-6)
    assert place_of(value_at(place, 5.0, -3.0, curve), 5.0, -3.0, curve) == pytest.approx(place, abs=1e-6)


def test_the_middle_of_a_log_range_is_its_geometric_mean_and_without_a_logarithm_it_is_straight() -> None:
    assert value_at(0.5, 10.0, 1000.0, "log") == pytest.approx(100.0)
    assert value_at(0.5, -10.0, 1000.0, "log") == 495.0
    assert place_of(3.0, 2.0, 2.0) == 0.0


def test_a_bipolar_range_is_fine_near_its_middle_and_has_both_signs() -> None:
    assert [value_at(place, -4.0, 4.0, "bipolar") for place in (0.0, 0.25, 0.5, 0.75, 1.0)] == [
        -4.0,
        -1.0,
        0.0,
        1.0,
        4.0,
    ]
    assert value_at(0.51, -4.0, 4.0, "bipolar") == pytest.approx(0.0016)
    assert place_of(-1.0, -4.0, 4.0, "bipolar") == 0.25


def test_the_nearest_name_is_offered_and_else_all_of_them() -> None:
    assert did_you_mean("trrain", ["terrain", "mix"]) == "did you mean 'terrain'?"
    assert did_you_mean("xyz", ["terrain", "mix"]) == "it has terrain, mix"
    assert did_you_mean("xyz", [], "write another") == "write another"
    assert did_you_mean("/undi", ["/undo"], quoted=False) == "did you mean /undo?"
