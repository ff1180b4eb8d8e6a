"""MIDI is sent by a process of its own, each message at its time, to devices that come and go."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from latent_terrain.engine.sources.midi import MidiError, MidiOutlet

from ....waiting import eventually

BACKEND = "tests.engine.sources.midi.toy_outputs"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOY_MIDI", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[4]))
    return tmp_path


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., MidiOutlet]]:
    made: list[MidiOutlet] = []

    def begin(*names: str, said: list[str] | None = None) -> MidiOutlet:
        made.append(MidiOutlet(names, (said if said is not None else []).append, BACKEND))
        return made[-1]

    yield begin
    for one in made:
        one.close()


def sent(path: Path) -> list[tuple[float, str]]:
    return [(float(line.split()[0]), line.split()[1]) for line in path.read_text().splitlines()]


def test_each_message_goes_at_its_time_to_every_device_that_was_meant(
    folder: Path, start: Callable[..., MidiOutlet]
) -> None:
    for name in ("synth one", "synth two", "lights"):
        (folder / f"{name}.out").write_text("")
    said: list[str] = []
    out = start("synth", said=said)
    eventually(lambda: sum("sending to" in text for text in said) == 2)
    now = time.monotonic()
    out.send([(now + 0.3, b"\x80\x3c\x00"), (now + 0.1, b"\x90\x3c\x40"), (0.0, b"\xb0\x01\x02")])
    for name in ("synth one", "synth two"):
        eventually(lambda name=name: len(sent(folder / f"{name}.out")) == 3)  # type: ignore[misc]
        found = sent(folder / f"{name}.out")
        assert [data for _, data in found] == ["b00102", "903c40", "803c00"]
        assert found[1][0] >= now + 0.1
        assert found[2][0] >= now + 0.3
    assert sent(folder / "lights.out") == []


def test_devices_may_come_later_and_go(folder: Path, start: Callable[..., MidiOutlet]) -> None:
    said: list[str] = []
    out = start("", said=said)
    device = folder / "late.out"
    device.write_text("")
    eventually(lambda: any("sending to late" in text for text in said))
    out.send([(0.0, b"\xf8")])
    eventually(lambda: len(sent(device)) == 1)
    device.unlink()
    eventually(lambda: any("late was disconnected" in text for text in said))
    (folder / "broken.out").write_text("")
    eventually(lambda: any("broken can't be opened (it is taken)" in text for text in said))


def test_without_the_package_it_is_told_how_to_get_it(folder: Path) -> None:
    with pytest.raises(MidiError, match=r"not installed; run: .*pip install"):
        MidiOutlet([""], print, "tests.engine.sources.midi.toy_missing")
