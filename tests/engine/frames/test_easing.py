"""The lookahead follows the device's buffer, grows when frames are late, and is given back without a click."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from latent_terrain.engine.frames.lookahead_release import LONGEST_QUIET_SECONDS, QUIET_SECONDS, LookaheadRelease
from latent_terrain.engine.frames.sound import CROSSING_SECONDS
from latent_terrain.engine.frames.worked import FEWEST_TIMES

from ...waiting import eventually
from .stage import BLOCK, RATE, Stage, ramps

CROSSING = round(CROSSING_SECONDS * RATE)


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage(lookahead=4 * BLOCK)
    yield made
    made.close()


@pytest.mark.parametrize("wanted", [1, 2, 3, 7])
def test_another_lookahead_is_heard_as_a_crossing_from_one_place_to_the_other(stage: Stage, wanted: int) -> None:
    stage.play(30)
    began = stage.service.clock.sample
    stage.opened.stream.wanted = wanted * BLOCK
    sound = stage.play(20)
    expected = ramps(80)
    old, new = (expected[began - late : began - late + len(sound)] for late in (4 * BLOCK, wanted * BLOCK))
    coming = np.ones(len(sound), np.float32)
    coming[:CROSSING] = np.sin(np.linspace(0, np.pi / 2, CROSSING)) ** 2
    np.testing.assert_allclose(sound, old * (1 - coming) + new * coming, atol=2e-5)
    np.testing.assert_array_equal(sound[CROSSING:], new[CROSSING:])
    assert stage.opened.stream.lookahead == wanted * BLOCK
    assert stage.opened.report().late == 0


def test_what_is_not_there_yet_is_waited_for_and_not_broken_off(stage: Stage) -> None:
    """A lookahead of nothing can never be: frames take time."""
    stage.play(30)
    stage.opened.stream.wanted = -4 * BLOCK
    sound = stage.play(10)
    began = stage.service.clock.sample - 10 * BLOCK - 4 * BLOCK
    np.testing.assert_array_equal(sound, ramps(80)[began : began + len(sound)])


def bursts(stage: Stage, count: int, blocks: int) -> None:
    """A device with a buffer: so many blocks are asked for at once, then there is time."""
    for _ in range(count):
        stage.play(blocks, is_patient=False)
        eventually(stage.is_answered)


@pytest.mark.parametrize("blocks", [4, 16, 64])
def test_a_device_that_asks_for_many_blocks_at_once_makes_no_frame_late_once_it_is_known(blocks: int) -> None:
    for knows, is_clean in ((True, True), (False, False)):
        stage = Stage(lookahead=None)
        try:
            if knows:
                stage.service.expect_burst((blocks - 1) * BLOCK)
            stage.play(1)  # a worker's first frame
            bursts(stage, 12, blocks)
            assert (stage.opened.report().late == 0) == is_clean
            assert not knows or stage.opened.report().skipped == 0
        finally:
            stage.close()


def test_a_smaller_buffer_brings_the_sound_nearer(stage: Stage) -> None:
    stage.service.fixed = None
    stage.service.expect_burst(15 * BLOCK)
    stage.play(40)
    assert stage.opened.stream.lookahead == 19 * BLOCK
    stage.service.expect_burst(0)
    stage.play(20)
    assert stage.opened.stream.lookahead == 4 * BLOCK
    assert stage.opened.report().late == 0


class Stream:
    """What easing sees of a stream: as many samples to spare as the test says."""

    def __init__(self, lookahead: int, slack: int | None) -> None:
        self.lookahead = self.wanted = lookahead
        self.least, self.step, self.late, self.slack = 512, 192, 0, slack

    def take_slack(self) -> int | None:
        return self.slack


def watched(stream: Stream, easing: LookaheadRelease, begin: float, seconds: float) -> list[int]:
    """The lookaheads wanted through some time, ten looks a second."""
    found = []
    for tenth in range(round(10 * seconds)):
        if easing.is_due(stream, begin + tenth / 10):  # type: ignore[arg-type]
            easing.ease(stream, begin + tenth / 10)  # type: ignore[arg-type]
        stream.lookahead = stream.wanted
        found.append(stream.wanted)
    return found


def test_after_a_quiet_time_the_lookahead_comes_back_step_by_step_to_its_least() -> None:
    stream = Stream(512 + 500, slack=400)
    found = watched(stream, LookaheadRelease(), 0.0, 5 * QUIET_SECONDS)
    assert sorted(set(found), reverse=True) == [1012, 820, 628, 512]
    assert found == sorted(found, reverse=True)
    assert found[: round(10 * QUIET_SECONDS)] == [1012] * round(10 * QUIET_SECONDS)


@pytest.mark.parametrize("slack", [191, 0, None])
def test_what_is_needed_is_not_given_back(slack: int | None) -> None:
    assert set(watched(Stream(1012, slack), LookaheadRelease(), 0.0, 60.0)) == {1012}


def test_a_machine_on_the_brink_is_asked_less_and_less_often() -> None:
    stream, easing, now, waits = Stream(1012, slack=400), LookaheadRelease(), 0.0, []
    for _ in range(8):
        began = now
        while stream.wanted == 1012:
            watched(stream, easing, now, 1.0)
            now += 1.0
        waits.append(now - began)
        stream.late += 1
        stream.lookahead = stream.wanted = 1012
        watched(stream, easing, now, 0.1)
    assert all(later >= sooner for sooner, later in pairwise(waits))
    assert waits[3] > 6 * waits[0]
    assert waits[-1] <= LONGEST_QUIET_SECONDS + 2.0


def test_what_the_first_frames_took_on_a_busy_machine_does_not_count_for_the_whole_evening() -> None:
    stage = Stage(lookahead=None)
    try:
        stream = stage.opened.stream
        stream._bounds = (3 * BLOCK, 4 * BLOCK)  # as if they had been slow
        stream.wanted = 3 * BLOCK
        stage.play(FEWEST_TIMES * 480 // BLOCK + 40)
        now = 0.0
        while now < 3 * QUIET_SECONDS:
            stage.opened.ease(now)
            stage.play(1)
            now += 0.1
        assert stream.least < 3 * BLOCK
        assert stream.lookahead < 3 * BLOCK
        assert stage.opened.report().late == 0
    finally:
        stage.close()
