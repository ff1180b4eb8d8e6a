"""Terrain as a node: learns pairs, answers at frame rate, holds its ground."""

import numpy as np
import pytest

from latent_terrain.engine import Engine, check_patch
from latent_terrain.engine.training.jobs import run_jobs
from latent_terrain.graphs import Patch, set_content, set_seed, set_value
from latent_terrain.nodes.record import Record
from latent_terrain.nodes.terrain.learned import learned_error, learned_losses, learned_weights
from latent_terrain.nodes.terrain.network import TerrainError, evaluate, shape_of
from latent_terrain.nodes.terrain.node import Terrain
from latent_terrain.nodes.terrain.plot import plot

from .land import PALETTE, RATE, draw, heard, output, setup_for


def pairs(count: int = 4, points: int = 20) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    random = np.random.default_rng(0)
    lines = {
        f"lines/{index:04d}": np.array([[-14.0, 2 * index - 3.0], [14.0, 2 * index - 3.0]], np.float32)
        for index in range(count)
    }
    takes = {
        f"takes/{index:04d}": np.cumsum(random.standard_normal((points, 16)) * 0.3, axis=0).astype(np.float32)
        for index in range(count)
    }
    return lines, takes


def untaught(**values: object) -> Patch:
    """
    map --> terrain --> voice --> out
    takes ---^
    """
    lines, takes = pairs()
    return draw(
        "map.coordinates -> land.coordinates",
        "takes.takes -> map.latents",
        "takes.takes -> land.latents",
        "map.xy -> land.position",
        "land.out -> voice.latents",
        "voice.out -> out.audio",
        map=("gui", {}, lines),
        takes=("record", {}, takes),
        land=("terrain", {"steps": 150, **values}),
        voice="decoder",
        out="audio_out",
    )


def trained(**values: object) -> Patch:
    patch = untaught(**values)
    return run_jobs(patch, PALETTE, setup_for(patch)).patch


def test_walking_a_line_meets_the_latents_it_was_taught() -> None:
    patch = trained(steps=300)
    learned = output(patch, "land", "out", 1, 30_000)
    latents = patch.nodes["takes"].content["takes/0000"]
    duration = 28.0 / 0.4 * 1024
    there = np.arange(learned.shape[1]) * 1024 / duration * (len(latents) - 1)
    wanted = np.stack([np.interp(there, np.arange(len(latents)), latents[:, axis]) for axis in range(16)])
    assert np.sqrt(np.mean((learned - wanted) ** 2)) < 0.35 * latents.std()


def test_f29_equal_patches_learn_equal_lands_and_another_seed_or_variant_another() -> None:
    def weights(patch: Patch) -> bytes:
        return patch.nodes["land"].content["learn/fc_out.weight"].tobytes()

    one = weights(trained())
    assert weights(trained()) == one
    assert weights(trained(variant=1)) != one
    other = set_seed(untaught(), 9)
    assert weights(run_jobs(other, PALETTE, setup_for(other)).patch) != one


def test_before_learning_it_is_silent_and_says_so() -> None:
    patch = untaught()
    problems = check_patch(patch, PALETTE, setup_for(patch))
    assert [str(problem) for problem in problems] == [
        "land: not trained yet: draw lines, then Learn (latent-terrain terrain fit)"
    ]
    assert not output(patch, "land", "out", 2).any()


def test_b09_a_land_for_another_codec_is_refused_with_both_sizes() -> None:
    patch = trained(residual=False)
    wrong = {
        name: array[:5] if name in ("learn/fc_out.weight", "learn/fc_out.bias") else array
        for name, array in patch.nodes["land"].content.items()
    }
    patch = set_content(patch, "land", wrong)
    errors = [str(problem) for problem in check_patch(patch, PALETTE, setup_for(patch)) if problem.severity == "error"]
    assert errors == ["land.out: has 5 latents, voice takes 16; use one codec for sounds and decoder, then retrain"]


