"""Nodes that say that sounds can be told apart before them make of a sum the sum; nodes that shape sensors do not."""

import numpy as np
import pytest

from latent_terrain.engine import NodeSpec, load_palette
from latent_terrain.graphs import Patch, add_node, connect
from latent_terrain.testing import play

PALETTE = load_palette()
LINEAR = [spec for spec in PALETTE.specs.values() if spec.linear and spec.role != "device_output"]
SHAPING = [PALETTE[name] for name in ("one_euro", "median", "calibrate")]
SAMPLES = 48_000
SOUNDS = ("tone", "hiss")


def made_of(spec: NodeSpec, port: str, sounds: tuple[str, ...]) -> np.ndarray:
    """What a node makes of some of the two sounds at one of its inputs, ``[channels, samples]``."""
    patch = add_node(Patch(), "sine", "tone", values={"frequency": 5.0})
    patch = add_node(add_node(add_node(patch, "noise", "hiss"), "mix", "sum"), spec.type, "it")
    for place, name in enumerate(sounds, 1):
        patch = connect(patch, f"{name}.out", f"sum.audio_{place}")
    patch = add_node(connect(patch, "sum.out", f"it.{port}"), "hear_signal", "out-out")
    return play(connect(patch, "it.out", "out-out.audio"), SAMPLES).signals["out"]


def distance(spec: NodeSpec, port: str) -> float:
    """How far what it makes of both is from the sum of what it makes of each, beside how loud that is."""
    both, one, other = (made_of(spec, port, sounds) for sounds in (SOUNDS, SOUNDS[:1], SOUNDS[1:]))
    assert np.abs(both).max() > 0.01
    return float(np.abs(both - one - other).max() / np.abs(both).max())


@pytest.mark.parametrize("spec", LINEAR, ids=lambda spec: spec.type)
def test_what_is_said_to_be_linear_is(spec: NodeSpec) -> None:
    for port in (one.name for one in spec.inputs.values() if one.kind == "signal"):
        assert distance(spec, port) < 1e-5


@pytest.mark.parametrize("spec", SHAPING, ids=lambda spec: spec.type)
def test_what_shapes_a_sensor_is_not_and_does_not_say_so(spec: NodeSpec) -> None:
    assert not spec.linear
    assert distance(spec, "audio") > 0.01
