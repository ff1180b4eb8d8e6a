"""Gui as a node: the drawing gives trajectories and positions."""

import numpy as np
import pytest

from latent_terrain.engine import Engine
from latent_terrain.engine.training.jobs import result_of, run_jobs
from latent_terrain.graphs import Patch, set_content, set_value
from latent_terrain.nodes.gui.drawing import line_of, read_drawing
from latent_terrain.nodes.gui.line_samples import sample_uniform
from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.nodes.gui.tour import LONGEST_CROSSING

from .land import PALETTE, draw, output, setup_for

LINE = {"play/0001": np.array([[-10.0, -2.0], [10.0, 2.0]], np.float32)}
LENGTH = float(np.hypot(20, 4))


def walking(content: dict[str, np.ndarray] | None = None, **values: object) -> Patch:
    return draw(walk=("gui", values, content or LINE))


def test_a_line_at_rate_one_takes_its_own_time_and_ends_on_the_sample() -> None:
    """One unit takes ratio / (rate · density) seconds (spec §1); unheard nodes take the usual ratio of 2048."""
    engine = Engine(walking(mode="once"), PALETTE, setup_for(walking(), 4096))
    duration = LENGTH / 0.4 * 2048
    ends = []
    for _ in range(80):
        start = engine.setup.clock.sample
        engine.process()
        ends += [start + offset for offset, _ in engine.compiled.plan.outputs["walk", "ended"].events]  # type: ignore[union-attr]
    assert ends == [pytest.approx(duration, abs=1.5)]
    np.testing.assert_allclose(engine.compiled.plan.outputs["walk", "xy"].array[:, -1], [10.0, 2.0], atol=1e-4)  # type: ignore[union-attr]


def test_a_position_in_ms_moves_along_the_line_and_is_held_at_its_ends() -> None:
    """
    slider (ms) --> walk.position
    """
    ms = LENGTH / 0.4 * 2048 / 44.1
    for share, expected in ((-1.0, (-10.0, -2.0)), (0.5, (0.0, 0.0)), (3.0, (10.0, 2.0))):
        patch = draw(
            "ms.out -> walk.position", ms=("slider", {"value": ms * share}), walk=("gui", {"mode": "position"}, LINE)
        )
        np.testing.assert_allclose(output(patch, "walk", "xy", 2)[:, -1], expected, atol=0.02)


def test_loop_and_ping_pong_never_stop() -> None:
    for mode in ("loop", "ping-pong"):
        xy = output(walking(mode=mode, rate=16.0), "walk", "xy", 200)
        assert np.abs(np.diff(xy[0, -2000:])).max() > 0


def test_an_orbit_stays_inside_its_size() -> None:
    xy = output(walking(mode="orbit", shape="circle", frequency=5.0, size_x=0.5, size_y=1.0), "walk", "xy", 40)
    assert np.abs(xy[0]).max() == pytest.approx(8.0, rel=0.01)
    assert np.abs(xy[1]).max() == pytest.approx(4.0, rel=0.01)


@pytest.mark.parametrize("mode", ["once", "loop", "ping-pong", "chain", "orbit"])
def test_the_block_does_not_change_the_walk(mode: str) -> None:
    lines = {**LINE, "play/0002": np.array([[0.0, 3.0], [5.0, 3.0], [5.0, -3.0]], np.float32)}
    patch = walking(lines, mode=mode, rate=20.0, frequency=3.0)
    whole = output(patch, "walk", "xy", 2, 16_384)
    np.testing.assert_allclose(output(patch, "walk", "xy", 128, 256), whole, atol=1e-4)


def test_f72_f83_every_dataset_line_has_exactly_as_many_points_as_its_sound_has_frames() -> None:
    """
    takes --> map --> land
    """
    lines = {
        f"lines/{index}": np.array([[index, 0.0], [index + 3.0, 2.0], [index, 3.0]], np.float32) for index in range(3)
    }
    takes = {f"takes/{index}": np.zeros((count, 16), np.float32) for index, count in enumerate((5, 33, 1))}
    patch = draw("takes.takes -> map.latents", map=("gui", {}, lines), takes=("record", {}, takes))
    setup = setup_for(patch)
    engine = Engine(patch, PALETTE, setup)
    coordinates = engine.instance("map").coordinates(engine.instance("takes").takes())
    assert coordinates.lengths == (5, 33, 1)
    np.testing.assert_allclose(coordinates.arrays[0][-1], [0.0, 3.0], atol=1e-6)


