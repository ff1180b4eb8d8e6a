"""One codec for a patch: another one with as many latents is never played in silence, and one option changes it all."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from latent_terrain.engine import load_palette
from latent_terrain.engine.session.command_table import COMMANDS
from latent_terrain.graphs import Patch, add_node, load_file, save, set_content, set_value
from latent_terrain.nodes.codec.loader import codec_file
from latent_terrain.nodes.codec.space import space_in, space_of
from latent_terrain.nodes.terrain.learned import learned_space
from latent_terrain.ui import script
from latent_terrain.ui.control.dispatcher import ControlError, Dispatcher
from latent_terrain.ui.one_codec import followers, with_codec

from .control.toy_playing import Held
from .small_patch import small_patch

PALETTE = load_palette()
MISMATCH = "gives latents of builtin:bank"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A codec with the built-in one's sizes and other weights: equally many latents, other sounds."""
    with np.load(codec_file("builtin:bank")) as file:
        arrays = dict(file)
    for name, array in arrays.items():
        if name.endswith("bias") and array.dtype == np.float16:
            arrays[name] = array + np.float16(0.05)
    path = tmp_path / "other.npz"
    np.savez(path, **arrays)
    return path


@pytest.fixture
def small(tmp_path: Path, sounds: Path) -> Path:
    """Two short sounds on a map, learned in three steps with the built-in codec."""
    path = tmp_path / "small.ltp"
    save(small_patch(sounds), path)
    return path


def codecs(patch: Patch) -> dict[str, Any]:
    return {name: node.values["codec"] for name, node in patch.nodes.items() if "codec" in node.values}


def test_a_terrain_remembers_the_codec_that_it_learned_from(call, small):
    assert call("terrain", "fit", small).code == 0
    patch = load_file(small)
    assert learned_space(patch.nodes["terrain"].content) == space_of("builtin:bank")
    assert space_in(patch.nodes["sounds"].content, "encode/made/codec") == space_of("builtin:bank")
    assert call("check", small).out == ""


@pytest.mark.parametrize("ways", [("decoder",), ("decoder", "sounds")])
def test_a_terrain_of_another_codec_is_told_by_render(call, other, small, tmp_path, ways):
    assert call("terrain", "fit", small).code == 0
    switches = [word for node in ways for word in ("--set", f"{node}.codec={other}")]
    answer = call("render", small, "-o", tmp_path / "a.wav", "--seconds", 0.1, *switches, "--json")
    texts = [one["text"] for one in answer.document["problems"] if one["node"] == "terrain"]
    assert answer.code == 0
    assert MISMATCH in texts[0]
    assert str(other) in texts[0]
    assert "--train" in texts[0]
    assert MISMATCH in answer.err


def test_every_starter_that_learned_knows_its_codec(call, other, tmp_path):
    for starter, said in (
        *((name, "has 9 latents") for name in ("walk", "orbit", "granulator", "two-players")),
        ("choir", "has 45 latents"),
        ("points", MISMATCH),
        ("live-record", MISMATCH),
    ):
        path = tmp_path / f"{starter}.ltp"
        assert call("new", starter, "-o", path, "--codec", other).code == 0
        assert said in call("check", path).out, starter


def test_check_and_run_tell_of_it_too(call, other, small, tmp_path):
    assert call("terrain", "fit", small).code == 0
    save(set_value(load_file(small), "decoder", "codec", str(other)), small)
    assert MISMATCH in call("check", small).out
    assert call("check", small, "--strict").code == 1
    answer = call("run", small, "--seconds", 0.1, "--device", "none", "--json")
    assert any(MISMATCH in one["text"] for one in answer.document["problems"])


