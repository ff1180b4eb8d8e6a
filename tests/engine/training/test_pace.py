"""How learning gives way: its share of the time, how long it goes on without a rest, and when it stops."""

from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_terrain.engine import Content, Palette, Progress, job, node, spec_of
from latent_terrain.engine.messages import Message
from latent_terrain.engine.messages.children import Pace, ReportLearned, StopTraining
from latent_terrain.engine.training.process import REST_SECONDS
from latent_terrain.graphs import Patch, add_node

from .still_parent import StillParent, run_training

clock = StillParent()


@node
class Steady:
    """Works so many steps of so long each."""

    def __init__(self, steps: int = 100, seconds: float = 0.001) -> None:
        self.steps, self.seconds = steps, seconds

    def process(self) -> None:
        """Nothing to hear."""

    @job
    def learn(self, progress: Progress) -> Content:
        count = 0
        for count in range(1, self.steps + 1):
            clock.work(self.seconds)
            if not progress(count / self.steps, "counting"):
                break
        return {"count": np.array([count])}


PALETTE = Palette(MappingProxyType({"steady": spec_of(Steady)}))


def learn(monkeypatch: pytest.MonkeyPatch, *before: Message, **values: Any) -> StillParent:
    run_training(monkeypatch, clock, PALETTE, add_node(Patch(), "steady", "pupil", values), *before)
    return clock


@pytest.fixture(autouse=True)
def fresh() -> StillParent:
    """A time of its own for every test."""
    clock.__init__()  # type: ignore[misc]
    return clock


@settings(max_examples=60, deadline=None)
@given(pace=st.floats(0.02, 1.0), seconds=st.floats(1e-4, 0.05), steps=st.integers(20, 200))
def test_work_takes_its_share_of_the_time_whatever_a_step_takes(pace: float, seconds: float, steps: int) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        clock.__init__()  # type: ignore[misc]
        began = clock.now
        learn(monkeypatch, Pace(pace=pace), steps=steps, seconds=seconds)
    assert clock.now - began == pytest.approx(steps * seconds / pace, abs=REST_SECONDS + 1e-6)
    longest = seconds + REST_SECONDS / max(1e-9, 1 / pace - 1)
    assert all(stretch <= longest + 1e-9 for stretch in clock.worked)
    assert len(clock.said(ReportLearned)) == 1


def test_at_a_tenth_of_the_pace_ten_times_as_much_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    learn(monkeypatch, steps=500)
    whole = clock.now - 100.0
    clock.__init__()  # type: ignore[misc]
    learn(monkeypatch, Pace(pace=0.1), steps=500)
    assert clock.now - 100.0 == pytest.approx(10 * whole, rel=0.03)


def test_a_pace_turned_in_the_middle_counts_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    clock.due = [(100.1, Pace(pace=0.1))]
    learn(monkeypatch, steps=200)
    assert clock.now - 100.0 == pytest.approx(0.1 + 0.1 / 0.1, abs=0.02)


@pytest.mark.parametrize("pace", [1.0, 0.1, 0.0])
def test_a_stop_is_heard_at_work_and_at_rest(monkeypatch: pytest.MonkeyPatch, pace: float) -> None:
    clock.due = [(100.05, StopTraining())]
    learn(monkeypatch, Pace(pace=pace), steps=10_000)
    assert clock.now == pytest.approx(100.05, abs=0.0011)
    assert [one.stopped for one in clock.said(ReportLearned)] == [True]


def test_a_lesson_at_no_pace_takes_one_step_and_waits_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    clock.due = [(500.0, Pace(pace=1.0))]
    learn(monkeypatch, Pace(pace=0.0), steps=100)
    assert clock.now == pytest.approx(500.0 + 0.099, abs=0.002)
    assert max(clock.worked) <= 0.0011
