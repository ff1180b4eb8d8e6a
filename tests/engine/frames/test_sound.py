"""Sound that a worker computes comes exactly one lookahead later, or dies away and comes back."""

import time
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest

from latent_terrain.engine.frames import FrameError
from latent_terrain.engine.frames import service as frame_service
from latent_terrain.engine.frames.service import WorkOrder
from latent_terrain.engine.frames.words import SLOTS

from ...waiting import eventually
from .stage import BLOCK, RATIO, WORK, Stage, ramps, service


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.close()


def loudest_step(sound: np.ndarray) -> float:
    """The largest jump of the slope between neighbouring samples."""
    return float(np.abs(np.diff(sound, 2)).max())


def test_a_frame_sounds_exactly_one_lookahead_after_its_instant(stage: Stage) -> None:
    sound = stage.play(40)
    expected = ramps(40 * BLOCK // RATIO + 1)
    assert not sound[: 2 * BLOCK].any()
    np.testing.assert_array_equal(sound[2 * BLOCK :], expected[: 38 * BLOCK])


def test_a_stream_that_begins_between_frames_is_silent_up_to_its_first(stage: Stage) -> None:
    stage.service.clock.sample = 3 * BLOCK
    sound = stage.play(20)
    silent = RATIO - 3 * BLOCK + 2 * BLOCK
    assert not sound[:silent].any()
    assert sound[silent] == np.float32(0.1)


def test_a_late_frame_dies_away_is_counted_and_makes_the_lookahead_grow(stage: Stage) -> None:
    stage.play(20)
    before = stage.opened.stream.lookahead
    sound = stage.play(8, wish=60.0, is_patient=False)
    eventually(stage.is_answered)
    after = stage.play(20)
    assert stage.opened.report().late >= 1
    assert before < stage.opened.stream.lookahead <= 512
    assert "latency raised to" in stage.opened.stream.news()[0]
    assert stage.opened.stream.news() == []
    heard = np.concatenate([sound, after])
    assert loudest_step(heard) < 0.4, "no more than the steps between the toy's own frames, 0.38"
    expected = ramps(60)
    place = stage.service.clock.sample - stage.opened.stream.lookahead
    np.testing.assert_array_equal(after[-BLOCK:], expected[place - BLOCK : place])


def test_the_lookahead_never_grows_beyond_a_frame(stage: Stage) -> None:
    for _ in range(8):
        stage.play(6, wish=40.0, is_patient=False)
        eventually(stage.is_answered)
        stage.play(8)
    assert stage.opened.stream.lookahead == 4 * BLOCK
    assert any("too slow" in text for text in stage.opened.stream.news())


def test_frames_that_are_no_numbers_become_silence_and_are_counted(stage: Stage) -> None:
    stage.play(8)
    sound = stage.play(8, wish=1.0)
    assert np.isfinite(sound).all()
    assert stage.opened.report().faults > 0
    assert stage.play(20)[-1] != 0.0


def test_work_that_raises_is_silent_and_goes_on(stage: Stage) -> None:
    stage.play(8, wish=2.0)
    assert stage.opened.report().faults > 0
    assert stage.play(20)[-1] != 0.0


def test_a_worker_that_hangs_loses_frames_but_not_the_sound_after_it(stage: Stage) -> None:
    stage.play(8)
    stage.play(1 + 4 * (SLOTS + 4), wish=15.0, is_patient=False)
    eventually(stage.is_answered)
    sound = stage.play(24)
    assert stage.opened.report().skipped > 0
    assert np.isfinite(sound).all()
    assert sound[-1] != 0.0


def test_a_worker_that_dies_is_told_once_and_replaced(stage: Stage) -> None:
    stage.play(8)
    before = stage.opened.worker
    stage.play(4, wish=3.0, is_patient=False)
    eventually(lambda: stage.opened.worker is not before and stage.is_answered())
    sound = stage.play(30)
    news = stage.service.news()
    assert [one.node for one in news if "crashed" in one.text] == ["voice"]
    assert stage.service.news() == []
    assert sound[-1] != 0.0


def test_a_killed_worker_is_replaced_without_a_click(stage: Stage) -> None:
    stage.play(20)
    before = stage.opened.worker
    assert before is not None
    before.child.kill()
    eventually(lambda: stage.opened.worker is not before)
    heard = stage.play(40, is_patient=False)
    eventually(stage.is_answered)
    news = [one.text for one in stage.service.news()]
    assert sum("crashed" in text for text in news) == 1
    assert stage.play(20)[-1] != 0.0
    assert np.isfinite(heard).all()


def test_reset_begins_anew_and_the_old_sound_dies_away(stage: Stage) -> None:
    stage.play(20)
    stage.opened.reset()
    sound = stage.play(20)
    assert sound[-1] != 0.0
    assert sound[:RATIO].min() < 0.01 < sound[0]


def test_work_that_refuses_says_why() -> None:
    frames = service()
    try:
        with pytest.raises(FrameError, match="no such model"):
            frames.facts(WorkOrder(WORK, {"refuse": "no such model"}))
    finally:
        frames.close()


def test_facts_are_asked_once_and_the_worker_is_taken_over() -> None:
    frames = service()
    try:
        order = WorkOrder(WORK, {"ratio": RATIO})
        facts = frames.facts(order)
        assert frames.facts(order) is facts
        taken = frames.take(order)
        assert taken.facts["pid"] == facts["pid"] == taken.child.pid
        taken.child.close()
    finally:
        frames.close()


def test_the_lookahead_is_measured_and_a_whole_number_of_blocks() -> None:
    stage = Stage(lookahead=None)
    try:
        lookahead = stage.opened.stream.lookahead
        assert lookahead % BLOCK == 0
        assert BLOCK <= lookahead <= 4 * BLOCK
    finally:
        stage.close()


def test_closing_ends_the_workers() -> None:
    stage = Stage()
    worker = stage.opened.worker
    assert worker is not None
    path = stage.opened.memory.path
    stage.close()
    assert not worker.child.is_alive
    assert not path.exists()
    assert stage.service.streams() == ()


def test_what_a_node_says_again_and_again_is_told_once_a_minute_and_counted(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr(frame_service, "time", SimpleNamespace(monotonic=lambda: now))

    def told_after_lateness() -> int:
        late = stage.service.late
        stage.play(12, wish=40.0, is_patient=False)
        eventually(stage.is_answered)
        stage.play(30)
        assert stage.service.late > late, "what is not told is counted all the same"
        return sum("dropouts at maximum" in one.text for one in stage.service.news())

    while not told_after_lateness():
        pass
    assert [told_after_lateness() for _ in range(4)] == [0] * 4
    now += frame_service.AGAIN_SECONDS
    assert told_after_lateness() == 1
