"""Every whole number, switch and choice of every node takes a cord, and nothing fails."""

from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import Engine, load_palette
from latent_terrain.engine.declare import ParamSpec
from latent_terrain.engine.offline import offline_setup
from latent_terrain.engine.param_numbers import place
from latent_terrain.engine.readings import readings
from latent_terrain.graphs import Patch, add_node, connect

PALETTE = load_palette()
STEPPED = [
    (spec.type, param) for spec in PALETTE.specs.values() for param in spec.params.values() if param.kind != "float"
]


@pytest.mark.parametrize(("type_", "param"), STEPPED, ids=lambda one: one if isinstance(one, str) else one.name)
def test_a_cord_brings_a_param_from_one_end_to_the_other(type_: str, param: ParamSpec, tmp_path: Path) -> None:
    """
    lfo (up and down, 20 times a second) --> it.param
    """
    high = place(param, param.choices[-1]) if param.kind == "choice" else min(float(param.high), 1000.0)
    low = max(float(param.low), -1000.0)
    patch = add_node(Patch(), "lfo", "lfo", values={"rate": 20.0, "low": low, "high": high})
    patch = add_node(patch, type_, "it")
    patch = connect(patch, "lfo.out", f"it.{param.name}")
    engine = Engine(patch, PALETTE, offline_setup(patch, tmp_path, 48_000.0, 256))
    seen = set()
    for _ in range(40):
        with np.errstate(all="raise"):
            engine.process()
        seen |= {float(one.array[0]) for one in readings(engine) if one.name == f"param.{param.name}"}
    assert engine.faults() == []
    engine.close()
    assert min(seen) <= low + 0.1 * (high - low)
    assert max(seen) >= high - 0.1 * (high - low)
