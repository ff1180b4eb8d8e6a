"""reduce: many channels to a place in a box, by each method, trained on takes."""

from collections.abc import Callable

import numpy as np
import pytest

from latent_terrain.engine import Trajectories
from latent_terrain.engine.training.jobs import run_jobs
from latent_terrain.nodes.reduce.node import Reduce
from latent_terrain.nodes.reduce.projection import Method, fitted, read_projection
from latent_terrain.nodes.terrain.learned import learned_weights
from latent_terrain.nodes.terrain.network import shape_of

from .land import PALETTE, draw, setup_for
from .sensing import BLOCK, held, played, setup

BOX = (-16.0, -4.0, 16.0, 4.0)


def goes_on(done: float, text: str, snapshot: Callable[[], object] | None = None) -> bool:
    return True


def takes() -> Trajectories:
    """Twelve channels, in units of their own, of a movement over a bent surface."""
    random = np.random.default_rng(0)
    spot = random.uniform(-1, 1, (600, 2)).cumsum(axis=0)
    spot = np.sin(0.05 * spot)
    mixed = np.tanh(spot @ random.normal(size=(2, 12))) + 0.3 * np.sin(3 * spot @ random.normal(size=(2, 12)))
    rows = ((mixed + 0.01 * random.normal(size=mixed.shape)) * 10.0 ** np.arange(-3, 9) / 1e3).astype(np.float32)
    return Trajectories(("one", "two"), (rows[:300], rows[300:]), are_takes=True)


def trained(method: Method, **settings: object) -> Reduce:
    content = Reduce(setup(), {}, method=method, **settings).learn(takes(), goes_on)  # type: ignore[arg-type]
    kept = {f"learn/{name}": array for name, array in content.items()}
    return Reduce(setup(), kept, method=method, **settings)  # type: ignore[arg-type]


def folded() -> np.ndarray:
    """Twelve channels of two movements that bend each other: no plane holds them."""
    random = np.random.default_rng(0)
    u, v = random.uniform(-1, 1, (2, 600))
    return np.stack([u, np.sin(3 * u), v, np.cos(2 * v)], axis=1) @ random.normal(size=(4, 12))


def stress(method: Method) -> float:
    """How far distances of places are from those of the channels, each counted by its spread (Sammon's)."""
    rows = folded()
    made = fitted(rows, 2, method, 1)
    places, seen = made(rows) * made.half, (rows - rows.mean(0)) / rows.std(0)
    some = np.random.default_rng(1).integers(0, len(rows), (2, 4000))
    wanted, now = (np.linalg.norm(one[some[0]] - one[some[1]], axis=1) for one in (seen, places))
    wanted = np.maximum(wanted, 1e-3)
    now *= now.sum() / (now * now / wanted).sum()
    return float(np.mean((now - wanted) ** 2 / wanted) / np.mean(wanted))


def test_learned_keeps_distances_better_than_pca_and_pca_better_than_chance() -> None:
    assert stress("learned") < 0.8 * stress("pca")
    assert stress("pca") < 0.5 * stress("random")


@pytest.mark.parametrize("method", ["pca", "random", "learned"])
def test_takes_fill_the_box_and_what_plays_is_what_they_become(method: Method) -> None:
    node, paths = trained(method), takes()
    made = node.coordinates(paths)
    assert (made.names, made.are_takes) == (paths.names, True)
    places = np.concatenate(made.arrays)
    np.testing.assert_allclose(places.min(0), BOX[:2], rtol=1e-5)
    np.testing.assert_allclose(places.max(0), BOX[2:], rtol=1e-5)
    out = played(node, held(paths.arrays[0][:50], BLOCK), outputs=2)[:, BLOCK - 1 :: BLOCK]
    np.testing.assert_allclose(out, made.arrays[0][:50].T, atol=1e-3)


@pytest.mark.parametrize("method", ["pca", "random", "learned"])
def test_equal_seeds_give_equal_planes(method: Method) -> None:
    rows = np.concatenate(takes().arrays)
    one, other, third = (fitted(rows, 2, method, seed).arrays for seed in (1, 1, 2))
    assert all(np.array_equal(one[name], other[name]) for name in one)
    assert np.array_equal(one["axes"], third["axes"]) == (method == "pca")


def test_not_trained_it_says_so_and_rests_in_the_middle() -> None:
    said: list[str] = []
    node = Reduce(setup(said), {})
    assert "not trained yet" in said[0]
    assert not played(node, np.ones((12, 10 * BLOCK)), outputs=2).any()
    assert node.coordinates(takes()).arrays == ()


def test_another_number_of_channels_rests_and_is_said_once() -> None:
    node = trained("pca")
    assert not played(node, np.ones((3, BLOCK)), outputs=2).any()
    assert (len(node.remarks()), node.remarks()) == (1, [])


def test_it_reduces_to_as_many_as_are_asked_for() -> None:
    node = trained("pca", size=3)
    assert np.concatenate(node.coordinates(takes()).arrays).shape == (600, 3)
    assert np.abs(np.concatenate(node.coordinates(takes()).arrays)).max() == pytest.approx(4.0)


def test_takes_without_anything_to_learn_are_refused_in_words() -> None:
    node = Reduce(setup(), {})
    for paths, text in (
        (Trajectories(), "no takes"),
        (Trajectories(("a",), (np.ones((1, 4), np.float32),)), "fewer than two moments"),
        (Trajectories(("a",), (np.ones((9, 4), np.float32),)), "no channel moves"),
    ):
        with pytest.raises(ValueError, match=text):
            node.learn(paths, goes_on)


def test_damaged_arrays_are_none() -> None:
    rows = np.concatenate(takes().arrays)
    arrays = fitted(rows, 2, "learned", 1).arrays
    assert read_projection(arrays) is not None
    assert read_projection({**arrays, "axes": arrays["axes"][:3]}) is None
    assert read_projection({**arrays, "half": np.zeros(2)}) is None
    assert read_projection({}) is None


def test_a_terrain_is_trained_over_the_few_channels_and_played_by_them() -> None:
    """
    felt --> plane --> land --> voice
    heard -------------^
    """
    random = np.random.default_rng(0)
    felt = {f"takes/{index}": one for index, one in enumerate(takes().arrays)}
    heard = {f"takes/{index}": random.standard_normal((300, 16)).astype(np.float32) for index in range(2)}
    patch = draw(
        "felt.takes -> plane.trajectories",
        "plane.coordinates -> land.coordinates",
        "heard.takes -> land.latents",
        "land.out -> voice.latents",
        "voice.out -> out.audio",
        felt=("record", {}, felt),
        heard=("record", {}, heard),
        plane="reduce",
        land=("terrain", {"steps": 2}),
        voice="decoder",
        out="audio_out",
    )
    learned = run_jobs(patch, PALETTE, setup_for(patch)).patch
    assert {"learn/axes", "learn/half"} <= learned.nodes["plane"].content.keys()
    assert shape_of(learned_weights(learned.nodes["land"].content)).control_dim == 2
