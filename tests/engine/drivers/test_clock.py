"""The clock that plays where there is no device, on a time of its own."""

import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from latent_terrain.engine.drivers import ClockDriver, WantedDevice
from latent_terrain.engine.drivers import clock as clock_module

from .jack import wait_until

WANTED = WantedDevice(sample_rate=48_000, block=480, outputs=2)
PERIOD = 0.01


@pytest.fixture(autouse=True)
def ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    """No clock here goes before others: some never really wait."""
    monkeypatch.setattr(clock_module, "raise_priority", lambda priority: False)


class Time:
    """A time that passes only while somebody waits; ``work`` is what a block takes."""

    def __init__(self, wake_late: float = 0.0) -> None:
        self.now = 5.0
        self.wake_late = wake_late
        self.waited = 0.0

    def read(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds + self.wake_late
        self.waited += seconds


def run(time: Time, blocks: int, work: Callable[[int], float]) -> tuple[ClockDriver, list[float]]:
    """A clock that has played so many blocks, and when each began."""
    began: list[float] = []
    done = threading.Event()

    def play(heard: Any, out: Any) -> None:
        assert heard is None
        assert out.shape == (480, 2)
        if not done.is_set():
            began.append(time.now)
            time.now += work(len(began))
            if len(began) == blocks:
                done.set()

    clock = ClockDriver(play, WANTED, time.read, time.wait)
    clock.start()
    assert done.wait(20.0)
    clock.stop()
    return clock, began


def test_blocks_come_when_they_are_due_for_hours() -> None:
    time = Time(wake_late=0.0007)
    _, began = run(time, 40_000, lambda index: 0.002)
    assert began[-1] - 5.0 == pytest.approx(39_999 * PERIOD, abs=0.002)
    assert all(at - 5.0 >= index * PERIOD - 1e-6 for index, at in enumerate(began))


def test_after_a_long_stall_it_goes_on_from_now_and_counts_what_it_missed() -> None:
    clock, began = run(Time(), 60, lambda index: 1.0 if index == 20 else 0.0)
    assert clock.timing.report().whole.missed == pytest.approx(100, abs=2)
    after = began[20:]
    gaps = [later - sooner for sooner, later in pairwise(after[1:])]
    assert min(gaps) > PERIOD * 0.9


def test_a_short_stall_is_made_up_for() -> None:
    clock, began = run(Time(), 60, lambda index: 0.1 if index == 20 else 0.0)
    assert clock.timing.report().whole.missed == 0
    assert began[-1] - 5.0 == pytest.approx(59 * PERIOD)


def test_a_patch_too_heavy_to_be_played_leaves_others_a_moment_now_and_then() -> None:
    time = Time()
    clock, began = run(time, 500, lambda index: 0.0113)
    assert time.waited > 0.0
    assert clock.timing.report().whole.missed > 0
    played, passed = len(began), began[-1] - began[0]
    assert played + clock.timing.report().whole.missed >= passed / PERIOD - 30


@pytest.mark.parametrize("granted", [False, True])
def test_it_asks_to_go_before_others_as_a_device_does(monkeypatch: pytest.MonkeyPatch, granted: bool) -> None:
    asked: list[int] = []

    def hurry(priority: int) -> bool:
        asked.append(priority)
        return granted

    monkeypatch.setattr(clock_module, "raise_priority", hurry)
    clock, _ = run(Time(), 3, lambda index: 0.001)
    assert asked == [60]
    assert clock.is_realtime is granted


def test_it_runs_from_start_to_stop_and_no_longer() -> None:
    calls = [0]

    def play(heard: Any, out: Any) -> None:
        calls[0] += 1

    clock = ClockDriver(play, WANTED)
    assert not clock.is_running
    clock.start()
    assert clock.is_running
    wait_until(lambda: calls[0] > 3, 10.0, "the clock does not play")
    clock.stop()
    stopped_at = calls[0]
    assert not clock.is_running
    assert not any(thread.name == "clock" for thread in threading.enumerate())
    clock.stop()
    assert calls[0] == stopped_at
    assert clock.timing.report().whole.blocks == stopped_at


def test_a_clock_never_started_can_be_stopped() -> None:
    clock = ClockDriver(lambda heard, out: None, WANTED)
    clock.stop()
    assert not clock.is_running
