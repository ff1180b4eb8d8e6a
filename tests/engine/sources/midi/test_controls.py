"""What MIDI messages mean."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine.sources.midi.controls import Controls


def meant(*messages: bytes, step: float = 0.01) -> list[tuple[str, list[float]]]:
    controls = Controls()
    return [one for number, message in enumerate(messages) for one in controls.take(message, number * step)]


def test_a_controller_is_a_place() -> None:
    assert meant(b"\xb0\x15\x7f", b"\xb2\x15\x00") == [("1/cc/21", [1.0]), ("3/cc/21", [0.0])]


def test_fine_controllers_are_one_number_of_14_bits() -> None:
    found = meant(b"\xb0\x01\x40", b"\xb0\x21\x00", b"\xb0\x01\x40", b"\xb0\x21\x01")
    assert [name for name, _ in found] == ["1/cc/1"] * 3, "once it is known to be fine, the coarse half waits"
    assert found[-1][1][0] == pytest.approx((64 * 128 + 1) / 16383)
    assert meant(b"\xb0\x21\x7f") == [("1/cc/33", [1.0])], "a fine half alone is a controller of its own"


def test_the_wheel_is_in_the_middle_at_rest() -> None:
    assert meant(b"\xe0\x00\x40") == [("1/bend/0", [0.5])]
    assert meant(b"\xe0\x00\x00", b"\xe0\x7f\x7f") == [("1/bend/0", [0.0]), ("1/bend/0", [1.0])]


def test_the_newest_note_held_sounds() -> None:
    found = meant(b"\x90\x3c\x7f", b"\x90\x40\x40", b"\x80\x40\x00", b"\x90\x3c\x00")
    assert [numbers[1] for _, numbers in found] == [60, 64, 60, -1]
    assert [numbers[0] for _, numbers in found] == pytest.approx([1.0, 64 / 127, 0.0, 0.0])


def test_pressure_of_a_channel_and_of_a_key() -> None:
    assert meant(b"\xd4\x7f", b"\xa0\x3c\x7f") == [("5/pressure/0", [1.0]), ("1/touch/60", [1.0])]


def test_a_clock_has_a_tempo() -> None:
    found = meant(*[b"\xf8"] * 49, step=60 / 140 / 24)
    assert [numbers[0] for name, numbers in found if name == "clock/tempo"] == pytest.approx([140.0, 140.0])
    assert meant(b"\xfa", b"\xfc") == [("clock/start", [1.0]), ("clock/stop", [0.0])]


def test_a_clock_that_pauses_is_taken_anew() -> None:
    controls = Controls()
    for number in range(10):
        assert not list(controls.take(b"\xf8", number * 0.02))
    found = [one for number in range(25) for one in controls.take(b"\xf8", 100 + number * 0.025)]
    assert found[0] == ("clock/beat", [0.5, pytest.approx(100.0), pytest.approx(100.3)])
    assert found[-1] == ("clock/tempo", [pytest.approx(100.0)])


def beats(controls: Controls, begin: float, count: int, late: Callable[[int], float] = lambda number: 0.0) -> list:
    step = 60 / 140 / 24
    clocks = (controls.take(b"\xf8", begin + number * step + late(number)) for number in range(count))
    return [numbers for found in clocks for name, numbers in found if name == "clock/beat"]


def test_a_clock_has_a_phase_that_little_of_its_jitter_reaches() -> None:
    found = beats(Controls(), 5.0, 481, lambda number: 0.002 * math.sin(7.0 * number))
    assert [beat for beat, _, _ in found] == [0.25 * number for number in range(2, 81)]
    for beat, tempo, when in found[8:]:
        assert tempo == pytest.approx(140.0, abs=0.5)
        assert when == pytest.approx(5.0 + beat * 60 / 140, abs=0.0006)


def test_a_clock_begins_where_it_is_told_to() -> None:
    controls = Controls()
    list(controls.take(b"\xf2\x12\x00", 0.0))
    assert list(controls.take(b"\xfb", 0.0)) == [("clock/start", [1.0])]
    assert beats(controls, 1.0, 13)[0][0] == 4.5 + 0.5, "18 sixteenths in, and half a beat heard"
    assert list(controls.take(b"\xfc", 2.0)) == [("clock/stop", [0.0])]
    list(controls.take(b"\xfa", 3.0))
    assert beats(controls, 3.0, 13)[0][0] == 0.5


@given(st.lists(st.binary(max_size=6), max_size=40))
def test_whatever_comes_is_survived(messages: list[bytes]) -> None:
    for name, numbers in meant(*messages):
        assert name
        assert all(-1 <= one <= 10_000 for one in numbers)


def test_a_program_is_named_by_its_number_and_half_a_message_is_none() -> None:
    assert meant(b"\xc0\x05", b"\xcf\x7f") == [("1/program/5", [1.0]), ("16/program/127", [1.0])]
    assert meant(b"\xc0", b"\xc0\x80") == []
