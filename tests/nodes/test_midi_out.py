"""Signals as MIDI: which messages, on which samples."""

from dataclasses import replace

import numpy as np
import pytest

from latent_terrain.engine import SampleClock
from latent_terrain.nodes.midi_out import KEPT, SAMPLES, SERIALS, MidiOut
from latent_terrain.testing import setup_for

RATE = 48_000


class Played:
    """A node with its clock; remembers all messages as (sample, bytes)."""

    def __init__(self, send: str, block: int = 64, **settings: int) -> None:
        self.clock = SampleClock()
        self.block = block
        self.node = MidiOut(replace(setup_for(block), clock=self.clock), send, **settings)  # type: ignore[arg-type]
        self.messages: list[tuple[int, list[int]]] = []
        self._seen = 0

    def play(self, value: np.ndarray, **params: object) -> list[tuple[int, list[int]]]:
        """Play a signal; gives what it said."""
        before = len(self.messages)
        value = np.asarray(value, np.float32)
        for begin in range(0, len(value), self.block):
            part = value[begin : begin + self.block][np.newaxis]
            some = {
                name: one[:, begin : begin + self.block] if isinstance(one, np.ndarray) else one
                for name, one in params.items()
            }
            out = np.empty_like(part)
            self.node.process(part, out, **some)  # type: ignore[arg-type]
            np.testing.assert_array_equal(out, part)
            self._look()
            self.clock.sample += part.shape[1]
        return self.messages[before:]

    def _look(self) -> None:
        rows = self.node.shows()["messages"]
        fresh = sorted((row for row in rows if row[0] > self._seen), key=lambda row: row[0])
        for row in fresh:
            self._seen = int(row[0])
            self.messages.append((int(row[1]), [int(one) for one in row[2:]]))


@pytest.mark.parametrize("block", [1, 64, 480])
def test_a_gate_sets_notes_off_on_its_very_samples(block: int) -> None:
    gate = np.zeros(4_800)
    gate[100:700], gate[1000:1001] = 1.0, 0.6
    found = Played("note", block, channel=3).play(gate, note=60.4, velocity=0.5)
    assert found == [
        (100, [0x92, 60, 64]),
        (700, [0x82, 60, 0]),
        (1000, [0x92, 60, 64]),
        (1001, [0x82, 60, 0]),
    ]


def test_another_note_under_a_held_gate_takes_over_without_a_gap() -> None:
    note = np.full((1, 1_000), 60.0, np.float32)
    note[0, 500:] = 62.0
    played = Played("note")
    assert played.play(np.ones(1_000), note=note) == [
        (0, [0x90, 60, 102]),
        (500, [0x90, 62, 102]),
        (500, [0x80, 60, 0]),
    ]
    played.node.reset()
    assert played.play(np.zeros(64))[:1] == [(1_000, [0x80, 62, 0])]


def test_controllers_are_told_when_they_change_and_not_more_often_than_asked() -> None:
    ramp = np.linspace(0.0, 1.0, RATE)
    found = Played("cc", number=7, channel=16).play(ramp, rate=20.0)
    assert len(found) <= 21
    assert found[0][1] == [0xBF, 7, 0]
    assert [one[1][2] for one in found] == sorted({one[1][2] for one in found})
    still = Played("cc").play(np.full(RATE, 0.5), rate=100.0)
    assert [one[1] for one in still] == [[0xB0, 1, 64]]


def test_ranges_may_be_turned_round_and_are_kept_to() -> None:
    played = Played("cc")
    for value, place in ((-1.0, 127), (1.0, 0), (5.0, 0), (-9.0, 127), (float("nan"), 127)):
        played.play(np.full(RATE // 10, value), low=1.0, high=-1.0)
        assert played.messages[-1][1][2] == place
    assert Played("cc").play(np.ones(64), low=2.0, high=2.0)[0][1][2] == 0


@pytest.mark.parametrize(
    ("send", "value", "message"),
    [
        ("bend", 0.5, [0xE0, 0, 64]),
        ("bend", 1.0, [0xE0, 127, 127]),
        ("pressure", 1.0, [0xD0, 127, 0]),
        ("program", 12.0, [0xC0, 12, 0]),
        ("program", 500.0, [0xC0, 127, 0]),
    ],
)
def test_the_other_kinds(send: str, value: float, message: list[int]) -> None:
    assert [one[1] for one in Played(send).play(np.full(640, value))] == [message]


def test_a_phase_becomes_a_clock_of_24_a_beat_that_starts_and_stops() -> None:
    played = Played("clock")
    beat = np.arange(RATE) / (RATE / 2) % 1.0  # 120 bpm
    found = played.play(beat)
    assert found[0] == (0, [0xFA, 0, 0])
    clocks = [sample for sample, message in found if message[0] == 0xF8]
    assert len(clocks) == 48
    np.testing.assert_allclose(np.diff(clocks), 1000, atol=1)
    stopped = played.play(np.full(RATE, beat[-1]))
    assert [message[0] for _, message in stopped] == [0xFC]
    assert [message[0] for _, message in played.play(beat[:100])][:1] == [0xFA]


def test_a_clock_whose_phase_never_moves_says_nothing() -> None:
    assert Played("clock").play(np.zeros(RATE)) == []


def test_serial_numbers_begin_anew_and_samples_are_told_modulo() -> None:
    played = Played("note")
    played.node._serial = SERIALS - 2
    played.clock.sample = 3 * SAMPLES - 10
    gate = np.ones(64)
    gate[20:] = 0.0
    played.node.process(gate[np.newaxis].astype(np.float32), np.empty((1, 64), np.float32))
    rows = {int(row[0]): int(row[1]) for row in played.node.shows()["messages"] if row[0]}
    assert rows == {SERIALS - 1: SAMPLES - 10, 1: 10}
    assert len(played.node.shows()["messages"]) == KEPT
