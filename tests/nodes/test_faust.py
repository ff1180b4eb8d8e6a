"""Faust: a program in the Faust language as a node: its channels, its controls, and the sound of them."""

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from latent_terrain.engine import Engine, PatchError, Setup, check_patch, node
from latent_terrain.engine.faces import FacesTold, read_faces
from latent_terrain.graphs import Patch, add_node, dump, load, set_muted, set_value
from latent_terrain.graphs.examples import example
from latent_terrain.nodes.faust import Faust
from latent_terrain.nodes.faust_program import library
from latent_terrain.nodes.faust_program.compiler import program
from latent_terrain.nodes.faust_program.controls import Control
from latent_terrain.nodes.faust_program.source import read_code
from latent_terrain.testing import battery

from ..waiting import eventually
from .land import PALETTE, draw, heard, output, setup_for

pytest.importorskip("cyfaust", reason="Faust programs need the package cyfaust-llvm")

STANDARD = 'import("stdfaust.lib");\n'
FILTER = (
    STANDARD + 'cutoff = hslider("cutoff [unit:Hz] [scale:log]", 800, 50, 8000, 1);\n'
    'width = hslider("width", 2, 0.5, 8, 0.1);\n'
    "process = par(i, 2, fi.resonlp(cutoff, width, 0.5));\n"
)
CONTROLS = """
level = hslider("[1] level [unit:dB]", -6, -60, 12, 0.1);
gate = button("[2] gate");
on = checkbox("[3] on");
voices = nentry("[4] voices", 2, 1, 8, 1);
shape = hslider("[5] shape [style:menu{'saw':0;'square':1;'sine':4}]", 0, 0, 4, 1);
process = level, gate, on, voices, shape;
"""


