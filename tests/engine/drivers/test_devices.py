"""Finding sound devices by name, and what is said when they can't be found."""

import sys
from typing import Any

import pytest

from latent_terrain.engine.drivers import Device, DeviceError, find_device, list_devices, offers, rescan
from latent_terrain.engine.drivers.devices import find_input

from .fake_sounddevice import FakeSound, device, installed

CARD = Device(0, "USB Audio: Interface", "ALSA", 2, 4, 48_000)
SCREEN = Device(1, "HDMI 0", "ALSA", 0, 2, 48_000, is_default_output=True)
MICROPHONE = Device(2, "Webcam", "ALSA", 1, 0, 44_100, is_default_input=True)
SYSTEM = Device(3, "system", "JACK Audio Connection Kit", 2, 2, 48_000)
OTHER_SYSTEM = Device(4, "system", "PulseAudio", 2, 2, 48_000)
LONGER = Device(5, "HDMI 01", "ALSA", 0, 2, 48_000)
ALL = (CARD, SCREEN, MICROPHONE, SYSTEM, OTHER_SYSTEM, LONGER)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("usb", CARD),
        ("INTERFACE", CARD),
        ("USB Audio: Interface", CARD),
        ("hdmi 0", SCREEN),
        ("HDMI 01", LONGER),
        ("system [JACK Audio Connection Kit]", SYSTEM),
        ("sys [jack]", SYSTEM),
        ("PulseAudio: system", OTHER_SYSTEM),
        ("pulse: sys", OTHER_SYSTEM),
        (" system [pulseaudio] ", OTHER_SYSTEM),
    ],
)
def test_a_device_is_found_by_part_of_its_name(name: str, meant: Device) -> None:
    assert find_device(name, "output", ALL) is meant


def test_a_name_of_several_devices_is_answered_with_them() -> None:
    with pytest.raises(DeviceError, match=r"system \[JACK Audio Connection Kit\], system \[PulseAudio\]"):
        find_device("system", "output", ALL)


def test_an_unknown_name_is_answered_with_what_there_is() -> None:
    with pytest.raises(DeviceError, match=r"xyz: no such output device; available: USB Audio: Interface \[ALSA\]"):
        find_device("xyz", "output", ALL)


def test_a_device_that_only_hears_is_not_found_for_playing() -> None:
    with pytest.raises(DeviceError, match="no such output device"):
        find_device("Webcam", "output", ALL)
    assert find_device("Webcam", "input", ALL) is MICROPHONE


def test_without_a_name_the_default_is_meant_else_the_first() -> None:
    assert find_device(None, "output", ALL) is SCREEN
    assert find_device(None, "input", ALL) is MICROPHONE
    assert find_device(None, "output", (CARD, SYSTEM)) is CARD


def test_two_devices_that_can_not_be_told_apart_are_no_riddle() -> None:
    twins = (CARD, Device(9, CARD.name, CARD.host_api, 2, 2, 48_000))
    assert find_device("usb", "output", twins) is CARD


def test_without_devices_it_says_what_to_do() -> None:
    with pytest.raises(DeviceError, match="connect"):
        find_device(None, "output", ())
    with pytest.raises(DeviceError, match="no audio input"):
        find_device("usb", "input", (SCREEN,))


def test_the_device_that_plays_hears_as_well_where_it_can() -> None:
    assert find_input(None, CARD, ALL) is CARD
    assert find_input(None, SCREEN, ALL) is MICROPHONE
    assert find_input("webcam", CARD, ALL) is MICROPHONE
    assert find_input("system", SYSTEM, ALL) is SYSTEM
    assert find_input(None, SCREEN, (SCREEN, SYSTEM)) is None
    assert find_input(None, SCREEN, (SCREEN, CARD)) is None
    with pytest.raises(DeviceError, match="no such input device"):
        find_input("xyz", CARD, ALL)


def test_devices_are_listed_with_their_host_api_and_defaults(sound: FakeSound) -> None:
    sound.apis = ["ALSA", "JACK Audio Connection Kit"]
    sound.devices = [device("card", inputs=1, outputs=2, rate=44_100), device("system", host_api=1)]
    sound.default = (0, 1)
    with installed(sound):
        card, system = list_devices()
    assert card == Device(0, "card", "ALSA", 1, 2, 44_100.0, is_default_input=True)
    assert system == Device(1, "system", "JACK Audio Connection Kit", 0, 2, 48_000.0, is_default_output=True)
    assert system.is_jack
    assert not card.is_jack


def test_no_device_is_an_empty_list(sound: FakeSound) -> None:
    assert list_devices() == ()


def test_a_sound_system_that_does_not_answer_is_a_sentence(sound: FakeSound) -> None:
    sound.refuses_to_answer = True
    with pytest.raises(DeviceError, match="does not answer"):
        list_devices()


def test_a_missing_portaudio_is_a_sentence_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refuses:
        def find_spec(self, name: str, *_: Any) -> None:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Refuses(), *sys.meta_path])
    for ask in (list_devices, rescan, lambda: offers(CARD)):
        with pytest.raises(DeviceError, match="apt-get install libportaudio2"):
            ask()


def test_a_missing_sounddevice_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(DeviceError, match="sounddevice"):
        list_devices()


def test_offers_are_what_really_opens_and_nothing_stays_open(sound: FakeSound) -> None:
    sound.devices = [device("card")]
    offered = offers(find_device("card"))
    assert offered.rates == (44_100, 48_000)
    assert offered.blocks == (128, 256)
    assert len(sound.streams) == 2
    assert all(stream.is_closed for stream in sound.streams)
    assert not sound.streams[0].ask().any()


def test_looking_anew_finds_what_was_plugged_in(sound: FakeSound) -> None:
    assert list_devices() == ()
    sound.plugged = lambda: [device("card")]
    rescan()
    assert [one.name for one in list_devices()] == ["card"]
    assert sound.rescans == 1
