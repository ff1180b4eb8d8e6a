"""The sound goes on: devices that are missing, vanish, fall silent, refuse and return."""

import threading
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine.drivers import DeviceError, Format, Means, Play, Supervisor, Tell, Timing, WantedDevice
from latent_terrain.engine.drivers.interface import DeviceRefused

WANTED = WantedDevice("card")


class FakeDriver:
    """A driver that asks for a block when the test says so."""

    def __init__(self, stage: "Stage", play: Play, name: str) -> None:
        self.stage, self.play = stage, play
        self.format = Format(name, "fake", 48_000, 256, 0, 2)
        self.timing = Timing(48_000)
        self.is_running = self.is_realtime = self.is_stopped = False

    def start(self) -> None:
        if self.format.device != "clock" and self.stage.refuses_start:
            raise DeviceError("it does not start")
        self.is_running = True
        self.stage.log.append(f"start {self.format.device}")

    def stop(self) -> None:
        if not self.is_stopped:
            self.stage.log.append(f"stop {self.format.device}")
        self.is_running, self.is_stopped = False, True

    def ask(self) -> bool:
        """One block; whether the patch filled it."""
        out = np.full((256, 2), np.nan, np.float32)
        self.play(None, out)
        assert np.isfinite(out).all()
        return bool(out.any())


class Stage:
    """A machine with one device that comes and goes; ``log`` is what happened to drivers, ``said`` what was told."""

    def __init__(self, is_there: bool = True, wanted: WantedDevice = WANTED) -> None:
        self.is_there = is_there
        self.refuses_start = self.fails = False
        self.warns = self.refuses = ""
        self.name = "card"
        self.drivers: list[FakeDriver] = []
        self.log: list[str] = []
        self.said: list[str] = []
        self.played = 0
        self.now = 50.0
        means = Means(self._open_device, lambda play, wanted: self._made(play, "clock"), self._rescan)
        self.supervisor = Supervisor(self._play, wanted, self.said.append, means)

    def start(self) -> "Stage":
        self.supervisor.start(self.now)
        return self

    @property
    def driver(self) -> FakeDriver:
        driver = self.supervisor.driver
        assert isinstance(driver, FakeDriver)
        return driver

    @property
    def plays_on(self) -> str:
        return self.driver.format.device

    def pass_time(self, seconds: float, asks: bool = True) -> None:
        """Live ten times a second through some time, the driver asking for blocks or silent."""
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            if asks and self.driver.is_running:
                self.driver.ask()
            self.supervisor.poll(self.now)

    def _play(self, heard: Any, out: Any) -> None:
        self.played += 1
        out.fill(1.0)
        if self.fails:
            raise RuntimeError("a fault")

    def _rescan(self) -> None:
        self.log.append("rescan")
        assert not any(one.is_running for one in self.drivers if one.format.device != "clock"), "under an open stream"

    def _open_device(self, play: Play, wanted: WantedDevice, tell: Tell) -> FakeDriver:
        if self.warns:
            tell(self.warns)
        if self.refuses:
            raise DeviceRefused(self.refuses)
        if not self.is_there:
            raise DeviceError("card: there is no such output device; there are none")
        return self._made(play, self.name)

    def _made(self, play: Play, name: str) -> FakeDriver:
        driver = FakeDriver(self, play, name)
        self.drivers.append(driver)
        return driver


def test_a_device_that_is_there_plays_and_nothing_is_said() -> None:
    stage = Stage().start()
    stage.pass_time(20)
    assert (stage.plays_on, stage.said, stage.log) == ("card", [], ["start card"])
    assert stage.supervisor.is_heard
    assert stage.supervisor.format is stage.driver.format


def test_a_missing_device_asked_for_by_name_is_an_error() -> None:
    stage = Stage(is_there=False)
    with pytest.raises(DeviceError, match="no such output device"):
        stage.start()
    assert stage.supervisor.driver is None
    stage.supervisor.poll(stage.now)


def test_a_device_that_does_not_start_is_an_error_and_is_given_back() -> None:
    stage = Stage()
    stage.refuses_start = True
    with pytest.raises(DeviceError, match="does not start"):
        stage.start()
    assert stage.log == ["stop card"]


def test_without_any_device_the_patch_plays_unheard_until_one_comes() -> None:
    stage = Stage(is_there=False, wanted=WantedDevice()).start()
    assert stage.plays_on == "clock"
    assert not stage.supervisor.is_heard
    stage.pass_time(10)
    assert len(stage.said) == 1
    assert stage.said[0].startswith("no audio device; playing without audio output: ")
    stage.is_there = True
    stage.pass_time(2.2)
    assert stage.plays_on == "card"
    assert stage.said[1:] == ["audio device is back: card"]


def test_a_named_input_that_must_be_there_is_an_error_even_on_the_default_device() -> None:
    with pytest.raises(DeviceError):
        Stage(is_there=False, wanted=WantedDevice(input="xyz", must_hear=True)).start()


def test_no_device_at_all_is_the_clock_for_ever() -> None:
    stage = Stage(wanted=WantedDevice("none")).start()
    stage.pass_time(10)
    assert (stage.plays_on, stage.said, stage.log) == ("clock", [], ["start clock"])


def test_a_device_that_vanishes_hands_over_to_the_clock_at_once_and_returns() -> None:
    stage = Stage().start()
    stage.pass_time(5)
    stage.is_there = stage.driver.is_running = False
    stage.pass_time(0.1)
    assert stage.plays_on == "clock"
    assert stage.log == ["start card", "start clock", "stop card"]
    before = stage.played
    stage.pass_time(7)
    assert stage.played == before + 70
    assert stage.log.count("rescan") == 3
    stage.is_there = True
    stage.pass_time(2.2)
    assert stage.plays_on == "card"
    assert stage.supervisor.is_heard
    assert stage.log[-2:] == ["start card", "stop clock"]
    assert stage.said == [
        "card disconnected; playing without audio output until it is back",
        "audio device is back: card",
    ]


