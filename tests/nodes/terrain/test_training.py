"""Learning reaches the drawn sounds quickly, is repeatable to the bit, stops when told, and bears odd data."""

import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from latent_terrain.nodes.terrain.basis import whitened
from latent_terrain.nodes.terrain.dataset import Pairs
from latent_terrain.nodes.terrain.network import (
    TerrainError,
    TerrainShape,
    evaluate,
    initial_weights,
    validate_weights,
)
from latent_terrain.nodes.terrain.recipe import RECIPE, REFERENCE
from latent_terrain.nodes.terrain.training import fit

STILL = replace(REFERENCE, rate=0.0)
BOX = ((-16.0, -4.0), (16.0, 4.0))
SMALL = TerrainShape(2, 4, width=32, features=64)


def points(x, z, lengths=None) -> Pairs:
    x, z = np.asarray(x, np.float32), np.asarray(z, np.float32)
    return Pairs(x, z, tuple(lengths or (len(x),)))


def same_bits(one, other) -> bool:
    return set(one) == set(other) and all(np.array_equal(one[name], other[name]) for name in one)


def test_the_recipe_beats_plain_training_at_equal_steps_and_comes_close_to_the_noise(curves):
    pairs = curves(noise=0.1)
    shape = TerrainShape(2, 4, width=64)
    recipe = fit(pairs, shape, BOX, steps=300, seed=1)
    plain = fit(pairs, shape, BOX, method="reference", steps=300, seed=1)
    assert recipe.loss < 0.03, "noise alone is 0.01, the latents' variance about 1"
    assert recipe.loss < plain.loss / 5
    assert recipe.steps == len(recipe.history) == 300
    assert recipe.history[-1] < recipe.history[0] / 10


def test_between_and_beyond_the_lines_the_land_stays_tame(curves):
    pairs = curves()
    weights = fit(pairs, TerrainShape(2, 4, width=64), BOX, seed=2).weights
    everywhere = np.random.default_rng(0).uniform(-1.5, 1.5, (4000, 2)) * (16, 4)
    assert np.abs(evaluate(weights, everywhere)).max() < 3 * np.abs(pairs.z).max()


def test_the_reported_loss_is_that_of_the_returned_weights(curves):
    pairs = curves(count=2)
    result = fit(pairs, SMALL, BOX, steps=30)
    assert result.loss == pytest.approx(float(np.mean((evaluate(result.weights, pairs.x) - pairs.z) ** 2)), rel=1e-5)
    assert validate_weights(result.weights) == SMALL
    assert same_bits({"B_T": result.weights["B_T"]}, {"B_T": initial_weights(SMALL, 0)["B_T"]})


@pytest.mark.parametrize("method", ["recipe", "reference"])
def test_f29_b44_equal_arguments_give_equal_bits_and_leave_torch_as_it_was(curves, method):
    import torch

    pairs = curves(count=2)
    torch.manual_seed(7)
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    one = fit(pairs, SMALL, BOX, method, steps=25, seed=3)
    torch.rand(5)
    torch.set_num_threads(2)
    other = fit(pairs, SMALL, BOX, method, steps=25, seed=3)
    assert torch.get_num_threads() == 2
    torch.set_num_threads(threads)
    assert same_bits(one.weights, other.weights)
    assert one.history == other.history
    torch.manual_seed(7)
    assert torch.equal(state, torch.get_rng_state())
    assert not same_bits(one.weights, fit(pairs, SMALL, BOX, method, steps=25, seed=4).weights)


