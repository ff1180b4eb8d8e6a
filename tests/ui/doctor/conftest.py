"""Machines for the doctor: with and without a sound card, healthy ones, ones whose packages do not load."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from latent_terrain.engine.processes import child

from ...engine.drivers.fake_sounddevice import FakeSound, FakeStream, device, installed
from .doctoring import DOCTOR, TIMES, PlayingStream, Usage, child_that


@pytest.fixture
def sound() -> Iterator[FakeSound]:
    """A sound system without devices."""
    fake = FakeSound()
    with installed(fake):
        yield fake


@pytest.fixture
def card(sound: FakeSound, monkeypatch: pytest.MonkeyPatch) -> FakeSound:
    """The same with a card, which plays."""
    sound.devices = [device("card", rate=44_100)]

    def opened(options: dict[str, Any], is_duplex: bool) -> FakeStream:
        sound.streams.append(PlayingStream(sound, options, is_duplex))
        return sound.streams[-1]

    monkeypatch.setattr(sound, "_open", opened)
    return sound


@pytest.fixture
def healthy(monkeypatch: pytest.MonkeyPatch, sound: FakeSound) -> None:
    """A machine where no problems found and nothing takes long: all packages load, codecs decode at once."""
    monkeypatch.setattr(DOCTOR, "_import_error", lambda module: "")
    monkeypatch.setattr(DOCTOR, "version", lambda name: "1.0")
    monkeypatch.setattr(DOCTOR.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(os, "access", lambda *_: True)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(0, 0, 50 << 30))
    monkeypatch.setattr(child, "Child", child_that(lambda: TIMES))


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What importing packages ends with, to be filled by the test; nothing fails otherwise."""
    found: dict[str, str] = {}
    monkeypatch.setattr(DOCTOR, "_import_error", lambda module: found.get(module, ""))
    monkeypatch.setattr(DOCTOR, "version", lambda name: "1.0")
    return found
