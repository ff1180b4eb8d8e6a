"""What nodes show is seen from outside, at no cost to the sound; what fails to show itself is left out."""

import numpy as np
import pytest

from latent_terrain.engine import Engine, load_palette
from latent_terrain.engine.offline import offline_setup
from latent_terrain.engine.readings import readings
from latent_terrain.graphs import Patch, add_node, connect


def playing() -> Engine:
    """
    tone --> level --> wave --> out      walk (drawn)
    """
    patch = add_node(Patch(), "sine", "tone", {"frequency": 1000.0})
    patch = add_node(add_node(patch, "meter", "level"), "scope", "wave", {"samples": 600})
    line = {"play/0001": np.array([[-8.0, 0.0], [8.0, 0.0]], np.float32)}
    patch = add_node(add_node(patch, "audio_out", "out"), "gui", "walk", {"mode": "loop", "rate": 30.0}, content=line)
    for source, target in (("tone.out", "level.audio"), ("level.out", "wave.audio"), ("wave.out", "out.audio")):
        patch = connect(patch, source, target)
    from pathlib import Path

    engine = Engine(patch, load_palette(), offline_setup(patch, Path(), 48_000, 256))
    for _ in range(8):
        engine.process()
    return engine


def shown(engine: Engine) -> dict[tuple[str, str], np.ndarray]:
    return {(one.node, one.name): one.array for one in readings(engine)}


def test_meters_scopes_playheads_and_peaks_are_seen() -> None:
    found = shown(playing())
    assert found["level", "peak"] == pytest.approx([1.0], abs=0.05)
    assert found["tone", "peak.out"] == pytest.approx([1.0], abs=0.05)
    wave = found["wave", "samples"]
    assert wave.shape == (2, 600)
    assert np.abs(np.fft.rfft(wave[0])).argmax() == pytest.approx(1000 * 600 / 48_000, abs=1)
    x, y = found["walk", "places"][0]
    assert -8 < x < 8
    assert y == 0.0


def test_everything_shown_has_one_shape_and_is_a_copy() -> None:
    engine = playing()
    before = {key: array.shape for key, array in shown(engine).items()}
    kept = shown(engine)["wave", "samples"].copy()
    first = shown(engine)["wave", "samples"]
    for _ in range(5):
        engine.process()
    assert {key: array.shape for key, array in shown(engine).items()} == before
    np.testing.assert_array_equal(first, kept)


def test_a_node_that_fails_to_show_itself_is_named_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = playing()
    complaints: list[tuple[str, str]] = []

    def fail() -> dict[str, np.ndarray]:
        raise RuntimeError("no light")

    monkeypatch.setattr(engine.instance("level"), "shows", fail)
    found = {(one.node, one.name) for one in readings(engine, lambda node, text: complaints.append((node, text)))}
    assert ("level", "peak") not in found
    assert ("wave", "samples") in found
    assert complaints == [("level", "it can't show itself (RuntimeError: no light)")]