def test_torchs_random_state_is_untouched(curves):
    import torch

    state = torch.get_rng_state()
    fit(curves(count=1), SMALL, BOX, steps=3)
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize("gauss", [0.1, 0])
def test_f20_plain_is_the_adam_of_torch(gauss):
    import torch
    from torch.nn import functional

    random = np.random.default_rng(0)
    pairs = points(random.uniform(-4, 4, (20, 2)), random.standard_normal((20, 3)))
    shape = TerrainShape(2, 3, gauss, 16, 16)
    start = {name: torch.from_numpy(array) for name, array in initial_weights(shape, 5).items()}
    learnt = [array.requires_grad_() for name, array in start.items() if "weight" in name or "bias" in name]
    adam = torch.optim.Adam(learnt, lr=1e-3)
    x, z, first = torch.from_numpy(pairs.x), torch.from_numpy(pairs.z), "fc_in_linear"
    if gauss:
        angle, first = 2 * math.pi * x @ start["B_T"], "fc_in_gau"
        x = torch.cat([angle.sin(), angle.cos()], 1)
    losses = []
    for _ in range(40):
        y = x
        for number, layer in enumerate((first, "fc2", "fc3", "fc4"), 1):
            y = functional.prelu(
                functional.linear(y, start[f"{layer}.weight"], start[f"{layer}.bias"]), start[f"prelu{number}.weight"]
            )
        loss = functional.mse_loss(functional.linear(y, start["fc_out.weight"], start["fc_out.bias"]), z)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    result = fit(pairs, shape, method="reference", steps=40, seed=5)
    np.testing.assert_allclose(result.history, losses, rtol=1e-3)
    for name, array in start.items():
        np.testing.assert_allclose(result.weights[name], array.detach().numpy(), atol=2e-3)


def test_f26_plain_training_goes_on_from_given_weights(curves):
    pairs = curves(count=1, points=20)
    first = fit(pairs, SMALL, method="reference", steps=60)
    more = fit(pairs, SMALL, method="reference", steps=60, start=first.weights)
    assert more.history[0] == pytest.approx(first.loss, rel=1e-4)
    assert more.loss < first.loss
    with pytest.raises(TerrainError, match="afresh"):
        fit(pairs, SMALL, start=first.weights)
    with pytest.raises(TerrainError, match="go on from"):
        fit(pairs, TerrainShape(2, 4), method="reference", start=first.weights)


def test_f22_a_plain_epoch_takes_every_point_once():
    random = np.random.default_rng(0)
    pairs = points(random.uniform(-4, 4, (70, 2)), np.arange(70)[:, None])
    frozen = fit(pairs, TerrainShape(2, 1, 0, 1), method="reference", steps=3, recipe=STILL)
    whole = float(np.mean((evaluate(initial_weights(TerrainShape(2, 1, 0, 1), 0), pairs.x) - pairs.z) ** 2))
    assert np.average(frozen.history, weights=[32, 32, 6]) == pytest.approx(whole, rel=1e-5)


def test_f24_b04_progress_is_told_each_step_and_may_stop_the_fit(curves):
    pairs, seen = curves(), []

    def stop_at_50(progress):
        seen.append(progress)
        return progress.step < 50

    result = fit(pairs, SMALL, BOX, steps=300, progress=stop_at_50)
    assert [progress.step for progress in seen] == list(range(1, 51))
    assert result.steps == 50
    assert result.loss == pytest.approx(min(progress.best for progress in seen), rel=1.0)
    assert result.loss < float(np.mean(pairs.z**2)), "fifty steps are better than none"


def test_a_fit_stopped_at_once_still_gives_a_land(curves):
    result = fit(curves(count=1), SMALL, BOX, progress=lambda progress: False)
    assert result.steps == 1
    assert validate_weights(result.weights) == SMALL


def test_f43_a_snapshot_on_the_way_is_the_land_so_far(curves):
    pairs, snapshots = curves(count=2), []

    def keep(progress):
        if progress.step == 40:
            snapshots.append((progress.best, progress.snapshot()))
        return True

    fit(pairs, SMALL, BOX, steps=60, progress=keep)
    best, weights = snapshots[0]
    assert float(np.mean((evaluate(weights, pairs.x) - pairs.z) ** 2)) == pytest.approx(best, rel=1e-2)


def test_an_error_in_progress_passes_through_and_restores_torch(curves):
    import torch

    threads = torch.get_num_threads()

    def trip(progress):
        raise RuntimeError("tripped")

    with pytest.raises(RuntimeError, match="tripped"):
        fit(curves(count=1), SMALL, BOX, progress=trip)
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("gauss", [0, 0.1])
@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_f19_single_points_are_reproduced(gauss, count):
    random = np.random.default_rng(count)
    pairs = points(random.uniform(-1, 1, (count, 2)) * (14, 3.5), random.standard_normal((count, 4)), [1] * count)
    result = fit(pairs, TerrainShape(2, 4, gauss, width=64), BOX, steps=300)
    assert result.loss < 1e-4


