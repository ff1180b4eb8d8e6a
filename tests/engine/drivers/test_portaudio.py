"""Devices that call and devices that are written to, on a sounddevice that is none."""

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine.drivers import BlockingDriver, CallbackDriver, DeviceError, Wanted
from latent_terrain.engine.drivers import portaudio as portaudio_module

from .fake_sounddevice import FakeSound, Status, device
from .jack import wait_until

WANTED = Wanted("card")


def half(heard: Any, out: Any) -> None:
    out.fill(0.5 if heard is None else 0.25)


@pytest.fixture
def card(sound: FakeSound) -> FakeSound:
    """A card that hears on two channels and plays on four."""
    sound.devices = [device("card", inputs=2, outputs=4), device("deaf", outputs=1)]
    return sound


def no_words(text: str) -> None:
    raise AssertionError(f"nothing to say, yet: {text}")


def test_a_device_that_hears_is_opened_for_both_and_gives_what_it_hears(card: FakeSound) -> None:
    driver = CallbackDriver(half, WANTED, no_words)
    driver.start()
    out = card.streams[0].ask()
    assert out.shape == (256, 2)
    assert (out == 0.25).all()
    shape = driver.format
    assert (shape.inputs, shape.outputs, shape.device, shape.host_api) == (2, 2, "card", "ALSA")
    assert (shape.input_latency_seconds, shape.output_latency_seconds) == (0.004, 0.005)
    driver.stop()


def test_a_device_gives_the_channels_it_has_at_most(card: FakeSound) -> None:
    driver = CallbackDriver(half, Wanted("deaf", outputs=8, inputs=8), no_words)
    driver.start()
    assert (card.streams[0].ask() == 0.5).all()
    assert (driver.format.inputs, driver.format.outputs) == (0, 1)
    driver.stop()
    wide = CallbackDriver(half, Wanted("card", outputs=8, inputs=8), no_words)
    assert (wide.format.inputs, wide.format.outputs) == (2, 4)
    wide.stop()


@pytest.mark.parametrize("wanted", [Wanted("card", input="none"), Wanted("card", inputs=0)])
def test_who_wants_to_hear_nothing_plays_alone(card: FakeSound, wanted: Wanted) -> None:
    driver = CallbackDriver(half, wanted, no_words)
    driver.start()
    assert (card.streams[0].ask() == 0.5).all()
    assert driver.format.inputs == 0
    driver.stop()


def test_when_both_do_not_open_together_it_plays_alone_and_says_so_once(card: FakeSound) -> None:
    card.refuses_duplex = True
    said: list[str] = []
    driver = CallbackDriver(half, WANTED, said.append)
    assert driver.format.inputs == 0
    assert len(said) == 1
    assert "Illegal combination" in said[0]
    driver.start()
    assert (card.streams[0].ask() == 0.5).all()
    driver.stop()


def test_a_missing_input_is_an_error_at_the_start_and_a_sentence_later(card: FakeSound) -> None:
    wanted = Wanted("card", input="xyz", must_hear=True)
    with pytest.raises(DeviceError, match="xyz: there is no such input device"):
        CallbackDriver(half, wanted, no_words)
    said: list[str] = []
    driver = CallbackDriver(half, replace(wanted, must_hear=False), said.append)
    assert driver.format.inputs == 0
    assert len(said) == 1
    assert "xyz" in said[0]
    driver.stop()


def test_a_device_that_does_not_open_is_a_sentence(card: FakeSound) -> None:
    card.refuses_output = card.refuses_duplex = True
    with pytest.raises(DeviceError, match=r"card \[ALSA\] can't be opened with 48000 Hz and blocks of 256"):
        CallbackDriver(half, WANTED, lambda text: None)


def test_a_device_that_does_not_start_is_a_sentence(card: FakeSound) -> None:
    card.refuses_start = True
    for kind in (CallbackDriver, BlockingDriver):
        driver = kind(half, WANTED, no_words)
        with pytest.raises(DeviceError, match="opens but does not start"):
            driver.start()
        driver.stop()
    assert all(stream.is_closed for stream in card.streams)


def test_what_the_device_says_is_counted_apart(card: FakeSound) -> None:
    driver = CallbackDriver(half, WANTED, no_words)
    driver.start()
    stream = card.streams[0]
    stream.ask()
    stream.ask(status=Status(output_underflow=True))
    stream.ask(status=Status(input_overflow=True))
    stream.ask(status=Status(output_underflow=True, input_overflow=True))
    whole = driver.timing.report().whole
    assert (whole.blocks, whole.underruns, whole.overflows) == (4, 2, 2)
    driver.stop()


