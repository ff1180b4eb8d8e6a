"""Snapshots: kept in the patch, recalled as turns and lands."""

from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import Engine, load_palette
from latent_terrain.engine.offline import offline_setup
from latent_terrain.engine.snapshots import recalled, removed, slots, stored
from latent_terrain.engine.training.jobs import run_jobs
from latent_terrain.graphs import (
    EditError,
    Patch,
    add_node,
    connect,
    load_file,
    remove_node,
    save,
    set_content,
    set_value,
)
from latent_terrain.graphs.delta import delta, followed, rebased
from latent_terrain.graphs.starters import STARTERS

PALETTE = load_palette()


@pytest.fixture
def walk() -> Patch:
    return load_file(STARTERS["walk"].file)


def with_other_land(patch: Patch) -> Patch:
    content = dict(patch.nodes["terrain"].content)
    return set_content(patch, "terrain", {**content, "learn/fc_out.bias": content["learn/fc_out.bias"] + 1.0})


def test_what_was_turned_and_learned_since_comes_back(walk: Patch) -> None:
    kept = stored(walk, PALETTE, "1")
    changed = with_other_land(set_value(set_value(kept, "map", "rate", 2.0), "out", "level", -20.0))
    recall = recalled(changed, PALETTE, "1")
    assert set(recall.turns) == {("map", "rate", 1.0), ("out", "level", 0.0)}
    after = recall.with_terrains(changed)
    for key, array in walk.nodes["terrain"].content.items():
        np.testing.assert_array_equal(after.nodes["terrain"].content[key], array)
    assert recalled(kept, PALETTE, "1").turns == ()
    assert recalled(kept, PALETTE, "1").terrains == {}


def test_a_snapshot_stored_or_recalled_is_no_reason_to_learn_anew(walk: Patch) -> None:
    setup = offline_setup(walk, Path())
    learned = run_jobs(walk, PALETTE, setup).patch
    kept = stored(stored(learned, PALETTE, "1"), PALETTE, "2")
    assert run_jobs(kept, PALETTE, setup).done == ()
    assert run_jobs(removed(kept, "2"), PALETTE, setup).done == ()
    back = recalled(with_other_land(kept), PALETTE, "1").with_terrains(with_other_land(kept))
    assert run_jobs(back, PALETTE, setup).done == ()


def test_it_is_kept_in_the_file_and_costs_no_second_land(walk: Patch, tmp_path: Path) -> None:
    kept = stored(stored(walk, PALETTE, "1"), PALETTE, "loud")
    save(walk, tmp_path / "bare.ltp")
    save(kept, tmp_path / "kept.ltp")
    again = load_file(tmp_path / "kept.ltp")
    assert slots(again) == ("1", "loud")
    changed = with_other_land(again)
    assert set(recalled(changed, PALETTE, "loud").terrains) == {"terrain"}
    assert (tmp_path / "kept.ltp").stat().st_size < (tmp_path / "bare.ltp").stat().st_size + 20_000


def test_nodes_that_went_or_came_are_left_alone(walk: Patch) -> None:
    kept = stored(walk, PALETTE, "a")
    changed = add_node(remove_node(kept, "out"), "sine", name="new")
    assert recalled(changed, PALETTE, "a").turns == ()


def test_storing_again_replaces_and_removing_leaves_nothing(walk: Patch) -> None:
    kept = stored(set_value(stored(walk, PALETTE, "1"), "map", "rate", 3.0), PALETTE, "1")
    assert recalled(set_value(kept, "map", "rate", 2.0), PALETTE, "1").turns == (("map", "rate", 3.0),)
    rest = removed(kept, "1")
    assert slots(rest) == ()
    assert rest.nodes == set_value(walk, "map", "rate", 3.0).nodes
    assert removed(walk, "1") is walk


def test_removing_the_last_one_leaves_what_another_stores_at_that_moment(walk: Patch) -> None:
    base = stored(walk, PALETTE, "1")
    mine, theirs = removed(base, "1"), stored(base, PALETTE, "2")
    assert slots(rebased(base, mine, theirs)) == ("2",)
    assert slots(rebased(base, theirs, mine)) == ("2",)
    change, arrays = delta(base, mine)
    assert slots(followed(theirs, change, arrays)) == ("2",)


@pytest.mark.parametrize("slot", ["", "../x", "a b", "x" * 40])
def test_odd_names_and_empty_slots_are_sentences(walk: Patch, slot: str) -> None:
    with pytest.raises(EditError, match="is not a valid snapshot name"):
        stored(walk, PALETTE, slot)
    with pytest.raises(EditError, match="no snapshot"):
        recalled(walk, PALETTE, slot)


def test_an_edit_while_it_morphs_does_not_hurry_it() -> None:
    patch = add_node(Patch(), "slider", name="knob", values={"value": 0.0})
    engine = Engine(patch, PALETTE, offline_setup(patch, Path(), 48_000, 256))
    engine.turn("knob", "value", 1.0, seconds=1.0)
    for _ in range(20):
        engine.process()
    edited = connect(add_node(set_value(patch, "knob", "value", 1.0), "audio_out", name="out"), "knob.out", "out.audio")
    engine.update(edited)
    found = []
    for _ in range(100):
        engine.process()
        found.append(engine.signal("knob", "out")[0].copy())
    line = np.concatenate(found)
    assert np.abs(np.diff(line)).max() < 1e-4
    assert 0.6 < line[-1] < 0.7


def test_two_hundred_snapshots_are_enough(walk: Patch) -> None:
    patch = walk
    for number in range(256):
        patch = stored(patch, PALETTE, str(number))
    with pytest.raises(EditError, match="already"):
        stored(patch, PALETTE, "one-more")
