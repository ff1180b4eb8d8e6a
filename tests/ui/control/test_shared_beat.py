"""Clocks outside and the patch: Link's and MIDI's beats reach the engine, tempo and transport go both ways."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from latent_terrain.engine import load_palette
from latent_terrain.graphs import Patch, add_node
from latent_terrain.ui.control.outside_controls import Inputs, OutsideControls, tempo_of

from ...waiting import eventually
from .toy_playing import Held

PALETTE = load_palette()


@dataclass
class Room:
    held: Held
    controls: OutsideControls
    session: Path
    beats: list[tuple[float, float, float]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        with self.session.open("a") as file:
            file.write(f"{line}\n")

    def asked(self, command: str, *arguments: object) -> tuple[str, list[object]]:
        answers: list[tuple[str, list[object]]] = []
        self.controls.dispatcher.ask(
            command, list(arguments), lambda address, values: answers.append((address, values))
        )
        eventually(lambda: answers)
        return answers[0]


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    monkeypatch.setenv("TOY_LINK", str(tmp_path / "link"))
    monkeypatch.setenv("TOY_MIDI", str(tmp_path / "midi"))
    (tmp_path / "midi").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    held = Held(
        add_node(
            add_node(Patch(), "metro", name="m", values={"tempo": 100.0}), "gui", name="walk", values={"playing": False}
        )
    )
    inputs = Inputs(
        None, ("",), None, "tests.engine.sources.midi.toy_rtmidi", True, "tests.engine.sources.tempo.toy_link"
    )
    told: list[str] = []
    controls = OutsideControls(held, PALETTE, inputs, tmp_path, None, told.append)
    yield Room(held, controls, tmp_path / "link", held.beats, told)
    controls.close()


def value(room: Room, node: str, param: str) -> object:
    return room.held.patch.nodes[node].values.get(param)


def test_the_tempo_of_link_is_the_patchs_and_the_other_way_round(room: Room) -> None:
    eventually(lambda: room.beats)
    assert room.beats[0][1] == 100.0, "whoever comes first brings the tempo"
    room.add("tempo 140")
    eventually(lambda: value(room, "m", "tempo") == 140.0 and value(room, "walk", "tempo") == 140.0)
    assert room.asked("/transport/tempo", 90)[0] == "/done"
    eventually(lambda: room.beats[-1][1] == 90.0)
    assert value(room, "m", "tempo") == 90.0
    assert room.asked("/transport/tempo", 9000)[0] == "/fail"
    assert "tempo 9000" not in room.session.with_suffix(".done").read_text()


def test_start_and_stop_go_both_ways(room: Room) -> None:
    eventually(lambda: room.beats)
    room.add("play")
    eventually(lambda: value(room, "walk", "playing") is True)
    room.add("stop")
    eventually(lambda: value(room, "walk", "playing") is False)
    assert room.asked("/transport/play") == ("/done", [])
    done = room.session.with_suffix(".done")
    eventually(lambda: done.exists() and done.read_text() == "playing True\n")
    assert value(room, "walk", "playing") is True


def test_link_is_asked_where_the_patch_has_no_tempo(room: Room) -> None:
    eventually(lambda: room.beats)
    room.held.edit(lambda patch: Patch())
    assert room.asked("/transport/tempo", 75) == ("/done", [])
    eventually(lambda: room.beats[-1][1] == 75.0)


def test_the_clock_of_a_midi_device_tells_the_beat(room: Room) -> None:
    eventually(lambda: room.beats)
    with (room.session.parent / "midi" / "drums").open("w") as drums:
        eventually(lambda: "MIDI: listening to drums" in room.told)
        drums.write("f21000\nfb\n")
        begin, clocks = time.monotonic(), 0
        while not [one for one in room.beats if one[1] != 100.0]:
            assert clocks < 1000, "16 sixteenths in, and half a beat heard"
            clocks += 1
            drums.write("f8\n")
            drums.flush()
            time.sleep(max(0.0, begin + clocks * 60 / 150 / 24 - time.monotonic()))
    beat, tempo, when = next(one for one in room.beats if one[1] != 100.0)
    assert beat >= 4.5
    assert (beat * 4).is_integer()
    assert tempo == pytest.approx(150.0, rel=0.3)
    assert abs(when - time.time()) < 20, "when is a time of this day"


def test_whoever_ends_lets_the_beat_go(room: Room) -> None:
    eventually(lambda: room.beats)
    room.controls.close()
    assert room.beats[-1] == (0.0, 0.0, 0.0)


def test_the_tempo_of_a_patch_is_that_of_its_first_node_that_has_one() -> None:
    assert tempo_of(Patch(), PALETTE) == 120.0
    assert tempo_of(add_node(Patch(), "metro"), PALETTE) == 120.0
    assert tempo_of(add_node(Patch(), "metro", values={"tempo": 4000.0}), PALETTE) == 120.0
    patch = add_node(add_node(Patch(), "gain"), "gui", values={"tempo": 88.0})
    assert tempo_of(patch, PALETTE) == 88.0


def test_a_clock_beyond_reason_is_not_followed(room: Room) -> None:
    eventually(lambda: room.beats)
    told = len(room.beats)
    for kind, numbers in (("beat", [1.0, 5000.0, 0.0]), ("tempo", [5000.0]), ("beat", [2.0, 90.0, 0.0])):
        room.controls._heard_midi(f"midi:drums/clock/{kind}", numbers)
    assert [one for one in room.beats[told:] if one[1] != 100.0] == [(2.0, 90.0, 0.0)]
    assert value(room, "m", "tempo") == 100.0
    assert value(room, "walk", "playing") is False
