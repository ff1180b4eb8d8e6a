"""What a worker writes and says is somebody's program's doing: the engine's side believes none of it."""

import os
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine.frames import FrameError, FrameService
from latent_terrain.engine.frames.service import WorkOrder
from latent_terrain.engine.processes.shared import MEMORY_FOLDER, PREFIX

from ...waiting import eventually
from . import stage as stages
from .stage import BLOCK, RATE, RATIO, Stage


@pytest.fixture
def service() -> Iterator[FrameService]:
    made = FrameService(search=(str(Path(__file__).parent),))
    made.prepare(RATE, BLOCK, None)
    yield made
    made.close()


def shared_files() -> list[Path]:
    return list(MEMORY_FOLDER.glob(f"{PREFIX}{os.getpid()}-*")) if MEMORY_FOLDER.is_dir() else []


def test_words_out_of_all_bounds_end_nothing_on_the_audio_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "WORK", "toy_lies:Writes")
    stage = Stage()
    try:
        stage.play(20)
        stage.play(4, wish=1.0, is_patient=False)
        words = stage.opened.memory.words("words")
        eventually(lambda: words[0] == (1 << 63) - 1)
        stage.play(40, is_patient=False)
        assert stage.opened.stream.posted < 100
        words.release()
    finally:
        stage.close()


@pytest.mark.parametrize(
    "said",
    [
        {"computing_ns": None},
        {"computing_ns": ["a", 1]},
        {"computing_ns": [-(10**18)]},
        {"computing_ns": [1 << 62]},
        {"onset": float("inf")},
        {"onset": float("nan")},
        {"onset": [1]},
        {"onset": -1},
    ],
)
def test_nonsense_about_its_first_frames_is_a_sentence_and_leaves_nothing_behind(
    said: dict[str, Any], service: FrameService
) -> None:
    order = WorkOrder("toy_lies:Answers", {"ratio": RATIO, "said": said})
    with pytest.raises(FrameError, match="sent an invalid message"):
        service.open_sound("voice", order, 2, 1, Fraction(RATIO), {})
    assert shared_files() == []


def test_a_message_too_large_to_be_heard_in_time_ends_its_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "WORK", "toy_lies:Speaks")
    stage = Stage()
    try:
        stage.play(20)
        stage.play(4, wish=1.0, is_patient=False)
        eventually(lambda: any("crashed" in one.text for one in stage.service.news()))
    finally:
        stage.close()


def test_a_stream_that_closes_while_its_worker_is_started_again_is_not_spoken_of() -> None:
    stage = Stage()
    assert np.isfinite(stage.play(4)).all()
    assert stage.opened.worker is not None
    stage.opened.worker.child.kill()
    eventually(lambda: any("restarted" in one.text for one in stage.service.news()))
    stage.opened.close()
    eventually(lambda: not any(one.name == "restart voice" for one in threading.enumerate()))
    assert stage.service.news() == []
    stage.close()
