"""Rendering: the same patch is the same file, and whatever happens the file is whole."""

import json

import numpy as np
import pytest
import soundfile

from latent_terrain.engine import Engine, Fault
from latent_terrain.graphs import Patch, add_node, connect, load_file, save, set_value


def test_a_render_repeats_to_the_byte(call, tone, tmp_path):
    for name in ("one.wav", "two.wav"):
        assert call("render", tone, "-o", tmp_path / name, "--seconds", 0.3).code == 0
    assert (tmp_path / "one.wav").read_bytes() == (tmp_path / "two.wav").read_bytes()


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_the_file_is_as_asked(call, tone, tmp_path, suffix):
    path = tmp_path / f"out.{suffix}"
    answer = call("render", tone, "-o", path, "--seconds", 0.25, "--rate", 32_000, "--channels", 1, "--json")
    audio, rate = soundfile.read(path)
    assert (answer.code, rate, audio.shape) == (0, 32_000, (8000,))
    document = answer.document
    assert document["seconds"] == 0.25
    assert document["peak"] == pytest.approx(np.abs(audio).max(), abs=1e-4)
    assert document["rms"] == pytest.approx(np.sqrt((audio**2).mean()), rel=1e-3)
    assert set(document["load"]) == {"sine-1", "gain-1", "out"}
    assert soundfile.info(path).subtype == "PCM_24"


def test_without_a_codec_the_rate_is_48000_and_with_one_it_is_the_codecs(call, tone, tmp_path):
    assert call("render", tone, "-o", tmp_path / "a.wav", "--seconds", 0.1, "--json").document["sample_rate"] == 48_000
    answer = call("render", "points", "-o", tmp_path / "b.wav", "--seconds", 0.1, "--json")
    assert answer.document["sample_rate"] == 44_100


def test_listed_outputs_that_are_not_in_the_file_are_said(call, tone, tmp_path):
    words = ("render", tone, "-o", tmp_path / "a.wav", "--seconds", 0.1, "--set", "out.channels=2, 4")
    answer = call(*words)
    assert answer.code == 0
    assert "out: output 4 is not in a file of 2 channels; --channels 4 writes it" in answer.err
    assert np.flatnonzero(soundfile.read(tmp_path / "a.wav")[0].any(axis=0)).tolist() == [1]
    answer = call(*words, "--channels", 4)
    assert "is not in a file" not in answer.err
    assert np.flatnonzero(soundfile.read(tmp_path / "a.wav")[0].any(axis=0)).tolist() == [1, 3]


def test_a_list_of_outputs_that_is_none_is_a_sentence_and_so_is_one_output(call, tone, tmp_path):
    words = ("render", tone, "-o", tmp_path / "a.wav", "--seconds", 0.1, "--set")
    answer = call(*words, "out.channels=left")
    assert answer.code != 0
    assert "out.channels: 'left' is no list of channels from 1 to 64; write them as 1, 2 or as 1-8" in answer.err
    assert call(*words, "out.channels=2").code == 0
    assert np.flatnonzero(soundfile.read(tmp_path / "a.wav")[0].any(axis=0)).tolist() == [1]


def test_the_block_does_not_change_the_sound(call, tone, tmp_path):
    for block in (64, 1000):
        call("render", tone, "-o", tmp_path / f"{block}.wav", "--seconds", 0.2, "--block", block)
    one, two = (soundfile.read(tmp_path / f"{block}.wav")[0] for block in (64, 1000))
    np.testing.assert_allclose(one, two, atol=1e-5)


def test_a_value_set_on_the_command_line_is_heard(call, tone, tmp_path):
    quiet = call("render", tone, "-o", tmp_path / "a.wav", "--seconds", 0.2, "--set", "gain-1.level=-32", "--json")
    usual = call("render", tone, "-o", tmp_path / "a.wav", "--seconds", 0.2, "--json")
    assert quiet.document["peak"] == pytest.approx(usual.document["peak"] / 10, rel=1e-2)


def test_a_terrain_that_has_not_learned_is_named_and_the_rest_plays(call, unlearned, tmp_path):
    answer = call("render", unlearned, "-o", tmp_path / "a.wav", "--seconds", 0.1)
    assert answer.code == 0
    assert "terrain: not trained yet" in answer.err
    assert answer.out == ""


def test_teaching_first_leaves_the_patch_as_it_was(call, unlearned, tmp_path):
    before = unlearned.read_bytes()
    answer = call("render", unlearned, "-o", tmp_path / "a.wav", "--seconds", 0.1, "--train", "--json")
    assert answer.code == 0
    assert not any("not learned" in problem["text"] for problem in answer.document["problems"])
    assert unlearned.read_bytes() == before


def test_too_loud_is_said(call, tone, tmp_path):
    answer = call("render", tone, "-o", tmp_path / "a.wav", "--seconds", 0.2, "--set", "gain-1.level=20", "--json")
    assert answer.document["limited_blocks"] > 0
    assert "lower the level" in answer.err