def test_learning_again_with_one_codec_is_heard_and_kept(call, other, small, tmp_path):
    assert call("terrain", "fit", small).code == 0
    words = ("--codec", other, "--train", "--seconds", 0.2)
    answer = call("render", small, "-o", tmp_path / "a.wav", *words, "--keep", tmp_path / "kept.ltp", "--json")
    assert answer.code == 0
    assert not any("latents of" in one["text"] for one in answer.document["problems"])
    kept = load_file(tmp_path / "kept.ltp")
    assert codecs(kept) == {"sounds": str(other), "decoder": str(other)}
    assert learned_space(kept.nodes["terrain"].content) == space_of(str(other))
    assert call("render", tmp_path / "kept.ltp", "-o", tmp_path / "b.wav", "--seconds", 0.2).code == 0
    one, two = (soundfile.read(tmp_path / f"{name}.wav")[0] for name in "ab")
    np.testing.assert_array_equal(one, two)


def test_another_codec_trains_again_what_must_be_and_says_so_and_lines_stay(call, other, small, tmp_path):
    assert call("terrain", "fit", small).code == 0
    before = load_file(small)
    for command in (("render", small, "-o", tmp_path / "a.wav"), ("run", small, "--device", "none")):
        words = (*command, "--seconds", 0.1, "--keep", tmp_path / "kept.ltp", "--codec")
        answer = call(*words, other)
        assert answer.code == 0
        assert "with another codec sounds, map, terrain are encoded and trained again; drawn lines stay" in answer.err
        kept = load_file(tmp_path / "kept.ltp")
        assert learned_space(kept.nodes["terrain"].content) == space_of(str(other))
        for name, array in before.nodes["map"].content.items():
            if name.startswith("arrange/line/"):
                np.testing.assert_array_equal(kept.nodes["map"].content[name], array)
        answer = call(*words, other, "--no-train")
        assert "with another codec" not in answer.err
        assert MISMATCH in answer.err
        assert "with another codec" not in call(*words, "builtin:bank").err


def test_another_codec_for_what_was_never_trained_trains_nothing(call, other, small, tmp_path):
    answer = call("render", small, "-o", tmp_path / "a.wav", "--seconds", 0.1, "--codec", other)
    assert "with another codec" not in answer.err
    assert "not trained" in answer.err


def test_run_teaches_and_keeps_what_was_heard(call, other, small, tmp_path):
    words = ("--codec", other, "--train", "--seconds", 0.1, "--device", "none", "--set", "decoder.level=-6")
    answer = call("run", small, *words, "--keep", tmp_path / "kept.ltp", "--json")
    assert answer.code == 0
    assert not any("not learned" in one["text"] for one in answer.document["problems"])
    kept = load_file(tmp_path / "kept.ltp")
    assert learned_space(kept.nodes["terrain"].content) == space_of(str(other))
    assert kept.nodes["decoder"].values["level"] == -6.0


def test_terrain_fit_and_new_keep_what_is_set(call, other, small, tmp_path):
    assert call("terrain", "fit", small, "--codec", other, "--set", "terrain.steps=4").code == 0
    fitted = load_file(small)
    assert codecs(fitted) == {"sounds": str(other), "decoder": str(other)}
    assert fitted.nodes["terrain"].values["steps"] == 4
    assert learned_space(fitted.nodes["terrain"].content) == space_of(str(other))
    new = call("new", "walk", "-o", tmp_path / "new.ltp", "--codec", other, "--set", "map.rate=0.5")
    assert new.code == 0
    assert load_file(tmp_path / "new.ltp").nodes["map"].values["rate"] == 0.5


def test_what_is_set_belongs_to_a_patch(call, tmp_path):
    words = ("--coordinates", tmp_path / "a.json", "--latents", tmp_path / "b.json", "-o", tmp_path / "c.pt")
    assert call("terrain", "fit", *words, "--codec", "builtin:bank").code == 2
    assert call("terrain", "fit", *words, "--set", "a.b=1").code == 2


def test_a_terrain_of_before_is_not_accused(call, other, small):
    assert call("terrain", "fit", small).code == 0
    patch = load_file(small)
    for node, key in (("terrain", "learn/log.codec"), ("sounds", "encode/made/codec")):
        patch = set_content(patch, node, {name: one for name, one in patch.nodes[node].content.items() if name != key})
    save(set_value(patch, "decoder", "codec", str(other)), small)
    assert call("check", small).out == ""


