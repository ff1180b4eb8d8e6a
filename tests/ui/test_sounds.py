"""The sounds of a patch from the command line, by OSC and in a script: added, removed, found again; lines stay."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from latent_terrain.engine import load_palette
from latent_terrain.engine.offline import offline_setup
from latent_terrain.engine.training.jobs import run_jobs
from latent_terrain.graphs import Patch, add_node, connect, load_file, save, set_content, set_value
from latent_terrain.graphs.files import previous_of
from latent_terrain.nodes.gui.drawing import line_of, read_drawing, write_drawing
from latent_terrain.ui.control.dispatcher import ControlError, Dispatcher
from latent_terrain.ui.map.sounds import settled, sounds_of
from latent_terrain.ui.script import ScriptError, load
from latent_terrain.ui.sound_list import listed

from .control.toy_playing import Held

PALETTE = load_palette()


def tone(path: Path, hertz: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.3 * np.sin(np.arange(9000) * hertz * 2 * np.pi / 44_100), 44_100)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for number, name in enumerate(("rec/a", "rec/b", "rec/deep/c", "more/d", "more/voice", "rec/voice")):
        tone(tmp_path / f"{name}.wav", 110.0 * (number + 1))
    return tmp_path


@pytest.fixture
def piece(home: Path) -> Path:
    """A map laid out for the sounds of a folder, encoded."""
    patch = add_node(Patch(), "encode", "sounds", values={"sounds": ["rec"], "codec": "builtin:bank"})
    patch = add_node(patch, "gui", "map", values={"layout": "map"})
    patch = connect(patch, "sounds.latents", "map.latents")
    path = home / "piece.ltp"
    save(encoded(patch, home), path)
    return path


def encoded(patch: Patch, home: Path) -> Patch:
    return run_jobs(patch, PALETTE, offline_setup(patch, home)).patch


def lines_of(patch: Patch) -> dict[str, bytes]:
    lines = read_drawing(settled(patch, PALETTE, "map").nodes["map"].content).lines
    names = [one.name for one in sounds_of(patch, PALETTE, "map")]
    return {names[number]: line_of(path).anchors.tobytes() for number, path in lines.items()}


def test_a_patch_tells_its_sounds_with_their_state_and_line(call, piece, home):
    tone(home / "rec/new.wav", 900.0)
    (home / "rec/b.wav").unlink()
    told = call("sounds", piece, "--json").document
    found = {one["name"]: (one["file"], one["state"], one["has_line"]) for one in told["sounds"]}
    assert found["a"] == ("rec/a.wav", "trained", True)
    assert found["new"] == ("rec/new.wav", "new", None)
    assert "b" not in found
    assert "rec/deep/c.wav" in call("sounds", piece).out


def test_a_renamed_sound_has_its_line_and_another_of_its_name_has_none(call, piece, home):
    (home / "rec/a.wav").rename(home / "rec/zz.wav")
    call("sounds", piece, "--add", home / "more")
    patch = encoded(load_file(piece), home)
    patch = set_value(patch, "map", "layout", "drawn")
    drawing = read_drawing(settled(patch, PALETTE, "map").nodes["map"].content)
    numbers = [number for number, one in enumerate(sounds_of(patch, PALETTE, "map")) if one.name == "voice"]
    save(set_content(patch, "map", write_drawing({}, drawing.with_line(numbers[1], None))), piece)
    (home / "rec/zz.wav").rename(home / "rec/y.wav")
    found = {one["file"]: (one["state"], one["has_line"]) for one in call("sounds", piece, "--json").document["sounds"]}
    assert found["rec/y.wav"] == ("trained", True)
    assert found["rec/voice.wav"] == ("trained", True)
    assert found["more/voice.wav"] == ("trained", False)


def test_lines_stay_when_sounds_are_added_and_removed_and_come_back(call, piece, home):
    before = lines_of(load_file(piece))
    assert call("sounds", piece, "--add", home / "more/d.wav", home / "rec/a.wav").code == 0
    more = encoded(load_file(piece), home)
    save(more, piece)
    assert {name: lines_of(more)[name] for name in before} == before
    assert len(lines_of(more)) == 5
    answer = call("sounds", piece, "--remove", "c", "b.wav", "rec/a.wav")
    assert answer.code == 0
    assert "named one by one now" in answer.err
    assert load_file(previous_of(piece)) == more
    less = encoded(load_file(piece), home)
    save(less, piece)
    assert lines_of(less) == {name: line for name, line in lines_of(more).items() if name in ("voice", "d")}
    assert call("sounds", piece, "--add", home / "rec").code == 0
    assert lines_of(encoded(load_file(piece), home)) == lines_of(more)


def test_what_is_no_name_of_a_sound_is_told_all_at_once_and_nothing_is_changed(call, piece, home):
    call("sounds", piece, "--add", home / "more")
    before = piece.read_bytes()
    answer = call("sounds", piece, "--remove", "a", "voice", "nothing", "neither")
    assert answer.code == 2
    assert "voice means 2 sounds, rec/voice.wav, more/voice.wav" in answer.err
    assert "nothing is none of its sounds" in answer.err
    assert "neither" in answer.err
    assert piece.read_bytes() == before
    assert call("sounds", piece, "--remove", "more/voice.wav").code == 0
    assert call("sounds", piece, "--add", home / "gone.wav").code == 3
    assert call("sounds", piece, "--node", "map", "--list").code == 2
    assert call("sounds", piece, "-o", home / "x.ltp").code == 2


def test_missing_sounds_are_found_in_a_folder_or_at_a_place_and_keep_their_lines(call, piece, home):
    before = lines_of(load_file(piece))
    shutil.move(home / "rec", home / "disk/2026/rec")
    assert {one["state"] for one in call("sounds", piece, "--json").document["sounds"]} == {"missing"}
    answer = call("sounds", piece, "--relink", home / "more")
    assert (answer.code, "rec: is not in" in answer.err) == (1, True)
    assert call("sounds", piece, "--relink", home / "disk").code == 0
    assert load_file(piece).nodes["sounds"].values["sounds"] == ["disk/2026/rec"]
    assert lines_of(encoded(load_file(piece), home)) == before
    shutil.move(home / "disk/2026/rec", home / "takes")
    assert call("sounds", piece, "--relink", f"rec={home / 'takes'}").code == 0
    assert lines_of(encoded(load_file(piece), home)) == before
    assert call("sounds", piece, "--relink", f"rec={home / 'nowhere'}").code == 2


def test_of_several_files_of_one_name_the_one_whose_path_ends_alike_is_found(call, home):
    patch = add_node(Patch(), "encode", "sounds", values={"sounds": ["rec/voice.wav#t=0,0.1", "more/voice.wav"]})
    save(patch, home / "two.ltp")
    shutil.move(home / "rec", home / "disk/rec")
    shutil.move(home / "more", home / "disk/more")
    assert call("sounds", home / "two.ltp", "--relink", home).code == 0
    assert load_file(home / "two.ltp").nodes["sounds"].values["sounds"] == [
        "disk/rec/voice.wav#t=0,0.1",
        "disk/more/voice.wav",
    ]


def test_of_a_folder_that_comes_with_the_program_sounds_keep_names_that_are_true_elsewhere(call, home):
    assert call("sounds", "walk", "--remove", "04-beat", "-o", home / "less.ltp").code == 0
    names = listed(load_file(home / "less.ltp"), "sounds")
    assert len(names) == 7
    assert all(name.startswith("bundled:") for name in names)
    assert {one["state"] for one in call("sounds", home / "less.ltp", "--json").document["sounds"]} == {"trained"}


def test_a_patch_without_sounds_gets_all_that_plays_them_and_a_starter_needs_a_place(call, home):
    save(Patch(), home / "empty.ltp")
    assert "add some first" in call("sounds", home / "empty.ltp").err
    assert call("sounds", home / "empty.ltp", "--add", home / "rec", "-o", home / "full.ltp").code == 0
    assert not load_file(home / "empty.ltp").nodes
    assert "gui" in {one.type for one in load_file(home / "full.ltp").nodes.values()}
    assert "-o FILE" in call("sounds", "walk", "--add", home / "rec").err


def test_by_osc_sounds_of_the_patchs_folder_are_added_removed_and_found(piece, home, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    tone(outside / "secret.wav", 100.0)
    (home / "more/link.wav").symlink_to(outside / "secret.wav")
    held = Held(load_file(piece))
    dispatcher = Dispatcher(held, PALETTE, home, piece, lambda text: None)
    try:
        assert dispatcher.do("/sounds/list", []) == ("/done", ["rec"])
        assert dispatcher.do("/sounds/add", ["sounds", "more"]) == ("/done", [3])
        assert dispatcher.do("/sounds/list", ["sounds"])[1] == ["rec", "more/d.wav", "more/voice.wav"]
        assert dispatcher.do("/sounds/remove", ["d", "a"]) == ("/done", [4])
        dispatcher.do("/undo", [])
        assert dispatcher.do("/sounds/list", [])[1][0] == "rec"
        for wrong in (str(outside / "secret.wav"), "../x", "more/link.wav", "no.wav", "\0"):
            with pytest.raises(ControlError):
                dispatcher.do("/sounds/add", [wrong])
        shutil.move(home / "more", home / "less")
        assert dispatcher.do("/sounds/relink", ["rec"]) == ("/done", ["more/d.wav", "more/voice.wav"])
        assert dispatcher.do("/sounds/relink", ["less"]) == ("/done", [])
        dispatcher.do("/sounds/relink", ["d", "rec/a.wav"])
        assert dispatcher.do("/sounds/list", [])[1] == ["rec", "rec/a.wav", "less/voice.wav"]
        for wrong in (["/sounds/remove"], ["/sounds/remove", "nobody"], ["/sounds/relink"], ["/sounds/add"]):
            with pytest.raises(ControlError):
                dispatcher.do(wrong[0], wrong[1:])
    finally:
        dispatcher.close()


def test_a_script_has_the_sounds_of_a_node_as_they_are_named_and_edits_them(piece, home):
    it = load(piece)
    assert it["sounds"].sounds == ["rec"]
    assert it["sounds"].sounds.names == ("a", "b", "voice", "c")
    it["sounds"].sounds.add(home / "more" / "d.wav")
    it["sounds"].sounds.remove("a", "c")
    assert it["sounds"].sounds == ("rec/b.wav", "rec/voice.wav", "more/d.wav")
    it.undo()
    assert it["sounds"].sounds == ["rec", "more/d.wav"]
    shutil.move(home / "more", home / "less")
    assert it["sounds"].sounds.relink(home / "rec") == ("more/d.wav",)
    assert it["sounds"].sounds.relink(places={"d": home / "less/d.wav"}) == ()
    for wrong in (lambda: it["sounds"].sounds.add("no.wav"), lambda: it["sounds"].sounds.remove("nobody")):
        with pytest.raises(ScriptError):
            wrong()
    it.sounds.sounds = it.sounds.sounds[1:]
    assert it.sounds.sounds == ["less/d.wav"]
    it.close()
