"""Old files open."""

from typing import Any

import msgpack
import pytest

from latent_terrain.graphs import Node, Patch, PatchFileError, add_node, connect, dump, load
from latent_terrain.graphs.migrations import PLAIN, STEPS, VERSION

from .strategies import packed

OLD: dict[str, Any] = {
    "format": "latent-terrain",
    "version": 0,
    "seed": 5,
    "nodes": [
        {"name": "tone", "kind": "sine", "given": {"frequency": 110.0}},
        {"name": "out", "kind": "audio_out", "given": {}},
    ],
    "wires": [["tone.out", "out.audio"]],
}


def test_a_file_from_before_the_first_release_opens_as_the_same_patch() -> None:
    patch = add_node(add_node(Patch(seed=5), "sine", name="tone", values={"frequency": 110.0}), "audio_out", name="out")
    assert load(packed(OLD)) == connect(patch, "tone.out", "out.audio")


def test_there_is_a_step_for_every_version() -> None:
    assert len(STEPS) == VERSION


@pytest.mark.parametrize(
    "broken",
    [
        {"nodes": 5},
        {"nodes": [{"kind": "sine"}]},
        {"nodes": [3]},
        {"wires": 3},
        {"wires": ["ab"]},
        {"wires": [["a.b"]]},
        {"nodes": OLD["nodes"] * 2},
    ],
)
def test_a_damaged_old_file_is_one_clear_error(broken: dict[str, object]) -> None:
    with pytest.raises(PatchFileError, match="damaged"):
        load(packed({**OLD, **broken}))


def test_a_terrain_of_version_1_learns_by_the_reference_under_its_new_name() -> None:
    values = {"method": "plain", "steps": 5}
    nodes = {"land": {"type": "terrain", "values": values}, "odd": {"type": "other", "values": {"method": "plain"}}}
    patch = load(packed({"format": "latent-terrain", "version": 1, "seed": 0, "nodes": nodes, "cords": []}))
    assert dict(patch.nodes["land"].values) == {"method": "reference", "steps": 5}
    assert dict(patch.nodes["odd"].values) == {"method": "plain"}


def test_a_patch_with_definitions_is_of_a_version_that_older_programs_refuse() -> None:
    plain, nested = Patch({"tone": Node("sine")}), Patch({"voice/tone": Node("sine")})
    assert msgpack.unpackb(dump(plain))["version"] == PLAIN == 2
    assert msgpack.unpackb(dump(nested))["version"] == VERSION == 3
    for patch in (plain, nested):
        assert load(dump(patch)) == patch


def test_a_file_of_version_2_opens_as_it_is() -> None:
    raw = {**msgpack.unpackb(dump(Patch({"tone": Node("sine")}, seed=7))), "version": 2}
    assert load(packed(raw)) == Patch({"tone": Node("sine")}, seed=7)