def test_a_terrain_of_before_is_known_by_the_sounds_that_lead_to_it(call, other, small):
    assert call("terrain", "fit", small).code == 0
    patch = load_file(small)
    content = {name: one for name, one in patch.nodes["terrain"].content.items() if name != "learn/log.codec"}
    save(set_value(set_content(patch, "terrain", content), "decoder", "codec", str(other)), small)
    assert MISMATCH in call("check", small).out


def test_learning_again_remembers_what_was_encoded_before_codecs_were_remembered(call, small):
    assert call("terrain", "fit", small).code == 0
    patch = load_file(small)
    content = {name: one for name, one in patch.nodes["sounds"].content.items() if name != "encode/made/codec"}
    save(set_content(set_content(patch, "sounds", content), "terrain", {}), small)
    assert call("terrain", "fit", small).code == 0
    assert learned_space(load_file(small).nodes["terrain"].content) == space_of("builtin:bank")


def test_a_file_that_changed_since_is_told_as_that(call, other, small):
    assert call("terrain", "fit", small, "--codec", other).code == 0
    with np.load(other) as file:
        arrays = {name: one * 2 if name == "encoder.enter.bias" else one for name, one in file.items()}
    np.savez(other, **arrays)
    said = call("check", small).out
    assert f"{other} as it was before" in said
    assert f"{other} as it is now" in said


def test_a_copy_under_another_name_is_the_same_codec(call, other, small, tmp_path):
    copy = tmp_path / "copy.npz"
    copy.write_bytes(other.read_bytes())
    assert call("terrain", "fit", small, "--codec", other).code == 0
    save(set_value(load_file(small), "decoder", "codec", str(copy)), small)
    assert call("check", small).out == ""


def test_takes_remember_the_codec_that_they_were_recorded_with(call, other, tmp_path):
    switches = [word for name in ("latents", "places") for word in ("--set", f"{name}.recording=true")]
    kept = tmp_path / "kept.ltp"
    patch = tmp_path / "live.ltp"
    assert call("new", "live-record", "-o", patch).code == 0
    empty = load_file(patch)
    for name in ("latents", "places", "terrain"):
        empty = set_content(empty, name, {})
    save(empty, patch)
    words = ("--seconds", 2, *switches, "--codec", other, "--keep", kept)
    assert call("render", patch, "-o", tmp_path / "a.wav", *words).code == 0
    assert space_in(load_file(kept).nodes["latents"].content, "codec") == space_of(str(other))
    assert "codec" not in load_file(kept).nodes["places"].content
    assert call("terrain", "fit", kept).code == 0
    assert "latents of" not in call("check", kept).out
    answer = call("render", kept, "-o", tmp_path / "b.wav", "--seconds", 0.1, "--codec", "builtin:bank", "--train")
    assert f"gives latents of {other}" in answer.err


def test_a_kept_patch_finds_its_files_from_its_new_folder(call, sounds, tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "here" / "sounds").mkdir()
    for file in sounds.iterdir():
        (tmp_path / "here" / "sounds" / file.name).write_bytes(file.read_bytes())
    patch = set_value(small_patch(sounds), "sounds", "sounds", ["sounds", "sounds/low.wav#t=0,0.05"])
    save(patch, tmp_path / "here" / "a.ltp")
    kept = tmp_path / "there" / "b.ltp"
    words = ("--seconds", 0.1, "--train", "--keep", kept)
    assert call("render", tmp_path / "here" / "a.ltp", "-o", tmp_path / "a.wav", *words).code == 0
    named = load_file(kept).nodes["sounds"].values["sounds"]
    assert named == ["../here/sounds", "../here/sounds/low.wav#t=0,0.05"]
    assert call("terrain", "fit", kept, "--again").code == 0


