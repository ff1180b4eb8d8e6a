"""Shared by the tests of drivers: a JACK server for all that need one, and a sounddevice that is none."""

from collections.abc import Iterator

import pytest

from .fake_sounddevice import FakeSound, installed
from .jack import JackServer, need_jack


@pytest.fixture(scope="session")
def jack() -> Iterator[JackServer]:
    """A JACK server with a dummy device, 48 kHz in periods of 256."""
    need_jack()
    server = JackServer("tests")
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def sound() -> Iterator[FakeSound]:
    """A fake sounddevice in the true one's place: no devices yet."""
    fake = FakeSound()
    with installed(fake):
        yield fake