def test_a_device_that_comes_and_goes_is_followed_every_time() -> None:
    stage = Stage().start()
    for _ in range(5):
        stage.driver.is_running = False
        stage.pass_time(0.1)
        assert stage.plays_on == "clock"
        stage.pass_time(2.2)
        assert stage.plays_on == "card"
    assert len(stage.said) == 10


def test_a_device_that_falls_silent_is_gone_though_it_says_it_is_active() -> None:
    stage = Stage().start()
    stage.pass_time(2)
    stage.pass_time(0.9, asks=False)
    assert stage.plays_on == "card"
    stage.pass_time(0.3, asks=False)
    assert stage.plays_on == "clock"


def test_a_device_may_take_its_time_before_its_first_block() -> None:
    stage = Stage().start()
    stage.pass_time(2.8, asks=False)
    assert stage.plays_on == "card"
    stage.pass_time(0.4, asks=False)
    assert stage.plays_on == "clock"


def test_a_device_that_returns_but_does_not_start_is_tried_again() -> None:
    stage = Stage().start()
    stage.driver.is_running = False
    stage.refuses_start = True
    stage.pass_time(5)
    assert stage.plays_on == "clock"
    assert stage.driver.ask(), "the clock's gate is open again"
    assert stage.log[-2:] == ["rescan", "stop card"]
    stage.refuses_start = False
    stage.pass_time(2.2)
    assert stage.plays_on == "card"
    assert len(stage.said) == 2


def test_what_a_device_says_while_opening_is_told_only_when_it_opens() -> None:
    stage = Stage().start()
    stage.driver.is_running = stage.is_there = False
    stage.warns = "it hears nothing"
    stage.pass_time(9)
    assert len(stage.said) == 1
    stage.is_there = True
    stage.pass_time(2.2)
    assert stage.said[1:] == ["it hears nothing", "audio device is back: card"]


def test_the_default_device_may_be_another_one_after() -> None:
    stage = Stage(wanted=WantedDevice()).start()
    stage.driver.is_running, stage.name = False, "screen"
    stage.pass_time(2.4)
    assert stage.said[-1] == "audio device is back: screen"


def test_a_driver_that_is_left_is_given_silence_and_disturbs_nobody() -> None:
    stage = Stage().start()
    left = stage.driver
    left.is_running = stage.is_there = False
    stage.pass_time(0.1)
    before = stage.played
    assert not left.ask()
    assert stage.played == before
    assert stage.driver.ask()


def test_never_do_two_threads_play_at_once() -> None:
    entered, leave = threading.Event(), threading.Event()
    stage = Stage()

    def play(heard: Any, out: Any) -> None:
        entered.set()
        assert leave.wait(20.0)
        out.fill(1.0)

    supervisor = Supervisor(play, WANTED, stage.said.append, stage.supervisor._means)
    supervisor.start(0.0)
    device = supervisor.driver
    assert isinstance(device, FakeDriver)
    thread = threading.Thread(target=device.ask)
    thread.start()
    assert entered.wait(20.0)
    supervisor.poll(5.0)
    assert not stage.said, "a block that takes long is no sign that the device is gone"
    device.is_running = False
    for tenth in range(10):
        supervisor.poll(5.1 + tenth / 10)
        assert stage.log == ["start card"], "the clock waits for the device to leave the patch"
    leave.set()
    thread.join()
    supervisor.poll(6.2)
    assert stage.log == ["start card", "start clock", "stop card"]
    assert len(stage.said) == 1


def test_stopping_stops_what_plays_and_later_polls_do_nothing() -> None:
    stage = Stage().start()
    driver = stage.driver
    stage.supervisor.stop()
    assert driver.is_stopped
    assert not driver.ask()
    assert stage.supervisor.driver is None
    assert not stage.supervisor.is_heard
    stage.supervisor.poll(stage.now + 100)
    stage.supervisor.stop()
    assert stage.log == ["start card", "stop card"]


def test_what_fails_while_playing_never_reaches_a_driver_and_is_told_once() -> None:
    stage = Stage().start()
    stage.fails = True
    stage.pass_time(5)
    assert stage.plays_on == "card"
    [told] = stage.said
    assert told == "some blocks failed and were silent (RuntimeError: a fault)"
    stage.fails = False
    assert stage.driver.ask()
    assert stage.log == ["start card"]


def test_a_clock_that_has_stopped_is_followed_by_another() -> None:
    stage = Stage(is_there=False, wanted=WantedDevice()).start()
    stage.driver.is_running = False
    stage.pass_time(0.3)
    assert stage.driver.is_running
    assert [one for one in stage.log if one != "rescan"].count("start clock") == 2
    assert "the timer stopped and was restarted" in stage.said


def test_a_device_that_is_back_but_otherwise_is_told_of_once() -> None:
    stage = Stage().start()
    stage.is_there = False
    stage.driver.is_running = False
    stage.pass_time(5)
    stage.said.clear()
    stage.refuses = "card runs at 44100 Hz and the patch at 48000 Hz; start it at 48000 Hz"
    stage.pass_time(10)
    assert stage.said == [f"{stage.refuses}. Until then it plays without audio output"]
    stage.refuses, stage.is_there = "", True
    stage.pass_time(5)
    assert stage.plays_on == "card"
