"""A fit can be turned, put aside and taken up; it knows lines from scattered points; it never loses its best."""

import math
from dataclasses import replace

import numpy as np
import pytest

from latent_terrain.nodes.terrain.dataset import Pairs
from latent_terrain.nodes.terrain.fit import Fitting
from latent_terrain.nodes.terrain.learned import LOSSES, learned_losses, learned_state, learned_weights, to_keep
from latent_terrain.nodes.terrain.network import TerrainError, TerrainShape, evaluate
from latent_terrain.nodes.terrain.recipe import LEAST_SCATTERED, PLACED, RECIPE, REFERENCE, SCATTERED, recipe_for
from latent_terrain.nodes.terrain.training import TrainingProgress, fit, usable_device

BOX = ((-16.0, -4.0), (16.0, 4.0))
SMALL = TerrainShape(2, 4, width=32, features=64)


def same_bits(one, other) -> bool:
    return set(one) == set(other) and all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("method", ["recipe", "reference"])
def test_f10_b06_twice_so_many_steps_are_the_same_as_once_with_a_pause_between(curves, method):
    pairs = curves(count=2)
    whole = fit(pairs, SMALL, BOX, method, steps=60, seed=3)
    halves: list[dict[str, np.ndarray]] = []

    def stop_halfway(now: TrainingProgress) -> bool:
        if now.step == 30:
            halves.append(now.state())
        return now.step < 30

    fit(pairs, SMALL, BOX, method, steps=60, seed=3, progress=stop_halfway)
    again = fit(pairs, SMALL, BOX, method, steps=60, seed=3, state=halves[0])
    assert again.steps == 30
    assert same_bits(whole.weights, again.weights)
    assert whole.history[30:] == again.history


def test_what_was_kept_of_other_data_is_refused_with_a_sentence(curves):
    state = fit(curves(count=2), SMALL, BOX, "reference", steps=3).state
    for other, said in ((curves(count=1), "other data"), (curves(count=2), "damaged")):
        kept = state if said == "other data" else {"values": state["values"]}
        with pytest.raises(TerrainError, match=said):
            fit(other, SMALL, BOX, "reference", steps=5, state=kept)
    with pytest.raises(TerrainError, match="another network"):
        fit(curves(count=2), TerrainShape(2, 4), BOX, "reference", steps=5, state=state)


def test_f21_b05_another_learning_rate_and_batch_work_from_the_next_step_on(curves):
    pairs, sizes = curves(count=2), []

    def turn(now: TrainingProgress) -> bool:
        sizes.append(now.pairs_per_second * now.seconds)
        if now.step == 10:
            now.turning.rate, now.turning.batch = 1e-9, 4
        return True

    turned = fit(pairs, SMALL, BOX, "reference", steps=20, progress=turn)
    learned = np.diff(np.round(sizes))
    assert set(learned[:9]) == {32}
    assert set(learned[9:]) == {4}
    ten = fit(pairs, SMALL, BOX, "reference", steps=10)
    for name, array in ten.weights.items():
        np.testing.assert_allclose(turned.weights[name], array, atol=1e-6)


@pytest.mark.parametrize("odd", [{"rate": 0.0}, {"rate": math.nan}, {"batch": 0}, {"batch": True}])
def test_odd_turns_are_refused_with_a_sentence(curves, odd):
    def turn(now: TrainingProgress) -> bool:
        for name, value in odd.items():
            setattr(now.turning, name, value)
        return True

    with pytest.raises(TerrainError, match="give a"):
        fit(curves(count=1), SMALL, BOX, steps=3, progress=turn)


def test_a_fit_that_runs_away_ends_with_its_best_land_and_says_so(curves):
    pairs = curves(count=2)

    def push(now: TrainingProgress) -> bool:
        if now.step == 60:
            now.turning.rate = 1.0
        return True

    wild = replace(RECIPE, clip=math.inf, last_rate=1.0)
    result = fit(pairs, SMALL, BOX, steps=400, progress=push, recipe=replace(wild, rate=1e-2))
    good = fit(pairs, SMALL, BOX, steps=60, recipe=replace(wild, rate=1e-2))
    assert result.loss <= good.loss * 1.001
    assert math.isfinite(float(np.abs(evaluate(result.weights, pairs.x)).max()))
    burst = Pairs(pairs.x, pairs.z * np.float32(1e5), pairs.lengths)
    wilder = fit(burst, SMALL, BOX, "reference", steps=400, recipe=replace(REFERENCE, rate=1.0, keep_best=True))
    assert math.isfinite(wilder.loss)


def test_points_in_no_order_are_known_by_their_trajectories():
    def points(lengths):
        count = sum(lengths)
        return Pairs(np.zeros((count, 2), np.float32), np.zeros((count, 1), np.float32), tuple(lengths))

    many = [1] * LEAST_SCATTERED
    assert recipe_for("recipe", "auto", points([50, 50])) is RECIPE
    assert recipe_for("recipe", "auto", points(many)) is SCATTERED
    assert recipe_for("recipe", "auto", points([1] * 20)) is PLACED, "a few placed by hand are met exactly"
    assert recipe_for("recipe", "lines", points(many)) is RECIPE
    assert recipe_for("recipe", "points", points([50, 50])) is SCATTERED
    assert recipe_for("reference", "points", points(many)) is REFERENCE
    with pytest.raises(TerrainError, match="choose auto"):
        recipe_for("recipe", "sideways", points([3]))  # type: ignore[arg-type]


