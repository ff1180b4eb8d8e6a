"""Teaching from the command line: in order, only what is asked, and stopping keeps what is worth keeping."""

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.offline import offline_setup
from latent_terrain.graphs import Patch, add_node, connect, set_value
from latent_terrain.nodes.terrain.learned import learned_weights
from latent_terrain.ui.cli import train_patch as teaching
from latent_terrain.ui.cli.output import StopAsked
from latent_terrain.ui.cli.patches import OpenedPatch

from .conftest import land_patch

PALETTE = load_palette()


@dataclass
class StopAt(StopAsked):
    node: str = ""
    done: float = 0.0


@pytest.fixture
def stop(monkeypatch):
    """A stop that is asked for when a node's work is told to be so far; by default at the first sign of it."""
    stop = StopAt()

    @contextmanager
    def progress(title):
        def advance(done, text):
            stop.asked = stop.asked or (bool(stop.node) and stop.node in title and done >= stop.done)

        yield advance

    monkeypatch.setattr(teaching, "progress", progress)
    return stop


def trained(patch, stop, **options):
    return teaching.train_all(
        OpenedPatch(patch, "patch", Path()), PALETTE, offline_setup(patch, Path()), stop, **options
    )


def chain(folder: Path) -> Patch:
    patch = add_node(Patch(), "terrain", name="a-terrain", values={"width": 8, "features": 16, "steps": 3})
    patch = add_node(patch, "gui", name="b-map", values={"layout": "rows"})
    patch = add_node(patch, "encode", name="c-sounds", values={"sounds": [str(folder)]})
    patch = connect(patch, "c-sounds.latents", "b-map.latents")
    patch = connect(patch, "b-map.coordinates", "a-terrain.coordinates")
    return connect(patch, "c-sounds.latents", "a-terrain.latents")


def test_work_is_done_upstream_first(stop, sounds):
    assert trained(chain(sounds), stop).done == ("c-sounds.encode", "b-map.arrange", "a-terrain.learn")


def test_one_node_is_taught_with_what_it_needs(stop, sounds):
    assert trained(chain(sounds), stop, only="b-map").done == ("c-sounds.encode", "b-map.arrange")


def test_doing_one_node_again_leaves_what_it_needs_alone(stop, sounds):
    patch = trained(chain(sounds), stop).patch
    assert trained(patch, stop).done == ()
    assert trained(patch, stop, only="b-map", again=True).done == ("b-map.arrange",)


def test_stopping_while_a_terrain_learns_keeps_its_best(stop):
    patch = set_value(land_patch({}), "terrain", "steps", 90_000)
    stop.node, stop.done = "terrain", 1e-6
    training = trained(patch, stop)
    weights = learned_weights(training.patch.nodes["terrain"].content)
    assert training.done == ("terrain.learn",)
    assert all(np.isfinite(array).all() for array in weights.values())


def test_stopping_before_a_terrain_learned_anything_keeps_what_was(stop):
    patch = land_patch({})
    stop.node = "terrain"
    training = trained(patch, stop)
    assert (training.done, training.patch) == ((), patch)


def test_stopping_while_sounds_are_encoded_keeps_nothing_of_them_and_begins_nothing_more(stop, sounds):
    stop.node = "c-sounds"
    patch = chain(sounds)
    training = trained(patch, stop)
    assert (training.done, training.patch) == ((), patch)


def test_what_cannot_be_learned_is_told_with_its_reason(stop, capsys):
    patch = add_node(Patch(), "terrain", name="lonely")
    training = trained(patch, stop)
    assert "lonely.coordinates: connect sounds and a map to train" in str(training.skipped[0])
    assert "patch: lonely.coordinates" in capsys.readouterr().err
