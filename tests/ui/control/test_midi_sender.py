"""What nodes say is handed on once, in order, and as evenly as it was played."""

from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.drivers import NOBODY, WantedDevice
from latent_terrain.engine.live import LiveSetup, Performance
from latent_terrain.graphs import Patch, add_node, connect
from latent_terrain.nodes.midi_out import KEPT, SAMPLES, SERIALS
from latent_terrain.ui.control.midi_sender import LATER_SECONDS, MidiSender, MidiSenders
from latent_terrain.ui.control.outside_controls import Inputs, OutsideControls

from ...waiting import eventually
from .toy_playing import Held

RATE = 48_000.0


class Shown:
    """The last messages of a node, as it shows them."""

    def __init__(self, serial: int = 0) -> None:
        self.rows = np.zeros((KEPT, 5), np.float32)
        self.serial = serial

    def say(self, sample: int, *message: int) -> None:
        self.serial = self.serial % (SERIALS - 1) + 1
        self.rows[self.serial % KEPT] = (self.serial, sample % SAMPLES, *message)


def test_every_message_once_and_in_order() -> None:
    shown, sending = Shown(), MidiSender(RATE, lambda: 10.0)
    assert sending.look(shown.rows) == []
    for number in range(5):
        shown.say(100 * number, 0xB0, 1, number)
    assert [data for _, data in sending.look(shown.rows)] == [bytes([0xB0, 1, number]) for number in range(5)]
    assert sending.look(shown.rows) == []
    shown.say(600, 0xC0, 5, 0)
    shown.say(700, 0xF8, 0, 0)
    assert [data for _, data in sending.look(shown.rows)] == [b"\xc0\x05", b"\xf8"]
    assert sending.look(None) == []
    assert sending.look(np.zeros(3, np.float32)) == []


@pytest.mark.parametrize("begin", [0, 3 * SAMPLES - 48_000])
def test_a_clock_seen_thirty_times_a_second_is_sent_evenly(begin: int) -> None:
    now = [100.0]
    shown, sending, random = Shown(), MidiSender(RATE, lambda: now[0]), np.random.default_rng(1)
    found: list[float] = []
    said = 0
    while now[0] < 112.0:
        now[0] += float(random.uniform(0.02, 0.045))
        played = int((now[0] - 100.0) * RATE)
        while said * 1000 < played:
            shown.say(begin + said * 1000, 0xF8, 0, 0)
            said += 1
        found += [when for when, _ in sending.look(shown.rows)]
    apart = np.diff(found[48:])
    assert np.abs(apart - 1000 / RATE).max() < 0.001
    lateness = np.array(found) - (100.0 + np.arange(len(found)) * 1000 / RATE)
    assert (lateness[48:] > 0.0).all(), "nothing is due before it can have been seen"
    assert lateness[48:].max() < 2 * LATER_SECONDS


def test_another_engine_begins_a_time_of_its_own() -> None:
    now = [100.0]
    shown, sending = Shown(), MidiSender(RATE, lambda: now[0])
    shown.say(48_000 * 50, 0xF8, 0, 0)
    sending.look(shown.rows)
    now[0] = 101.0
    shown.say(480, 0xF8, 0, 0)
    [(when, _)] = sending.look(shown.rows)
    assert when == pytest.approx(101.0 + LATER_SECONDS)


def test_serial_numbers_that_begin_anew_are_followed() -> None:
    shown, sending = Shown(SERIALS - 70), MidiSender(RATE, lambda: 1.0)
    for number in range(66):
        shown.say(number, 0xB0, 1, number)
    assert sending.look(shown.rows) == [], "what was said before anybody looked is not said again"
    for number in range(9):
        shown.say(number, 0xB0, 1, number)
        assert [data for _, data in sending.look(shown.rows)] == [bytes([0xB0, 1, number])]


def test_notes_of_a_node_that_is_gone_are_let_go() -> None:
    sent: list[tuple[float, bytes]] = []
    senders = MidiSenders(sent.extend)
    shown = Shown()
    shown.say(0, 0x92, 60, 100)
    shown.say(0, 0x92, 64, 100)
    shown.say(9, 0x82, 64, 0)
    senders.look({"out": shown.rows}, RATE)
    sent.clear()
    senders.look({}, RATE)
    assert sent == [(0.0, bytes([0x82, 60, 0]))]
    senders.close()
    assert len(sent) == 1


def test_a_patch_that_plays_sends_to_devices_until_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_MIDI", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    device = tmp_path / "synth.out"
    device.write_text("")
    palette = load_palette()
    patch = connect(add_node(add_node(Patch(), "lfo", "slow"), "midi_out", "sends"), "slow.out", "sends.value")
    wanted = WantedDevice(device=NOBODY, block=256)
    performance = Performance(patch, palette, tmp_path, wanted, lambda text: None, LiveSetup(block=256))
    said: list[str] = []
    performance.start(0.0)
    try:
        held = Held(patch)
        held.shows, held.latest_status = performance.reading, performance.status()
        inputs = Inputs(midi_to=("",), midi_backend="tests.engine.sources.midi.toy_outputs")
        controls = OutsideControls(held, palette, inputs, tmp_path, tell=said.append)
        try:
            eventually(lambda: len(device.read_text().splitlines()) > 20)
        finally:
            controls.close()
    finally:
        performance.stop()
    messages = [line.split()[1] for line in device.read_text().splitlines()]
    assert all(one.startswith("b001") for one in messages)
    assert len(set(messages)) > 5
    assert "MIDI out: sending to synth" in said