def test_the_demo_is_made_with_the_codec_that_is_asked_for(call, other, sounds, tmp_path):
    out = tmp_path / "out"
    answer = call("demo", "--sounds", sounds, "--out", out, "--seconds", 1, "--codec", other, "--json")
    assert answer.code == 0, answer.err
    patch = load_file(out / "walk.ltp")
    assert learned_space(patch.nodes["terrain"].content) == space_of(str(other))
    assert "latents of" not in call("check", out / "walk.ltp").out


def test_a_patch_without_codecs_has_none_to_choose(call, tone, tmp_path):
    assert call("render", tone, "-o", tmp_path / "a.wav", "--seconds", 0.1, "--codec", "builtin:bank").code == 2


def test_all_that_share_latents_follow_one_choice():
    patch = small_patch(Path("sounds"))
    patch = set_value(patch, "sounds", "codec", "a.ts")
    patch = set_value(patch, "decoder", "codec", "b.ts")
    patch = add_node(patch, "decoder", name="alone", values={"codec": "c.ts"})
    patch = add_node(patch, "decoder", name="alike", values={"codec": "b.ts"})
    assert followers(patch, PALETTE) == ("sounds", "decoder", "alike")
    chosen = with_codec(patch, PALETTE, "d.ts")
    assert codecs(chosen) == {"sounds": "d.ts", "decoder": "d.ts", "alone": "c.ts", "alike": "d.ts"}
    assert with_codec(chosen, PALETTE, "d.ts") is chosen


def test_a_codec_that_plays_beside_is_named(call, other, small):
    patch = add_node(load_file(small), "decoder", name="alone", values={"codec": "beside.npz"})
    save(patch, small)
    assert "alone keeps beside.npz" in call("terrain", "fit", small, "--codec", other).err


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    """A model file that nobody has allowed to run."""
    path = tmp_path / "strange.ts"
    path.write_bytes(b"not looked at before it is allowed")
    return path


def test_a_script_gives_its_patch_one_codec_and_learns_again_with_it(other, small, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path.parent)
    it = script.load(small).teach()
    it.set_codec("other.npz")
    assert codecs(it.patch) == {"sounds": "other.npz", "decoder": "other.npz"}, "as the patch names it, from its folder"
    assert any(MISMATCH in one for one in it.problems)
    it.undo()
    assert codecs(it.patch) == {}
    it.set_codec(other, train=True)
    assert learned_space(it.patch.nodes["terrain"].content) == space_of(str(other))
    assert not any("gives latents of" in one for one in it.problems)
    it.set_codec("builtin:bank").close()


