"""Lands on the command line: learned, described, and drawn as the reference draws them."""

import json
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image

from latent_terrain.engine.training.jobs import result_of
from latent_terrain.graphs import load_file
from latent_terrain.nodes.gui.exchange import Exchange, write_exchange
from latent_terrain.nodes.terrain.checkpoint import read, write_npz
from latent_terrain.nodes.terrain.network import TerrainShape, evaluate, initial_weights
from latent_terrain.nodes.terrain.plot import plot
from latent_terrain.ui.cli import fit_terrain as fitting
from latent_terrain.ui.cli.output import INTERRUPTED, StopAsked
from latent_terrain.ui.terrain_image.colour import coloured


@pytest.fixture
def weights(tmp_path):
    return write_npz(initial_weights(TerrainShape(2, 4, width=8, features=16), seed=3), tmp_path / "land.npz")


def test_teaching_a_patch_saves_what_it_learned(call, unlearned):
    answer = call("terrain", "fit", unlearned, "--json")
    assert answer.code == 0
    assert answer.document["done"] == ["terrain.learn"]
    assert result_of(load_file(unlearned).nodes["terrain"].content, "learn")


def test_what_is_learned_is_not_learned_again_unless_asked(call, unlearned):
    call("terrain", "fit", unlearned)
    first = unlearned.read_bytes()
    again = call("terrain", "fit", unlearned, "--json")
    assert again.document["done"] == []
    assert unlearned.read_bytes() == first
    assert load_file(unlearned.with_name("unlearned.ltp.prev")) != load_file(unlearned)
    assert call("terrain", "fit", unlearned, "--again", "--json").document["done"] == ["terrain.learn"]
    assert unlearned.read_bytes() == first


def test_a_taught_patch_can_go_to_another_file(call, unlearned, tmp_path):
    before = unlearned.read_bytes()
    assert call("terrain", "fit", unlearned, "-o", tmp_path / "other.ltp", "--node", "terrain").code == 0
    assert unlearned.read_bytes() == before
    assert result_of(load_file(tmp_path / "other.ltp").nodes["terrain"].content, "learn")


def test_teaching_a_node_that_cannot_learn_is_refused(call, unlearned):
    answer = call("terrain", "fit", unlearned, "--node", "timbres")
    assert answer.code == 2
    assert "trainable: map, terrain" in answer.err


def test_a_starter_needs_a_place_to_be_saved(call):
    assert call("terrain", "fit", "points").code == 2


def test_f111_a_data_set_becomes_a_checkpoint(call, tmp_path):
    random = np.random.default_rng(0)
    places = tuple(random.uniform(-4, 4, (5, 2)) for _ in range(2))
    latents = tuple(random.standard_normal((7, 3)) for _ in range(2))
    path = tmp_path / "set.json"
    path.write_text(write_exchange(Exchange(coordinates=places, latents=latents)))
    options = ["--steps", 3, "--width", 8, "--features", 16, "--box", -4, -4, 4, 4, "--seed", 5]
    for name in ("a.npz", "b.npz", "c.pt"):
        answer = call(
            "terrain", "fit", "--coordinates", path, "--latents", path, "-o", tmp_path / name, *options, "--json"
        )
        assert answer.code == 0
        assert answer.document["pairs"] == 14
    one, two, three = (read(tmp_path / name) for name in ("a.npz", "b.npz", "c.pt"))
    for key, array in one.items():
        np.testing.assert_array_equal(array, two[key])
        np.testing.assert_array_equal(array, three[key])
    assert one["fc_out.weight"].shape == (3, 8)


@pytest.fixture
def data_set(tmp_path):
    random = np.random.default_rng(0)
    places = tuple(np.cumsum(random.uniform(0, 0.2, (40, 2)), 0) for _ in range(2))
    latents = tuple(np.sin(np.linspace(0, 5, 40)[:, None] + random.uniform(0, 6, 3)) for _ in range(2))
    path = tmp_path / "set.json"
    path.write_text(write_exchange(Exchange(coordinates=places, latents=latents)))
    return ["--coordinates", path, "--latents", path, "-o", tmp_path / "land.pt", "--width", 16, "--features", 32]


def test_f111_learning_ends_at_a_loss_or_after_a_time(call, data_set):
    met = call("terrain", "fit", *data_set, "--until-loss", 0.05, "--json").document
    assert met["loss"] <= 0.05 * 1.01
    assert met["steps"] < 2000
    better = call("terrain", "fit", *data_set, "--until-loss", 0.01, "--json").document
    assert better["steps"] > met["steps"]
    timed = call("terrain", "fit", *data_set, "--seconds", 0.2, "--json").document
    assert timed["seconds"] >= 0.2
    assert timed["steps"] > 1
    assert timed["epochs"] >= 1


def test_an_interrupt_before_the_first_step_writes_nothing(call, data_set, tmp_path, monkeypatch):
    @contextmanager
    def asked():
        yield StopAsked(asked=True)

    monkeypatch.setattr(fitting, "stoppable", asked)
    answer = call("terrain", "fit", *data_set)
    assert answer.code == INTERRUPTED
    assert "stopped before the first result" in answer.err
    assert not list(tmp_path.glob("*.pt"))


