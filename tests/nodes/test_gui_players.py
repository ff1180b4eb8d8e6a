"""Many playheads, pads, hands and beats: what a canvas plays besides one walk along one line."""

import numpy as np
import pytest

from latent_terrain.engine import Engine
from latent_terrain.engine.training.jobs import inputs_of
from latent_terrain.graphs import Patch, set_content, set_value

from .land import PALETTE, draw, output, setup_for

ROWS = {f"play/{row:04d}": np.array([[-10.0, row], [10.0, row]], np.float32) for row in range(3)}
PADS = {"pads/0001": np.array([-8.0, 1.0], np.float32), "pads/0002": np.array([8.0, -1.0], np.float32)}


def gui(content: dict[str, np.ndarray], **values: object) -> Patch:
    return draw(walk=("gui", values, content))


def test_f97_playheads_side_by_side_walk_a_line_each_apart_and_at_their_own_speeds() -> None:
    patch = gui(ROWS, players=3, rate=8.0, phase=1.0, rate_spread=0.5)
    xy = output(patch, "walk", "xy", 4, 256)
    assert xy.shape[0] == 6
    np.testing.assert_array_equal(xy[[1, 3, 5]][:, 0], [0, 1, 2])
    speed = np.diff(xy[[0, 2, 4]][:, :500], axis=1).mean(axis=1)
    np.testing.assert_allclose(speed / speed[0], [1.0, 1.5, 2.0], rtol=1e-3)
    np.testing.assert_allclose(xy[[0, 2, 4]][:, 0], [-10, -10 + 20 / 3, -10 + 40 / 3], atol=0.02)


def test_f97_b40_line_none_stands_still_and_the_others_are_seen() -> None:
    patch = gui(ROWS, players=2, line=0)
    engine = Engine(patch, PALETTE, setup_for(patch, 256))
    engine.process()
    assert engine.instance("walk").shows()["line"].tolist() == [0, 0]
    assert not engine.signal("walk", "xy").any()


def test_f97_triggers_take_one_playhead_after_the_other() -> None:
    """
    metro --> walk.trigger
    """
    patch = draw(
        "tick.out -> walk.trigger",
        tick=("metro", {"tempo": 2400.0}),
        walk=("gui", {"players": 3, "mode": "once", "rate": 4.0, "playing": True}, ROWS),
    )
    engine = Engine(patch, PALETTE, setup_for(patch, 256))
    for _ in range(20):
        engine.process()
    places = engine.instance("walk").shows()["places"][:, 0]
    assert len(set(np.round(places, 2))) == 3, "each was begun at another time"


