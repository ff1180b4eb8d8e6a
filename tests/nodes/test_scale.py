import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.nodes.scale import Scale
from latent_terrain.testing import setup_for

numbers = st.floats(-1e6, 1e6)


def scaled(values: list[float], *numbers: float, clip: bool = True) -> list[float]:
    audio = np.array([values], np.float32)
    return [float(x) for x in Scale(setup_for(64), clip).process(audio, np.empty_like(audio), *numbers)[0]]


def test_one_range_becomes_another_and_stops_at_its_ends() -> None:
    assert scaled([-1.0, 0.0, 1.0, 2.0], -1, 1, 100, 200) == [100, 150, 200, 200]
    assert scaled([-1.0, 0.0, 1.0, 2.0], -1, 1, 100, 200, clip=False) == [100, 150, 200, 250]


def test_ranges_may_be_turned_round() -> None:
    assert scaled([0.0, 0.25, 1.0], 0, 1, 1, 0) == [1.0, 0.75, 0.0]
    assert scaled([0.0, 0.25, 1.0], 1, 0, 0, 1) == [1.0, 0.75, 0.0]


def test_a_curve_bends_and_is_mirrored_below_the_low_end() -> None:
    assert scaled([-0.5, 0.5, 1.0], 0, 1, 0, 1, 2.0, clip=False) == [-0.25, 0.25, 1.0]


@given(
    st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=8),
    numbers,
    numbers,
    numbers,
    numbers,
    st.floats(0.1, 10),
    st.booleans(),
)
def test_any_numbers_give_numbers(
    values: list[float], a: float, b: float, c: float, d: float, curve: float, clip: bool
) -> None:
    assert np.isfinite(scaled(values, a, b, c, d, curve, clip=clip)).all()