def test_repeated_places_give_the_mean_of_their_latents():
    z = np.random.default_rng(0).standard_normal((20, 4))
    result = fit(points(np.full((20, 2), 1.5), z), SMALL, BOX, steps=200)
    np.testing.assert_allclose(evaluate(result.weights, np.full((1, 2), 1.5))[0], z.mean(0), atol=0.05)


def test_constant_latents_give_a_flat_land():
    x = np.random.default_rng(0).uniform(-4, 4, (30, 2))
    weights = fit(points(x, np.full((30, 4), 3.0)), SMALL, BOX, steps=100).weights
    np.testing.assert_allclose(evaluate(weights, x * 1.5), 3.0, atol=1e-5)


@pytest.mark.parametrize("control_dim", [1, 3, 6])
@pytest.mark.parametrize("gauss", [0, 0.1])
def test_any_number_of_axes_is_learnt(control_dim, gauss):
    random = np.random.default_rng(0)
    line = np.linspace(random.uniform(-4, 4, control_dim), random.uniform(-4, 4, control_dim), 60)
    z = np.sin(np.linspace(0, 5, 60)[:, None] + [0, 1])
    result = fit(points(line, z), TerrainShape(control_dim, 2, gauss, width=32, features=64), steps=300)
    assert result.loss < 0.01


def test_b48_the_box_may_have_any_size_when_roughness_follows_it(curves):
    pairs = curves(noise=0.0)
    results = []
    for scale in (1.0, 0.05, 20.0):
        scaled = Pairs((pairs.x * scale).astype(np.float32), pairs.z, pairs.lengths)
        box = (np.array(BOX[0]) * scale, np.array(BOX[1]) * scale)
        results.append(fit(scaled, TerrainShape(2, 4, 0.1 / scale, 32, 64), box, steps=150).loss)
    assert results == pytest.approx([results[0]] * 3, rel=0.4), "rounding alone makes this much of a difference"
    assert max(results) < 0.01


def test_more_smoothness_means_gentler_slopes(curves):
    pairs, slopes = curves(noise=0.5), []
    places = np.random.default_rng(0).uniform(-1, 1, (1500, 2)) * (16, 4)
    for smoothness in (0.0, 0.5, 1.0):
        weights = fit(pairs, SMALL, BOX, steps=200, smoothness=smoothness).weights
        step = evaluate(weights, places + np.array([0.1, 0])) - evaluate(weights, places)
        slopes.append(float(np.sqrt(np.mean(step**2))))
    assert slopes == sorted(slopes, reverse=True)


def test_lifted_pens_are_not_bridged_but_neighbours_on_a_line_are():
    import torch

    from latent_terrain.nodes.terrain.basis import densified

    x = torch.tensor([[0.0], [1.0], [2.0], [50.0], [51.0], [0.0], [1.0]])
    more, between = densified(x, x * 2, (5, 2), times=2, jump=4.0)
    assert more.flatten().tolist() == [0, 1, 2, 50, 51, 0, 1, 0.5, 1.5, 50.5, 0.5]
    assert torch.equal(between, more * 2)


