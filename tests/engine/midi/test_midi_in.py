"""MIDI through its process: devices that come and go, and what they send."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from latent_terrain.engine.midi import MidiError, MidiIn, gateway

BACKEND = "tests.engine.midi.toy_mido"


class Heard:
    def __init__(self) -> None:
        self.events: list[tuple[str, list[float]]] = []
        self.told: list[str] = []
        self.news = threading.Condition()

    def control(self, source: str, numbers: list[float]) -> None:
        with self.news:
            self.events.append((source, numbers))
            self.news.notify_all()

    def tell(self, text: str) -> None:
        with self.news:
            self.told.append(text)
            self.news.notify_all()

    def until(self, what: object) -> None:
        with self.news:
            assert self.news.wait_for(lambda: what in self.events or what in self.told, 20), (self.events, self.told)


@pytest.fixture
def devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOY_MIDI", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    monkeypatch.setattr(gateway, "LOOK_SECONDS", 0.05)
    return tmp_path


@pytest.fixture
def heard() -> Iterator[Heard]:
    return Heard()  # type: ignore[return-value]


def test_devices_are_heard_by_a_part_of_their_name_also_when_they_come_later(devices: Path, heard: Heard) -> None:
    (devices / "Launch Control MIDI 1").write_text("b01540\n")
    (devices / "Other").write_text("b01541\n")
    midi = MidiIn(["launch"], heard.control, heard.tell, BACKEND)
    heard.until(("midi:Launch Control MIDI 1/1/cc/21", [64 / 127]))
    (devices / "launchpad").write_text("903c7f\n")
    heard.until(("midi:launchpad/1/note/60", [1.0, 60.0, 1.0]))
    (devices / "launchpad").unlink()
    heard.until("MIDI: launchpad has gone")
    (devices / "launchpad").write_text("803c00\n")
    heard.until(("midi:launchpad/1/note/60", [0.0, -1.0, 0.0]))
    midi.close()
    assert not any("Other" in source for source, _ in heard.events)


def test_a_device_that_cannot_be_opened_is_told_and_the_others_are_heard(devices: Path, heard: Heard) -> None:
    (devices / "broken").write_text("")
    (devices / "good").write_text("b0157f\n")
    midi = MidiIn([""], heard.control, heard.tell, BACKEND)
    heard.until(("midi:good/1/cc/21", [1.0]))
    heard.until("MIDI: broken can't be opened (it is taken)")
    midi.close()


def test_without_its_library_midi_says_what_to_install(heard: Heard) -> None:
    with pytest.raises(MidiError, match="pip install"):
        MidiIn(["x"], heard.control, heard.tell, "no_such_library")
