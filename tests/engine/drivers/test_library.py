"""PortAudio itself: looked at anew, left alone when it hangs, and replaced by a fresh copy."""

import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.engine.drivers import CallbackDriver, DeviceError, WantedDevice, list_devices, rescan
from latent_terrain.engine.drivers import library as library_module

from .fake_sounddevice import FakeSound, device

JACK = "JACK Audio Connection Kit"


@pytest.fixture
def jack_sound(sound: FakeSound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSound:
    """A device on a JACK server, with a library file that a fresh copy can be made of."""
    sound.apis, sound.devices = [JACK], [device("system", inputs=2)]
    file = tmp_path / "libportaudio.so.2"
    file.write_bytes(b"a library")
    monkeypatch.setattr(library_module, "_library_file", lambda: file)
    return sound


def opened(name: str = "system") -> CallbackDriver:
    driver = CallbackDriver(lambda heard, out: out.fill(0.0), WantedDevice(name, input="none"), lambda text: None)
    driver.start()
    return driver


def fake_module() -> Any:
    return sys.modules["sounddevice"]


def test_devices_are_never_looked_for_under_an_open_stream(jack_sound: FakeSound) -> None:
    driver = opened()
    with pytest.raises(DeviceError, match="while one is playing"):
        rescan()
    driver.stop()
    rescan()
    assert jack_sound.rescans == 1


@pytest.mark.skipif(sys.platform != "linux", reason="a fresh copy of the library is made on Linux only")
def test_a_jack_server_that_died_is_left_alone_and_the_library_begun_afresh(jack_sound: FakeSound) -> None:
    driver = opened()
    stream = jack_sound.streams[-1]
    stream.active = False
    driver.stop()
    assert not stream.is_closed, "closing hangs once the server is gone"
    assert fake_module()._initialized == 0, "so that Python can end"
    with pytest.raises(DeviceError, match="rescan"):
        opened()
    rescan()
    assert fake_module()._lib.startswith("fresh library /proc/self/fd/")
    assert fake_module()._initialized == 1
    first = fake_module()._lib
    again = opened()
    jack_sound.streams[-1].active = False
    again.stop()
    rescan()
    assert fake_module()._lib != first, "the loader would give back the copy it knows by that name"


@pytest.mark.skipif(sys.platform != "linux", reason="a fresh copy of the library is made on Linux only")
def test_a_jack_server_that_died_unused_is_noticed_before_the_library_ends(jack_sound: FakeSound) -> None:
    list_devices()
    jack_sound.jack_is_dead = True
    rescan()
    assert fake_module()._lib.startswith("fresh library")


def test_a_jack_server_that_lives_is_not_left(jack_sound: FakeSound) -> None:
    rescan()
    assert fake_module()._lib == "old library"
    assert all(stream.is_closed for stream in jack_sound.streams)


def test_a_device_that_vanished_elsewhere_is_closed_and_looked_for(sound: FakeSound) -> None:
    sound.devices = [device("card")]
    driver = opened("card")
    sound.streams[0].active = False
    driver.stop()
    assert sound.streams[0].is_closed
    rescan()
    assert fake_module()._lib == "old library"


def test_a_stream_whose_closing_hangs_is_left_alone(jack_sound: FakeSound, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_module, "CLOSE_SECONDS", 0.05)
    jack_sound.closing_hangs = threading.Event()
    opened().stop()
    assert fake_module()._initialized == 0
    jack_sound.closing_hangs.set()


def test_where_the_library_can_not_be_copied_it_says_what_to_do(
    jack_sound: FakeSound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "_library_file", lambda: None)
    driver = opened()
    jack_sound.streams[-1].active = False
    driver.stop()
    with pytest.raises(DeviceError, match="restart the program"):
        rescan()
    with pytest.raises(DeviceError, match="restart the program"):
        rescan()
