"""Like nodes in one call while cords drive their params; sums in a row as one; the same sound to the bit."""

from collections.abc import Iterator
from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_terrain.graphs import Patch, add_node, connect, disconnect, set_muted

from .batches import PALETTE, PORTS, Step, assert_same, calls_of, engine_of, many, play

pytestmark = pytest.mark.usefixtures("played_by")

DRIVEN = [name for name in PORTS if PALETTE.specs[name].params]
RANGES = {"frequency": (50.0, 900.0), "rate": (0.2, 9.0), "level": (-40.0, 12.0), "curve": (0.3, 3.0)}


def subsets(type_: str) -> Iterator[tuple[str, ...]]:
    """Every choice of the params of a type."""
    params = list(PALETTE.specs[type_].params)
    return chain.from_iterable(combinations(params, count) for count in range(1, len(params) + 1))


def driven(type_: str, params: tuple[str, ...], count: int = 5) -> Patch:
    """
    sine-n --> type-n, lfo-n-param --> type-n.param
    """
    patch = many(type_, count, many("sine", count, frequency=range(200, 1000, 70)) if PORTS[type_] else None)
    for index in range(count):
        for port in PORTS[type_]:
            patch = connect(patch, f"sine-{index}.out", f"{type_}-{index}.{port}")
        for number, param in enumerate(params):
            low, high = RANGES.get(param, (-0.5, 1.5))
            values = {"rate": 3.0 + index + 0.1 * number, "low": low, "high": high}
            patch = add_node(patch, "lfo", name=f"by-{index}-{param}", values=values)
            patch = connect(patch, f"by-{index}-{param}.out", f"{type_}-{index}.{param}")
    return patch


def same_to_the_bit(patch: Patch, script: list[Step], block: int = 64) -> None:
    for one, other in zip(play(patch, script, True, block), play(patch, script, False, block), strict=True):
        assert one.keys() == other.keys()
        for name, sound in one.items():
            np.testing.assert_array_equal(sound, other[name], err_msg=name)


@pytest.mark.parametrize(("type_", "params"), [(type_, params) for type_ in DRIVEN for params in subsets(type_)])
def test_any_params_may_be_driven_and_all_play_in_one_call(type_: str, params: tuple[str, ...]) -> None:
    patch = driven(type_, params)
    assert {f"{type_}-{index}" for index in range(5)} in calls_of(engine_of(patch))
    same_to_the_bit(patch, [12])


@pytest.mark.parametrize("type_", DRIVEN)
@pytest.mark.parametrize("block", [1, 100])
def test_other_params_are_turned_meanwhile_at_any_block(type_: str, block: int) -> None:
    params = list(PALETTE.specs[type_].params)
    turned = [(f"{type_}-{index}", param, 0.25 * index) for index, param in enumerate(params[1:])]
    assert_same(driven(type_, (params[0],)), [3, *turned, 20], block)


def test_nodes_with_other_params_driven_play_apart() -> None:
    patch = driven("sine", ("frequency",), 4)
    patch = connect(patch, "by-0-frequency.out", "sine-0.phase")
    assert {"sine-1", "sine-2", "sine-3"} in calls_of(engine_of(patch))
    same_to_the_bit(patch, [20])


def test_what_drives_a_param_may_come_from_one_output_in_any_order_in_stereo_or_as_events() -> None:
    """
    lfo --> gain-n.level; pan --> sine-n.frequency, averaged; metro --> lfo-n.low, held
    """
    patch = many("lfo", 5, many("sine", 5, many("gain", 5)), rate=range(1, 6))
    patch = add_node(add_node(patch, "lfo", name="one", values={"low": -30.0, "high": 0.0}), "pan", name="wide")
    patch = connect(add_node(patch, "metro", name="ticks", values={"tempo": 500.0}), "one.out", "wide.audio")
    for index in range(5):
        patch = connect(patch, f"sine-{index}.out", f"gain-{index}.audio")
        patch = connect(patch, "one.out" if index % 2 else f"lfo-{4 - index}.out", f"gain-{index}.level")
        patch = connect(patch, "wide.out", f"sine-{index}.frequency")
        patch = connect(patch, "ticks.out", f"lfo-{index}.low")
    assert len(calls_of(engine_of(patch))) == 3
    same_to_the_bit(patch, [40])


def test_a_cord_into_a_param_comes_and_goes_and_the_others_stay_the_same_to_the_bit() -> None:
    patch = driven("sine", ("frequency",))

    def goes(patch: Patch) -> Patch:
        return disconnect(patch, "by-2-frequency.out", "sine-2.frequency")

    def comes(patch: Patch) -> Patch:
        return connect(patch, "by-2-frequency.out", "sine-2.frequency")

    edited, left = play(patch, [5, goes, 20, comes, 20], True), play(patch, [45], True)
    for one, other in zip(edited, left, strict=True):
        for index in (0, 1, 3, 4):
            np.testing.assert_array_equal(one[f"sine-{index}"], other[f"sine-{index}"])
    assert_same(patch, [5, goes, 20, comes, 20])