def test_a_node_that_fails_makes_the_exit_code_1_and_the_file_is_whole(call, tone, tmp_path, monkeypatch):
    told = [[Fault("gain-1", "failed (toast); it is muted until you change it")]]
    monkeypatch.setattr(Engine, "faults", lambda self: told.pop() if told else [])
    answer = call("render", tone, "-o", tmp_path / "a.wav", "--seconds", 0.2, "--json")
    assert answer.code == 1
    assert answer.document["faults"][0]["node"] == "gain-1"
    assert "gain-1: failed (toast)" in answer.err
    assert soundfile.info(tmp_path / "a.wav").frames == 9600


def test_a_patch_that_cannot_run_leaves_an_older_file_alone(call, tone, tmp_path):
    path = tmp_path / "kept.wav"
    path.write_bytes(b"precious")
    answer = call("render", "points", "-o", path, "--seconds", 1, "--set", "decoder.codec=nowhere.ts", "--json")
    assert answer.code == 1
    assert answer.document["problems"][0]["node"] == "decoder"
    assert path.read_bytes() == b"precious"
    assert [one.name for one in tmp_path.iterdir() if "part" in one.name] == []


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "1e99"])
def test_a_time_that_is_no_time_is_refused(call, tone, tmp_path, seconds):
    answer = call("render", tone, "-o", tmp_path / "a.wav", "--seconds", seconds)
    assert answer.code == 2
    assert "--seconds" in answer.err
    assert not (tmp_path / "a.wav").exists()


def test_a_seed_makes_another_sound_and_again_the_same(call, tmp_path):
    def rendered(seed):
        path = tmp_path / f"{seed}.wav"
        call("render", tmp_path / "noise.ltp", "-o", path, "--seconds", 0.1, "--seed", seed)
        return path.read_bytes()

    from latent_terrain.graphs import Patch, add_node, connect, save

    patch = add_node(add_node(Patch(), "noise", name="noise"), "audio_out", name="out")
    save(connect(patch, "noise.out", "out.audio"), tmp_path / "noise.ltp")
    assert rendered(1) == rendered(1) != rendered(2)


def test_running_without_a_device_plays_for_the_time_asked(call, tone):
    answer = call("run", tone, "--device", "none", "--seconds", 0.1, "--json")
    assert answer.code == 0
    document = json.loads(answer.out)
    assert document["device"] == "none"
    assert document["blocks"] >= 18
    assert document["seconds"] == pytest.approx(document["blocks"] * 256 / document["sample_rate"])


def test_a_device_that_is_not_there_is_exit_code_4(call, tone):
    answer = call("run", tone, "--device", "no such device 7f3a", "--seconds", 0.1, "--json")
    assert answer.code == 4
    assert "no such device 7f3a" in answer.document["error"]


def test_a_sound_that_is_gone_is_told_always_and_makes_learning_fail(call, tmp_path, sounds):
    patch = add_node(Patch(), "encode", name="sounds", values={"sounds": ["sounds"]})
    save(connect(add_node(add_node(patch, "sine"), "audio_out"), "sine-1.out", "audio_out-1.audio"), tmp_path / "p.ltp")
    words = ("render", tmp_path / "p.ltp", "-o", tmp_path / "out.wav", "--seconds", 0.1, "--json")
    assert call("terrain", "fit", tmp_path / "p.ltp").code == 0
    assert call(*words).document["stale"] == []
    save(set_value(load_file(tmp_path / "p.ltp"), "sounds", "sounds", ["sounds", "gone.wav"]), tmp_path / "p.ltp")
    answer = call(*words)
    assert answer.code == 0
    assert "gone.wav is missing; playing the previous training result" in answer.err
    for command in (("terrain", "fit", tmp_path / "p.ltp", "--json"), (*words, "--train"), (*words, "--train")):
        answer = call(*command)
        assert answer.code == 1
        assert "gone.wav" in answer.err
        assert "gone.wav" in str(answer.document["stale"] or answer.document["not_learned"])


def test_where_a_recorder_that_is_set_writes_is_said(call, tone, tmp_path, monkeypatch):
    """Names in a patch start at the patch, those that are typed where one stands."""
    patch = add_node(load_file(tone), "file_recorder", name="tape")
    save(connect(patch, "sine-1.out", "tape.audio"), tone)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    words = ("render", tone, "-o", "out.wav", "--seconds", "0.1", "--set", "tape.file=take.wav", "--allow-write", here)
    answer = call(*words)
    assert f"tape.file: writes {here / 'take.wav'}; names in --set start in the current folder" in answer.err
    assert (here / "take.wav").exists(), answer.err
    monkeypatch.chdir(tmp_path)
    assert "current folder" not in call(*words).err
