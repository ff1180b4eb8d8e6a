"""Listening to a map on the command line: a file a line, beside the originals, and sentences where there is nothing."""

import numpy as np
import pytest
import soundfile

from latent_terrain.graphs import Patch, add_node, connect, load_file, remove_node, save, set_content, set_value
from latent_terrain.nodes.audiofile import Passage
from latent_terrain.nodes.terrain.network import TerrainShape, initial_weights
from latent_terrain.ui.cli.line_audio import HeardLine, _as_file_name, _files, _mono


@pytest.fixture
def heard(tmp_path, sounds, call):
    """Two sounds, encoded and laid out in rows, and a terrain that learned them for a few steps."""
    patch = add_node(Patch(), "encode", name="sounds", values={"sounds": ["sounds"]})
    patch = add_node(patch, "gui", name="map", values={"layout": "rows"})
    patch = add_node(patch, "terrain", name="terrain", values={"width": 16, "features": 16, "steps": 4})
    patch = add_node(patch, "decoder", name="decoder")
    patch = connect(connect(patch, "sounds.latents", "map.latents"), "map.coordinates", "terrain.coordinates")
    patch = connect(connect(patch, "sounds.latents", "terrain.latents"), "terrain.out", "decoder.latents")
    path = tmp_path / "heard.ltp"
    save(patch, path)
    assert call("terrain", "fit", path).code == 0
    return path


def test_each_line_becomes_a_file_named_as_its_sound_and_as_long(call, heard, tmp_path) -> None:
    answer = call("terrain", "listen", heard, "-o", tmp_path / "out", "--json")
    assert answer.code == 0
    assert [row["name"] for row in answer.document["lines"]] == ["high", "low"]
    for row in answer.document["lines"]:
        found = soundfile.info(row["file"])
        assert (found.samplerate, found.channels, found.frames) == (44100, 1, 6 * 1024)
        assert row["original"].endswith(f"{row['name']}.wav")
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["high.wav", "low.wav"]


def test_it_is_the_same_bytes_every_time(call, heard, tmp_path) -> None:
    for folder in ("one", "two"):
        assert call("terrain", "listen", heard, "-o", tmp_path / folder).code == 0
    assert (tmp_path / "one" / "low.wav").read_bytes() == (tmp_path / "two" / "low.wav").read_bytes()


def test_compare_prints_a_row_a_line_and_a_mean(call, heard, tmp_path) -> None:
    answer = call("terrain", "listen", heard, "-o", tmp_path / "out", "--compare")
    assert answer.code == 0
    assert [row.split()[0] for row in answer.out.splitlines()] == ["line", "high", "low", "mean"]
    document = call("terrain", "listen", heard, "-o", tmp_path / "out", "--compare", "--json").document
    distances = [row["mel_db"] for row in document["lines"]]
    assert min(distances) > 0
    assert document["mean"]["mel_db"] == pytest.approx(np.mean(distances))


def test_one_line_is_heard_and_a_wrong_name_is_told_which_there_are(call, heard, tmp_path) -> None:
    answer = call("terrain", "listen", heard, "-o", tmp_path / "out", "--line", "low", "--json")
    assert [row["name"] for row in answer.document["lines"]] == ["low"]
    answer = call("terrain", "listen", heard, "-o", tmp_path / "out", "--line", "middle")
    assert answer.code == 2
    assert "no such line; it has high, low" in answer.err


def test_a_sound_of_many_channels_is_compared_by_those_that_the_codec_has(tmp_path) -> None:
    eight = np.random.default_rng(1).uniform(-0.5, 0.5, (5000, 8))
    soundfile.write(tmp_path / "eight.wav", eight, 44100, "FLOAT")
    for channels, heard in ((2, eight[:, :2]), (1, eight)):
        found = _mono(Passage(tmp_path / "eight.wav"), 44100, channels)
        np.testing.assert_allclose(found, heard.mean(axis=1), atol=1e-6)


def test_a_sound_file_that_changed_is_not_compared(call, heard, tmp_path, sounds) -> None:
    soundfile.write(sounds / "low.wav", np.zeros(6000), 44100)
    answer = call("terrain", "listen", heard, "-o", tmp_path / "out", "--compare", "--json")
    assert answer.code == 0
    assert "low: its sound file is missing or changed" in answer.err
    assert ["mel_db" in row for row in answer.document["lines"]] == [True, False]


def test_lines_without_a_sound_are_heard_and_told(call, heard, tmp_path) -> None:
    patch = remove_node(load_file(heard), "sounds")
    patch = set_value(patch, "map", "layout", "drawn")
    patch = set_content(patch, "map", {"lines/0000": np.array([[-4, 0], [0, 0]], np.float32)})
    save(patch, heard)
    answer = call("terrain", "listen", heard, "-o", tmp_path / "out", "--compare", "--json")
    assert answer.code == 0
    assert "line 1: this line has no sound" in answer.err
    assert answer.document["lines"][0]["frames"] == 11
    assert answer.document["mean"]["mel_db"] is None


def test_without_learning_lines_or_decoder_a_sentence_says_what_to_do(call, heard, land, unlearned, tmp_path) -> None:
    assert "is not trained yet; train it" in call("terrain", "listen", unlearned, "-o", tmp_path / "out").err
    assert "no decoder connected" in call("terrain", "listen", land, "-o", tmp_path / "out").err
    patch = load_file(heard)
    save(set_content(set_value(patch, "map", "layout", "drawn"), "map", {}), heard)
    answer = call("terrain", "listen", heard, "-o", tmp_path / "out")
    assert answer.code == 1
    assert "draw at least one line" in answer.err
    assert not (tmp_path / "out").exists()


def test_latents_of_another_codec_are_refused(call, heard, tmp_path) -> None:
    weights = initial_weights(TerrainShape(2, 3, width=8, features=16), seed=1)
    patch = set_content(load_file(heard), "terrain", {f"learn/{name}": one for name, one in weights.items()})
    save(patch, heard)
    answer = call("terrain", "listen", heard, "-o", tmp_path / "out")
    assert answer.code == 1
    assert "trained with 3 latents, the codec of decoder has 16" in answer.err


def test_a_file_in_place_of_the_folder_is_told(call, heard) -> None:
    answer = call("terrain", "listen", heard, "-o", heard)
    assert answer.code == 2
    assert "this is a file" in answer.err


def test_names_that_no_file_can_have_become_ones_that_it_can() -> None:
    assert _as_file_name("../a:b\x1b") == "_a_b_"
    assert _as_file_name("...") == "line"
    assert len(_as_file_name("ü" * 300).encode()) <= 100


def test_equal_names_get_numbers(tmp_path) -> None:
    lines = [HeardLine(name, np.zeros((1, 2), np.float32), True) for name in ("Kick", "kick", "kick")]
    assert [one.name for one in _files(tmp_path, lines)] == ["Kick.wav", "kick 2.wav", "kick 3.wav"]