def test_the_references_way_takes_its_rate_and_batch(call, data_set):
    options = ["--method", "reference", "--steps", 40, "--json"]
    one = call("terrain", "fit", *data_set, *options).document
    fast = call("terrain", "fit", *data_set, *options, "--rate", 0.01, "--batch", 8).document
    assert one["method"] == "reference"
    assert fast["loss"] < one["loss"]
    assert fast["epochs"] == 4
    assert one["epochs"] == 14, "80 points make three batches of 32 or less"


def test_smoothness_and_order_reach_the_land(call, data_set):
    plain = call("terrain", "fit", *data_set, "--steps", 60, "--json").document
    for words in (["--smoothness", 1], ["--order", "points"], ["--along", 5]):
        assert call("terrain", "fit", *data_set, "--steps", 60, *words, "--json").document["loss"] != plain["loss"]


@pytest.mark.parametrize("words", [["--method", "magic"], ["--order", "up"], ["--rate", 0.1], ["--batch", 4]])
def test_odd_ways_to_learn_are_refused_with_a_sentence(call, data_set, words):
    answer = call("terrain", "fit", *data_set, *words)
    assert answer.code == 2
    assert words[0] in answer.err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["a.ltp", "--coordinates", "c.json", "--latents", "l.json"],
        ["--coordinates", "c.json", "-o", "x.pt"],
        ["--coordinates", "c.json", "--latents", "l.json"],
    ],
)
def test_fit_wants_a_patch_or_a_whole_data_set(call, words):
    assert call("terrain", "fit", *words).code == 2


def test_f13_f30_of_a_patch_it_is_told_how_well_it_learned(call, unlearned):
    before = call("terrain", "info", unlearned, "--json").document["terrains"][0]
    assert before == {"name": "terrain", "has_learned": False}
    call("terrain", "fit", unlearned)
    after = call("terrain", "info", unlearned, "--json").document["terrains"][0]
    assert after["pairs"] > 0
    assert after["psnr_db"] > 5
    assert 5 < after["beside_db"] < after["psnr_db"], "on the lines nothing is missed, a step beside little"
    assert 0 < after["points_put_back"] <= after["pairs"]
    assert after["error"] >= 0
    assert after["relative_error"] >= 0
    assert after["grade"] in ("very good", "good", "blurred", "poor", "grey")
    assert "error/variance" in call("terrain", "info", unlearned).out


def test_f12_a_land_is_told_in_figures(call, weights, land, unlearned):
    facts = call("terrain", "info", weights, "--json").document["terrains"][0]
    assert (facts["control_dim"], facts["latent_dim"], facts["features"], facts["width"]) == (2, 4, 16, 8)
    assert "2 coordinates to 3 latents" in call("terrain", "info", land).out
    assert "is not trained yet" in call("terrain", "info", unlearned).out


def test_a_plain_map_is_the_references_grey_picture(call, weights, tmp_path):
    path = tmp_path / "map.png"
    words = ["--box", -2, -1, 2, 1, "--size", 40, 20, "--channel", 2, "--clamp", -0.5, 0.5]
    expected = coloured(plot(read(weights), (-2, -1, 2, 1), (40, 20))[2], -0.5, 0.5)
    for more in (["--plain"], ["--colour", "grey"]):
        assert call("terrain", "plot", weights, "-o", path, *words, *more).code == 0
        np.testing.assert_array_equal(np.asarray(Image.open(path).convert("RGB")), expected)


def test_g01_the_published_map_is_reproduced_within_one_grey_level(call, reference_file, tmp_path):
    published = np.asarray(Image.open(reference_file("percussion-terrain-demo.png")).convert("L")).astype(int)
    source = reference_file("percussion-terrain-demo.pt")
    call("terrain", "plot", source, "-o", tmp_path / "map.png", "--size", 600, 150, "--clamp", -1, 4, "--plain")
    ours = np.asarray(Image.open(tmp_path / "map.png").convert("L")).astype(int)
    assert np.abs(ours - published).max() <= 1


def test_a_patchs_map_shows_the_lines_it_was_learned_from(call, land, tmp_path):
    answer = call("terrain", "plot", land, "-o", tmp_path / "map.png", "--size", 64, 16, "--json")
    assert answer.code == 0
    assert len(answer.document["lines"]) == 2
    assert answer.document["box"] == [-16, -4, 16, 4]
    assert Image.open(tmp_path / "map.png").width >= 640


def test_all_latents_can_be_seen_at_once(call, land, tmp_path):
    assert call("terrain", "plot", land, "-o", tmp_path / "map.png", "--size", 32, 8, "--colour", "alike").code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--channel", 99], 2),
        (["--colour", "mauve"], 2),
        (["--size", 0, 10], 2),
        (["--size", 99_999, 99_999], 2),
        (["--box", 0, 0, "nan", 1], 2),
        (["--node", "nobody"], 2),
    ],
)
def test_a_map_that_cannot_be_drawn_is_refused(call, land, tmp_path, words, code):
    answer = call("terrain", "plot", land, "-o", tmp_path / "map.png", *words)
    assert answer.code == code
    assert not (tmp_path / "map.png").exists()