def test_f109_b15_new_weights_take_over_while_playing_without_a_new_instance() -> None:
    before, after = trained(), trained(variant=2)
    engine = Engine(before, PALETTE, setup_for(before))
    engine.process()
    instance = engine.instance("land")
    engine.update(set_content(before, "land", after.nodes["land"].content))
    for _ in range(8):
        engine.process()
    assert engine.instance("land") is instance
    fresh = Engine(after, PALETTE, setup_for(after)).instance("land")
    place, here, there = np.ones((2, 1), np.float32), np.zeros((16, 1), np.float32), np.zeros((16, 1), np.float32)
    instance.inference.evaluate(place, here)
    fresh.inference.evaluate(place, there)
    np.testing.assert_array_equal(here, there)


def test_f33_switched_off_it_gives_the_middle_of_the_latents() -> None:
    patch = set_value(trained(), "land", "enabled", False)
    assert not output(patch, "land", "out", 4).any()


@pytest.mark.parametrize("axes", [1, 3, 6])
def test_f01_one_to_six_coordinates(axes: int) -> None:
    """
    three takes of coordinates and of latents --> land
    """
    random = np.random.default_rng(1)
    places = {f"takes/{index}": random.uniform(-4, 4, (12, axes)).astype(np.float32) for index in range(3)}
    sounds = {f"takes/{index}": random.standard_normal((12, 16)).astype(np.float32) for index in range(3)}
    patch = draw(
        "places.takes -> land.coordinates",
        "sounds.takes -> land.latents",
        "land.out -> voice.latents",
        "voice.out -> out.audio",
        places=("record", {}, places),
        sounds=("record", {}, sounds),
        land=("terrain", {"control_dim": axes, "steps": 40}),
        voice="decoder",
        out="audio_out",
    )
    done = run_jobs(patch, PALETTE, setup_for(patch))
    assert done.done == ("land.learn",)
    assert np.isfinite(heard(done.patch, 0.1)).all()


def test_f26_the_references_way_goes_on_where_it_was_and_the_recipe_starts_afresh() -> None:
    def learn(patch: Patch, again: bool = False) -> Patch:
        return run_jobs(patch, PALETTE, setup_for(patch), again=again).patch

    def weights(patch: Patch) -> dict[str, bytes]:
        return {name: array.tobytes() for name, array in learned_weights(patch.nodes["land"].content).items()}

    once = learn(untaught(method="reference", steps=20))
    twice = learn(once, again=True)
    at_once = learn(untaught(method="reference", steps=40))
    assert weights(twice) == weights(at_once)
    assert weights(once) != weights(twice)
    fresh = learn(untaught(steps=20))
    assert weights(learn(fresh, again=True)) == weights(fresh)


def test_f26_new_data_leave_the_weights_and_learning_goes_on_from_them() -> None:
    patch = untaught(method="reference", steps=30)
    before = run_jobs(patch, PALETTE, setup_for(patch)).patch
    more = {"takes/0004": before.nodes["takes"].content["takes/0000"] * 0.5}
    line = {"lines/0004": np.array([[-14.0, 0.5], [14.0, 0.5]], np.float32)}
    changed = set_content(set_content(before, "map", line, replace=False), "takes", more, replace=False)
    kept = learned_weights(changed.nodes["land"].content)
    assert all(kept[name] is array for name, array in learned_weights(before.nodes["land"].content).items())
    after = run_jobs(changed, PALETTE, setup_for(changed)).patch
    losses = learned_losses(before.nodes["land"].content)
    first = learned_losses(after.nodes["land"].content)[0]
    assert abs(first - losses[-1]) < abs(first - losses[0]), "it goes on from what it knew"


def test_f22_the_loss_curve_is_kept_with_the_land() -> None:
    losses = learned_losses(trained(steps=300).nodes["land"].content)
    assert len(losses) == 300
    assert losses[-20:].mean() < losses[:20].mean() / 2


