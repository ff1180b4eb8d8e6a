"""Live sound that a worker encodes: each frame's latents stand one frame later, late ones leave the last in place."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest

from latent_terrain.engine import FloatArray, FrameTimes
from latent_terrain.engine.frames.service import WorkOrder
from latent_terrain.engine.frames.words import DONE, POSTED

from ...waiting import eventually
from .stage import BLOCK, RATIO, WORK, service


class Listening:
    """One stream from sound to latents under a clock that moves when told; the sound counts its samples."""

    def __init__(self) -> None:
        self.service = service()
        order = WorkOrder(WORK, {"ratio": RATIO})
        self.opened = self.service.open_latents("ear", order, 1, 2, Fraction(RATIO), {"direction": "encode"})
        self.times = FrameTimes(Fraction(RATIO), BLOCK)

    def play(self, blocks: int, is_patient: bool = True) -> FloatArray:
        clock, given = self.service.clock, []
        for _ in range(blocks):
            self.times.move_to(clock.sample)
            sound = np.arange(clock.sample, clock.sample + BLOCK, dtype=np.float32)[np.newaxis]
            out = np.full((2, self.times.count), 9.0, np.float32)
            self.opened.push(sound, self.times, out)
            if is_patient:
                eventually(self.is_answered)
            given.append(out)
            clock.sample += BLOCK
        return np.concatenate(given, axis=1)

    def is_answered(self) -> bool:
        words = self.opened.stream._words
        return words[DONE] == words[POSTED]


@pytest.fixture
def ear() -> Iterator[Listening]:
    made = Listening()
    yield made
    made.service.close()


def test_a_frame_describes_the_samples_before_its_instant_one_frame_later(ear: Listening) -> None:
    latents = ear.play(40)
    last = latents[1]
    assert latents.shape[1] == -(-40 * BLOCK // RATIO)
    assert list(last[:2]) == [0.0, 0.0], "before the first answer, and the silence before the stream"
    np.testing.assert_array_equal(last[2:], [frame * RATIO - 1 for frame in range(1, len(last) - 1)])


def test_late_frames_leave_the_last_in_place_and_are_counted(ear: Listening) -> None:
    ear.play(30)
    worker = ear.opened.worker
    assert worker is not None
    import os

    os.kill(worker.child.pid, 19)
    try:
        held = ear.play(30, is_patient=False)
    finally:
        os.kill(worker.child.pid, 18)
    assert len(set(held[1].tolist())) <= 2
    assert ear.opened.stream.late > 0
    assert "holding the last one" in ear.opened.stream.news()[0]
    eventually(ear.is_answered)
    assert len(set(ear.play(40)[1].tolist())) > 3
