"""Starter patches: what is shipped is what their functions build, has learned, and sounds the same every time."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from latent_terrain.engine import check_patch, load_palette
from latent_terrain.engine.offline import offline_setup, render
from latent_terrain.engine.training.jobs import has_result
from latent_terrain.graphs import Patch, load_file
from latent_terrain.graphs.starters import STARTERS, Starter
from latent_terrain.ui.starters import finished

PALETTE = load_palette()
EVERY_STARTER = pytest.mark.parametrize("starter", STARTERS.values(), ids=STARTERS)


def heard(patch: Patch, block: int, seconds: float = 1.5) -> NDArray[np.float32]:
    setup = offline_setup(patch, Path(), 44_100, block)
    return np.concatenate([part.copy() for part in render(patch, PALETTE, setup, round(44_100 * seconds))], axis=1)


@EVERY_STARTER
def test_the_shipped_file_is_what_the_function_builds(starter: Starter) -> None:
    shipped, built = load_file(starter.file), starter.build()
    assert {name: (node.type, node.values) for name, node in shipped.nodes.items()} == {
        name: (node.type, node.values) for name, node in built.nodes.items()
    }
    assert set(shipped.cords) == set(built.cords)


@EVERY_STARTER
def test_the_shipped_file_has_learned_and_has_no_problems(starter: Starter) -> None:
    shipped = load_file(starter.file)
    assert not check_patch(shipped, PALETTE, offline_setup(shipped, Path()))
    terrains = [node for node in shipped.nodes.values() if node.type == "terrain"]
    assert terrains
    assert all(has_result(node.content, "learn") for node in terrains)


@EVERY_STARTER
def test_it_sounds_and_the_same_at_any_block_and_every_time(starter: Starter) -> None:
    shipped = load_file(starter.file)
    sound = heard(shipped, 4096)
    level = 20 * np.log10(np.sqrt(np.mean(sound**2)))
    assert -60 < level < -6
    assert heard(shipped, 4096).tobytes() == sound.tobytes()
    for block in (64, 256, 32_768):
        np.testing.assert_allclose(heard(shipped, block), sound, atol=1e-5)


def test_recording_and_learning_again_gives_the_shipped_patch() -> None:
    """The whole loop: sound → encode → record beside a gesture → learn → play; its takes are as shipped."""
    starter = STARTERS["live-record"]
    shipped, made = load_file(starter.file), finished(starter, PALETTE)
    for name in ("latents", "places"):
        one, other = (patch.nodes[name].content["takes/0001"] for patch in (shipped, made))
        assert len(one) == pytest.approx(starter.record_seconds * 44_100 / 1024, abs=5)
        np.testing.assert_allclose(one, other, atol=1e-3)