@pytest.mark.parametrize("changed", [{"gauss": 0.3}, {"width": 48}, {"features": 64}, {"gauss": 0.0}])
def test_f27_b07_another_network_keeps_its_data_and_is_learned_while_the_old_one_plays(
    changed: dict[str, object],
) -> None:
    patch = trained()
    playing = Engine(patch, PALETTE, setup_for(patch))
    for key, value in changed.items():
        patch = set_value(patch, "land", key, value)
    playing.update(patch)
    before = playing.instance("land").shape
    done = run_jobs(patch, PALETTE, setup_for(patch))
    assert done.done == ("land.learn",)
    playing.update(done.patch)
    for _ in range(40):
        playing.process()
    place, given = np.ones((2, 1), np.float32), np.zeros((16, 1), np.float32)
    playing.instance("land").inference.evaluate(place, given)
    weights = learned_weights(done.patch.nodes["land"].content)
    assert (before.gauss, before.width, before.features) == (0.1, 128, 256)
    assert shape_of(weights) != before
    np.testing.assert_allclose(given, evaluate(weights, place.T).T, atol=1e-5)
    assert not playing.faults()


def test_b08_an_equal_map_after_another_network_is_a_new_map() -> None:
    box, size = (-16.0, -4.0, 16.0, 4.0), (20, 5)
    maps = [plot(learned_weights(trained(width=width).nodes["land"].content), box, size) for width in (32, 48)]
    assert np.abs(maps[0] - maps[1]).max() > 0.01


