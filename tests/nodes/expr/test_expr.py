"""The node expr: what its formulas sound like, compiled."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from latent_terrain.engine import Engine, PatchError, load_palette
from latent_terrain.engine.offline import offline_setup, render
from latent_terrain.graphs import Patch, add_node, connect, dump, load, set_seed, set_value
from latent_terrain.nodes.expr.grammar import read

from ...waiting import eventually
from .reference import RATE, Reference

PALETTE = load_palette()


def patch_with(formula: str, channels: int = 1, **params: float) -> Patch:
    values = {"formula": formula, **params}
    patch = add_node(add_node(Patch(), "audio_out", name="out"), "expr", name="it", values=values)
    for number in (1, 2):
        patch = add_node(patch, "noise", name=f"noise-{number}", values={"channels": channels})
        patch = connect(patch, f"noise-{number}.out", f"it.in{number}")
    return connect(patch, "it.out", "out.audio")


def heard(patch: Patch, block: int = 256, samples: int = 1024, *nodes: str) -> dict[str, NDArray[Any]]:
    engine = Engine(patch, PALETTE, offline_setup(patch, Path(), RATE, block))
    names = nodes or ("it", "noise-1", "noise-2")
    found: dict[str, list[NDArray[Any]]] = {name: [] for name in names}
    for _ in range(-(-samples // block)):
        engine.process()
        for name in names:
            found[name].append(engine.signal(name, "out").copy())
    faults = engine.faults()
    assert not faults, faults
    engine.close()
    return {name: np.concatenate(parts, axis=1)[:, :samples] for name, parts in found.items()}


FORMULAS = [
    "0.5*in1 + 0.5*y[-1]",
    "in1*0.1 + 1.6*y[-1] - 0.8*y[-2]",
    "in1[-1] - in2[-700.5] + 0.9*y[-40]",
    "0.99*(0.5*y[-p1] + 0.5*y[-p1-1]) + in1*(p2 > 1)",
    "w = phasor(220); v = phasor(p1); sin(twopi*w) * (v < 0.5 ? 1 : -1)",
    "if(in1 > in2, clip(in1*3), fold(in2*3)) + wrap(in1*5, -1, 1) % 0.3",
    "tanh(sqrt(abs(in1)))**2 / in2 + mtof(p1) / ftom(440) + dbtoa(-in1) + atodb(0.5)",
    "min(in1, in2, 0.1) + max(in1, p1) + round(in1*4) + fract(in2) + sign(in1) + log(3)*log2(3)*log10(3) + exp(in1)",
    "asin(in1) + acos(in1) + atan(in1) + cosh(in1) + cos(in1) + tan(in1) + pow(2, in1) + floor(in1*9) + ceil(in1*9)",
    "(in1 > 0 and in2 > 0) + (in1 > 0 or not in2) + atan2(in1, in2) + sinh(in1) + trunc(in2*9) + e + sr/48000",
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_sounds_as_it_is_written_at_every_block(formula: str) -> None:
    patch = patch_with(formula, p1=33.25, p2=0.5)
    sounds = heard(patch)
    inputs = {f"in{number}": sounds[f"noise-{number}"][0].astype(np.float64) for number in (1, 2)}
    expected = Reference(read(formula), inputs, {"p1": 33.25, "p2": 0.5}).play(1024)
    size = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(sounds["it"][0], expected, rtol=0, atol=1e-6 * size)
    for block in (1, 64, 4096):
        assert heard(patch, block)["it"].tobytes() == sounds["it"].tobytes()


def test_a_cord_drives_a_param_for_every_sample() -> None:
    patch = add_node(patch_with("in1 * p1 + y[-1] * p2"), "lfo", name="lfo", values={"rate": 30.0, "low": -0.9})
    patch = connect(connect(patch, "lfo.out", "it.p1"), "lfo.out", "it.p2")
    sounds = heard(patch, 64, 1024, "it", "noise-1", "lfo")
    sound, turned = sounds["noise-1"][0].astype(np.float64), sounds["lfo"][0].astype(np.float64)
    kept, expected = 0.0, []
    for x, p in zip(sound, turned, strict=True):
        kept = x * p + kept * p
        expected.append(kept)
    np.testing.assert_allclose(sounds["it"][0], expected, rtol=0, atol=1e-6)
    for block in (1, 256, 4096):
        np.testing.assert_allclose(heard(patch, block)["it"], sounds["it"], rtol=0, atol=1e-5)


def test_noise_is_of_the_patchs_seed_and_of_its_own_in_every_channel_and_call() -> None:
    patch = patch_with("noise() + 0*in1", channels=2)
    one = heard(patch, 64, 48_000)["it"]
    assert heard(patch, 4096, 48_000)["it"].tobytes() == one.tobytes()
    assert not np.array_equal(heard(set_seed(patch, 5), 64, 64)["it"], one[:, :64])
    assert np.abs(one).max() <= 1.0
    assert np.abs(one.mean(axis=1)).max() < 0.01
    np.testing.assert_allclose(one.std(axis=1), 3.0**-0.5, atol=0.01)
    assert abs(np.corrcoef(one)[0, 1]) < 0.02
    assert abs(np.corrcoef(one[0, 1:], one[0, :-1])[0, 1]) < 0.02
    difference = heard(patch_with("noise() - noise()"), 64, 4096)["it"]
    assert np.abs(difference).max() > 1.0


def test_an_input_where_nothing_is_connected_is_0_and_so_is_what_is_divided_by_it() -> None:
    sounds = heard(patch_with("in1 / in8 + in1 % in7 + mod(1, in6) + in5[-3] + 0.25"))
    assert (sounds["it"] == 0.25).all()


def test_channels_are_played_alike() -> None:
    both = heard(patch_with("0.5*in1 + 0.5*y[-1]", channels=3))["it"]
    assert both.shape[0] == 3
    assert not np.array_equal(both[0], both[1])


def test_many_sound_as_each_does_alone_to_the_bit() -> None:
    formula = "sin(twopi*phasor(p1*1000) + 2*y[-1]) + 0.1*noise()"

    def patch_of(count: int) -> Patch:
        patch = add_node(add_node(Patch(), "mix", name="mix"), "audio_out", name="out")
        for number in range(count):
            patch = add_node(patch, "expr", name=f"it-{number}", values={"formula": formula, "p1": 0.1 * (number + 1)})
        return connect(connect(patch, "it-0.out", "mix.audio_1"), "mix.out", "out.audio")

    alone = heard(patch_of(1), 64, 1024, "it-0")["it-0"]
    assert heard(patch_of(6), 64, 1024, "it-0")["it-0"].tobytes() == alone.tobytes()


def test_a_render_repeats_to_the_bit_and_a_saved_patch_keeps_the_text() -> None:
    patch = patch_with("w = phasor(110);\n0.3*sin(twopi*w) + 0.1*noise()")
    again = load(dump(patch))
    assert again.nodes["it"].values["formula"] == patch.nodes["it"].values["formula"]

    def rendered(one: Patch) -> bytes:
        return b"".join(block.tobytes() for block in render(one, PALETTE, offline_setup(one, Path()), 20_000))

    assert rendered(patch) == rendered(again)


def test_a_formula_that_is_none_is_told_at_the_setting_and_leaves_the_one_before_playing() -> None:
    with pytest.raises(PatchError, match=r"it\.formula: after 'sin\(' a '\)' is missing, at 8"):
        heard(patch_with("sin(in1"))
    patch = patch_with("in1 * 0.5")
    engine = Engine(patch, PALETTE, offline_setup(patch, Path(), RATE, 64))
    engine.process()
    problems = engine.update(set_value(patch, "it", "formula", "in1 *"))
    assert [str(one) for one in problems if one.severity == "error"] == [
        "it.formula: it ends too soon; a number, a name or '(' is missing, at 6"
    ]
    for _ in range(20):
        engine.process()
    np.testing.assert_array_equal(engine.signal("it", "out"), engine.signal("noise-1", "out") * np.float32(0.5))
    engine.close()


def test_a_string_that_is_plucked_is_in_tune() -> None:
    """Karplus-Strong in a formula: its past is read between samples."""
    for hertz in (110.0, 440.0):
        formula = "0.999*(0.5*y[-p1] + 0.5*y[-p1-1]) + noise()*(1 - min(1, in8 + y[-1]*0 + p2))"
        patch = patch_with(formula, p1=RATE / hertz - 0.5, p2=0.0)
        engine = Engine(patch, PALETTE, offline_setup(patch, Path(), RATE, 64))
        parts = []
        for block in range(750):
            if block == 4:
                engine.turn("it", "p2", 1.0)
            engine.process()
            parts.append(engine.signal("it", "out")[0].copy())
        sound = np.concatenate(parts)[8000:40_768] * np.hanning(32_768)
        spectrum = np.abs(np.fft.rfft(sound, 1 << 20))
        near = slice(round(hertz * 0.94 * (1 << 20) / RATE), round(hertz * 1.06 * (1 << 20) / RATE))
        found = (near.start + int(np.argmax(spectrum[near]))) * RATE / (1 << 20)
        assert abs(1200 * np.log2(found / hertz)) < 2.0
        engine.close()


@pytest.mark.parametrize("channels", [1, 3])
def test_live_the_formula_before_plays_on_until_the_new_one_is_compiled(channels: int) -> None:
    patch = patch_with("0.25 + 0*in1", channels=channels)
    engine = Engine(patch, PALETTE, replace(offline_setup(patch, Path(), RATE, 64), offline=False))
    sounds: list[NDArray[Any]] = []

    def has(value: float) -> bool:
        engine.process()
        sounds.append(engine.signal("it", "out")[-1].copy())
        return bool((sounds[-1] == np.float32(value)).all())

    eventually(lambda: has(0.25))
    sounds.clear()
    edited = set_value(patch, "it", "formula", f"0.5 + 0*in1 + 0*{channels}")
    assert not engine.update(edited)
    assert not engine.update(set_value(edited, "it", "formula", f"0.75 + 0*in1 + 0*{channels}"))
    eventually(lambda: has(0.75))
    sound = np.concatenate(sounds)
    assert sound[0] == np.float32(0.25)
    assert (np.diff(sound) >= -1e-6).all()
    assert np.diff(sound).max() < 0.01
    assert not engine.faults()
    engine.close()