def test_a_script_finds_a_codec_from_where_it_runs_too(other, sounds, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    it = script.new()
    it.edit(lambda _: small_patch(sounds))
    it.set_codec("other.npz").close()
    assert set(codecs(it.patch).values()) == {str(other)}, "it has no file yet, so it names all in full"


def test_a_script_is_told_what_can_be_no_codec_and_nothing_changes(small, strange, tone):
    it = script.load(small)
    for name, words in (
        ("gone.ts", "no model file"),
        ("builtin:none", "no codec"),
        (strange, "is an untrusted model file"),
        ("~nobody-of-that-name/x.ts", "can't be read"),
    ):
        with pytest.raises(script.ScriptError, match=words):
            it.set_codec(name)
    assert codecs(it.patch) == {}
    it.close()
    it = script.load(tone)
    with pytest.raises(script.ScriptError, match="no node of this patch encodes"):
        it.set_codec("builtin:bank")
    it.close()


def test_osc_gives_the_patch_one_codec_of_its_folder(other, small, tmp_path):
    held = Held(load_file(small))
    dispatcher = Dispatcher(held, PALETTE, tmp_path, small, lambda text: None)
    assert dispatcher.do("/patch/codec", ["other.npz"]) == ("/done", ["other.npz"])
    assert codecs(held.patch) == {"sounds": "other.npz", "decoder": "other.npz"}
    dispatcher.do("/undo", [])
    assert codecs(held.patch) == {}
    assert dispatcher.do("/patch/codec", ["builtin:bank"]) == ("/done", ["builtin:bank"])
    assert "/patch/codec" in COMMANDS
    dispatcher.close()
    dispatcher = Dispatcher(held, PALETTE, tmp_path, None, lambda text: None)  # listens to a patch of another folder
    assert dispatcher.do("/patch/codec", ["other.npz"]) == ("/done", [str(other)])
    dispatcher.close()


def test_osc_reaches_no_codec_outside_the_folder_and_none_that_nobody_has_allowed(other, small, strange, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "linked.npz").symlink_to(other)
    (folder / "strange.ts").write_bytes(strange.read_bytes())
    held = Held(load_file(small))
    dispatcher = Dispatcher(held, PALETTE, folder, folder / "own.ltp", lambda text: None)
    for name, words in (
        (str(other), "in the folder of the patch"),
        ("../other.npz", "in the folder of the patch"),
        ("linked.npz", "in the folder of the patch"),
        ("strange.ts", "is an untrusted model file"),
        ("strange", "is an untrusted model file"),
        ("gone.ts", "no model file"),
        ("x\0y", "no model file"),
        ("~nobody-of-that-name/x.ts", "can't be read"),
        (3, "takes a codec's name"),
    ):
        with pytest.raises(ControlError, match=words):
            dispatcher.do("/patch/codec", [name])
    assert codecs(held.patch) == {}
    dispatcher.close()


@pytest.mark.slow
class TestWithModels:
    """The same with TorchScript models of sixteen latents, as RAVE exports have."""

    @pytest.fixture
    def model(self, tmp_path: Path) -> Path:
        pytest.importorskip("torch", reason="TorchScript models need torch")
        from tests.nodes.codec import models

        return models.save(models.Sixteen(), tmp_path / "R16.ts")

    def test_it_is_told_and_mended(self, call, model, small, tmp_path):
        assert call("terrain", "fit", small).code == 0
        wav = tmp_path / "a.wav"
        both = ("--set", f"decoder.codec={model}", "--set", f"sounds.codec={model}")
        assert MISMATCH in call("render", small, "-o", wav, "--seconds", 0.1, *both).err
        answer = call("render", small, "-o", wav, "--seconds", 0.1, "--codec", model, "--train")
        assert answer.code == 0
        assert "latents of" not in answer.err

    def test_an_export_tells_of_it_and_learns_again_where_asked(self, call, model, small, tmp_path):
        assert call("terrain", "fit", small).code == 0
        words = ("export", small, "-o", tmp_path / "small.ts", "--codec", model, "--json")
        told = call(*words)
        assert told.code == 0, told.err
        assert "trained on latents of builtin:bank" in told.document["notes"][0]
        assert not any("latents of" in note for note in call(*words, "--train").document["notes"])


def test_another_codec_is_not_told_as_changed_sounds(call, tmp_path):
    codec = tmp_path / "copy.npz"
    codec.write_bytes(codec_file("builtin:bank").read_bytes())
    with zipfile.ZipFile(codec, "a") as archive:  # the same mathematics in another file
        archive.writestr("note.txt", "another")
    answer = call("render", "walk", "--codec", codec, "--seconds", "0.1", "-o", tmp_path / "q.wav")
    assert "flac has changed" not in answer.err


def test_a_codec_with_another_number_of_channels_is_told_and_so_are_channels_that_share_an_output(
    call: Any, small: Path, tmp_path: Path
) -> None:
    patch = load_file(small)
    for node in ("terrain", "decoder"):
        patch = set_value(patch, node, "voices", 3)
    save(set_value(patch, "map", "players", 3), small)
    words = ("render", small, "-o", tmp_path / "a.wav", "--seconds", "0.1", "--no-train")
    told = call(*words).err
    assert "3 channels take turns on 2 outputs; --channels 3 keeps them apart" in told
    assert "for each playhead" not in told
    assert "take turns" not in call(*words, "--channels", "3").err
    told = call(*words, "--channels", "8", "--codec", "builtin:sounds").err
    assert "decoder: 2 channels for each playhead with builtin:sounds, 1 with builtin:bank" in told
