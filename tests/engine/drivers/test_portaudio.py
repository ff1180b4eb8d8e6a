"""Devices that call for each block, on a sounddevice that is none."""

from dataclasses import replace
from typing import Any

import pytest

from latent_terrain.engine.drivers import BlockingDriver, CallbackDriver, DeviceError, WantedDevice
from latent_terrain.engine.drivers import portaudio as portaudio_module

from .fake_sounddevice import FakeSound, Status, device

WANTED = WantedDevice("card")


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
    driver = CallbackDriver(half, WantedDevice("deaf", outputs=8, inputs=8), no_words)
    driver.start()
    assert (card.streams[0].ask() == 0.5).all()
    assert (driver.format.inputs, driver.format.outputs) == (0, 1)
    driver.stop()
    wide = CallbackDriver(half, WantedDevice("card", outputs=8, inputs=8), no_words)
    assert (wide.format.inputs, wide.format.outputs) == (2, 4)
    wide.stop()


@pytest.mark.parametrize("wanted", [WantedDevice("card", input="none"), WantedDevice("card", inputs=0)])
def test_who_wants_to_hear_nothing_plays_alone(card: FakeSound, wanted: WantedDevice) -> None:
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
    wanted = WantedDevice("card", input="xyz", must_hear=True)
    with pytest.raises(DeviceError, match="xyz: no such input device"):
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


@pytest.mark.parametrize("kind", [CallbackDriver, BlockingDriver])
def test_a_device_that_does_not_start_is_a_sentence(
    card: FakeSound, kind: type[CallbackDriver] | type[BlockingDriver]
) -> None:
    card.refuses_start = True
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
        monkeypatch.setattr(portaudio_module, "raise_priority", hurry)
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
    with pytest.raises(DeviceError, match="was stopped"):
        driver.start()
