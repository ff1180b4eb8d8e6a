"""What nodes show is seen from outside, at no cost to the sound; what fails to show itself is left out."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import Engine, load_palette
from latent_terrain.engine.offline import offline_setup
from latent_terrain.engine.readings import MOST_NAMES, MOST_NUMBERS, readings
from latent_terrain.graphs import Patch, add_node, connect, remove_node, set_muted

PALETTE = load_palette()


def engine_for(patch: Patch, blocks: int = 8) -> Engine:
    engine = Engine(patch, PALETTE, offline_setup(patch, Path(), 48_000, 256))
    for _ in range(blocks):
        engine.process()
    return engine


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
    return engine_for(patch)


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
    assert found["walk", "line"] == [1.0]
    assert found["walk", "ms"] > 0.0


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
    found = {
        (one.node, one.name) for one in readings(engine, lambda node, text, error: complaints.append((node, text)))
    }
    assert ("level", "peak") not in found
    assert ("wave", "samples") in found
    assert complaints == [("level", "can't show its readings (RuntimeError: no light); it keeps playing")]


def test_of_nodes_that_play_in_one_call_each_shows_its_own() -> None:
    """
    tone --> gain-0 … gain-7, each 6 dB softer
    """
    patch = add_node(Patch(), "sine", "tone", {"frequency": 1000.0})
    for number in range(8):
        patch = add_node(patch, "gain", f"gain-{number}", {"level": -6.0206 * number})
        patch = connect(patch, "tone.out", f"gain-{number}.audio")
    engine = engine_for(patch)
    assert any(call.batch is not None and len(call.steps) == 8 for call in engine.compiled.plan.calls)
    found = shown(engine)
    for number in range(8):
        assert found[f"gain-{number}", "peak.out"] == pytest.approx([0.5**number], rel=0.1)


def test_latents_are_seen_as_of_their_last_frame() -> None:
    """
    tone --> smooth (takes the tone at each frame's instant)
    """
    patch = add_node(add_node(Patch(), "sine", "tone", {"frequency": 7.0}), "latent_smooth", "smooth")
    engine = engine_for(connect(patch, "tone.out", "smooth.latents"), 20)
    latents = engine.compiled.plan.outputs["smooth", "out"].array  # type: ignore[union-attr]
    assert latents.any()
    np.testing.assert_array_equal(shown(engine)["smooth", "latent.out"], latents[:, 0])


def test_while_an_edit_fades_the_sound_is_still_seen() -> None:
    engine = playing()
    engine.update(connect(add_node(engine.patch, "audio_out", "more"), "level.out", "more.audio"))
    for _ in range(6):
        assert shown(engine)["tone", "peak.out"] == pytest.approx([1.0], abs=0.05)
        engine.process()


def test_a_node_that_leaves_and_one_that_is_muted_show_nothing() -> None:
    engine = playing()
    engine.update(set_muted(remove_node(engine.patch, "walk"), "level", True))
    for _ in range(6):
        engine.process()
    found = shown(engine)
    assert not any(node == "walk" for node, _ in found)
    assert ("level", "peak") not in found
    assert found["level", "peak.out"] == [0.0]


def test_numbers_that_are_no_sound_are_no_peak() -> None:
    engine = playing()
    engine.signal("tone", "out")[0, :2] = np.nan, -0.25
    assert np.isfinite(shown(engine)["tone", "peak.out"]).all()


def show(engine: Engine, monkeypatch: pytest.MonkeyPatch, what: object) -> tuple[Mapping[str, np.ndarray], list[str]]:
    """What is seen of a node that shows this, and what is complained about."""
    complaints: list[str] = []
    monkeypatch.setattr(engine.instance("level"), "shows", lambda: what)
    found = {
        one.name: one.array
        for one in readings(engine, lambda node, text, error: complaints.append(text))
        if one.node == "level"
    }
    return found, complaints


def test_what_a_node_shows_is_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = playing()
    many = {f"number {number}": np.zeros(1) for number in range(1000)}
    assert len(show(engine, monkeypatch, many)[0]) == MOST_NAMES + 1
    odd = {"huge": np.zeros(MOST_NUMBERS + 1), "none": np.zeros(0), "deep": np.zeros((1,) * 9), "peak.out": np.ones(9)}
    found, complaints = show(engine, monkeypatch, {**odd, "good": [1, 2]})
    assert sorted(found) == ["good", "peak.out"]
    assert found["peak.out"].shape == (1,)
    assert found["good"].dtype == np.float32
    assert complaints == []


@pytest.mark.parametrize("what", [None, 5, [np.zeros(3)], {"peak": "loud"}, {"peak": object()}])
def test_a_node_that_shows_nonsense_is_told(monkeypatch: pytest.MonkeyPatch, what: object) -> None:
    found, complaints = show(playing(), monkeypatch, what)
    assert list(found) == ["peak.out"]
    assert len(complaints) == 1
    assert "it keeps playing" in complaints[0]
