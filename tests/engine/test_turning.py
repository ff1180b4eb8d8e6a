"""Params that glide for long, and that set out at a sample of their own."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from latent_terrain.engine import Engine, load_palette
from latent_terrain.engine.live.pulse import Pulse
from latent_terrain.engine.offline import offline_setup
from latent_terrain.graphs import Patch, add_node, set_value

PALETTE, RATE, BLOCK = load_palette(), 48_000, 256


def played(engine: Engine, node: str, blocks: int) -> NDArray[np.float32]:
    parts = []
    for _ in range(blocks):
        engine.process()
        parts.append(engine.signal(node, "out")[0].copy())
    return np.concatenate(parts)


@pytest.fixture
def slider() -> Engine:
    patch = add_node(Patch(), "slider", name="knob", values={"value": 0.0})
    return Engine(patch, PALETTE, offline_setup(patch, Path(), RATE, BLOCK))


def test_a_number_glides_for_as_long_as_it_is_told(slider: Engine) -> None:
    slider.turn("knob", "value", 1.0, seconds=0.5)
    found = played(slider, "knob", 100)
    np.testing.assert_allclose(found[:24_000], np.arange(1, 24_001) / 24_000, atol=1e-4)
    assert (found[24_000:] == 1.0).all()


@pytest.mark.parametrize("sample", [1, 100, 255, 256, 1000, 12_345])
def test_a_number_sets_out_on_its_sample(slider: Engine, sample: int) -> None:
    slider.turn("knob", "value", 1.0, sample=sample)
    found = played(slider, "knob", 60)
    assert not found[:sample].any()
    np.testing.assert_allclose(found[sample : sample + 480], np.arange(1, 481) / 480, atol=1e-5)
    assert (found[sample + 480 :] == 1.0).all()


def test_several_wait_each_for_its_own_time_whatever_the_order(slider: Engine) -> None:
    for sample, value in ((9000, 0.25), (3000, 1.0), (6000, 0.5)):
        slider.turn("knob", "value", value, sample=sample)
    found = played(slider, "knob", 60)
    assert [found[at] for at in (2999, 5999, 8999, 12_000)] == pytest.approx([0.0, 1.0, 0.5, 0.25])


def test_several_times_within_one_block_are_all_kept(slider: Engine) -> None:
    played(slider, "knob", 2)
    begin = 2 * BLOCK
    for sample, value in ((begin + 200, 0.5), (begin + 40, 1.0), (begin + 120, -1.0), (begin + 300, 0.0)):
        slider.turn("knob", "value", value, sample=sample)
    found = np.concatenate([[0.0], played(slider, "knob", 8)])
    wanted, value = np.zeros(8 * BLOCK + 1), 0.0
    legs = ((40, 1.0), (120, -1.0), (200, 0.5), (300, 0.0))
    for number, (at, target) in enumerate(legs):
        end = legs[number + 1][0] if number < 3 else 8 * BLOCK
        share = np.minimum(np.arange(1, end - at + 1) / 480, 1.0)
        wanted[1 + at : 1 + end] = value + (target - value) * share
        value = float(wanted[end])
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_a_glide_goes_on_until_the_next_sets_out(slider: Engine) -> None:
    slider.turn("knob", "value", 1.0, seconds=0.1)
    played(slider, "knob", 4)
    slider.turn("knob", "value", 0.0, seconds=0.1, sample=4 * BLOCK + 200)
    found = played(slider, "knob", 40)
    np.testing.assert_allclose(found[:200], np.arange(4 * BLOCK + 1, 4 * BLOCK + 201) / 4800, atol=1e-5)
    assert np.abs(np.diff(found)).max() < 1.1 / 4800
    assert found[-1] == 0.0


def test_what_lies_behind_is_now_and_a_flood_of_late_ones_is_bounded(slider: Engine) -> None:
    played(slider, "knob", 10)
    slider.turn("knob", "value", 1.0, sample=5)
    assert played(slider, "knob", 4)[-1] == 1.0
    for number in range(10_000):
        slider.turn("knob", "value", 0.5, sample=10**9 + number)
    assert played(slider, "knob", 4)[-1] == 0.5, "those beyond what can wait take effect at once"
    assert len(slider._later) <= 4096


def test_glides_do_not_step_when_turned_again_on_the_way(slider: Engine) -> None:
    slider.turn("knob", "value", 1.0, seconds=1.0)
    first = played(slider, "knob", 50)
    slider.turn("knob", "value", 0.0, seconds=0.2)
    found = np.concatenate([first, played(slider, "knob", 50)])
    assert np.abs(np.diff(found)).max() < 1e-3
    assert found[-1] == 0.0


def test_the_pulse_is_steadier_than_the_calls_it_follows() -> None:
    random = np.random.default_rng(1)
    pulse = Pulse(RATE)
    for number in range(4000):
        pulse.beat(1000.0 + number * BLOCK / RATE + abs(random.normal(0.0, 0.002)), number * BLOCK)
    wanted = round(5.0 * RATE)
    found = pulse.sample_at(1005.0)
    assert abs(found - wanted) < 0.004 * RATE
    marks = [pulse.sample_at(1000.0 + one) for one in (20.0, 20.5, 21.0)]
    assert np.diff(marks) == pytest.approx([RATE / 2, RATE / 2], abs=1)


def test_the_pulse_is_taken_anew_after_an_interruption() -> None:
    pulse = Pulse(RATE)
    pulse.beat(10.0, 0)
    pulse.beat(25.0, BLOCK)
    assert pulse.sample_at(25.0) == BLOCK


def test_an_edit_of_something_else_does_not_cut_a_glide_short(slider: Engine) -> None:
    slider.turn("knob", "value", 1.0, seconds=0.5)
    before = played(slider, "knob", 10)
    document = set_value(slider.patch, "knob", "value", 1.0)  # as a document has it that knows of the turn
    slider.update(add_node(document, "slider", name="other"))
    found = np.concatenate([before, played(slider, "knob", 90)])
    np.testing.assert_allclose(found[:24_000], np.arange(1, 24_001) / 24_000, atol=1e-4)


def test_an_edit_does_not_hurry_what_is_to_set_out_later(slider: Engine) -> None:
    slider.turn("knob", "value", 1.0, sample=10_000)
    before = played(slider, "knob", 10)
    slider.update(add_node(set_value(slider.patch, "knob", "value", 1.0), "slider", name="other"))
    found = np.concatenate([before, played(slider, "knob", 40)])
    assert not found[:10_000].any()
    assert found[11_000] == 1.0


def test_a_turn_that_is_undone_is_heard_to_be(slider: Engine) -> None:
    document = slider.patch
    slider.turn("knob", "value", 1.0)
    assert played(slider, "knob", 8)[-1] == 1.0
    slider.update(document)
    assert played(slider, "knob", 8)[-1] == 0.0
    slider.update(add_node(document, "slider", name="other"))
    assert played(slider, "knob", 8)[-1] == 0.0