@pytest.mark.parametrize("layout", ["rows", "scatter", "map"])
def test_lines_are_laid_out_inside_the_canvas_with_a_tour_through_all(layout: str) -> None:
    random = np.random.default_rng(2)
    takes = {f"takes/{index}": random.standard_normal((20 + index, 16)).astype(np.float32) for index in range(6)}
    patch = draw("takes.takes -> map.latents", map=("gui", {"layout": layout}), takes=("record", {}, takes))
    made = result_of(run_jobs(patch, PALETTE, setup_for(patch)).patch.nodes["map"].content, "arrange")
    lines = [made[f"line/{index:04d}"] for index in range(6)]
    assert all(np.abs(line[:, 0]).max() <= 16 and np.abs(line[:, 1]).max() <= 4 for line in lines)
    tour = made["tour/0000"]
    for line in lines:
        gaps = np.linalg.norm(tour[:, None, 1:] - line[None], axis=2).min(axis=0)
        assert gaps.max() < 1e-6


def test_a_tour_passes_each_sound_at_its_own_speed_from_its_start_to_its_end() -> None:
    lengths = (12, 90, 400)
    random = np.random.default_rng(3)
    takes = {f"takes/{index}": random.standard_normal((n, 16)).astype(np.float32) for index, n in enumerate(lengths)}
    patch = draw("takes.takes -> map.latents", map=("gui", {"layout": "map"}), takes=("record", {}, takes))
    patch = run_jobs(patch, PALETTE, setup_for(patch)).patch
    engine = Engine(patch, PALETTE, setup_for(patch))
    played = engine.instance("map").drawing.played
    tour = played[0]
    lines = [line_of(one) for one in read_drawing(patch.nodes["map"].content).lines.values()]
    at = tour.positions_at(np.arange(0.0, tour.lasts)).T
    for frames, line in zip(lengths, lines, strict=True):
        own = sample_uniform(line, frames)
        begin = int(np.argmin(np.linalg.norm(at - own[0], axis=1)))
        # the places of its frames, one after the other, but for the part of a frame by which the line begins later
        nearest = np.linalg.norm(at[begin : begin + frames, None] - own, axis=2).argmin(axis=1)
        assert np.abs(nearest - np.arange(frames)).max() <= 1, "a frame of the sound for each frame of the walk"
    np.testing.assert_array_equal(at[0], tour.positions_at(np.array([tour.lasts]))[:, 0])
    assert tour.lasts <= sum(lengths) + 3 * LONGEST_CROSSING, "it comes round, and crosses soon"


def test_a_map_stays_where_it_is_whatever_is_played_on_it_and_by_how_many() -> None:
    random = np.random.default_rng(3)
    takes = {f"takes/{index}": random.standard_normal((20 + 9 * index, 16)).astype(np.float32) for index in range(6)}
    patch = draw("takes.takes -> map.latents", map=("gui", {"layout": "map"}), takes=("record", {}, takes))
    patch = run_jobs(patch, PALETTE, setup_for(patch)).patch
    before = patch.nodes["map"].content
    drawn = set_value(set_content(patch, "map", {**before, **LINE}), "map", "players", 3)
    after = run_jobs(drawn, PALETTE, setup_for(patch)).patch.nodes["map"].content
    for name, array in result_of(before, "arrange").items():
        np.testing.assert_array_equal(after[f"arrange/{name}"], array)
    again = run_jobs(drawn, PALETTE, setup_for(patch), again=True).patch.nodes["map"].content
    assert "arrange/line/0000" in again
    fewer = {name: array for name, array in takes.items() if name != "takes/2"}
    left = run_jobs(set_content(drawn, "takes", fewer), PALETTE, setup_for(patch)).patch.nodes["map"].content
    assert sum(name.startswith("arrange/line/") for name in left) == 5


def test_a_tour_of_before_is_walked_evenly() -> None:
    content = {"arrange/line/0000": np.array([[0, 0], [1, 0]], np.float32)}
    content["arrange/tour/0000"] = np.array([[0, 0], [4, 0]], np.float32)
    assert isinstance(read_drawing(content).played[0], Polyline)