def test_a_land_that_has_not_been_learned_has_no_map(call, unlearned, tmp_path):
    answer = call("terrain", "plot", unlearned, "-o", tmp_path / "map.png")
    assert answer.code == 1
    assert "terrain fit" in answer.err


def test_files_that_hold_no_data_set_are_refused(call, tmp_path):
    for name, data in (
        ("a.json", b"{"),
        ("b.json", b"{}"),
        ("c.npz", b"PK"),
        ("d.json", json.dumps({"latents": {"1": 3}}).encode()),
    ):
        (tmp_path / name).write_bytes(data)
        words = ["--coordinates", tmp_path / name, "--latents", tmp_path / name, "-o", tmp_path / "x.pt"]
        answer = call("terrain", "fit", *words)
        assert answer.code == 3
        assert name in answer.err


def test_f42_b20_a_land_of_three_axes_is_cut_where_one_wants_and_along_any_two(call, tmp_path):
    file = write_npz(initial_weights(TerrainShape(3, 4, width=8, features=16), 1), tmp_path / "deep.npz")
    seen = {}
    for name, words in {"0": (), "1": ("--cut", "3=1.5"), "2": ("--axes", 1, 3, "--cut", "2=-1")}.items():
        target = tmp_path / f"{name}.png"
        answer = call("terrain", "plot", file, "-o", target, "--plain", "--size", 40, 20, *words, "--json")
        assert answer.code == 0
        seen[name] = (np.asarray(Image.open(target)).tobytes(), answer.document["cut"])
    assert len({pixels for pixels, _ in seen.values()}) == 3
    assert [cut for _, cut in seen.values()] == [[0, 0, 0], [0, 0, 1.5], [0, -1, 0]]
    for words in (("--cut", "3"), ("--cut", "1=2"), ("--axes", 1, 4), ("--axes", 2, 2), ("--cut", "3=nan")):
        assert call("terrain", "plot", file, "-o", tmp_path / "x.png", *words).code == 2


def flucoma(path, rows):
    size = len(next(iter(rows.values())))
    path.write_text(json.dumps({"cols": size, "data": {key: list(map(float, row)) for key, row in rows.items()}}))


def test_flucoma_data_sets_are_pairs_by_their_identifiers(call, tmp_path):
    random = np.random.default_rng(0)
    places = {f"p-{number}": random.uniform(0, 1, 2) for number in range(20)}
    sounds = {key: np.array([*place, place.sum()]) for key, place in reversed(places.items())}
    flucoma(tmp_path / "x.json", {**places, "alone": [0.5, 0.5]})
    flucoma(tmp_path / "y.json", sounds)
    words = ["--coordinates", tmp_path / "x.json", "--latents", tmp_path / "y.json", "-o", tmp_path / "land.npz"]
    answer = call("terrain", "fit", *words, "--box", 0, 0, 1, 1, "--gauss", 0, "--steps", 1500, "--json")
    assert answer.code == 0
    assert answer.document["pairs"] == 20
    assert "alone" in answer.document["report"][0]
    here = evaluate(read(tmp_path / "land.npz"), np.array(list(places.values()), np.float32))
    assert np.abs(here - np.array([sounds[key] for key in places])).mean() < 0.1


def test_csv_with_and_without_names_is_learned_from(call, tmp_path):
    random = np.random.default_rng(0)
    for kind, size in (("x", 2), ("y", 3)):
        np.savetxt(tmp_path / f"{kind}.csv", random.uniform(0, 1, (12, size)), delimiter=",")
    words = ["--coordinates", tmp_path / "x.csv", "--latents", tmp_path / "y.csv", "-o", tmp_path / "land.npz"]
    assert call("terrain", "fit", *words, "--steps", 3, "--json").document["pairs"] == 12
    (tmp_path / "y.csv").write_text("id,a\nkick,oops\n")
    answer = call("terrain", "fit", *words, "--steps", 3)
    assert answer.code == 3
    assert "not a number" in answer.err


def test_on_request_it_is_told_how_far_its_lines_sound_from_their_latents(call, unlearned, weights):
    one = call("terrain", "info", "points", "--heard", "--json").document["terrains"][0]
    assert one["heard_lines"] == len(one["heard_db_by_line"]) > 0
    assert 0 <= one["heard_db"] == pytest.approx(np.mean(one["heard_db_by_line"]))
    assert "dB (log-mel)" in call("terrain", "info", "points", "--heard").out
    call("terrain", "fit", unlearned)
    alone = call("terrain", "info", unlearned, "--heard")
    assert alone.code == 1
    assert "no decoder connected" in alone.err
    refused = call("terrain", "info", weights, "--heard")
    assert refused.code == 2
    assert "give the patch" in refused.err
