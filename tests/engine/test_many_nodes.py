"""Patches of very many nodes: their blocks are shorter, so that they fit into memory, and they sound the same."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import Engine, load_palette
from latent_terrain.engine.offline import LEAST_BLOCK, RENDER_BLOCK, ROOM, offline_setup, render_block
from latent_terrain.graphs import Patch, add_node, connect

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
