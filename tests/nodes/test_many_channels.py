"""Every node that takes signals takes any number of channels of them."""

from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import Engine, NodeSpec, load_palette
from latent_terrain.graphs import Patch, add_node, connect
from latent_terrain.nodes.meter import Meter
from latent_terrain.testing import setup_for, wider_palette

PALETTE = load_palette()
COUNTS = [1, 2, 4, 8, 16]
TAKING = [
    spec
    for spec in PALETTE.specs.values()
    if any(port.kind == "signal" and not isinstance(port.size.size, int) for port in spec.inputs.values())
]
FIXED = frozenset({"pan", "spread", "rotate", "faust", "pick", "reduce", "locate"})
"""What gives other channels than it gets."""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def fed(spec: NodeSpec, channels: int) -> tuple[Engine, list[str]]:
    """A node all of whose signal inputs get so many channels, played for half a second, and its signal outputs."""
    patch = add_node(Patch(), "battery_sound", "in", values={"channels": channels})
    patch = add_node(patch, spec.type, "it", values={"channels": channels} if spec.type == "file_recorder" else {})
    for port in spec.inputs.values():
        if port.kind == "signal" and not isinstance(port.size.size, int):
            patch = connect(patch, "in.out", f"it.{port.name}")
    engine = Engine(patch, wider_palette(), setup_for(256))
    for _ in range(90):
        engine.process()
    outs = [port.name for port in spec.outputs.values() if port.kind == "signal"]
    return engine, outs


@pytest.mark.parametrize("channels", COUNTS)
@pytest.mark.parametrize("spec", TAKING, ids=lambda spec: spec.type)
def test_any_number_of_channels_is_taken_and_nothing_fails(spec: NodeSpec, channels: int) -> None:
    engine, outs = fed(spec, channels)
    assert engine.faults() == []
    assert not [one for one in engine.problems if one.severity == "error"]
    for out in outs:
        given = engine.signal("it", out)
        assert np.isfinite(given).all()
        if spec.outputs[out].size.size == "same" and spec.type not in FIXED:
            assert len(given) == channels


@pytest.mark.parametrize("channels", COUNTS)
@pytest.mark.parametrize("type_", ["gain", "delay", "smooth", "scale", "mix", "add", "meter", "scope"])
def test_each_channel_is_as_it_would_be_alone(type_: str, channels: int) -> None:
    engine, outs = fed(PALETTE[type_], channels)
    found = engine.signal("it", outs[0])
    for channel in range(channels):
        alone = add_node(Patch(), "battery_sound", "in", values={"channels": channels})
        alone = connect(add_node(alone, "pick", "pick", values={"channel": channel + 1}), "in.out", "pick.audio")
        alone = add_node(alone, type_, "it")
        for port in PALETTE[type_].inputs.values():
            alone = connect(alone, "pick.out", f"it.{port.name}")
        one = Engine(alone, wider_palette(), setup_for(256))
        for _ in range(90):
            one.process()
        np.testing.assert_allclose(found[channel], one.signal("it", outs[0])[0], atol=1e-5)


@pytest.mark.parametrize("channels", COUNTS)
def test_spread_sets_all_channels_side_by_side_and_follows_a_moving_width(channels: int) -> None:
    patch = add_node(Patch(), "battery_sound", "in", values={"channels": channels})
    patch = connect(add_node(patch, "spread", "it"), "in.out", "it.audio")
    steady = Engine(patch, wider_palette(), setup_for(256))
    patch = add_node(patch, "lfo", "wide", values={"low": 1.0, "high": 1.0})
    moving = Engine(connect(patch, "wide.out", "it.width"), wider_palette(), setup_for(256))
    places = np.linspace(-1.0, 1.0, channels) if channels > 1 else np.zeros(1)
    for _ in range(8):
        steady.process()
        moving.process()
        heard, found = steady.signal("in", "out"), steady.signal("it", "out")
        angles = (places + 1.0) * np.pi / 4
        expected = np.stack([np.cos(angles), np.sin(angles)]) @ heard / np.sqrt(channels)
        np.testing.assert_allclose(found, expected, atol=1e-5)
        np.testing.assert_allclose(found, moving.signal("it", "out"), atol=1e-5)


@pytest.mark.parametrize("channels", COUNTS)
def test_a_meter_tells_each_channel(channels: int) -> None:
    meter = Meter(setup_for(64))
    sound = np.repeat(np.arange(1.0, channels + 1)[:, None] / 16, 64, axis=1).astype(np.float32)
    meter.process(sound, np.empty_like(sound))
    np.testing.assert_allclose(meter.shows()["peak"], sound[:, 0])
    assert meter.shows()["rms"].shape == (channels,)
