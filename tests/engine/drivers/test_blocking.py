"""Devices that are written to, and read from, by a thread of ours, on a sounddevice that is none."""

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine.drivers import BlockingDriver, DeviceError, Format, Timing, WantedDevice
from latent_terrain.engine.drivers.blocking_driver import InputQueue

from .fake_sounddevice import FakeSound, device
from .jack import wait_until

DEAF = WantedDevice("card", input="none")
HEARING = WantedDevice("card")
FORM = Format("card", "ALSA", 48_000, 256, 2, 2)


def silence(heard: Any, out: Any) -> None:
    out.fill(0.0)


def no_words(text: str) -> None:
    raise AssertionError(f"nothing to say, yet: {text}")


@pytest.fixture
def card(sound: FakeSound) -> FakeSound:
    """A card that hears on three channels and plays on four."""
    sound.devices = [device("card", inputs=3, outputs=4)]
    return sound


@pytest.fixture
def jack_card(sound: FakeSound) -> FakeSound:
    """The same on JACK, whose rings say nothing."""
    sound.apis = ["JACK Audio Connection Kit"]
    sound.devices = [device("card", inputs=3, outputs=4)]
    return sound


class Ring:
    """A device that is written to: ``rooms`` are what its ring has free before each write."""

    def __init__(self, sound: FakeSound, rooms: list[int], wanted: WantedDevice = DEAF) -> None:
        self.played = threading.Event()
        self.heard: list[Any] = []
        count = [0]

        def play(heard: Any, out: Any) -> None:
            count[0] += 1
            self.heard.append(None if heard is None else heard.copy())
            out.fill(count[0])
            if count[0] > len(rooms):
                self.played.set()

        self.driver = BlockingDriver(play, wanted, no_words)
        self.stream = sound.streams[-1]
        self.stream.rooms = iter(rooms)

    def run(self) -> None:
        """Play one block more than there are rooms, at least."""
        self.driver.start()
        assert self.played.wait(10.0)
        self.driver.stop()


def underruns(ring: Ring) -> int:
    ring.run()
    assert all(heard is None for heard in ring.heard)
    return ring.driver.timing.report().whole.underruns


def test_a_ring_with_all_its_room_free_ran_dry(jack_card: FakeSound) -> None:
    assert underruns(Ring(jack_card, [0, 0, 2048, 1792, 0, 2048, 0])) == 2


def test_nothing_is_counted_until_the_ring_was_full_once(jack_card: FakeSound) -> None:
    assert underruns(Ring(jack_card, [2048, 2048, 1792, 512, 0, 0])) == 0


def test_elsewhere_the_device_is_believed(card: FakeSound) -> None:
    ring = Ring(card, [0, 2048, 0])
    assert underruns(ring) == 0
    telling = Ring(card, [0, 0])
    telling.stream.tells_underflow = True
    assert underruns(telling) >= 2


def test_blocks_are_written_in_order_and_none_twice(card: FakeSound) -> None:
    ring = Ring(card, [0] * 50)
    underruns(ring)
    firsts = [float(block[0, 0]) for block in ring.stream.written]
    assert firsts == [float(index + 1) for index in range(len(firsts))]
    assert len(firsts) >= 50
    assert np.asarray(ring.stream.written[0]).shape == (256, 2)


@pytest.mark.parametrize(("seconds", "block", "ring"), [(0.02, 256, 1024), (0.03, 256, 2048), (0.02, 1024, 2048)])
def test_the_ring_holds_as_long_as_asked_and_two_blocks_at_least(
    sound: FakeSound, seconds: float, block: int, ring: int
) -> None:
    sound.devices, sound.blocks = [device("card")], (256, 1024)
    driver = BlockingDriver(silence, WantedDevice("card", block=block, ring_seconds=seconds), no_words)
    assert driver.ring_samples == ring
    assert sound.streams[0].options["latency"] == pytest.approx(ring / 48_000)
    driver.stop()


def test_a_device_written_to_that_vanishes_is_seen(card: FakeSound) -> None:
    ring = Ring(card, [0])
    ring.driver.start()
    assert ring.played.wait(10.0)
    assert ring.driver.is_running
    ring.stream.active = False
    assert not ring.driver.is_running
    ring.driver.stop()
    wait_until(lambda: not any(one.name == "sound" for one in threading.enumerate()), 10.0, "its thread goes on")