def test_numbers_that_are_none_drive_a_param_to_its_end_and_nothing_else() -> None:
    patch = driven("gain", ("level",))
    patch = add_node(patch, "scale", name="none", values={"in_low": 0.0, "in_high": 0.0})
    patch = connect(connect(patch, "sine-0.out", "none.audio"), "none.out", "gain-2.level")
    engine = engine_of(patch)
    for _ in range(20):
        engine.process()
    assert np.isfinite(engine.signal("gain-2", "out")).all()
    same_to_the_bit(patch, [20])


def test_one_node_more_in_a_voice_parts_it_from_the_others_no_further_than_that() -> None:
    """
    sine-n --> gain-n --> pan-n --> out-n, but of one voice through a scale
    """
    patch = many("pan", 5, many("gain", 5, many("sine", 5)))
    patch = add_node(patch, "scale", name="more")
    for index in range(5):
        patch = connect(patch, f"sine-{index}.out", "more.audio" if index == 2 else f"gain-{index}.audio")
        patch = connect(patch, f"gain-{index}.out", f"pan-{index}.audio")
    patch = connect(patch, "more.out", "gain-2.audio")
    gains, pans = ({f"{type_}-{index}" for index in range(5)} for type_ in ("gain", "pan"))
    assert calls_of(engine_of(patch))[-2:] == [gains, pans]
    assert_same(patch, [20])


def row(count: int, type_: str = "add", by: str = "b") -> Patch:
    """
    sine-0 + sine-1 + sine-2 …, one after the other
    """
    patch = many(type_, count, many("sine", count + 1, frequency=range(100, 5000, 37)))
    other = "a" if by == "b" else "b"
    for index in range(count):
        before = f"{type_}-{index - 1}.out" if index else "sine-0.out"
        patch = connect(patch, before, f"{type_}-{index}.{by}")
        patch = connect(patch, f"sine-{index + 1}.out", f"{type_}-{index}.{other}")
    patch = add_node(patch, "audio_out", name="out")
    return connect(patch, f"{type_}-{count - 1}.out", "out.audio")


@pytest.mark.parametrize("type_", ["add", "multiply"])
@pytest.mark.parametrize("by", ["a", "b"])
@pytest.mark.parametrize("block", [1, 2, 3, 64, 100])
def test_sums_and_products_in_a_row_are_one_call_with_the_same_bits(type_: str, by: str, block: int) -> None:
    patch = row(40, type_, by)
    assert any(len(call) == 40 for call in calls_of(engine_of(patch, block))) == (block > 1)
    same_to_the_bit(patch, [30], block)


@given(st.lists(st.sampled_from(["a", "b"]), min_size=2, max_size=9), st.sampled_from([2, 7, 64]))
@settings(max_examples=25, deadline=None)
def test_a_row_may_go_on_through_either_input(ports: list[str], block: int) -> None:
    patch = many("add", len(ports), many("sine", len(ports) + 1, frequency=range(100, 900, 37)))
    for index, port in enumerate(ports):
        patch = connect(patch, f"add-{index - 1}.out" if index else "sine-0.out", f"add-{index}.{port}")
        patch = connect(patch, f"sine-{index + 1}.out", f"add-{index}.{'a' if port == 'b' else 'b'}")
    same_to_the_bit(patch, [3], block)


def test_a_row_is_parted_where_somebody_else_hears_it_and_while_a_value_is_added() -> None:
    patch = connect(add_node(row(9), "gain", name="ear"), "add-4.out", "ear.audio")
    assert [len(call) for call in calls_of(engine_of(patch)) if "add-0" in call or "add-8" in call] == [5, 4]
    same_to_the_bit(patch, [9])
    script: list[Step] = [3, ("add-2", "value", 0.25), 20, ("add-2", "value", 0.0), 20]
    assert_same(row(9), script)


def test_what_goes_through_a_row_can_be_looked_at_and_a_muted_one_is_silent() -> None:
    engine = engine_of(row(9))
    engine.process()
    expected = sum(engine.signal(f"sine-{index}", "out").astype(np.float64) for index in range(4))
    np.testing.assert_allclose(engine.signal("add-2", "out"), expected, atol=1e-6)
    same_to_the_bit(set_muted(row(9), "add-4", True), [9])


def test_a_row_of_mono_and_stereo_is_parted_where_it_becomes_wide() -> None:
    patch = row(9)
    patch = connect(add_node(patch, "pan", name="pan"), "sine-5.out", "pan.audio")
    patch = connect(patch, "pan.out", "add-4.a")
    same_to_the_bit(patch, [9])
