"""What every node of the palette must do, present and future: the battery that plug-in authors run, run on ours."""

from typing import Annotated

import pytest

from latent_terrain.engine import Engine, NodeSpec, Param, Signal, node, spec_of
from latent_terrain.testing import assert_no_click, battery, palette, patch_for, setup_for, wider_palette

SPECS = list(palette().specs.values())
EXEMPT = {
    "turning_a_param_does_not_click/gui/mode": "a mode begins at its own place on the canvas; the jump is asked for",
    "turning_a_param_does_not_click/metro/tempo": "its ramp falls at every tick, and at a faster pace there are more",
    "takes_no_memory_to_speak_of_while_playing/encode": "renders run its codec in the block; live, a worker does",
}

TestNodes = battery(*(spec.build for spec in SPECS), exempt=EXEMPT)


def test_the_whole_palette_loads() -> None:
    assert palette().complaints == ()
    assert SPECS


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.type)
def test_lives_in_a_file_or_folder_of_its_name(spec: NodeSpec) -> None:
    assert spec.type in spec.build.__module__.split(".")


@pytest.mark.parametrize("key", ["sounds_well/gain", "repeats_after_a_reset/no_such_node", "is_silent_when_muted/gain"])
def test_an_exemption_of_what_is_not_tested_or_without_a_reason_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="TEST/TYPE"):
        battery(palette()["gain"].build, exempt={key: ""})


@node
def battery_clicker(audio: Signal, level: Annotated[float, Param(0, 1, ramp=False)] = 1.0) -> Signal:
    """Jump."""
    return audio * level


def test_the_click_test_hears_a_click() -> None:
    battery(battery_clicker)
    with pytest.raises(AssertionError, match="clicks"):
        assert_no_click(spec_of(battery_clicker), "level", 0.0)


def test_the_engine_plays_a_patch_of_the_battery() -> None:
    engine = Engine(patch_for(palette()["gain"]), wider_palette(), setup_for(64))
    assert engine.process().shape == (2, 64)
    engine.close()
