"""The sample clock and the frame clock."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine import FrameTimes

ratios = st.fractions(min_value=Fraction(1, 2), max_value=5000, max_denominator=1000)


@given(ratio=ratios, blocks=st.lists(st.integers(1, 700), min_size=1, max_size=12))
def test_every_frame_is_due_once_at_the_sample_after_its_instant(ratio: Fraction, blocks: list[int]) -> None:
    sample, found = 0, []
    for block in blocks:
        times = FrameTimes(ratio, block)
        times.move_to(sample)
        assert times.first == len(found)
        found += [sample + int(offset) for offset in times.due]
        sample += block
    expected = []
    while (due := -(-len(expected) * ratio.numerator // ratio.denominator)) < sample:
        expected.append(due)
    assert found == expected


@given(ratio=ratios, start=st.integers(0, 10**12))
def test_a_clock_can_begin_anywhere_even_after_hours(ratio: Fraction, start: int) -> None:
    times = FrameTimes(ratio, 256)
    times.move_to(start)
    dues = [start + int(offset) for offset in times.due]
    assert all(start <= due < start + 256 for due in dues)
    assert dues == [-(-(times.first + k) * ratio.numerator // ratio.denominator) for k in range(times.count)]
    assert -(-(times.first - 1) * ratio.numerator // ratio.denominator) < start or times.first == 0
