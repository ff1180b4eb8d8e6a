"""MIDI through its process: devices that come and go, and what they send."""

from pathlib import Path

import pytest

from latent_terrain.engine.sources.midi import MidiError, MidiInlet, gateway

from ...heard import Heard

BACKEND = "tests.engine.sources.midi.toy_rtmidi"


@pytest.fixture
def devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOY_MIDI", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[4]))
    monkeypatch.setattr(gateway, "LOOK_SECONDS", 0.05)
    return tmp_path


@pytest.fixture
def heard() -> Heard:
    return Heard()


def test_devices_are_heard_by_a_part_of_their_name_also_when_they_come_later(devices: Path, heard: Heard) -> None:
    (devices / "Launch Control MIDI 1").write_text("b01540\n")
    (devices / "Other").write_text("b01541\n")
    midi = MidiInlet(["launch"], heard.control, heard.tell, BACKEND)
    heard.until(lambda: ("midi:Launch Control MIDI 1/1/cc/21", [64 / 127]) in heard.events)
    (devices / "launchpad").write_text("903c7f\n")
    heard.until(lambda: ("midi:launchpad/1/note/60", [1.0, 60.0, 1.0]) in heard.events)
    (devices / "launchpad").unlink()
    heard.until(lambda: "MIDI: launchpad was disconnected" in heard.said)
    (devices / "launchpad").write_text("803c00\n")
    heard.until(lambda: ("midi:launchpad/1/note/60", [0.0, -1.0, 0.0]) in heard.events)
    midi.close()
    assert not any("Other" in source for source, _ in heard.events)


def test_a_device_that_cannot_be_opened_is_told_and_the_others_are_heard(devices: Path, heard: Heard) -> None:
    (devices / "broken").write_text("")
    (devices / "good").write_text("b0157f\n")
    midi = MidiInlet([""], heard.control, heard.tell, BACKEND)
    heard.until(lambda: ("midi:good/1/cc/21", [1.0]) in heard.events)
    heard.until(lambda: "MIDI: broken can't be opened (it is taken)" in heard.said)
    midi.close()


def test_without_its_library_midi_says_what_to_install(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[4]))
    with pytest.raises(MidiError, match=r"MIDI needs no_such_library.*pip install"):
        MidiInlet(["x"], heard.control, heard.tell, "tests.engine.sources.midi.toy_missing")