@pytest.mark.parametrize("block", [64, 500, 1024, 5000])
def test_g08_every_frame_has_the_coordinates_of_its_own_instant_whatever_the_block(block: int) -> None:
    """The reference takes them once in 46 ms, from the last vector of a buffer."""
    learned = trained().nodes["land"].content
    patch = draw(
        "x.out -> place.a",
        "y.out -> place.b",
        "place.out -> land.position",
        "land.out -> voice.latents",
        "voice.out -> out.audio",
        x=("phasor", {"frequency": 3.0}),
        y=("phasor", {"frequency": 2.0}),
        place="join",
        land=("terrain", {}, dict(learned)),
        voice="decoder",
        out="audio_out",
    )
    blocks = -(-20_480 // block)
    given = output(patch, "land", "out", blocks, block)[:, :20]
    instants = np.arange(20) * 1024 / RATE
    places = np.stack([instants * 3.0 % 1.0, instants * 2.0 % 1.0], 1)
    wanted = evaluate(learned_weights(learned), places.astype(np.float32)).T
    np.testing.assert_allclose(given, wanted, atol=1e-3)


def test_f21_the_learning_rate_can_be_turned_while_it_learns() -> None:
    patch = untaught(method="reference", steps=60)
    asked: list[str] = []

    def wishes(node: str) -> dict[str, float]:
        asked.append(node)
        return {"rate": 1e-6, "batch": 16.0} if len(asked) > 20 else {}

    turned = run_jobs(patch, PALETTE, setup_for(patch), wishes=wishes).patch
    still = run_jobs(patch, PALETTE, setup_for(patch)).patch
    one, other = (learned_losses(found.nodes["land"].content) for found in (turned, still))
    assert set(asked) == {"land"}
    np.testing.assert_array_equal(one[:21], other[:21])
    assert one[-10:].mean() > 1.1 * other[-10:].mean()


def test_where_sounds_jump_nothing_is_learned_between_neighbours() -> None:
    def weights(**values: object) -> bytes:
        return learned_weights(trained(**values).nodes["land"].content)["fc_out.weight"].tobytes()

    assert weights(between=False) != weights() == weights(between=True)


def test_what_the_network_misses_on_the_lines_is_kept_and_played_unless_switched_off() -> None:
    small = {"steps": 20, "width": 8, "features": 16}
    exact, plain = trained(**small), trained(**small, residual=False)
    assert "learn/residual.x" in exact.nodes["land"].content
    assert not any("residual" in name for name in plain.nodes["land"].content)
    errors = [learned_error(patch.nodes["land"].content) for patch in (exact, plain)]
    assert errors[0] is not None
    assert errors[1] is not None
    assert errors[0] < 0.05 < errors[1]
    for patch in (exact, plain):
        instance = Engine(patch, PALETTE, setup_for(patch)).instance("land")
        place, out = np.array([[-14.0], [-3.0]], np.float32), np.zeros((16, 1), np.float32)
        instance.inference.evaluate(place, out)
        wanted = evaluate(learned_weights(patch.nodes["land"].content), place.T)
        np.testing.assert_allclose(out.T, wanted, atol=2e-5)


@pytest.mark.parametrize("values", [{"method": "reference"}, {"along": 2.0}, {"order": "points"}, {"smoothness": 1.0}])
def test_nothing_is_put_back_where_the_land_is_not_meant_to_meet_every_point(values: dict[str, object]) -> None:
    patch = trained(steps=5, width=8, features=16, **values)
    assert not any("residual" in name for name in patch.nodes["land"].content)


def test_far_targets_can_be_switched_off() -> None:
    small = {"steps": 20, "width": 8, "features": 16, "residual": False}
    alive, grey = (trained(**small, far=far).nodes["land"].content["learn/fc2.weight"] for far in (True, False))
    assert not np.array_equal(alive, grey)


def test_by_itself_it_goes_on_rougher_where_the_first_fit_says_too_little() -> None:
    """Random walks are more than eight neurons can know, so that a second fit follows."""
    told: list[tuple[float, str]] = []

    def report(_node: str, _job: str, done: float, text: str) -> bool:
        told.append((done, text))
        return True

    patch = untaught(steps=0, width=8, features=16)
    patch = run_jobs(patch, PALETTE, setup_for(patch), report=report).patch
    weights = learned_weights(patch.nodes["land"].content)
    assert shape_of(weights).gauss == pytest.approx(0.4)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == 1.0
    assert any(text.startswith("refining: ") for _, text in told)
    kept = untaught(steps=0, width=8, features=16, gauss=0.11)
    kept = run_jobs(kept, PALETTE, setup_for(kept)).patch
    assert shape_of(learned_weights(kept.nodes["land"].content)).gauss == pytest.approx(0.11)


def goes_on(done: float, text: str, snapshot: object = None) -> bool:
    return True


def test_recorded_takes_of_another_number_than_their_latents_are_refused_with_both_numbers() -> None:
    random = np.random.default_rng(1)
    content = {
        "places": {f"takes/{index:04d}": random.uniform(0, 1, (12, 8)).astype(np.float32) for index in range(7)},
        "sounds": {f"takes/{index:04d}": random.standard_normal((12, 16)).astype(np.float32) for index in range(6)},
    }
    found = {name: Record(setup_for(Patch()), takes).takes() for name, takes in content.items()}
    land = Terrain(setup_for(Patch()), {}, steps=1)
    with pytest.raises(TerrainError, match="7 recorded takes of coordinates and 6 of latents"):
        land.learn(found["places"], found["sounds"], goes_on)


def test_recorded_takes_of_eight_sensors_are_pairs_like_any_other() -> None:
    random = np.random.default_rng(1)
    places = {f"takes/{index:04d}": random.uniform(0, 1, (10 + index, 8)).astype(np.float32) for index in range(3)}
    sounds = {f"takes/{index:04d}": random.standard_normal((12, 4)).astype(np.float32) for index in range(3)}
    walked, heard_ = (Record(setup_for(Patch()), one).takes() for one in (places, sounds))
    learned = Terrain(setup_for(Patch()), {}, steps=1).learn(walked, heard_, goes_on)
    assert shape_of(learned_weights({f"learn/{name}": one for name, one in learned.items()})).control_dim == 8
