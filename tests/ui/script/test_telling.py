"""What failed is told: by an exception, always, and in full by ``faults``; and what was recorded is in every save."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import Palette
from latent_terrain.engine.definition_specs import DefinitionSpecs
from latent_terrain.engine.session.registry import find_engines
from latent_terrain.graphs import load_file
from latent_terrain.nodes.audiofile import write_sound
from latent_terrain.ui.script import Instrument, ScriptError, attach, new

from ...engine.toys import PALETTE as TOYS
from ...waiting import eventually


@pytest.fixture(autouse=True)
def _own_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))


def broken(node: str, palette: Palette = TOYS) -> Instrument:
    """A tone that a node breaks on its way."""
    it = new()
    it._dispatcher.types = DefinitionSpecs(palette)
    return it.add("tone", "tone").add(node, "bad").add("speaker", "out").connect("tone.out", "bad.audio")


def taker() -> Instrument:
    """A recorder of a ramp."""
    it = new().add("phasor", "ramp", frequency=2.0).add("record", "take", recording=True)
    return it.connect("ramp.out", "take.input")


@pytest.fixture
def playing() -> Iterator[Instrument]:
    it = taker().play("none")
    yield it
    it.close(strict=False)


def wait_for_takes(it: Instrument) -> None:
    eventually(lambda: (going := it.shown("take", "going")) is not None and going[0] > 3)


def test_a_node_that_raises_is_an_exception_and_not_silence() -> None:
    it = broken("boom")
    with pytest.raises(ScriptError, match="bad: failed") as told:
        it.render(0.1)
    assert told.value.sound is not None
    assert told.value.sound.shape == (2, 4800)
    assert it.faults == told.value.faults
    assert len(it.faults) == 1
    assert it.render(0.1, strict=False).shape == (2, 4800)
    assert len(it.faults) == 2
    it.close()


def test_a_sound_that_is_missing_is_an_exception_and_the_others_are_learned(tmp_path: Path) -> None:
    write_sound(tmp_path / "there.wav", np.full((1, 4000), 0.1, np.float32), 44_100)
    it = new().add("encode", "sounds", sounds=[str(tmp_path / "there.wav"), str(tmp_path / "gone.wav")])
    for _ in range(2):  # also when there is nothing left to do
        with pytest.raises(ScriptError, match=r"gone\.wav"):
            it.teach()
    assert any(name.startswith("encode/0000/there") for name in it.patch.nodes["sounds"].content)
    it.teach(strict=False)
    assert any("gone.wav" in one for one in it.faults)
    it.close()


@pytest.mark.parametrize("ends", [("tone.uot", "out.audio"), ("tone.out", "out.oudio"), ("nobody.out", "out.audio")])
def test_a_cord_to_a_port_that_is_not_there_is_refused_with_those_that_are(ends: tuple[str, str]) -> None:
    it = new().add("sine", "tone").add("audio_out", "out")
    with pytest.raises(ScriptError, match="it has"):
        it.connect(*ends)
    assert not it.patch.cords
    it.close()


def test_a_save_has_the_take_that_goes_on_and_the_take_goes_on(playing: Instrument, tmp_path: Path) -> None:
    wait_for_takes(playing)
    first = load_file(playing.save(tmp_path / "one.ltp")).nodes["take"].content["takes/0001"]
    assert len(first) > 3
    eventually(lambda: (going := playing.shown("take", "going")) is not None and going[0] > len(first) + 3)
    second = load_file(playing.save(tmp_path / "two.ltp")).nodes["take"].content
    assert list(second) == ["takes/0001"]
    np.testing.assert_array_equal(second["takes/0001"][: len(first)], first)
    assert len(second["takes/0001"]) > len(first)


def test_what_was_recorded_is_in_the_patch_after_the_end(playing: Instrument) -> None:
    wait_for_takes(playing)
    playing.stop()
    assert len(playing.patch.nodes["take"].content["takes/0001"]) > 3


def test_another_script_stops_what_plays_and_its_owner_is_told() -> None:
    it = taker().play("none")
    assert it.status()["clients"] == 1
    other = attach("script")
    assert other.is_playing
    wait_for_takes(it)
    other.stop()
    assert find_engines() == []
    eventually(lambda: not it.is_playing)
    eventually(lambda: any("was stopped" in one for one in it.faults))
    assert it.patch.nodes["take"].content
    assert it.play("none", strict=False).is_playing, "it can be played again"
    it.close(strict=False)


def test_who_only_leaves_lets_it_play_and_a_name_that_is_none_is_told() -> None:
    it = taker().play("none")
    other = attach()
    other.close()
    assert it.is_playing
    with pytest.raises(ScriptError, match="there is script"):
        attach("nobody")
    it.close()
    assert find_engines() == []


SCRIPT = """
import sys, time
from latent_terrain.ui.script import new
it = new().add("sine", "tone").add("audio_out", "out").connect("tone.out", "out.audio").play("none"{detached})
print("plays", flush=True)
{then}
"""


def scripted(then: str, detached: str = "") -> "subprocess.Popen[str]":
    words = [sys.executable, "-c", SCRIPT.format(then=then, detached=detached)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=os.environ)
    assert process.stdout is not None
    assert process.stdout.readline() == "plays\n"
    return process


def test_an_engine_ends_with_the_script_that_started_it_however_that_ends() -> None:
    assert scripted("").wait(30) == 0
    eventually(lambda: find_engines() == [])
    process = scripted("time.sleep(60)")
    assert len(find_engines()) == 1
    process.send_signal(signal.SIGKILL)
    process.wait()
    eventually(lambda: find_engines() == [])


@pytest.mark.parametrize(("then", "detached"), [("it.detach(); it.status()", ""), ("", ", detached=True")])
def test_a_detached_engine_plays_on_until_it_is_stopped(then: str, detached: str) -> None:
    assert scripted(then, detached).wait(30) == 0
    it = attach()
    status = it.status()
    assert status["is_detached"]
    eventually(lambda: it.status()["is_playing"])
    it.stop()
    assert find_engines() == []
