"""Patches of very many nodes: their blocks are shorter, so that they fit into memory, and they sound the same."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latent_terrain.engine import Engine, load_palette
from latent_terrain.engine.offline import LEAST_BLOCK, RENDER_BLOCK, ROOM, offline_setup, render_block
from latent_terrain.graphs import (
    Cord,
    Node,
    Patch,
    PatchFileError,
    add_node,
    connect,
    dump,
    load,
    move_node,
    set_value,
)
from latent_terrain.ui.patcher.layout import lay_out

MANY = """
import resource
from pathlib import Path
from latent_terrain.engine import Engine, load_palette
from latent_terrain.engine.offline import offline_setup
from latent_terrain.graphs import Patch, add_node
patch = Patch()
for number in range(300):
    patch = add_node(patch, "gamepad")
palette = load_palette()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
engine = Engine(patch, palette, offline_setup(patch, Path()))
engine.process(engine.setup.block)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)
"""


KINDS = [("gain", "audio", {}), ("expr", "in1", {"formula": "0.5*in1 + 0.5*y[-1]"})]


def patch_of(type_: str, port: str, values: Any, count: int, in_a_row: bool) -> Patch:
    """A tone through many nodes of one type, one after another or side by side."""
    names = [f"n{number}" for number in range(count)]
    nodes = {"tone": Node("sine"), "out": Node("audio_out"), **{name: Node(type_, values) for name in names}}
    before = ["tone", *names[:-1]] if in_a_row else ["tone"] * count
    cords = [Cord(f"{one}.out", f"{name}.{port}") for one, name in zip(before, names, strict=True)]
    return Patch(nodes=nodes, cords=(*cords, Cord(f"{names[-1]}.out", "out.audio")))


@pytest.mark.parametrize("in_a_row", [False, True], ids=["side by side", "in a row"])
@pytest.mark.parametrize(("type_", "port", "values"), KINDS, ids=[one[0] for one in KINDS])
def test_a_patch_of_a_thousand_of_one_type_is_opened_played_and_edited(
    type_: str, port: str, values: Any, in_a_row: bool
) -> None:
    patch, palette = load(dump(patch_of(type_, port, values, 1000, in_a_row))), load_palette()
    engine = Engine(patch, palette, offline_setup(patch, Path(), block=256))
    for _ in range(4):
        engine.process()
    assert np.isfinite(engine.signal("n999", "out")).all()
    assert np.abs(engine.signal("n0", "out")).max() > 0.1
    engine.update(set_value(patch, "tone", "frequency", 1000.0))
    engine.process()
    assert not engine.faults()
    engine.close()
    first = lay_out(patch, palette)
    assert len(first.cords) == len(patch.cords)
    moved = lay_out(move_node(patch, "n0", (50.0, 50.0)), palette, first)
    assert moved.nodes["n1"] is first.nodes["n1"]


def test_more_than_are_kept_in_a_file_are_refused_in_a_sentence() -> None:
    with pytest.raises(PatchFileError, match="more than 10000 nodes; undo the edit that put it there"):
        dump(patch_of("gain", "audio", {}, 10_000, False))


def test_few_nodes_have_long_blocks_and_many_have_room() -> None:
    assert render_block(1) == render_block(64) == RENDER_BLOCK
    for nodes in (65, 300, 1000, 10_000):
        assert LEAST_BLOCK <= render_block(nodes) < RENDER_BLOCK
        assert nodes * render_block(nodes) <= ROOM


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted otherwise elsewhere")
def test_three_hundred_gamepads_take_less_than_a_gigabyte() -> None:
    done = subprocess.run([sys.executable, "-c", MANY], capture_output=True, text=True, timeout=120, check=True)
    assert int(done.stdout) < 1000


def test_it_sounds_the_same() -> None:
    patch = connect(add_node(add_node(Patch(), "sine", name="one"), "audio_out", name="out"), "one.out", "out.audio")
    palette = load_palette()
    sounds = []
    for block in (RENDER_BLOCK, 128):
        engine = Engine(patch, palette, offline_setup(patch, Path(), block=block))
        sounds.append(np.concatenate([engine.process(block).copy() for _ in range(RENDER_BLOCK // block)], axis=1))
    np.testing.assert_allclose(*sounds, atol=1e-5)