def test_without_their_order_crossing_lines_are_not_learned_by_heart(curves):
    random = np.random.default_rng(4)
    time = np.linspace(0, 1, 81)
    places, sounds = [], []
    for _ in range(12):
        begin, end = random.uniform(-1, 1, (2, 2)) * (15.5, 3.8)
        places.append(begin + (end - begin) * time[:, None])
        sounds.append(np.sin(9 * time[:, None] + random.uniform(0, 6, 4)))
    between, clean = (np.concatenate([one[1::2] for one in parts]) for parts in (places, sounds))
    z = np.concatenate([one[::2] for one in sounds])
    mixed = random.permutation(len(z))
    x = np.concatenate([one[::2] for one in places])[mixed].astype(np.float32)
    z = (z + 0.3 * random.standard_normal(z.shape))[mixed].astype(np.float32)
    pairs = Pairs(x, z, (len(x),))
    shape = TerrainShape(2, 4)
    as_lines, as_points = (fit(pairs, shape, BOX, order=order, steps=300) for order in ("lines", "points"))

    def miss(result):
        return float(np.mean((evaluate(result.weights, between) - clean) ** 2))

    assert miss(as_points) < 0.8 * miss(as_lines)


def test_smoothing_along_the_lines_draws_the_land_nearer_to_the_clean_sound(curves):
    clean, noisy = curves(noise=0.0), curves(noise=0.5)
    misses = []
    for along in (0.0, 2.0):
        weights = fit(noisy, TerrainShape(2, 4, width=64), BOX, steps=200, along=along).weights
        misses.append(float(np.mean((evaluate(weights, clean.x) - clean.z) ** 2)))
    assert misses[1] < 0.7 * misses[0]


def test_f30_the_error_beside_the_points_is_measured_on_the_way(curves):
    seen = []
    result = fit(curves(), SMALL, BOX, steps=100, progress=lambda now: seen.append(now.validation_loss) or True)
    assert seen[0] == math.inf
    assert 0 < result.validation_loss == seen[-1] < seen[20]
    assert result.loss < result.validation_loss < 0.1, "shaken a little, the land says nearly the same"


def test_f22_b11_progress_tells_epochs_and_the_time_that_is_left(curves):
    seen: list[TrainingProgress] = []
    result = fit(curves(), SMALL, BOX, steps=20, progress=lambda now: seen.append(now) or True)
    assert [one.epoch for one in seen] == sorted(one.epoch for one in seen)
    assert result.epochs == seen[-1].epoch >= 1
    assert seen[-1].seconds_left == 0.0 < seen[0].seconds_left
    assert all(one.pairs_per_second > 0 for one in seen)


def test_what_is_kept_comes_back_apart(curves):
    result = fit(curves(count=1), SMALL, BOX, "reference", steps=4)
    losses = tuple(float(number) for number in range(2 * LOSSES))
    content = {f"learn/{name}": array for name, array in to_keep(result.weights, losses, result.state).items()}
    assert same_bits(learned_weights(content), result.weights)
    assert same_bits(learned_state(content), result.state)
    curve = learned_losses(content)
    assert len(curve) == LOSSES
    assert curve[0] == pytest.approx(0.5)
    assert curve[-1] == pytest.approx(2 * LOSSES - 1.5)
    assert not learned_weights({})
    assert not learned_state({})
    assert not len(learned_losses({}))


def test_a_line_that_weighs_more_is_met_more_closely_where_two_sounds_want_one_place() -> None:
    """Two lines lie on each other and want +1 and -1: the land ends up by the heavier one."""
    line = np.column_stack([np.linspace(-8, 8, 60), np.zeros(60)]).astype(np.float32)
    x, z = np.concatenate([line, line]), np.concatenate([np.ones((60, 2)), -np.ones((60, 2))]).astype(np.float32)
    means = []
    for weights in ((), (4.0, 1.0), (1.0, 4.0)):
        pairs = Pairs(x, z, (60, 60), (), weights)
        result = fit(pairs, TerrainShape(2, 2, width=32, features=64), BOX, steps=150, seed=3)
        means.append(float(evaluate(result.weights, line).mean()))
    assert abs(means[0]) < 0.15
    assert means[1] == pytest.approx(0.6, abs=0.15)
    assert means[2] == pytest.approx(-0.6, abs=0.15)


def test_f28_a_device_that_is_not_there_is_told_and_auto_takes_what_there_is(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert usable_device("cpu") == usable_device("auto") == ("cpu", "")
    assert usable_device("cuda") == ("cpu", "no cuda here; training on the CPU")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert usable_device("auto") == usable_device("cuda") == ("cuda", "")


@pytest.mark.parametrize("method", ["recipe", "reference"])
def test_f28_learning_goes_on_on_another_device_with_all_that_the_optimiser_knew(curves, method, other_device):
    """What is kept is plain numbers: momentum and power are the same before and after a change of device."""
    pairs = curves(count=2)
    kept: list[dict[str, np.ndarray]] = []

    def halfway(now: TrainingProgress) -> bool:
        if now.step == 30:
            kept.append(now.state())
        return True

    whole = fit(pairs, SMALL, BOX, method, steps=60, seed=3, progress=halfway)
    way = RECIPE if method == "recipe" else REFERENCE
    task = Fitting(pairs, whole.weights, _edges_of(), way, 60, 3, 0.17, device=other_device)
    task.go_on(kept[0])
    for name, array in task.state().items():
        np.testing.assert_array_equal(array, kept[0][name])
    again = fit(pairs, SMALL, BOX, method, steps=60, seed=3, state=kept[0], device=other_device)
    np.testing.assert_allclose(again.history[-1], whole.history[-1], rtol=0.05)


@pytest.fixture
def other_device():
    """A graphics processor where there is one; else the processor again, by way of all the moving."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _edges_of():
    low, high = (np.array(edge, np.float32) for edge in BOX)
    return low, high