def test_what_is_heard_comes_in_order_after_one_block_of_silence(card: FakeSound) -> None:
    ring = Ring(card, [0] * 50, HEARING)
    ring.run()
    shape = ring.driver.format
    assert (shape.inputs, shape.outputs) == (2, 2)
    assert {heard.shape for heard in ring.heard} == {(256, 2)}
    assert [float(heard[0, 0]) for heard in ring.heard] == [float(index) for index in range(len(ring.heard))]
    assert ring.driver.timing.report().whole.overflows == 0
    assert shape.input_latency_seconds == pytest.approx(0.004 + 256 / 48_000)


def test_who_does_not_open_for_both_plays_alone_and_says_so_once(card: FakeSound) -> None:
    card.refuses_duplex = True
    said: list[str] = []
    driver = BlockingDriver(silence, HEARING, said.append)
    assert (driver.format.inputs, driver.format.outputs) == (0, 2)
    assert len(said) == 1
    assert "can't be used as input" in said[0]
    driver.stop()


def test_on_jack_a_ring_has_two_channels_each_way_whatever_is_wanted(jack_card: FakeSound) -> None:
    """Any other number is past the end of PortAudio's memory."""
    for inputs, outputs in ((1, 1), (2, 2), (3, 4)):
        driver = BlockingDriver(silence, replace(HEARING, inputs=inputs, outputs=outputs), no_words)
        assert jack_card.streams[-1].options["channels"] == (2, 2)
        assert (driver.format.inputs, driver.format.outputs) == (2, 2)
        driver.stop()
    driver = BlockingDriver(silence, replace(DEAF, outputs=1), no_words)
    assert (jack_card.streams[-1].options["channels"], driver.format.outputs) == (2, 2)
    driver.stop()


def test_a_jack_device_of_one_channel_is_refused_with_what_to_do(jack_card: FakeSound) -> None:
    jack_card.devices = [device("card", inputs=1, outputs=2), device("mono", inputs=2, outputs=1)]
    said: list[str] = []
    driver = BlockingDriver(silence, HEARING, said.append)
    assert driver.format.inputs == 0
    assert said == [
        "no audio input: card [JACK Audio Connection Kit] has one channel, and on JACK a ring buffer needs two"
    ]
    driver.stop()
    with pytest.raises(DeviceError, match="omit --robust"):
        BlockingDriver(silence, replace(HEARING, input="card", must_hear=True), no_words)
    with pytest.raises(DeviceError, match="has one output"):
        BlockingDriver(silence, WantedDevice("mono"), no_words)


class Source:
    """A stream's input: ``waiting`` samples wait before each block; those beyond ``ring`` are lost."""

    def __init__(self, waiting: list[int], is_torn: bool = False) -> None:
        self._waiting = iter(waiting)
        self.is_torn, self.reads = is_torn, 0

    @property
    def read_available(self) -> int:
        return next(self._waiting)

    def read(self, frames: int) -> tuple[Any, bool]:
        self.reads += 1
        return np.ones((frames, 2), np.float32), self.is_torn


@pytest.mark.parametrize(
    ("waiting", "ring", "read", "overflows"),
    [
        ([0, 256, 256, 256], 2048, 3, 0),
        ([256, 256, 512, 768], 2048, 3, 0),
        ([0, 256, 100, 356, 256], 2048, 3, 1),
        ([0, 256, 2048, 1792, 256, 0, 256], 2048, 5, 1),
        ([0, 256, 2048, 2048, 2048, 256, 0, 256, 0], 2048, 6, 2),
        ([2048, 2048, 1792, 256, 0, 256], 2048, 4, 0),
        ([0, 256, 4096, 256], 0, 3, 0),
    ],
    ids=[
        "in step",
        "a block was there before the first was asked for",
        "a block was not there in time",
        "a stall is counted once, with the block that is missing after it",
        "after it is in step again the next is counted",
        "late to begin with, nothing is counted until it is in step",
        "elsewhere a full ring says nothing",
    ],
)
def test_what_is_lost_of_what_is_heard_is_counted(waiting: list[int], ring: int, read: int, overflows: int) -> None:
    source, timing = Source(waiting), Timing(48_000)
    ear = InputQueue(source, FORM, ring, timing)
    blocks = [ear.hear() for _ in waiting]
    assert {block.shape for block in blocks} == {(256, 2)}
    assert source.reads == sum(bool(block.any()) for block in blocks) == read
    assert timing.report().whole.overflows == overflows


def test_what_the_device_says_it_lost_is_counted() -> None:
    timing = Timing(48_000)
    ear = InputQueue(Source([0, 256, 256], is_torn=True), FORM, 0, timing)
    for _ in range(3):
        ear.hear()
    assert timing.report().whole.overflows == 2
