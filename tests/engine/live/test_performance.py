"""A performance tells how much of its time the sound takes."""

from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.drivers import NOBODY, Format, Means, Play, Tell, WantedDevice
from latent_terrain.engine.drivers.clock import ClockDriver
from latent_terrain.engine.live import LiveSetup, Performance
from latent_terrain.engine.messages import MessageError, RowsAt
from latent_terrain.engine.vectors import VectorWriter, new_memory
from latent_terrain.graphs import Patch, add_node, connect

from ...waiting import eventually

RATE = 48_000


class QuickClock:
    """Seconds that pass as fast as somebody asks for them; a tenth of a millisecond at each look."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        self.seconds += 0.0001
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


def played(means: Means) -> Performance:
    patch, wanted = add_node(Patch(), "sine", "tone"), WantedDevice(device=NOBODY, block=256)
    return Performance(patch, load_palette(), Path(), wanted, lambda text: None, LiveSetup(block=256), means=means)


def test_the_load_is_read_with_what_nodes_show_and_nothing_before_a_block_was_played() -> None:
    clock = QuickClock()
    means = Means(open_clock=lambda play, wanted: ClockDriver(play, wanted, clock.now, clock.wait))
    performance = played(means)
    assert list(performance.readings()) == []
    performance.start(0.0)
    try:
        eventually(lambda: performance.engine.blocks > 48_000 / 256 * 3)
        performance.look_after(0.1)
        found = {(one.node, one.name): one.array for one in performance.readings()}
        p50, p99, most = found["", "load"]
        assert 0.0 < p50 <= p99
        assert most > 0.0
        np.testing.assert_array_equal(found["", "pace"], [1.0])
        assert found["tone", "peak.out"].shape == (1,)
        assert performance.status()["is_playing"]
    finally:
        performance.stop()


class Interface(ClockDriver):
    """A device of some channels, which is called by whoever holds it."""

    def __init__(self, play: Play, wanted: WantedDevice, outputs: int, inputs: int) -> None:
        super().__init__(play, wanted)
        inputs, outputs = (min(one) for one in ((wanted.inputs, inputs), (wanted.outputs, outputs)))
        self.format = Format("interface", "", RATE, 256, inputs, outputs)
        self._call, self._runs = play, False

    @property
    def is_running(self) -> bool:
        return self._runs

    def start(self) -> None:
        self._runs = True

    def stop(self) -> None:
        self._runs = False

    def block(self) -> list[float]:
        out = np.full((256, self.format.outputs), 9.0, np.float32)
        heard = np.tile(np.arange(1.0, self.format.inputs + 1, dtype=np.float32), (256, 1))
        self._call(heard if self.format.inputs else None, out)
        return [float(one) for one in out[-1]]


class Studio:
    """A performance on an interface, its heard sentences, and time that passes when it is told to."""

    def __init__(self, patch: Patch, outputs: int, inputs: int = 0, device: str | None = None) -> None:
        self.said: list[str] = []
        self.opened: list[Interface] = []
        self.now = 0.0

        def open_device(play: Play, wanted: WantedDevice, tell: Tell) -> Interface:
            self.opened.append(Interface(play, wanted, outputs, inputs))
            return self.opened[-1]

        means = Means(open_device, lambda play, wanted: Interface(play, wanted, wanted.outputs, 0), lambda: None)
        wanted = WantedDevice(device=device, block=256)
        how = LiveSetup(block=256)
        self.it = Performance(patch, load_palette(), Path(), wanted, self.said.append, how, means=means)
        self.it.start(self.now)
        self.pass_time()

    def pass_time(self) -> None:
        for _ in range(3):
            self.now += 0.1
            self.it.look_after(self.now)
            if isinstance(self.it.supervisor.driver, Interface):
                self.heard = self.it.supervisor.driver.block()
            self.said += [f"{one.get('node')}: {one['text']}" for one in self.it.news()]


def tones(channels: str, level: float = 0.0) -> Patch:
    patch = add_node(Patch(), "slider", "half", values={"value": 0.5})
    patch = add_node(patch, "audio_out", "out", values={"channels": channels, "level": level})
    return connect(patch, "half.out", "out.audio")


def test_a_device_is_opened_for_the_channels_that_the_patch_asks_for() -> None:
    studio = Studio(tones("3, 4"), outputs=8)
    try:
        assert [one.format.outputs for one in studio.opened] == [4]
        assert studio.heard == [0.0, 0.0, 0.5, 0.5]
        assert studio.said == []
        assert studio.it.channels == 4
    finally:
        studio.it.stop()


def test_without_channels_it_is_opened_in_stereo_as_ever() -> None:
    studio = Studio(tones(""), outputs=8)
    try:
        assert [one.format.outputs for one in studio.opened] == [2]
        assert studio.heard == [0.5, 0.5]
    finally:
        studio.it.stop()


def test_an_edit_that_asks_for_more_channels_opens_the_device_again() -> None:
    studio = Studio(tones("1"), outputs=6)
    try:
        assert studio.heard == [0.5, 0.0]
        studio.it.update(tones("1, 5"))
        studio.pass_time()
        assert [one.format.outputs for one in studio.opened] == [2, 5]
        assert not studio.opened[0].is_running
        studio.pass_time()
        assert studio.heard == [0.5, 0.0, 0.0, 0.0, 0.5]
        assert studio.said == [
            "opening interface again for 5 outputs and 2 inputs",
            "audio device is back: interface",
        ]
    finally:
        studio.it.stop()


def test_channels_that_the_device_lacks_are_said_and_the_rest_plays() -> None:
    studio = Studio(tones("2, 7"), outputs=4)
    try:
        assert studio.heard == [0.0, 0.5, 0.0, 0.0]
        said = "out: the device has 4 outputs, so output 7 is silent; choose other channels, or another device"
        assert studio.said == [said]
        studio.it.update(tones("2, 8"))
        studio.pass_time()
        assert len(studio.opened) == 1, "it has no more"
        assert studio.said == [said, said.replace("7", "8")]
    finally:
        studio.it.stop()


def test_a_device_of_one_channel_plays_the_mean_of_all() -> None:
    patch = add_node(add_node(Patch(), "slider", "half", values={"value": 0.5}), "join", "join")
    patch = add_node(add_node(patch, "slider", "full", values={"value": 1.0}), "audio_out", "out")
    for cord in (("half.out", "join.a"), ("full.out", "join.b"), ("join.out", "out.audio")):
        patch = connect(patch, *cord)
    studio = Studio(patch, outputs=1)
    try:
        assert studio.heard == [0.75]
    finally:
        studio.it.stop()


def test_inputs_beyond_the_second_are_opened_and_heard() -> None:
    patch = add_node(Patch(), "audio_in", "in", values={"inputs": "4, 9"})
    patch = add_node(add_node(patch, "audio_out", "out"), "gain", "tenth", values={"level": -20.0})
    patch = connect(connect(patch, "in.out", "tenth.audio"), "tenth.out", "out.audio")
    studio = Studio(patch, outputs=2, inputs=6)
    try:
        assert studio.opened[0].format.inputs == 6
        assert studio.heard == pytest.approx([0.4, 0.0])
        text = "in: the device has 6 inputs, so input 9 is silent; choose other channels, or another device"
        assert studio.said == [text]
    finally:
        studio.it.stop()


def test_it_finds_the_rows_of_sensors_and_says_where_there_are_none() -> None:
    memory, performance = new_memory(), played(Means())
    try:
        inbox = performance.engine.setup.vectors.inbox("/eeg")
        performance.do(RowsAt(path=str(memory.path), addresses=("/other", "/eeg")))
        VectorWriter(str(memory.path)).put(1, np.array([0.5, 0.25]))
        row = np.zeros(2, np.float32)
        inbox.copy(inbox.count - 1, row)
        assert (inbox.count, row.tolist()) == (1, [0.5, 0.25])
        with pytest.raises(MessageError, match="can't be read"):
            performance.do(RowsAt(path="/nowhere", addresses=("/eeg",)))
        assert inbox.count == 1
    finally:
        performance.stop()
        memory.close()


def test_an_engine_that_makes_no_block_does_not_look_well() -> None:
    class StuckClock(ClockDriver):
        def start(self) -> None:
            pass

        @property
        def is_running(self) -> bool:
            return True

    means = Means(open_clock=lambda play, wanted: StuckClock(play, wanted))
    performance = played(means)
    performance.start(0.0)
    try:
        for now in (0.1, 0.5, 2.0):
            performance.look_after(now)
        assert performance.status()["is_playing"] is False
        performance.play(None, np.zeros((256, 2), np.float32))
        performance.look_after(2.1)
        assert performance.status()["is_playing"] is True
    finally:
        performance.stop()