def test_many_features_are_whitened_as_well_as_few(curves):
    import torch

    random = torch.Generator().manual_seed(0)
    x = torch.from_numpy(curves().x)
    for features in (300, 700):
        frequencies = 0.1 * torch.randn(2, features, generator=random)
        basis = whitened(frequencies, x, 32, 1e-4, random)
        seen = basis(x)
        assert seen.mean(0).abs().max() < 1e-2
        assert float(seen.var(0, correction=0).mean()) == pytest.approx(1.0, rel=1e-2)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"box": ((-1, -1), (1,))}, "box"),
        ({"box": ((-1, -1), (1, -1))}, "extent"),
        ({"box": ((-1, -1), (1, math.inf))}, "edges"),
        ({"box": "canvas"}, "box"),
        ({"method": "magic"}, "recipe or reference"),
        ({"steps": 0}, "steps"),
        ({"steps": 2.5}, "steps"),
        ({"seed": -1}, "seed"),
        ({"smoothness": 1.5}, "smoothness"),
        ({"smoothness": math.nan}, "smoothness"),
        ({"shape": TerrainShape(3, 4)}, "this terrain wants"),
        ({"pairs": points(np.zeros((0, 2)), np.zeros((0, 4)))}, "no training points"),
        ({"pairs": points([[0, math.nan]], [[0, 0, 0, 0]])}, "not numbers"),
        ({"pairs": points([[0, 1e9]], [[0, 0, 0, 0]])}, "beyond"),
        ({"pairs": points([[0, 1]], [[0, 0, 0, 0]], [3])}, "together"),
    ],
)
def test_what_cannot_be_learnt_is_refused_with_a_sentence(changed, said):
    wanted = {"pairs": points([[0, 1], [1, 1]], np.zeros((2, 4))), "shape": SMALL, "steps": 3} | changed
    with pytest.raises(TerrainError, match=said):
        fit(**wanted)


def test_the_two_methods_keep_their_measured_choices():
    assert (RECIPE.directions, RECIPE.densify, RECIPE.probes, RECIPE.batch, RECIPE.rate) == (128, 3, 64, 333, 1e-2)
    assert (REFERENCE.rate, REFERENCE.batch, REFERENCE.memory, REFERENCE.average) == (1e-3, 32, 0.999, 0.0)


def test_torch_is_loaded_only_when_something_is_learnt():
    code = (
        "import sys; from latent_terrain.nodes.terrain import training, checkpoint, inference, plot, picture; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_g10_the_references_way_learns_37_points_as_fast_as_a_literal_port_of_it():
    """Three seeds; the reference's own help patch is not ours to ship, so data of its size stand for it."""
    import torch

    lefts: dict[str, list[float]] = {"ours": [], "port": []}
    for seed in range(3):
        random = np.random.default_rng(seed)
        corners = np.array([[-6.4, 0.2], [-3.4, -2.3], [1.3, -3.1], [6.8, 1.0]])
        places = np.stack([np.interp(np.linspace(0, 3, 37), np.arange(4), axis) for axis in corners.T], 1)
        pairs = points(places, np.cumsum(random.standard_normal((37, 4)), 0))
        shape = TerrainShape(2, 4)
        lefts["ours"].append(fit(pairs, shape, method="reference", steps=200, seed=seed).loss)
        weights = {name: torch.from_numpy(array.copy()) for name, array in initial_weights(shape, seed + 50).items()}
        learned = [array.requires_grad_() for name, array in weights.items() if "weight" in name or "bias" in name]
        adam, shuffled = torch.optim.Adam(learned, lr=1e-3), torch.Generator().manual_seed(seed)
        x, z = torch.from_numpy(pairs.x), torch.from_numpy(pairs.z)
        loss = torch.tensor(0.0)
        for _ in range(100):
            for picked in torch.randperm(37, generator=shuffled).split(32):
                angle = 2 * math.pi * x[picked] @ weights["B_T"]
                y = torch.cat([angle.sin(), angle.cos()], 1)
                for number, layer in enumerate(("fc_in_gau", "fc2", "fc3", "fc4"), 1):
                    y = torch.nn.functional.linear(y, weights[f"{layer}.weight"], weights[f"{layer}.bias"])
                    y = torch.nn.functional.prelu(y, weights[f"prelu{number}.weight"])
                y = torch.nn.functional.linear(y, weights["fc_out.weight"], weights["fc_out.bias"])
                loss = torch.nn.functional.mse_loss(y, z[picked])
                adam.zero_grad()
                loss.backward()
                adam.step()
        last = {name: array.detach().numpy() for name, array in weights.items()}
        lefts["port"].append(float(np.mean((evaluate(last, pairs.x) - pairs.z) ** 2)))
    assert 0.5 < np.mean(lefts["ours"]) / np.mean(lefts["port"]) < 2.0