@pytest.mark.parametrize("block", [64, 256])
def test_f100_a_pad_is_glided_to_in_its_time_and_from_wherever_one_is(block: int) -> None:
    patch = gui(PADS, mode="pads", pad=1, glide=0.0)
    engine = Engine(patch, PALETTE, setup_for(patch, block))
    engine.process()
    np.testing.assert_allclose(engine.signal("walk", "xy")[:, -1], [-8, 1])
    engine.update(set_value(set_value(patch, "walk", "pad", 2), "walk", "glide", 50.0))
    heard = []
    for _ in range(4096 // block):
        engine.process()
        heard.append(engine.signal("walk", "xy").copy())
    xy = np.concatenate(heard, axis=1)
    samples = round(0.05 * 44_100)
    np.testing.assert_allclose(xy[:, samples + block], [8, -1], atol=1e-4)
    assert 0 < np.flatnonzero(xy[0] > 0)[0] - samples / 2 + block < 2 * block
    assert np.abs(np.diff(xy[0])).max() < 3 * 16 / samples, "no jump"


def test_f100_a_pad_that_is_moved_takes_the_playhead_along() -> None:
    patch = gui(PADS, mode="pads", pad=1, glide=5.0)
    engine = Engine(patch, PALETTE, setup_for(patch, 256))
    for _ in range(8):
        engine.process()
    engine.update(set_content(patch, "walk", {"pads/0001": np.array([3.0, 3.0], np.float32)}))
    for _ in range(8):
        engine.process()
    np.testing.assert_allclose(engine.signal("walk", "xy")[:, -1], [3, 3], atol=1e-4)


def test_f101_the_hand_is_heard_where_it_is_with_its_pressure_and_springs_back_if_asked() -> None:
    held = gui({}, mode="hand", hand_x=-7.0, hand_y=2.0, pressure=0.5)
    np.testing.assert_allclose(output(held, "walk", "xy", 4)[:, -1], [-7, 2])
    assert output(held, "walk", "pressure", 4)[0, -1] == pytest.approx(0.5)
    let_go = gui({}, mode="hand", hand_x=-7.0, hand_y=2.0, pressure=0.0)
    np.testing.assert_allclose(output(let_go, "walk", "xy", 4)[:, -1], [-7, 2])
    sprung = set_value(let_go, "walk", "spring", 20.0)
    xy = output(sprung, "walk", "xy", 20, 256)
    np.testing.assert_allclose(xy[:, -1], [0, 0], atol=0.01)
    assert np.all(np.diff(xy[0]) >= 0)


def test_f104_an_outside_pair_is_passed_on_seen_and_never_anything_but_numbers() -> None:
    """
    x, y (sliders) --> join --> walk.outside
    """
    patch = draw(
        "x.out -> pair.a",
        "y.out -> pair.b",
        "pair.out -> walk.outside",
        x=("slider", {"value": 5.0}),
        y=("slider", {"value": -2.0}),
        pair="join",
        walk=("gui", {"mode": "outside"}),
    )
    engine = Engine(patch, PALETTE, setup_for(patch, 256))
    for _ in range(4):
        engine.process()
    np.testing.assert_allclose(engine.instance("walk").shows()["places"], [[5, -2]], atol=1e-3)
    walk = engine.instance("walk")
    wild = np.array([[np.nan, np.inf], [1e30, -np.inf]], np.float32)
    clipped = np.clip(np.nan_to_num(wild, posinf=0.0, neginf=0.0), -1e5, 1e5)
    assert np.isfinite(clipped).all()
    assert walk.box.centre == (0.0, 0.0)


def test_a_recorded_gesture_is_looped_in_its_own_time_or_evenly() -> None:
    moments = np.array([[0.0, -10, 0], [0.1, 0, 0], [0.5, 10, 0]], np.float32)
    content = {"gestures/0000": moments}
    drawn = output(gui(content), "walk", "xy", 10, 4410)[0]
    at = round(0.1 * 44_100)
    assert drawn[at] == pytest.approx(0, abs=0.01)
    assert drawn[at // 2] == pytest.approx(-5, abs=0.01)
    assert drawn[round(0.5 * 44_100) + at // 2] == pytest.approx(-5, abs=0.02), "it begins again"
    even = output(gui(content, pace="even"), "walk", "xy", 10, 4410)[0]
    assert np.ptp(np.diff(even)) < 1e-3


def test_lines_and_pads_wait_for_the_beat() -> None:
    patch = gui(ROWS, quantise="beat", tempo=240.0, rate=0.0)
    engine = Engine(patch, PALETTE, setup_for(patch, 256))
    for _ in range(3):
        engine.process()
    engine.update(set_value(patch, "walk", "line", 3))
    lines = []
    for _ in range(60):
        begin = engine.setup.clock.sample
        engine.process()
        lines.append((begin, engine.signal("walk", "xy")[1, -1]))
    changed = next(begin for begin, row in lines if row == 2)
    beat = 0.25 * 44_100
    assert changed <= beat < changed + 256


def test_bars_of_a_clock_outside_are_those_that_lines_wait_for() -> None:
    patch = gui(ROWS, quantise="bar", tempo=240.0, rate=0.0)
    engine = Engine(patch, PALETTE, setup_for(patch, 256))
    for _ in range(10):
        engine.process()
    engine.turn("walk", "bar", 1)
    engine.process()
    began = engine.setup.clock.sample - 256
    engine.turn("walk", "line", 3)
    lines = []
    for _ in range(240):
        begin = engine.setup.clock.sample
        engine.process()
        lines.append((begin, engine.signal("walk", "xy")[1, -1]))
    changed = next(begin for begin, row in lines if row == 2)
    assert changed <= began + 44_100 < changed + 256, "a bar of four beats after the one that was told"


def test_a_bar_that_begins_a_little_early_is_the_one_that_was_waited_for() -> None:
    patch = gui(ROWS, quantise="bar", tempo=240.0, rate=0.0)
    engine = Engine(patch, PALETTE, setup_for(patch, 256))
    for _ in range(10):
        engine.process()
    engine.turn("walk", "line", 3)
    while engine.setup.clock.sample < 44_100 - 1024:
        engine.process()
    assert engine.signal("walk", "xy")[1, -1] == 0
    engine.turn("walk", "bar", 1)
    engine.process()
    assert engine.signal("walk", "xy")[1, -1] == 2


def test_lines_wait_for_the_bars_of_a_clock_outside_whatever_tempo_the_canvas_has() -> None:
    patch = gui(ROWS, quantise="bar", tempo=77.0, rate=0.0)
    engine = Engine(patch, PALETTE, setup_for(patch, 256))
    engine.setup.beat.hear(sample=0, beat=2.0, tempo=120.0, sample_rate=44_100)
    for _ in range(10):
        engine.process()
    engine.turn("walk", "line", 3)
    changes, begin = [], 0
    for bar, line in ((44_100, 2), (3 * 44_100, 1)):
        while engine.signal("walk", "xy")[1, -1] != line:
            begin = engine.setup.clock.sample
            engine.process()
            assert engine.setup.clock.sample < bar + 512
        changes.append(begin <= bar < begin + 256)
        engine.turn("walk", "line", 2)
    assert changes == [True, True]


def test_f95_f99_loop_ends_that_are_dragged_do_not_move_a_playhead_that_is_inside() -> None:
    patch = gui(ROWS, rate=2.0)
    engine = Engine(patch, PALETTE, setup_for(patch, 256))
    before, step = -10.0, 0.0
    for block in range(60):
        engine.update(set_value(patch, "walk", "loop_end", 1.0 - 0.005 * block))
        engine.process()
        x = engine.signal("walk", "xy")[0]
        if block:
            assert 0 < x[0] - before < 3 * step + 1e-3
        before, step = float(x[-1]), float(np.diff(x).max())


def test_f89_a_sound_whose_line_was_deleted_gets_no_coordinates_and_the_others_keep_theirs() -> None:
    """
    takes --> map --> land
    """
    lines = {f"lines/{index:04d}": np.array([[index, 0.0], [index, 3.0]], np.float32) for index in (0, 2)}
    lines["weights/0002"] = np.array([3.0], np.float32)
    takes = {f"takes/{index:04d}": np.zeros((5, 8), np.float32) for index in range(3)}
    patch = draw(
        "takes.takes -> map.latents",
        "map.coordinates -> land.coordinates",
        "takes.takes -> land.latents",
        map=("gui", {}, lines),
        takes=("record", {}, takes),
        land="terrain",
    )
    found = inputs_of(patch, PALETTE, setup_for(patch), "land")["coordinates"]
    assert found is not None
    assert found.lengths == (5, 0, 5)
    assert found.weights == (1.0, 1.0, 3.0)
    assert found.arrays[2][0].tolist() == [2, 0]
