"""The demo: one command from sounds to a walk, with the bundled sounds and with somebody's own."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from latent_terrain.graphs import load_file

from .conftest import Answer

Call = Callable[..., Answer]


def own_sounds(folder: Path) -> Path:
    """Three sounds of different kinds and rates, one file that is none, and a text."""
    folder.mkdir()
    random = np.random.default_rng(0)
    time = np.arange(40_000)
    soundfile.write(folder / "low.wav", 0.4 * np.sin(2 * np.pi * 80 / 44_100 * time), 44_100)
    soundfile.write(folder / "hiss.flac", 0.2 * random.standard_normal((30_000, 2)).clip(-1, 1), 48_000)
    soundfile.write(folder / "high.ogg", 0.3 * np.sin(2 * np.pi * 3000 / 22_050 * time), 22_050)
    (folder / "broken.wav").write_bytes(b"RIFF this is none")
    (folder / "notes.txt").write_text("bring milk")
    return folder


def test_f111_the_bundled_sounds_become_a_walk_a_map_and_a_patch(call: Call, tmp_path: Path) -> None:
    answer = call("demo", "--out", tmp_path / "out", "--seconds", 3, "--json")
    assert answer.code == 0
    assert answer.document["sounds"] == 8
    assert answer.document["loss"].startswith("loss 0.")
    sound, rate = soundfile.read(tmp_path / "out" / "walk.wav")
    assert sound.shape == (3 * rate, 2)
    assert 0.01 < np.abs(sound).max() < 1.0
    picture = np.asarray(Image.open(tmp_path / "out" / "terrain.png"))
    assert picture.std() > 20
    assert call("check", tmp_path / "out" / "walk.ltp").code == 0


def test_the_patch_renders_to_the_very_walk_that_was_written(call: Call, tmp_path: Path) -> None:
    call("demo", "--out", tmp_path, "--seconds", 2)
    assert call("render", tmp_path / "walk.ltp", "-o", tmp_path / "again.wav", "--seconds", 2).code == 0
    assert (tmp_path / "again.wav").read_bytes() == (tmp_path / "walk.wav").read_bytes()


def test_the_same_seed_gives_the_same_bytes_and_another_another_land(call: Call, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert call("demo", "--out", tmp_path / name, "--seconds", 1, "--seed", seed).code == 0
    walks = [(tmp_path / name / "walk.wav").read_bytes() for name in "abc"]
    assert walks[0] == walks[1], "another seed may begin with the same sound, which plays as it is"
    patches = [(tmp_path / name / "walk.ltp").read_bytes() for name in "abc"]
    assert patches[0] == patches[1] != patches[2]


def test_own_sounds_of_any_kind_are_taken_and_a_broken_one_is_named(call: Call, tmp_path: Path) -> None:
    sounds = own_sounds(tmp_path / "mine")
    answer = call("demo", "--sounds", sounds, "--out", tmp_path / "out", "--seconds", 2, "--json")
    assert (answer.code, answer.document["sounds"]) == (1, 3)
    assert [warning for warning in answer.document["warnings"] if "broken.wav" in warning]
    assert load_file(tmp_path / "out" / "walk.ltp").nodes["sounds"].values["sounds"] == ["../mine"]


def test_a_single_short_sound_is_enough(call: Call, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    soundfile.write(tmp_path / "one" / "click.wav", np.array([0.5]), 44_100)
    answer = call("demo", "--sounds", tmp_path / "one", "--out", tmp_path / "out", "--seconds", 1, "--json")
    assert answer.code == 0, answer.err


def test_a_folder_without_sounds_is_one_sentence(call: Call, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    answer = call("demo", "--sounds", tmp_path / "empty", "--out", tmp_path / "out")
    assert answer.code == 3
    assert "no sound files in that folder" in answer.err


def test_a_file_that_is_no_sound_is_one_sentence(call: Call, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("bring milk")
    answer = call("demo", "--sounds", tmp_path / "notes.txt", "--out", tmp_path / "out")
    assert answer.code == 3
    assert f"{tmp_path / 'notes.txt'} is not a readable sound file" in answer.err


def test_what_is_recorded_while_rendering_is_kept_and_learned(call: Call, tmp_path: Path) -> None:
    """live-record: sound → encode → record beside a gesture → keep → fit."""
    switches = [word for name in ("latents", "places") for word in ("--set", f"{name}.recording=true")]
    rendered = call(
        "render", "live-record", "-o", tmp_path / "a.wav", "--seconds", 3, *switches, "--keep", tmp_path / "kept.ltp"
    )
    assert rendered.code == 0, rendered.err
    kept = load_file(tmp_path / "kept.ltp")
    takes = kept.nodes["latents"].content
    assert sorted(takes) == ["codec", "takes/0001", "takes/0002"]
    assert len(takes["takes/0002"]) in range(130, 134)
    assert kept.nodes["latents"].values["recording"] is True
    assert call("terrain", "fit", tmp_path / "kept.ltp").code == 0
    assert call("check", tmp_path / "kept.ltp").code == 0
