"""Every node type has an example that compiles, uses it, and sounds where it has an output."""

from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import check_patch, load_palette
from latent_terrain.engine.offline import offline_setup, render
from latent_terrain.graphs.examples import drawn, example

PALETTE = load_palette()
# Whose examples show what comes from or goes to a device, and the one that waits for a model of one's own.
WITHOUT_OUTPUT, WAITING = {"audio_in", "midi_out", "osc_out"}, {"model"}


@pytest.mark.parametrize("type_", PALETTE.specs)
def test_every_type_has_an_example_that_compiles_and_sounds(type_: str, tmp_path: Path) -> None:
    patch = example(type_)
    assert patch is not None
    assert type_ in {node.type for node in patch.nodes.values()}
    setup = offline_setup(patch, tmp_path, 48_000, 4096)
    assert [str(one) for one in check_patch(patch, PALETTE, setup) if one.severity == "error"] == []
    has_output = any(node.type == "audio_out" for node in patch.nodes.values())
    assert has_output != (type_ in WITHOUT_OUTPUT)
    if has_output and type_ not in WAITING:
        blocks = [block.copy() for block in render(patch, PALETTE, setup, 96_000)]
        sound = np.concatenate(blocks, axis=1)
        assert np.isfinite(sound).all()
        assert 1e-3 < np.abs(sound).max() <= 1.0


def test_a_line_of_text_is_a_patch() -> None:
    patch = drawn(
        "tone: sine frequency=330; gain level=-6.5; out: audio_out | tone.out > gain.audio, gain.out > out.audio"
    )
    assert patch.nodes["tone"].values == {"frequency": 330}
    assert patch.nodes["gain"].values == {"level": -6.5}
    assert [one.position[0] for one in patch.nodes.values()] == sorted(one.position[0] for one in patch.nodes.values())
    assert {(one.source, one.target) for one in patch.cords} == {("tone.out", "gain.audio"), ("gain.out", "out.audio")}


def test_a_type_of_somebody_else_has_none() -> None:
    assert example("from the future") is None