def test_it_asks_for_priority_once_unless_it_has_it(card: FakeSound, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def hurry(priority: int) -> bool:
        asked.append(priority)
        return True

    for has_it in (False, True):
        monkeypatch.setattr(portaudio_module, "hurry", hurry)
        monkeypatch.setattr(portaudio_module, "is_realtime_thread", lambda has_it=has_it: has_it)
        driver = CallbackDriver(half, WANTED, no_words)
        driver.start()
        assert not driver.is_realtime
        card.streams[-1].ask()
        card.streams[-1].ask()
        assert driver.is_realtime
        driver.stop()
    assert asked == [60]


def test_a_device_that_vanishes_is_seen_without_being_told(card: FakeSound) -> None:
    driver = CallbackDriver(half, WANTED, no_words)
    assert not driver.is_running
    driver.start()
    assert driver.is_running
    card.streams[0].active = False
    assert not driver.is_running
    driver.stop()
    assert card.streams[0].is_closed
    driver.stop()
    with pytest.raises(DeviceError, match="has been stopped"):
        driver.start()


class Ring:
    """A written-to device: ``rooms`` are what its ring has free before each write."""

    def __init__(self, sound: FakeSound, rooms: list[int], wanted: Wanted = WANTED) -> None:
        self.played = threading.Event()
        count = [0]

        def play(heard: Any, out: Any) -> None:
            assert heard is None
            count[0] += 1
            out.fill(count[0])
            if count[0] > len(rooms):
                self.played.set()

        self.said: list[str] = []
        self.driver = BlockingDriver(play, wanted, self.said.append)
        self.stream = sound.streams[-1]
        self.stream.rooms = iter(rooms)


def underruns(ring: Ring) -> int:
    ring.driver.start()
    assert ring.played.wait(10.0)
    ring.driver.stop()
    return ring.driver.timing.report().whole.underruns


@pytest.fixture
def jack_card(sound: FakeSound) -> FakeSound:
    sound.apis = ["JACK Audio Connection Kit"]
    sound.devices = [device("card", inputs=2)]
    return sound


def test_a_ring_with_all_its_room_free_ran_dry(jack_card: FakeSound) -> None:
    assert underruns(Ring(jack_card, [0, 0, 2048, 1792, 0, 2048, 0])) == 2


def test_nothing_is_counted_until_the_ring_was_full_once(jack_card: FakeSound) -> None:
    assert underruns(Ring(jack_card, [2048, 2048, 1792, 512, 0, 0])) == 0


def test_elsewhere_the_device_is_believed(card: FakeSound) -> None:
    ring = Ring(card, [0, 2048, 0])
    assert underruns(ring) == 0
    telling = Ring(card, [0, 0])
    telling.stream.tells_underflow = True
    assert underruns(telling) >= 2


def test_blocks_are_written_in_order_and_none_twice(card: FakeSound) -> None:
    ring = Ring(card, [0] * 50)
    underruns(ring)
    firsts = [float(block[0, 0]) for block in ring.stream.written]
    assert firsts == [float(index + 1) for index in range(len(firsts))]
    assert len(firsts) >= 50
    assert np.asarray(ring.stream.written[0]).shape == (256, 2)


@pytest.mark.parametrize(("seconds", "block", "ring"), [(0.02, 256, 1024), (0.03, 256, 2048), (0.02, 1024, 2048)])
def test_the_ring_holds_as_long_as_asked_and_two_blocks_at_least(
    sound: FakeSound, seconds: float, block: int, ring: int
) -> None:
    sound.devices, sound.blocks = [device("card")], (256, 1024)
    driver = BlockingDriver(half, Wanted("card", block=block, ring_seconds=seconds), no_words)
    assert driver.ring_samples == ring
    assert sound.streams[0].options["latency"] == pytest.approx(ring / 48_000)
    driver.stop()


def test_a_device_written_to_that_vanishes_is_seen(card: FakeSound) -> None:
    ring = Ring(card, [0])
    ring.driver.start()
    assert ring.played.wait(10.0)
    assert ring.driver.is_running
    ring.stream.active = False
    assert not ring.driver.is_running
    ring.driver.stop()
    wait_until(lambda: not any(one.name == "sound" for one in threading.enumerate()), 10.0, "its thread goes on")


def test_a_device_that_is_written_to_says_that_it_hears_nothing(card: FakeSound) -> None:
    ring = Ring(card, [0], replace(WANTED, input="card"))
    assert ring.said == ["card is not heard: a device that is written to only plays"]
    ring.driver.stop()
