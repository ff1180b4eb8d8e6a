"""A land learns for a second, and longer where that is not enough."""

from dataclasses import replace

import numpy as np
import pytest

from latent_terrain.nodes.terrain.dataset import Pairs
from latent_terrain.nodes.terrain.fit_as_needed import AUTO, GAUSS, MORE_GAUSS, MORE_STEPS, STEPS, fit_as_needed
from latent_terrain.nodes.terrain.network import TerrainShape
from latent_terrain.nodes.terrain.quality import grade, relative_error
from latent_terrain.nodes.terrain.training import FitResult, FitStopped, TrainingProgress

PAIRS = Pairs(np.zeros((4, 2), np.float32), np.array([[-1.0], [1], [-1], [1]], np.float32), (4,))
SHAPE = TerrainShape(2, 1, GAUSS)


class Learner:
    """Stands for a fit: four steps, whose land is an array of its roughness, with losses as told."""

    def __init__(self, **losses: float) -> None:
        self.losses = {float(name.removeprefix("g").replace("_", ".")): loss for name, loss in losses.items()}
        self.asked: list[tuple[float, int]] = []
        self.is_ended = False

    def __call__(self, shape, steps, progress, /):
        self.asked.append((shape.gauss, steps))
        if self.is_ended:
            raise FitStopped
        land = {"land": np.full(1, shape.gauss, np.float32)}
        loss = self.losses[shape.gauss]
        step = 0
        for step in range(1, 5):
            best = loss * (5 - step)
            if progress(TrainingProgress(step, 4, best, best, lambda: land)) is False:
                break
        return FitResult(land, loss, (1.0,) * step, 1.0, step)


def told(learner, steps=AUTO, may=True, shape=SHAPE, stop_at=None):
    heard = []

    def hear(now, done, is_second):
        heard.append((done, is_second, float(now.snapshot()["land"][0])))
        return len(heard) != stop_at

    return fit_as_needed(learner, PAIRS, shape, steps, hear, may=may), heard


def test_a_good_fit_is_left_as_it_is():
    learner = Learner(g0_1=0.04)
    result, heard = told(learner)
    assert learner.asked == [(GAUSS, STEPS)]
    assert result.loss == 0.04
    assert heard[-1][0] < 1, "more might have come"


def test_a_bad_fit_is_followed_by_a_rougher_and_longer_one():
    learner = Learner(g0_1=0.3, g0_4=0.01)
    result, heard = told(learner)
    assert learner.asked == [(GAUSS, STEPS), (MORE_GAUSS, MORE_STEPS)]
    assert (result.loss, result.steps, result.seconds, len(result.history)) == (0.01, 8, 2.0, 8)
    done = [one for one, _, _ in heard]
    assert done == sorted(done)
    assert done[-1] == 1.0
    assert [is_second for _, is_second, _ in heard] == [False] * 4 + [True] * 4


def test_what_is_shown_is_always_the_better_land():
    _, heard = told(Learner(g0_1=0.3, g0_4=0.1))
    assert [round(land, 2) for _, _, land in heard] == [0.1] * 6 + [0.4] * 2  # of losses 0.4, 0.3, 0.2, 0.1


def test_the_second_is_dropped_where_it_is_worse():
    result, _ = told(Learner(g0_1=0.3, g0_4=0.5))
    assert result.loss == 0.3
    assert result.weights["land"][0] == np.float32(GAUSS)


@pytest.mark.parametrize(
    ("steps", "may", "gauss"), [(300, True, GAUSS), (AUTO, False, GAUSS), (AUTO, True, 0.2), (AUTO, True, 0.0)]
)
def test_what_was_set_by_hand_is_kept(steps, may, gauss):
    learner = Learner(g0_1=0.3, g0_2=0.3, g0_0=0.3)
    told(learner, steps, may, replace(SHAPE, gauss=gauss))
    assert learner.asked == [(gauss, 300)]


def test_a_stop_ends_it_in_either_fit_with_the_best():
    learner = Learner(g0_1=0.3, g0_4=0.01)
    told(learner, stop_at=2)
    assert len(learner.asked) == 1, "a stop in the first fit does not begin a second"
    result, heard = told(Learner(g0_1=0.3, g0_4=0.5), stop_at=6)
    assert (len(heard), result.loss) == (6, 0.3)


def test_a_second_fit_that_never_began_leaves_the_first():
    learner = Learner(g0_1=0.3, g0_4=0.01)

    def hear(now, done, is_second):
        learner.is_ended = now.step == 4
        return True

    assert fit_as_needed(learner, PAIRS, SHAPE, AUTO, hear, may=True).loss == 0.3


def test_error_over_variance_is_a_share_with_a_word():
    z = np.array([[-1.0, 5], [1, 5]], np.float32)
    assert relative_error(0.05, z) == pytest.approx(0.1)
    assert relative_error(0.0, z) == relative_error(0.0, np.ones((3, 2), np.float32)) == 0.0
    assert np.isfinite(relative_error(1.0, np.ones((3, 2), np.float32)))
    assert [grade(one) for one in (0.0, 0.03, 0.1, 0.3, 0.9)] == ["very good", "good", "blurred", "poor", "grey"]
