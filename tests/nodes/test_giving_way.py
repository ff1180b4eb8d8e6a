"""Learning and encoding ask often whether they may go on, so that they rest, and stop soon after they are told to."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine.messages.children import ReportLearned, StopTraining
from latent_terrain.graphs import Patch
from latent_terrain.nodes import encode as encode_module
from latent_terrain.nodes.audiofile import write_sound
from latent_terrain.nodes.codec.encode_files import CHUNK
from latent_terrain.nodes.codec.interface import Array, CodecFacts
from latent_terrain.nodes.terrain import basis, training
from latent_terrain.nodes.terrain.basis import AT_ONCE
from latent_terrain.nodes.terrain.fit import Fitting

from ..engine.training.still_parent import StillParent, run_training
from .land import PALETTE, draw

STOP = StopTraining()
POINTS, STEPS = 6000, 25


@dataclass
class Counted:
    """How much was done after each look for messages and before the next."""

    parent: StillParent
    points: Counter[int] = field(default_factory=Counter[int])
    steps: Counter[int] = field(default_factory=Counter[int])

    def points_of(self, work: Callable[..., Any], place: int) -> Callable[..., Any]:
        """The same work, its points counted; place: which argument they are."""

        def counted(*args: Any, **more: Any) -> Any:
            self.points[self.parent.polls] += len(args[place])
            return work(*args, **more)

        return counted


@pytest.fixture
def parent() -> StillParent:
    return StillParent()


@pytest.fixture
def counted(parent: StillParent, monkeypatch: pytest.MonkeyPatch) -> Counted:
    """What learning does, counted."""
    found, step = Counted(parent), Fitting.step

    def one_step(self: Fitting) -> float:
        found.steps[parent.polls] += 1
        return step(self)

    monkeypatch.setattr(basis, "waves", found.points_of(basis.waves, 0))
    monkeypatch.setattr(training, "evaluate", found.points_of(training.evaluate, 1))
    monkeypatch.setattr(Fitting, "step", one_step)
    return found


def large_land(**values: Any) -> Patch:
    """
    where --> land <-- what: more points than are looked at in one go
    """
    random = np.random.default_rng(3)
    where = random.uniform(-0.4, 0.4, (POINTS, 2)).cumsum(0).astype(np.float32)
    what = random.normal(size=(POINTS, 4)).astype(np.float32)
    return draw(
        "where.takes -> land.coordinates",
        "what.takes -> land.latents",
        where=("record", {}, {"takes/0001": where}),
        what=("record", {}, {"takes/0001": what}),
        land=("terrain", {"steps": STEPS, **values}),
    )


@pytest.mark.parametrize("method", ["recipe", "reference"])
def test_a_land_of_many_points_asks_after_every_step_and_every_few_thousand_points(
    parent: StillParent, counted: Counted, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    run_training(monkeypatch, parent, PALETTE, large_land(method=method))
    assert parent.said(ReportLearned)[0].done == ("land.learn",)
    assert sum(counted.steps.values()) == STEPS
    assert max(counted.steps.values()) == 1
    assert max(counted.points.values()) <= 2 * AT_ONCE
    assert sum(counted.points.values()) > 2 * POINTS


@pytest.mark.parametrize("polls", [1, 3, 12])
def test_a_land_stopped_while_its_points_are_looked_at_stays_as_it_was(
    parent: StillParent, counted: Counted, monkeypatch: pytest.MonkeyPatch, polls: int
) -> None:
    parent.at_poll = {polls: STOP}
    run_training(monkeypatch, parent, PALETTE, large_land())
    found = parent.said(ReportLearned)[0]
    assert (found.stopped, found.done, found.skipped) == (True, (), ())
    assert found.change.get("nodes", {}) == {}
    assert not counted.steps
    assert parent.polls == polls + 1, "it looked once more, and found nothing"


def test_a_land_stopped_while_it_learns_makes_no_further_step(
    parent: StillParent, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_training(monkeypatch, parent, PALETTE, large_land())
    first = min(counted.steps)
    again = StillParent()
    again.at_poll = {first + 20: STOP}
    counted.parent, counted.steps = again, Counter()
    run_training(monkeypatch, again, PALETTE, large_land())
    assert 0 < sum(counted.steps.values()) < STEPS
    found = again.said(ReportLearned)[0]
    assert (found.stopped, found.done) == (True, ("land.learn",))


class Mean:
    """A codec whose latent is a frame's mean; what it encodes is counted."""

    facts = CodecFacts("mean", 1, 64, 44_100, 1, 1, ("mean",))

    def __init__(self, frames: Counter[int], parent: StillParent) -> None:
        self._frames, self._parent = frames, parent

    def encode(self, audio: Array) -> Array:
        found: Array = audio.reshape(1, 1, -1, 64).mean(3)
        self._frames[self._parent.polls] += found.shape[2]
        return found

    def decode(self, latents: Array) -> Array:
        return np.repeat(latents, 64, axis=2)

    def reset(self, lane: int | None = None) -> None:
        """It remembers nothing."""

    def new_instance(self, lanes: int = 1, seed: int = 0) -> "Mean":
        return Mean(self._frames, self._parent)


@pytest.mark.parametrize("average", [1, 3])
def test_encoding_asks_after_every_short_piece_of_every_go_and_stops_there(
    parent: StillParent, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, average: int
) -> None:
    samples = 64 * CHUNK * 20
    write_sound(tmp_path / "long.wav", np.zeros((1, samples), np.float32), 44_100)
    patch = draw(ear=("encode", {"sounds": (str(tmp_path / "long.wav"),), "average": average}))
    frames: Counter[int] = Counter()
    monkeypatch.setattr(encode_module, "open_codec", lambda name, folder: Mean(frames, parent))
    run_training(monkeypatch, parent, PALETTE, patch)
    assert parent.said(ReportLearned)[0].done == ("ear.encode",)
    assert sum(frames.values()) == 20 * CHUNK * average
    assert max(frames.values()) == CHUNK
    pieces, polls = len(frames), parent.polls
    assert pieces == 20 * average
    frames.clear()
    parent.at_poll = {polls + average + 5: STOP}
    run_training(monkeypatch, parent, PALETTE, patch)
    found = parent.said(ReportLearned)[1]
    assert (found.stopped, found.done) == (True, ())
    assert 0 < len(frames) < pieces
    assert max(frames) == polls + average + 4, "nothing is encoded after the word to stop"
