import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.nodes.line import Line
from latent_terrain.testing import setup_for


def test_a_line_leaves_on_the_sample_of_its_event_and_arrives_on_time() -> None:
    line = Line(setup_for(256), start=1.0)
    out = line.process([(100, 3.0)], np.zeros((1, 256), np.float32), 1.0)[0]
    assert (out[:100] == 1.0).all()
    assert out[100] > 1.0
    assert out[147] == 3.0
    assert out[146] < 3.0
    assert (out[147:] == 3.0).all()


def test_no_time_is_a_jump() -> None:
    out = Line(setup_for(64)).process([(10, 5.0)], np.zeros((1, 64), np.float32), 0.0)[0]
    assert out[9] == 0.0
    assert out[10] == 5.0


def test_a_new_target_leaves_from_where_the_line_is() -> None:
    line = Line(setup_for(256))
    out = line.process([(0, 1.0), (24, -1.0)], np.zeros((1, 256), np.float32), 1.0)[0]
    assert abs(out[24] - out[23]) < 0.05
    assert out[-1] == -1.0


def test_targets_that_are_no_number_are_passed_over() -> None:
    out = Line(setup_for(64)).process([(0, float("nan")), (1, 1e30)], np.zeros((1, 64), np.float32), 0.0)[0]
    assert out[0] == 0.0
    assert out[-1] == 1e6


@given(st.lists(st.tuples(st.integers(0, 511), st.floats(-10, 10)), max_size=8), st.integers(1, 512))
def test_a_line_is_the_same_to_the_last_bit_however_it_is_cut(events: list[tuple[int, float]], cut: int) -> None:
    events = sorted(events, key=lambda event: event[0])
    whole = Line(setup_for(512)).process(events, np.zeros((1, 512), np.float32), 3.0)[0]
    line = Line(setup_for(512))
    first = line.process([event for event in events if event[0] < cut], np.zeros((1, cut), np.float32), 3.0)[0]
    rest = [(at - cut, value) for at, value in events if at >= cut]
    second = line.process(rest, np.zeros((1, 512 - cut), np.float32), 3.0)[0] if cut < 512 else whole[512:]
    assert (np.concatenate((first, second)) == whole).all()