@node
class FaustFilter(Faust):
    """Plays a filter of two channels, for the tests of every node."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup, code=FILTER)


TestNodes = battery(FaustFilter)


def drawn(code: str = "", **values: Any) -> Patch:
    """
    noise --> faust --> out
    """
    return draw(
        "hiss.out -> made.audio",
        "made.out -> out.audio",
        hiss=("noise", {}),
        made=("faust", {"code": code, **values}),
        out="audio_out",
    )


def constant(code: str, **values: Any) -> list[float]:
    """What a program gives whose outputs are its controls."""
    return [float(channel[-1]) for channel in output(drawn(code, **values), "made", "out", 2)]


def refusal(code: str = "", folder: Path | None = None, **values: Any) -> str:
    patch = drawn(code, **values)
    with pytest.raises(PatchError) as raised:
        Engine(patch, PALETTE, setup_for(patch, folder=folder))
    return str(raised.value)


def test_its_channels_are_the_programs() -> None:
    assert output(drawn("process = _,_,_ <: si.bus(6);\n" + STANDARD), "made", "out", 1).shape == (6, 512)
    assert output(drawn("process = 0.25, 0.5;"), "made", "out", 1)[:, 0].tolist() == [0.25, 0.5]


def test_it_is_what_the_program_says_of_the_sound_that_comes_in() -> None:
    patch = drawn("process = _ * 0.5 : + ~ *(0.9);")
    given, made = (output(patch, name, "out", 4) for name in ("hiss", "made"))
    wanted, before = np.zeros(given.shape[1]), 0.0
    for at, sample in enumerate(given[0].astype(np.float64)):
        wanted[at] = before = 0.5 * sample + 0.9 * before
    np.testing.assert_allclose(made[0], wanted, atol=1e-5)


def test_controls_begin_as_the_program_says_or_as_values_do_in_their_own_units() -> None:
    assert constant(CONTROLS) == pytest.approx([-6, 0, 0, 2, 0])
    begun = ["level=-20 dB", "on=on", "voices=5", "shape=sine"]
    assert constant(CONTROLS, values=begun) == pytest.approx([-20, 0, 1, 5, 4])


def test_knobs_go_from_a_controls_low_end_to_its_high_end() -> None:
    low = constant(CONTROLS, **{f"turn_{number}": 0.0 for number in range(1, 6)})
    high = constant(CONTROLS, **{f"turn_{number}": 1.0 for number in range(1, 6)})
    assert low == pytest.approx([-60, 0, 0, 1, 0])
    assert high == pytest.approx([12, 1, 1, 8, 4])
    assert constant(CONTROLS, turn_4=0.3, turn_1=0.5)[:4] == pytest.approx([-24, 0, 0, 3])


def test_a_logarithmic_control_has_its_geometric_mean_in_the_middle() -> None:
    control = Control("slider", "cutoff", 800.0, 50.0, 8000.0, 1.0, {"scale": "log", "unit": "Hz"})
    assert control.at(0.5) == pytest.approx((50 * 8000) ** 0.5)
    assert control.at(float("nan")) == control.at(-1.0) == 800.0
    assert control.at(7.0) == pytest.approx(8000.0)


def test_turned_says_which_control_each_knob_turns() -> None:
    assert constant(CONTROLS, turned=["voices", "LEVEL"], turn_1=1.0, turn_2=0.0) == pytest.approx([-60, 0, 0, 8, 0])


def test_controls_of_one_label_are_told_apart_by_their_groups() -> None:
    code = 'strip(name) = vgroup("%name", hslider("gain", 0, 0, 1, 0.1));\nprocess = strip(1), hgroup("b", strip(2));'
    assert constant(code, values=["1/gain=0.5", "b/2/gain=1"]) == [0.5, 1.0]
    assert "no control 'gain'; it has 1/gain, b/2/gain" in refusal(code, values=["gain=1"])


def test_a_mistake_in_the_code_is_told_with_its_line() -> None:
    assert refusal(STANDARD + "process = _ : ;").startswith("made.code: line 2: syntax error")


def test_the_log_tells_which_knob_turns_what() -> None:
    patch = drawn(CONTROLS, turned=["voices", "shape"])
    engine = Engine(patch, PALETTE, setup_for(patch))
    (told,) = (fault.text for fault in engine.remarks() if fault.node == "made")
    assert told.startswith("code: 0 in, 5 out; turn_1: voices 1 to 8 (2); turn_2: shape saw, square, sine")
    assert "3 more can be named in 'turned'" in told
    assert not engine.remarks()
    engine.close()


def test_who_looks_hears_what_the_knobs_stand_for() -> None:
    patch = drawn(CONTROLS, turned=["voices", "level", "shape", "on"], values=["level=-20 dB"])
    engine = Engine(patch, PALETTE, setup_for(patch))
    told = FacesTold()
    first = told.now(engine.compiled)
    faces = read_faces(json.loads(json.dumps(first)))["made"]
    assert [one.label for one in faces.values()] == ["voices", "level", "shape", "on"]
    assert faces["turn_2"].range == "-60 to 12 dB, default -20 dB"
    assert faces["turn_3"].shown(faces["turn_3"].at(1.0)) == "sine"
    assert faces["turn_4"].shown(faces["turn_4"].at(-1.0)) == "off"
    assert told.now(engine.compiled)["made"] is first["made"]
    engine.close()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"values": ["loudness=3"]}, "no control 'loudness'; it has level, gate, on, voices, shape"),
        ({"values": ["level=300"]}, "'300' can't be its value; give one of: level -60 to 12 dB"),
        ({"values": ["level"]}, "write LABEL=VALUE"),
        ({"values": ["shape=noise"]}, "give one of: shape saw, square, sine"),
        ({"turned": ["loudness"]}, "no control 'loudness'"),
        ({"turned": ["level"] * 17}, "16 knobs, not 17"),
        ({"file": "other.dsp"}, "empty one of the two"),
    ],
)
def test_settings_that_mean_nothing_are_refused_in_a_sentence(values: dict[str, Any], words: str) -> None:
    assert words in refusal(CONTROLS, **values)


@pytest.mark.parametrize("block", [1, 64, 256, 4096])
def test_the_sound_is_the_same_at_any_block_size_while_a_knob_glides(block: int) -> None:
    patch = draw(
        "hiss.out -> made.audio",
        "sweep.out -> made.turn_1",
        "made.out -> out.audio",
        hiss=("noise", {}),
        sweep=("lfo", {"rate": 3.0, "low": 0.0, "high": 1.0}),
        made=("faust", {"code": FILTER, "turn_2": 0.9}),
        out="audio_out",
    )
    one, other = heard(patch, 0.25, 512), heard(patch, 0.25, block)
    assert np.abs(one).max() > 0.01
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_rendered_twice_it_is_the_same_to_the_byte() -> None:
    code = STANDARD + "process = re.stereo_freeverb(0.8, 0.8, 0.5, 23), (no.pink_noise * 0.1 <: _,_) :> _,_;"
    assert heard(drawn(code), 0.5).tobytes() == heard(drawn(code), 0.5).tobytes()


def test_a_program_in_a_file_is_found_from_the_patchs_folder_with_what_it_imports(tmp_path: Path) -> None:
    (tmp_path / "half.lib").write_text("amount = 0.5;\n")
    (tmp_path / "halves.dsp").write_text('import("half.lib");\nprocess = amount;\n')
    patch = drawn(file="halves.dsp")
    engine = Engine(patch, PALETTE, setup_for(patch, folder=tmp_path))
    engine.process()
    assert engine.compiled.plan.outputs["made", "out"].array[0, 0] == 0.5  # type: ignore[union-attr]
    engine.close()


def test_numbers_that_are_no_sound_are_reset_and_the_rest_plays() -> None:
    patch = drawn('trip = hslider("trip", 0, 0, 1, 0.01);\nprocess = _ * 0 + (1 / (1 - trip)) - 1 : + ~ *(0.5);')
    engine = Engine(patch, PALETTE, setup_for(patch))
    assert np.isfinite(engine.process()).all()
    engine.turn("made", "turn_1", 1.0)
    for _ in range(8):
        assert np.isfinite(engine.process()).all()
    assert any(fault.node == "made" for fault in engine.faults())
    engine.turn("made", "turn_1", 0.0)
    for _ in range(8):
        engine.process()
    engine.faults()
    assert np.abs(engine.process()).max() < 1e-6
    assert not engine.faults()
    engine.close()


def test_the_code_is_kept_by_a_patch_and_edited_while_it_plays() -> None:
    patch = load(dump(drawn("process = 0.25;")))
    engine = Engine(patch, PALETTE, setup_for(patch))
    engine.process()
    engine.update(set_value(patch, "made", "code", "process = 0.75;"))
    for _ in range(4):
        engine.process()
    assert engine.compiled.plan.outputs["made", "out"].array[0, -1] == 0.75  # type: ignore[union-attr]
    engine.close()


def test_an_edit_of_the_code_does_not_click_and_one_that_can_not_work_leaves_the_sound_as_it_is() -> None:
    patch = draw(
        "tone.out -> made.audio",
        "made.out -> out.audio",
        tone=("sine", {"frequency": 330.0}),
        made=("faust", {"code": "process = *(0.8);"}),
        out="audio_out",
    )
    engine = Engine(patch, PALETTE, setup_for(patch, 64))
    parts = [engine.process().copy() for _ in range(40)]
    engine.update(set_value(patch, "made", "code", "process = *(0.3);"))
    parts += [engine.process().copy() for _ in range(40)]
    (problem,) = engine.update(set_value(patch, "made", "code", "process = *(0.3;"))
    assert (problem.node, problem.port) == ("made", "code")
    assert problem.text.startswith("line 1: ")
    parts += [engine.process().copy() for _ in range(40)]
    engine.close()
    sound = np.concatenate(parts, axis=1)[0]
    loud, soft = np.abs(sound[640:2560]).max(), np.abs(sound[-2560:]).max()
    assert soft == pytest.approx(loud * 3 / 8, rel=1e-3)
    assert np.abs(np.diff(sound[64:])).max() <= 1.2 * np.abs(np.diff(sound[640:2560])).max()


def test_with_no_program_it_is_silent_and_says_what_to_choose() -> None:
    (told,) = check_patch(drawn(), PALETTE, setup_for(drawn()))
    assert "set 'file' to a .dsp file" in told.text
    assert not heard(drawn(), 0.1).any()


def test_without_the_package_a_sentence_says_what_to_install_and_the_rest_plays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(library, "find_spec", lambda name: None)
    patch = add_node(drawn("process = _ * 0.31;"), "gain", "other")
    problems = check_patch(patch, PALETTE, setup_for(patch))
    (told,) = (problem.text for problem in problems if problem.severity == "error")
    assert "needs cyfaust-llvm, which is not installed; run: " in told
    assert "faust" in PALETTE


def test_a_block_is_computed_without_the_interpreter_lock() -> None:
    found, _ = program(read_code(STANDARD + "process = par(i, 8, os.osc(100 + i)) :> _;", Path()))
    instance = library.Instance(found, 48_000.0, 9_600_000)
    has_ended, counted = threading.Event(), [0]

    def count() -> None:
        while not has_ended.is_set():
            counted[0] += 1

    def pace(work: Callable[[], object]) -> float:
        before, start = counted[0], time.perf_counter()
        work()
        return (counted[0] - before) / (time.perf_counter() - start)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)
    thread = threading.Thread(target=count)
    thread.start()
    alone = pace(lambda: eventually(lambda: counted[0] > 1_000_000))
    # on a busy machine nobody may let it on for a while: the best of some
    beside = max(pace(lambda: instance.compute(9_600_000)) for _ in range(4))
    has_ended.set()
    thread.join()
    sys.setswitchinterval(interval)
    instance.close()
    assert beside > 0.05 * alone, "the other thread stood still"


def decay_seconds(sound: NDArray[np.float32], rate: float) -> float:
    """Seconds in which a sound's energy falls by 60 dB: a line through its backward integral, -5 to -25 dB."""
    energy = np.cumsum((sound.astype(np.float64) ** 2).sum(axis=0)[::-1])[::-1]
    level = 10 * np.log10(energy / energy[0] + 1e-30)
    begin, end = (int(np.argmax(level < bound)) for bound in (-5, -25))
    slope = np.polyfit(np.arange(begin, end) / rate, level[begin:end], 1)[0]
    return float(-60 / slope)


