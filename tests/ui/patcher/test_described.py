"""What is said of titles, ports, params and settings: something of their own for every one of every type."""

import re

import pytest

from latent_terrain.engine.describe import describe
from latent_terrain.graphs import Patch, add_node
from latent_terrain.ui.patcher.described import (
    Description,
    described_node,
    described_param,
    described_port,
    described_setting,
    description_at,
    osc_address,
)
from latent_terrain.ui.patcher.hits import OnControl, OnNode, OnPort
from latent_terrain.ui.surface.hits import OnNothing

from .benches import PALETTE, chain, desk_of

# What is for readers of the source: sections of the specification, code marks, names of classes and private names.
INTERNAL = re.compile(r"\bspec\b|§|``|\bB-\d|\b[A-Z][a-z]+[A-Z][a-z]\w*\(|\bself\b|__")


@pytest.mark.parametrize("type_", PALETTE.specs)
def test_every_port_param_and_setting_says_what_it_is_for(type_: str) -> None:
    spec = PALETTE[type_]
    silent = [one.name for one in (*spec.inputs.values(), *spec.outputs.values()) if not one.help.strip()]
    silent += [one.name for one in spec.params.values() if not one.help.strip()]
    silent += [one.name for one in spec.settings.values() if not one.about.help.strip()]
    assert silent == []
    assert spec.summary.strip()


@pytest.mark.parametrize("type_", PALETTE.specs)
def test_no_page_holds_internals(type_: str) -> None:
    found = INTERNAL.search(str(describe(PALETTE[type_])))
    assert found is None, found


@pytest.mark.parametrize("type_", PALETTE.specs)
def test_whatever_is_on_a_card_has_a_tip(type_: str) -> None:
    desk = desk_of(add_node(Patch(), type_, "one"))
    place = desk.layout.nodes["one"]
    told: list[Description] = []
    for hit in (OnNode("one", True), *(OnPort(port) for port in place.ports)):
        found = description_at(desk.layout, hit)
        assert found is not None, hit
        told.append(found)
    for control in place.controls:
        found = description_at(desk.layout, OnControl(control))
        assert (found is None) == (control.kind in ("meter", "scope", "picture")), control
        told += [found] if found is not None else []
    assert all(one.title and all(one.lines) and one.keys for one in told)


def test_a_tip_has_purpose_range_unit_default_keys_and_address() -> None:
    found = described_param(PALETTE["gain"].params["level"], "gain", "Drag: change.")
    assert found.title == "level"
    assert found.lines[0] == "0 dB is unchanged, -6 dB is half"
    assert "-90.00 dB to 24.00 dB, default 0.000 dB" in found.lines
    assert osc_address("gain", "level") in found.lines[-1]
    assert found.keys == "Drag: change."
    port = described_port(PALETTE["delay"].inputs["audio"], True)
    assert port.title == "audio (input)"
    assert port.lines == ("the sound to delay", "signal: audio or control")
    assert described_node(PALETTE["gui"], "map").title == "Map"
    assert "restarts" in described_setting(PALETTE["lfo"].settings["shape"]).lines[-1]


def test_where_nothing_is_nothing_is_said() -> None:
    desk = desk_of(chain())
    assert description_at(desk.layout, OnNothing()) is None
    assert description_at(desk.layout, OnNode("tone", False)) is None
    port = desk.layout.port("tone.out", False)
    assert port is not None
    for hit in (OnPort(port), OnNode("tone", True), OnControl(desk.layout.nodes["tone"].controls[0])):
        assert description_at(desk_of(Patch()).layout, hit) is None, "the patch may have gone under the pointer"
