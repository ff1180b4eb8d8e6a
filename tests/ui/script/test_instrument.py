"""Patches in the hands of a script: built, played, changed, undone, rendered; and the examples that the docs show."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import load_palette
from latent_terrain.graphs import load_file, set_content
from latent_terrain.ui.script import Instrument, NodeHandle, ScriptError, load, new

EXAMPLES = sorted((Path(__file__).parents[3] / "docs" / "examples").glob("*.py"))


def tone() -> Instrument:
    it = new().add("sine", "tone", frequency=220.0).add("audio_out", "out")
    return it.connect("tone.out", "out.audio")


def test_a_patch_is_built_heard_and_kept(tmp_path: Path) -> None:
    it = tone()
    sound = it.render(0.5)
    assert sound.shape == (2, 24_000)
    assert np.argmax(np.abs(np.fft.rfft(sound[0]))) == 110
    np.testing.assert_array_equal(it.render(0.5), sound)
    assert load_file(it.save(tmp_path / "tone")).nodes["tone"].values["frequency"] == 220.0
    it.close()


def test_params_and_settings_are_attributes_and_every_change_a_step() -> None:
    it = tone()
    it.tone.frequency = 330.0
    it["out"].level = -6.0
    assert (it.tone.frequency, it.out.level) == (330.0, -6.0)
    it.undo()
    assert (it.tone.frequency, it.out.level) == (330.0, 0.0)
    it.undo().undo()
    assert not it.patch.cords
    it.redo()
    assert "frequency=220.0" in repr(it.tone)
    assert "tone (sine)" in repr(it)
    assert "frequency" in dir(it.tone)
    assert "tone" in dir(it)


def test_snapshots_without_sound() -> None:
    it = tone().snapshot(1)
    it.tone.frequency = 880.0
    it.recall(1)
    assert it.tone.frequency == 220.0


def test_what_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    it = tone()
    for wrong, words in (
        (lambda: it.add("sinus"), "unknown node type sinus"),
        (lambda: it.add("sine", wings=2), "no param or setting wings"),
        (lambda: it.connect("tone.out"), "in pairs"),
        (lambda: it.connect("tone.out", "gone.audio"), "gone"),
        (lambda: it.remove("gone"), "gone"),
        (lambda: it["gone"], "the patch has no node gone"),
        (lambda: it.set("tone", wings=2), "no param or setting wings"),
        (lambda: it.tone.glide_to(1.0, wings=2), "no param wings"),
        (lambda: it.recall(9), "no snapshot"),
        (lambda: it.redo(), "nothing to redo"),
        (lambda: it.save(), "not been saved yet"),
        (lambda: it.status(), "nothing is playing"),
        (lambda: load(tmp_path / "gone.ltp"), "gone.ltp"),
    ):
        with pytest.raises(ScriptError, match=words):
            wrong()
    with pytest.raises(AttributeError, match="no node gone"):
        _ = it.gone


def test_a_wrong_value_is_refused_at_once_and_nothing_changes() -> None:
    it = tone().add("encode", "sounds").add("gui", "map")
    before = it.patch
    for wrong, words in (
        (lambda: setattr(it.tone, "frequency", "loud"), "tone.frequency: 'loud' is not a number; give one from"),
        (lambda: setattr(it.tone, "frequency", True), "tone.frequency: True is not a number"),
        (lambda: setattr(it.tone, "frequency", float("nan")), "tone.frequency: nan is not a number"),
        (lambda: setattr(it.out, "level", 1000), "out.level: 1000 dB is out of range"),
        (lambda: setattr(it.map, "pad", 2.5), "map.pad: 2.5 is not a whole number"),
        (lambda: setattr(it.map, "playing", 3), "map.playing: 3 is not a switch value"),
        (lambda: setattr(it.map, "mode", "dance"), "map.mode: 'dance' is not an option; choose one of"),
        (lambda: setattr(it.sounds, "sounds", 3), "sounds.sounds: 3 is not a list"),
        (lambda: setattr(it.sounds, "codec", 3), "sounds.codec: 3 is not a text"),
        (lambda: it.set("tone", frequency="loud"), "is not a number"),
        (lambda: it.turn("tone", "frequency", "loud"), "is not a number"),
        (lambda: it.tone.glide_to(1.0, frequency="loud"), "is not a number"),
        (lambda: it.sounds.glide_to(1.0, codec="a.ts"), "no param codec"),
        (lambda: it.add("sine", "other", frequency="loud"), "other.frequency: 'loud' is not a number"),
    ):
        with pytest.raises(ScriptError, match=re.escape(words)):
            wrong()
    assert it.patch is before
    it.close()


def test_values_are_read_as_they_are_typed_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "a, b.wav").touch()
    it = Instrument(tone().patch, tmp_path).add("encode", "sounds").add("gui", "map", rate="2*pi")
    assert it.map.rate == pytest.approx(2 * np.pi)
    for node, key, given, kept in (
        ("tone", "frequency", np.float32(110.0), 110.0),
        ("tone", "frequency", "2*100 Hz", 200.0),
        ("map", "pad", np.int64(3), 3),
        ("map", "pad", 4.0, 4),
        ("map", "playing", "off", False),
        ("map", "playing", np.bool_(True), True),
        ("sounds", "sounds", [tmp_path / "a.wav"], (str(tmp_path / "a.wav"),)),
        ("sounds", "sounds", "c.wav, a, b.wav", ("c.wav", "a, b.wav")),
        ("sounds", "codec", Path("models") / "my, own.ts", "models/my, own.ts"),
    ):
        setattr(it[node], key, given)
        found = getattr(it[node], key)
        found = tuple(found) if isinstance(found, list | tuple) else found
        assert (found, type(found)) == (kept, type(kept)), (node, key)
    it.close()


def test_it_plays_in_an_engine_and_is_changed_while_it_plays() -> None:
    it = tone().play("none")
    try:
        it.tone.glide_to(0.2, frequency=440.0)
        it.add("gain", "quiet", level=-20.0)
        assert it.is_playing
        assert it.shown("tone", "peak.out") is not None
        assert it.status()["sample_rate"] == 48_000
        assert it.tone.frequency == 440.0
        it.undo()
        assert "quiet" not in it.patch.nodes
    finally:
        it.close()
    assert not it.is_playing
    assert it.tone.frequency == 440.0, "the patch stays as it was played"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda one: one.stem)
def test_the_examples_of_the_docs_run(path: Path, tmp_path: Path) -> None:
    words = ["none"] if "play" in path.stem else []
    done = subprocess.run(
        [sys.executable, str(path), *words], cwd=tmp_path, capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout


def test_a_prompt_plays_a_patch_and_follows_what_is_typed(tmp_path: Path) -> None:
    typed = "it.map.rate = 3.0\nit.save('typed.ltp')\nprint(it.is_playing)\n"
    done = subprocess.run(
        [sys.executable, "-m", "latent_terrain.ui.cli", "repl", "walk", "--device", "none"],
        input=typed,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "True" in done.stdout
    assert load_file(tmp_path / "typed.ltp").nodes["map"].values["rate"] == 3.0


def test_no_node_has_a_param_that_the_handle_hides() -> None:
    own = {name for name in vars(NodeHandle) if not name.startswith("_")}
    for spec in load_palette().specs.values():
        assert not own & {*spec.params, *spec.settings}, spec.type
    it = load("walk")
    assert it.map.glide == 200.0
    assert "glide=200.0" in repr(it.map)
    it.close()


def test_a_script_records_where_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    it = tone().add("file_recorder", "tape", file=str(tmp_path / "take.wav")).connect("tone.out", "tape.audio")
    it.render(0.1)
    assert (tmp_path / "take.wav").stat().st_size > 1000
    it.close()


def taped() -> Instrument:
    it = new().add("record", "record-1")
    content = {f"takes/{n + 1:04d}": np.full((n + 2, 2), n, np.float32) for n in range(3)}
    it.edit(lambda patch: set_content(patch, "record-1", content))
    return it


def test_takes_are_renamed_trimmed_moved_and_deleted_each_a_step() -> None:
    it = taped()
    takes = it["record-1"].takes
    takes.rename(0, "door")
    takes.move(0, -1)
    takes.trim(0, 1, 3)
    assert (takes.names, [len(one) for one in takes]) == (("", "", "door"), [2, 4, 2])
    assert "door (2)" in repr(takes)
    takes.delete(1)
    assert (len(takes), takes[-1][0, 0]) == (2, 0.0)
    it.undo().undo().undo()
    assert takes.names == ("door", "", "")


def test_a_take_that_is_not_there_is_a_sentence() -> None:
    it = taped()
    takes = it["record-1"].takes
    for wrong in (
        lambda: takes.rename(3, "x"),
        lambda: takes.delete(-4),
        lambda: takes.move(0, 3),
    ):
        with pytest.raises(ScriptError, match="record-1 has 3 takes"):
            wrong()
    with pytest.raises(ScriptError, match="vectors"):
        takes.trim(0, 1, 9)
    with pytest.raises(AttributeError, match="no param or setting takes"):
        _ = tone().tone.takes