def test_a_drawing_changes_under_its_playhead_which_walks_on() -> None:
    patch = walking()
    engine = Engine(patch, PALETTE, setup_for(patch, 256))
    for _ in range(20):
        engine.process()
    before, instance = engine.signal("walk", "xy")[:, -1].copy(), engine.instance("walk")
    engine.update(set_content(patch, "walk", {"play/0001": LINE["play/0001"] + np.array([0.0, 2.0], np.float32)}))
    engine.process()
    after = engine.signal("walk", "xy")
    assert engine.instance("walk") is instance
    assert before[0] < after[0, 0] < before[0] + 0.01, "it goes on from where it was along the line"
    assert after[1, 0] == pytest.approx(before[1] + 2.0, abs=0.01)


def test_drawings_that_change_while_they_are_walked_are_no_rougher_to_hear() -> None:
    """
    map (redrawn) --> land --> glide --> voice --> out: second differences against a run without changes
    """
    from latent_terrain.nodes.terrain.network import TerrainShape, initial_weights

    weights = initial_weights(TerrainShape(2, 16), 4)
    learned = {f"learn/{name}": array for name, array in weights.items()}

    def roughness(changes: bool) -> float:
        patch = draw(
            "walk.xy -> land.position",
            "land.out -> glide.latents",
            "glide.out -> voice.latents",
            "voice.out -> out.audio",
            walk=("gui", {"mode": "loop", "rate": 2.0}, LINE),
            land=("terrain", {}, learned),
            glide=("latent_smooth", {"time": 60.0}),
            voice="decoder",
            out="audio_out",
        )
        engine = Engine(patch, PALETTE, setup_for(patch, 256))
        parts = []
        for block in range(900):
            if changes and block > 100 and block % 40 == 0:
                shift = np.array([0.0, 0.4 * (-1) ** (block // 40)], np.float32)
                patch = set_content(patch, "walk", {"play/0001": LINE["play/0001"] + shift})
                engine.update(patch)
            parts.append(engine.process()[0].copy())
        return float(np.abs(np.diff(np.concatenate(parts)[100 * 256 :], 2)).max())

    assert roughness(True) < 1.5 * roughness(False)


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize(("codec_ratio", "density"), [(1024, 0.4), (1024, 1.6)])
def test_f105_f108_b34_a_line_lasts_as_the_codec_and_the_density_have_it_in_new_and_changed_patches(
    rate: int, codec_ratio: int, density: float
) -> None:
    """The codec downstream alone says its ratio; spec §1: ratio / (rate · density) seconds per unit."""

    def walk(dense: float) -> Patch:
        return draw(
            "walk.xy -> land.position",
            "land.out -> voice.latents",
            "voice.out -> out.audio",
            walk=("gui", {"mode": "once", "density": dense, "rate": 40.0}, LINE),
            land="terrain",
            voice="decoder",
            out="audio_out",
        )

    def ends(engine: Engine, blocks: int) -> list[int]:
        found = []
        for _ in range(blocks):
            start = engine.setup.clock.sample
            engine.process()
            found += [start + at for at, _ in engine.compiled.plan.outputs["walk", "ended"].events]  # type: ignore[union-attr]
        return found

    wanted = LENGTH / density * codec_ratio * rate / 44_100 / 40.0
    fresh = Engine(walk(density), PALETTE, setup_for(walk(density), 512, rate))
    assert ends(fresh, 20) == [pytest.approx(wanted, abs=2.0)]
    changed = Engine(walk(0.4), PALETTE, setup_for(walk(0.4), 512, rate))
    changed.update(walk(density))
    assert ends(changed, 20) == [pytest.approx(wanted, abs=2.0)]


@pytest.mark.parametrize(("mode", "line"), [("loop", 1.0), ("orbit", 0.0)])
def test_the_playhead_is_seen_where_it_is(mode: str, line: float) -> None:
    patch = walking(mode=mode, rate=8.0, frequency=5.0)
    engine = Engine(patch, PALETTE, setup_for(patch, 256))
    shows = engine.instance("walk").shows
    shapes = {"places": (1, 2), "line": (1,), "ms": (1,), "ms_per_unit": (1,)}
    assert {name: array.shape for name, array in shows().items()} == shapes
    for _ in range(20):
        engine.process()
    seen = shows()
    np.testing.assert_array_equal(seen["places"][0], engine.signal("walk", "xy")[:, -1])
    np.testing.assert_array_equal(seen["ms"], engine.signal("walk", "ms")[:, -1])
    assert seen["line"] == [line]
