"""A function of one sample is a node: the same sound at every block, alone and among many."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from latent_terrain.engine import DeclarationError, Engine, Palette, Param, Sample, State, load_palette, per_sample
from latent_terrain.engine import spec_of as spec
from latent_terrain.engine.loops.function_text import function_text
from latent_terrain.engine.offline import offline_setup
from latent_terrain.graphs import Patch, add_node, connect
from latent_terrain.testing import battery, patch_for, play

from ...waiting import eventually
from .toys import coefficients, toy_drive, toy_one_pole, toy_svf

RATE = 48_000.0
PALETTE = Palette({**load_palette().specs, **{spec(one).type: spec(one) for one in (toy_drive, toy_one_pole, toy_svf)}})
GAIN, FACTOR = 0.5, 2


def heard(patch: Patch, block: int, samples: int = 4096, node: str = "it") -> NDArray[np.float32]:
    engine = Engine(patch, PALETTE, offline_setup(patch, Path(), RATE, block))
    blocks = []
    for _ in range(-(-samples // block)):
        engine.process()
        blocks.append(engine.signal(node, "out").copy())
    assert not engine.faults()
    engine.close()
    return np.concatenate(blocks, axis=1)[:, :samples]


def voices(count: int, modulated: bool = False) -> Patch:
    """So many filters of one noise, each at a cutoff of its own, that a cord drives or none does."""
    patch = add_node(add_node(add_node(Patch(), "noise", name="noise"), "mix", name="mix"), "audio_out", name="out")
    for voice in range(count):
        name = f"it-{voice}" if voice else "it"
        patch = add_node(patch, "toy_svf", name=name, values={"cutoff": 200.0 + 300.0 * voice, "damping": 0.5})
        patch = connect(patch, "noise.out", f"{name}.audio")
        if modulated:
            patch = add_node(patch, "lfo", name=f"lfo-{voice}", values={"rate": 3.0, "low": 100.0, "high": 4000.0})
            patch = connect(patch, f"lfo-{voice}.out", f"{name}.cutoff")
    return connect(connect(patch, "it.out", "mix.audio_1"), "mix.out", "out.audio")


@pytest.mark.parametrize("modulated", [False, True], ids=["steady", "modulated"])
@pytest.mark.parametrize("block", [1, 64, 256])
def test_it_sounds_the_same_at_every_block(block: int, modulated: bool) -> None:
    patch = voices(1, modulated)
    np.testing.assert_allclose(heard(patch, block, 1024), heard(patch, 4096, 1024), rtol=0, atol=1e-5)


def test_many_whose_params_cords_drive_play_in_one_call_as_each_does_alone() -> None:
    patch = voices(5, modulated=True)
    compiled = Engine(patch, PALETTE, offline_setup(patch, Path(), RATE, 64)).compiled
    assert any(len(call.steps) == 5 and call.node.startswith("it") for call in compiled.plan.calls)
    np.testing.assert_array_equal(heard(patch, 64), heard(voices(1, modulated=True), 64))


def test_many_sound_as_each_does_alone_to_the_bit() -> None:
    alone = heard(voices(1), 64)
    for count in (2, 8):
        assert heard(voices(count), 64).tobytes() == alone.tobytes()


def test_one_whose_param_glides_plays_aside_and_comes_back_to_the_others() -> None:
    def run(count: int) -> NDArray[np.float32]:
        patch = voices(count)
        engine = Engine(patch, PALETTE, offline_setup(patch, Path(), RATE, 64))
        blocks = []
        for block in range(60):
            if block == 10:
                engine.turn("it", "cutoff", 5000.0)
            engine.process()
            blocks.append(engine.signal("it", "out").copy())
        return np.concatenate(blocks, axis=1)

    assert run(5).tobytes() == run(1).tobytes()


def test_the_filter_is_the_recurrence_that_is_written() -> None:
    noise, low = (heard(voices(1), 256, 2000, node).astype(np.float64)[0] for node in ("noise", "it"))
    g, scale = coefficients(200.0, 0.5, RATE)
    one = two = 0.0
    expected = []
    for sample in noise:
        band = (one + g * (sample - two)) * scale
        found = two + g * band
        one, two = 2.0 * band - one, 2.0 * found - two
        expected.append(found)
    np.testing.assert_allclose(low, expected, rtol=0, atol=1e-6)


def test_a_state_is_kept_for_each_channel() -> None:
    battery(toy_one_pole)
    both = play(patch_for(spec(toy_one_pole), channels=3), 2048).signals["out"]
    assert both.shape[0] == 3
    first = play(patch_for(spec(toy_one_pole), channels=1), 2048).signals["out"]
    np.testing.assert_array_equal(both[0], first[0])
    assert not np.array_equal(both[0], both[1])


def test_live_it_is_silent_until_it_is_compiled_and_then_fades_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh_library(tmp_path, monkeypatch)
    patch = add_node(add_node(Patch(), "audio_out", name="out"), "toy_ones", name="it")
    patch = connect(patch, "it.out", "out.audio")
    palette = Palette({**PALETTE.specs, "toy_ones": spec(toy_ones)})
    engine = Engine(patch, palette, replace(offline_setup(patch, Path(), RATE, 64), offline=False))
    eventually(lambda: engine.process().any())
    found = [engine.signal("it", "out")[0].copy()]
    for _ in range(10):
        engine.process()
        found.append(engine.signal("it", "out")[0].copy())
    sound = np.concatenate(found)
    assert sound[0] < 0.01
    assert np.abs(np.diff(sound)).max() < 0.01
    assert sound[480:].tolist() == [1.0] * len(sound[480:])
    assert not engine.faults()
    engine.close()


@per_sample
def toy_ones() -> float:
    """Gives ones."""
    return 1.0


def fresh_library(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    from latent_terrain.engine.loops import library, node

    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    fresh = library.LoopLibrary()
    monkeypatch.setattr(node, "library", fresh)
    return fresh


def test_its_declaration_is_that_of_any_node() -> None:
    found = spec(toy_svf)
    assert (found.type, found.summary) == ("toy_svf", "Lets the low part of a sound through.")
    assert list(found.inputs) == ["audio"]
    assert list(found.params) == ["cutoff", "damping"]
    assert found.params["cutoff"].unit == "Hz"
    assert spec(toy_one_pole).outputs["out"].help == "the low part"
    assert spec(toy_one_pole).inputs["audio"].help == "the sound"
    assert found.together is not None


def test_the_function_can_be_called_as_it_is_written() -> None:
    assert toy_one_pole.tick(1.0, 0.0, 0.5) == (0.5, 0.5)


def unmarked(audio: Sample, amount=1.0) -> float:  # type: ignore[no-untyped-def]
    """Do."""
    return audio * float(amount)


def unstarted(audio: Sample, kept: State) -> tuple[float, float]:
    """Do."""
    return audio, kept


def too_few(audio: Sample, kept: State = 0.0) -> tuple[float, ...]:
    """Do."""
    return (audio + kept,)


def uses_an_object(audio: Sample) -> float:
    """Do."""
    return audio * len(PALETTE.specs)


def uses_nothing_of_that_name(audio: Sample) -> float:
    """Do."""
    return audio * nowhere  # type: ignore[name-defined, no-any-return]  # noqa: F821 # pyright: ignore


def undocumented(audio: Sample) -> float:
    return audio


def loop(audio: float) -> float:
    return audio


def uses_a_taken_name(audio: Sample) -> float:
    """Do."""
    return loop(audio)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (unmarked, "amount: Sample for an input"),
        (unstarted, "kept: State = 0.0"),
        (too_few, "returns 1 values and should return 2"),
        (uses_an_object, "uses PALETTE, which is no number"),
        (uses_nothing_of_that_name, "uses nowhere, which is not defined"),
        (undocumented, "has no docstring"),
        (uses_a_taken_name, "call loop something else"),
        (lambda audio: audio, "docstring"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(function: Callable[..., Any], words: str) -> None:
    with pytest.raises(DeclarationError, match=words):
        per_sample(function)


def test_params_belong_to_prepare_where_there_is_one() -> None:
    def both(audio: Sample, amount: Annotated[float, Param(0, 1)] = 0.5) -> float:
        """Do."""
        return audio * amount

    def inputs(audio: Sample) -> tuple[float]:
        return (audio,)

    with pytest.raises(DeclarationError, match="declare it in prepare"):
        per_sample(prepare=coefficients)(both)
    with pytest.raises(DeclarationError, match="inputs and states belong"):
        per_sample(prepare=inputs)(toy_svf.tick)


def helper(audio: float) -> float:
    return audio * GAIN


def uses_helpers(audio: Sample) -> float:
    """Do."""
    return math.sin(helper(audio)) ** FACTOR


def test_what_a_function_uses_of_its_module_comes_along() -> None:
    text = function_text("here", {"tick": uses_helpers})
    found: dict[str, Any] = {"njit": lambda **words: lambda function: function}
    exec(text, found)
    assert found["tick"](0.7) == uses_helpers(0.7)
    assert "Do." not in text
