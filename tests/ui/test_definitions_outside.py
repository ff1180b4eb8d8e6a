"""Patches with definitions from outside: by command line, script, commands, controllers and OSCQuery."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from latent_terrain.engine import load_palette
from latent_terrain.engine.definition_specs import DefinitionSpecs
from latent_terrain.engine.sources.osc.ranges import ranges_of
from latent_terrain.graphs import Patch, load_file, remove_node, rename_node, save
from latent_terrain.graphs.definitions import encapsulate
from latent_terrain.graphs.examples import drawn
from latent_terrain.ui.control.changes import changed
from latent_terrain.ui.control.dispatcher import ControlError, Dispatcher
from latent_terrain.ui.control.mapping import ControlMapping, mapped
from latent_terrain.ui.control.oscquery.tree import found_in, tree
from latent_terrain.ui.script import Instrument, ScriptError, new
from tests.ui.control.toy_playing import Held

PALETTE = load_palette()


def voices() -> Patch:
    """Two instances of a voice, one higher."""
    return drawn(
        "voice/pitch: param value=220; voice/osc: sine; voice/sound: outlet; one: voice pitch=330; two: voice; "
        "sum: add; out: audio_out level=-12 | voice/pitch.out > voice/osc.frequency, voice/osc.out > "
        "voice/sound.audio, one.sound > sum.a, two.sound > sum.b, sum.out > out.audio"
    )


def peaks(sound: np.ndarray, most: int = 2) -> list[int]:
    """The strongest frequencies, Hz, of one second of sound."""
    found = np.abs(np.fft.rfft(sound[:48_000]))
    return sorted(int(one) for one in np.argsort(found)[-most:])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    save(voices(), tmp_path / "voices.ltp")
    return tmp_path / "voices.ltp"


@pytest.fixture
def held() -> Held:
    return Held(voices())


@pytest.fixture
def dispatcher(held: Held, tmp_path: Path) -> Iterator[Dispatcher]:
    made = Dispatcher(held, PALETTE, tmp_path, None, lambda text: None)
    yield made
    made.close()


def test_the_command_line_shows_checks_and_renders_it(call: Any, file: Path, tmp_path: Path) -> None:
    assert "node voice/osc (sine)" in call("show", file).out
    assert json.loads(call("show", file, "--json").out)["nodes"]["one"]["values"] == {"pitch": 330}
    assert call("check", file).code == 0
    wave = tmp_path / "out.wav"
    for words, hertz in (((), [220, 330]), (("--set", "two.pitch=440 Hz"), [330, 440])):
        answer = call("render", file, "-o", wave, "--seconds", 1, *words)
        assert answer.code == 0, answer.err
        sound, _ = soundfile.read(wave, always_2d=True)
        assert peaks(sound[:, 0]) == hertz
    assert "out of range" in call("render", file, "-o", wave, "--seconds", 1, "--set", "two.pitch=1e9").err
    assert call("render", file, "-o", wave, "--seconds", 1, "--set", "voice/pitch.value=110").code == 0
    sound, _ = soundfile.read(wave, always_2d=True)
    assert peaks(sound[:, 0]) == [110, 330]


def test_the_command_line_tells_a_port_that_is_no_more(call: Any, file: Path) -> None:
    save(remove_node(load_file(file), "voice/sound"), file)
    answer = call("check", file)
    assert answer.code == 0
    assert "one.sound: voice has no output sound any more" in answer.out


def test_a_script_builds_definitions_and_turns_instances() -> None:
    it = new().add("param", "voice/pitch", value=220).add("sine", "voice/osc").add("outlet", "voice/sound")
    it.connect("voice/pitch.out", "voice/osc.frequency", "voice/osc.out", "voice/sound.audio")
    it.add("voice", "one", pitch=330).add("voice", "two").add("add", "sum").add("audio_out", "out", level=-12)
    it.connect("one.sound", "sum.a", "two.sound", "sum.b", "sum.out", "out.audio")
    assert not it.problems
    assert peaks(it.render(1.0)[0]) == [220, 330]
    it["two"].pitch = 440
    assert it.two.pitch == 440
    it["voice/pitch"].value = 550
    assert peaks(it.render(1.0)[0]) == [330, 440]
    assert "pitch=330" in repr(it.one)
    with pytest.raises(ScriptError, match="one has no param or setting colour; it has pitch"):
        it["one"].colour = 3
    with pytest.raises(ScriptError, match=r"one.pitch: .* out of range"):
        it["one"].pitch = 1e9
    with pytest.raises(ScriptError, match="one has no input or param level; it has pitch"):
        it.connect("two.sound", "one.level")
    it.add("inlet", "voice/level").connect("two.sound", "one.level")
    it.undo().undo().undo()
    assert it.one.pitch == 330
    assert it["two"].pitch == 440
    it.close()


def test_a_script_makes_a_definition_of_what_is_there_and_names_follow() -> None:
    it = new().add("sine", "tone", frequency=220).add("audio_out", "out", level=-12)
    it.connect("tone.out", "out.audio")
    before = it.render(0.2)
    it.edit(lambda patch: encapsulate(patch, ["tone"], "voice")[0])
    assert np.array_equal(it.render(0.2), before)
    it.edit(lambda patch: rename_node(patch, "voice/outlet-1", "voice/sound"))
    assert np.array_equal(it.render(0.2), before)
    it.close()


def test_instances_and_definitions_are_turned_while_they_play() -> None:
    it = Instrument(voices()).play("none")
    try:
        it["two"].pitch = 440.0
        it["voice/osc"].frequency = 100.0
        it.two.glide_to(0.1, pitch=450.0)
        it.add("gain", "voice/amp")
        assert it.shown("two/osc", "peak.out") is not None
        assert not it.faults
    finally:
        it.close()
    assert it.two.pitch == 450.0
    assert it["voice/osc"].frequency == 100.0


def test_commands_know_the_params_of_instances_and_of_nodes_in_definitions(held: Held, dispatcher: Dispatcher) -> None:
    assert dispatcher.do("/get", ["/node/one/pitch"]) == ("/node/one/pitch", [330.0])
    assert dispatcher.do("/get", ["/node/two/pitch"]) == ("/node/two/pitch", [220.0])
    assert dispatcher.do("/get", ["/node/voice/pitch/value"]) == ("/node/voice/pitch/value", [220.0])
    with pytest.raises(ControlError, match="address of a param"):
        dispatcher.do("/get", ["/node/one/level"])
    dispatcher.do("/snapshot/store", ["low"])
    held.turn("one", "pitch", 660.0)
    held.turn("voice/pitch", "value", 110.0)
    dispatcher.do("/snapshot/recall", ["low"])
    assert held.patch.nodes["one"].values == {"pitch": 330.0}
    assert held.patch.nodes["voice/pitch"].values == {"value": 220.0}


def test_a_controller_turns_a_param_of_an_instance(held: Held, dispatcher: Dispatcher) -> None:
    held.edit(lambda patch: mapped(patch, ControlMapping("osc:/x", "two", "pitch", 100.0, 200.0)))
    dispatcher.control("osc:/x", [0.5])
    assert held.patch.nodes["two"].values["pitch"] == pytest.approx(150.0)
    dispatcher.do("/learn", ["voice/pitch", "value"])
    dispatcher.control("midi:Launch/1/cc/21", [0.5])
    assert dispatcher.session.learning is None
    dispatcher.control("midi:Launch/1/cc/21", [1.0])
    assert held.patch.nodes["voice/pitch"].values["value"] != 220


def test_oscquery_lists_instances_and_the_nodes_of_definitions() -> None:
    patch = voices()
    palette = DefinitionSpecs(PALETTE).palette(patch)
    whole = tree(patch, palette)
    pitch = found_in(whole, "/node/one/pitch")
    assert pitch is not None
    assert (pitch["VALUE"], pitch["UNIT"], pitch["FULL_PATH"]) == ([330.0], ["Hz"], "/node/one/pitch")
    inside = found_in(whole, "/node/voice/osc/frequency")
    assert inside is not None
    assert inside["FULL_PATH"] == "/node/voice/osc/frequency"
    assert set(ranges_of(patch, palette)) >= {"one", "two", "voice/osc", "voice/pitch"}
    turned = drawn("voice: sine; voice/osc: sine; one: voice | voice/osc.out > voice/osc.frequency")
    both = tree(turned, DefinitionSpecs(PALETTE).palette(turned))
    assert found_in(both, "/node/voice/frequency") is not None
    assert found_in(both, "/node/voice/osc/frequency") is not None


def test_what_is_turned_is_told_by_its_address(held: Held) -> None:
    before = held.patch
    held.turn("one", "pitch", 440.0)
    held.turn("voice/osc", "frequency", 100.0)
    palette = DefinitionSpecs(PALETTE).palette(held.patch)
    assert dict(changed(before, held.patch, palette)) == {"/node/one/pitch": 440.0, "/node/voice/osc/frequency": 100.0}


def test_the_types_of_a_patch_follow_its_definitions_and_nothing_else(held: Held) -> None:
    types = DefinitionSpecs(PALETTE)
    first = types.palette(held.patch)
    held.turn("one", "pitch", 440.0)
    assert types.palette(held.patch) is first
    held.edit(lambda patch: rename_node(patch, "voice/pitch", "voice/note"))
    second = types.palette(held.patch)
    assert set(second["voice"].params) == {"note"}
    held.edit(lambda patch: Patch())
    assert types.palette(held.patch) is PALETTE
