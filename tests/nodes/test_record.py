"""Record: takes of whatever flows in."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from latent_terrain.engine import Engine
from latent_terrain.engine.capture import captured
from latent_terrain.graphs import Patch, set_content, set_value
from latent_terrain.nodes.record import MOST, PAGE

from .land import PALETTE, draw, setup_for

RATIO = 2048


def ramp(**values: object) -> Patch:
    """
    phasor --> take (at every frame's instant)
    """
    return draw("ramp.out -> take.input", ramp=("phasor", {"frequency": 1.0}), take=("record", values))


def played(patch: Patch, blocks: int, block: int = RATIO) -> Engine:
    engine = Engine(patch, PALETTE, setup_for(patch, block))
    for _ in range(blocks):
        engine.process()
    return engine


def taken(engine: Engine) -> Mapping[str, np.ndarray]:
    return captured(engine.patch, engine).nodes["take"].content


def test_f66_a_take_holds_the_value_at_each_frames_instant() -> None:
    engine = played(set_value(ramp(), "take", "recording", True), 10)
    engine.turn("take", "recording", False)
    engine.process()
    (take,) = taken(engine).values()
    np.testing.assert_allclose(take[:, 0], (np.arange(10) * RATIO / 44_100) % 1.0, atol=2e-4)


def test_f67_a_take_stops_by_itself_at_exactly_the_limit() -> None:
    engine = played(ramp(recording=True, limit=7), 20)
    (take,) = taken(engine).values()
    assert take.shape == (7, 1)


def test_takes_follow_one_another_and_those_of_the_patch_come_first() -> None:
    old = {"takes/0001": np.zeros((3, 1), np.float32)}
    patch = draw("ramp.out -> take.input", ramp="phasor", take=("record", {"recording": True}, old))
    engine = played(patch, 2)
    for on in (False, True, False):
        engine.turn("take", "recording", on)
        engine.process()
        engine.process()
    content = taken(engine)
    assert [len(content[name]) for name in sorted(content)] == [3, 2, 2]
    assert engine.instance("take").takes().names == ("0001", "0002", "0003")


def test_a_gate_signal_switches_at_the_frame_whatever_the_block() -> None:
    """
    gate: a slow square --> take.gate
    """
    patch = draw(
        "ramp.out -> take.input",
        "gate.out -> take.gate",
        ramp="phasor",
        gate=("lfo", {"shape": "square", "rate": 3.0}),
        take="record",
    )
    lengths = [[len(array) for array in taken(played(patch, 65_536 // block, block)).values()] for block in (256, 4096)]
    assert lengths[0] == lengths[1]
    assert len(lengths[0]) >= 2


def test_f68_b30_a_poke_keeps_a_single_vector_now() -> None:
    """
    metro --> take.poke
    """
    patch = draw("ramp.out -> take.input", "tick.out -> take.poke", ramp="phasor", tick="metro", take="record")
    content = taken(played(patch, 60))
    assert content
    assert all(array.shape == (1, 1) for array in content.values())


def test_a_take_that_is_still_going_on_is_kept_too() -> None:
    (take,) = taken(played(ramp(recording=True), 5)).values()
    assert len(take) == 5


def test_f69_b29_b32_clearing_while_recording_leaves_nothing_and_goes_on() -> None:
    """
    phasor --> take, cleared once
    """
    patch = draw(
        "ramp.out -> take.input",
        "once.out -> take.clear",
        ramp="phasor",
        once=("metro", {"follow": "every", "every": 300.0}),
        take=("record", {"recording": True}),
    )
    engine = played(patch, 12)
    lengths = [len(take) for take in taken(engine).values()]
    assert sum(lengths) < 12, "what came before the last clearing is gone"
    for one, other in zip(engine.instance("take").takes().arrays, taken(engine).values(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not engine.faults()


def test_how_much_is_recorded_is_seen() -> None:
    old = {"takes/0001": np.zeros((3, 1), np.float32)}
    engine = played(draw("ramp.out -> take.input", ramp="phasor", take=("record", {"recording": True}, old)), 5)
    shows = engine.instance("take").shows
    assert {name: array.tolist() for name, array in shows().items()} == {
        "filled": [pytest.approx(5 / MOST)],
        "takes": [1.0],
        "going": [5.0],
    }
    engine.turn("take", "recording", False)
    engine.process()
    assert shows()["takes"] == [2.0]
    assert shows()["going"] == [0.0]


def steps(engine: Engine, blocks: int, *, recording: bool) -> None:
    engine.turn("take", "recording", recording)
    for _ in range(blocks):
        engine.process()


def live(patch: Patch) -> Engine:
    """An engine that plays to a device, whose audio thread makes no room for itself."""
    return Engine(patch, PALETTE, replace(setup_for(patch, RATIO), offline=False))


def test_takes_may_be_longer_in_all_than_any_room_that_there_is_at_first() -> None:
    engine = live(ramp(recording=True, limit=16_384))
    node = engine.instance("take")
    for _ in range(3):
        steps(engine, 1, recording=True)
        before = len(node._pages)
        for _ in range(3 * PAGE // 2):
            node._keep(node._now)
        engine.tidy()
        assert len(node._pages) > before
    steps(engine, 2, recording=False)
    assert sum(map(len, taken(engine).values())) > 3 * 3 * PAGE // 2


def test_where_there_is_no_more_room_it_is_told_once_and_what_there_is_is_kept() -> None:
    engine = live(set_value(ramp(), "take", "most", 6))
    steps(engine, 10, recording=True)
    for _ in range(2):
        engine.tidy()
    assert [one.node for one in engine.faults()] == ["take"]
    (take,) = taken(engine).values()
    assert len(take) == 6


def test_takes_that_came_into_the_patch_do_not_end_the_one_that_goes_on() -> None:
    """The patch is saved in the middle of the second take, and again in the middle of the third."""
    engine = live(ramp())
    steps(engine, 3, recording=True)
    steps(engine, 1, recording=False)
    steps(engine, 4, recording=True)
    for more in (5, 2):
        engine.update(captured(engine.patch, engine))
        steps(engine, more, recording=True)
    engine.update(captured(engine.patch, engine))
    steps(engine, 1, recording=False)
    assert engine.instance("take").shows()["takes"] == [2.0]
    steps(engine, 2, recording=True)
    content = taken(engine)
    assert {name: len(take) for name, take in content.items()} == {"takes/0001": 3, "takes/0002": 11, "takes/0003": 2}
    np.testing.assert_allclose(np.diff(content["takes/0002"][:, 0]) % 1.0, RATIO / 44_100, atol=1e-3)


def test_a_take_that_was_deleted_stays_away_and_none_takes_the_place_of_another() -> None:
    engine = live(ramp())
    for _ in range(3):
        steps(engine, 2, recording=True)
        steps(engine, 1, recording=False)
    engine.update(captured(engine.patch, engine))
    steps(engine, 1, recording=False)
    content = dict(engine.patch.nodes["take"].content)
    del content["takes/0001"]
    steps(engine, 4, recording=True)
    engine.update(set_content(engine.patch, "take", content))
    steps(engine, 1, recording=False)
    assert {name: len(take) for name, take in taken(engine).items()} == {
        "takes/0002": 2,
        "takes/0003": 2,
        "takes/0004": 4,
    }


def test_a_take_that_its_limit_ends_is_told_of_once() -> None:
    engine = played(set_value(ramp(limit=3), "take", "recording", True), 10)
    [remark] = engine.remarks()
    assert remark.node == "take"
    assert "limit of 3 vectors" in remark.text
    assert engine.remarks() == []
    assert played(set_value(ramp(limit=30), "take", "recording", True), 10).remarks() == []


def edited(engine: Engine, **arrays: np.ndarray) -> None:
    """The patch has these takes from now on, as after an edit; the take that goes on does."""
    engine.update(set_content(engine.patch, "take", {f"takes/{key[1:]}": one for key, one in arrays.items()}))
    steps(engine, 1, recording=True)


def test_a_take_that_goes_on_is_one_take_whatever_it_is_called_meanwhile() -> None:
    """One before it is deleted while it goes on, which numbers it anew; then that is undone, and done again."""
    engine = live(ramp())
    for _ in range(2):
        steps(engine, 2, recording=True)
        steps(engine, 1, recording=False)
    steps(engine, 3, recording=True)
    engine.update(captured(engine.patch, engine))
    steps(engine, 1, recording=True)
    first, second, going = (engine.patch.nodes["take"].content[f"takes/000{number}"] for number in (1, 2, 3))

    edited(engine, _0001=second, _0002=going)
    steps(engine, 2, recording=True)
    content = taken(engine)
    assert {name: len(take) for name, take in content.items()} == {"takes/0001": 2, "takes/0002": 7}

    edited(engine, _0001=first, _0002=second)  # undone to a patch that has nothing of it yet
    content = taken(engine)
    assert {name: len(take) for name, take in content.items()} == {"takes/0001": 2, "takes/0002": 2, "takes/0003": 8}
    np.testing.assert_array_equal(content["takes/0002"], second)

    edited(engine, _0001=second, **{"_0002 door": going})
    steps(engine, 1, recording=False)
    content = taken(engine)
    assert {name: len(take) for name, take in content.items()} == {"takes/0001": 2, "takes/0002 door": 9}
    assert engine.instance("take").shows()["takes"] == [2.0]

    engine.update(captured(engine.patch, engine))
    steps(engine, 1, recording=False)
    engine.update(set_content(engine.patch, "take", {"takes/0001": second}))  # undone once it is whole: it stays away
    steps(engine, 1, recording=False)
    assert list(taken(engine)) == ["takes/0001"]
