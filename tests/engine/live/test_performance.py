"""A performance tells how much of its time the sound takes."""

from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.drivers import NOBODY, Means, WantedDevice
from latent_terrain.engine.drivers.clock import ClockDriver
from latent_terrain.engine.live import LiveSetup, Performance
from latent_terrain.engine.messages import MessageError, RowsAt
from latent_terrain.engine.vectors import VectorWriter, new_memory
from latent_terrain.graphs import Patch, add_node

from ...waiting import eventually


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