def test_the_example_is_a_reverb_of_fausts_libraries_that_dies_away_as_long_as_its_control_says() -> None:
    patch, rate = example("faust"), 48_000
    assert patch is not None
    control = Control("slider", "time", 2.0, 0.2, 20.0, 0.01, {"scale": "log"})
    for place in (0.3, 0.5):
        turned = set_value(patch, "reverb", "turn_1", place)
        engine = Engine(turned, PALETTE, setup_for(turned, rate=rate))
        for _ in range(rate // 512):
            engine.process()
        engine.update(set_muted(turned, "tone", True))
        for _ in range(10):
            engine.process()
        parts = []
        for _ in range(3 * rate // 512):
            engine.process()
            parts.append(engine.compiled.plan.outputs["reverb", "out"].array.copy())  # type: ignore[union-attr]
        engine.close()
        assert decay_seconds(np.concatenate(parts, axis=1), rate) == pytest.approx(control.at(place), rel=0.25)


def test_the_examples_reverb_rings_at_the_pitch_of_what_it_hears_and_apart_on_both_sides() -> None:
    patch, rate = example("faust"), 48_000
    assert patch is not None
    engine = Engine(patch, PALETTE, setup_for(patch, rate=rate))
    parts = []
    for _ in range(2 * rate // 512):
        engine.process()
        parts.append(engine.compiled.plan.outputs["reverb", "out"].array.copy())  # type: ignore[union-attr]
    engine.close()
    left, right = np.concatenate(parts, axis=1)[:, -rate:].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(left * np.hanning(rate)))
    assert abs(int(np.argmax(spectrum)) - 330) <= 2
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.9
