"""Knobs of a node that are named by its settings: cards show what they turn there."""

from typing import Any

import pytest

from latent_terrain.engine import load_palette
from latent_terrain.engine.labels import as_set, name_label
from latent_terrain.graphs import Patch, add_node, set_value
from latent_terrain.ui.patcher.layout import lay_out

PALETTE = load_palette()


def labels(patch: Patch) -> list[str]:
    spec = lay_out(patch, PALETTE).nodes["it"].spec
    return [name_label(spec, f"turn_{number}") for number in (1, 2, 3)]


def test_a_knob_is_called_as_the_setting_names_what_it_turns() -> None:
    patch = add_node(Patch(), "faust", "it", {"turned": ["cutoff", "Room Size"]})
    assert labels(patch) == ["cutoff", "Room Size", "turn 3"]
    assert labels(set_value(patch, "it", "turned", ["time"])) == ["time", "turn 2", "turn 3"]


def test_the_declaration_is_the_same_object_while_nothing_of_it_changes() -> None:
    spec = PALETTE["faust"]
    assert as_set(spec, {}) is spec
    named = as_set(spec, {"turned": ["cutoff"]})
    assert named is as_set(spec, {"turned": ["cutoff"], "code": "process = _;"})
    assert named.type == spec.type
    assert list(named.params) == list(spec.params)
    assert as_set(PALETTE["gain"], {"turned": ["cutoff"]}) is PALETTE["gain"]


@pytest.mark.parametrize("turned", ["cutoff", [3, 4], [""], [None], {"cutoff": 1}, 7])
def test_a_setting_that_is_no_list_of_texts_names_nothing(turned: Any) -> None:
    assert name_label(as_set(PALETTE["faust"], {"turned": turned}), "turn_1") == "turn 1"


def test_a_long_label_is_cut_and_many_declarations_are_not_kept_for_ever() -> None:
    spec = PALETTE["faust"]
    assert len(name_label(as_set(spec, {"turned": ["x" * 1000]}), "turn_1")) == 24
    for number in range(1000):
        assert name_label(as_set(spec, {"turned": [f"knob {number}"]}), "turn_1") == f"knob {number}"
