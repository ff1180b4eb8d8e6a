"""Models and encoding: what a codec is, and sounds as latents on disk."""

import json

import numpy as np
import soundfile

from latent_terrain.nodes.codec.bank import load_bank
from latent_terrain.nodes.gui.exchange import read_exchange
from latent_terrain.nodes.gui.tables import read_csv, read_dataset


def test_the_builtin_model_is_described(call):
    answer = call("model", "builtin:bank", "--json")
    assert answer.code == 0
    assert (answer.document["latent_dim"], answer.document["sample_rate"]) == (16, 44_100)
    assert "latent_dim: 16" in call("model", "builtin:bank").out


def test_builtin_models_are_listed(call):
    assert "builtin:bank" in call("model", "--list").out.splitlines()


def test_unknown_and_missing_models_are_named(call, tmp_path):
    assert call("model", "builtin:piano").code == 3
    answer = call("model", tmp_path / "nowhere.ts")
    assert answer.code == 3
    assert "nowhere.ts" in answer.err
    assert call("model").code == 2


def test_f14_f65_sounds_become_a_dictionary_the_max_externals_read(call, sounds, tmp_path):
    path = tmp_path / "latents.json"
    answer = call("encode", "builtin:bank", sounds, "-o", path, "--json")
    assert answer.code == 0
    assert [sound["name"] for sound in answer.document["sounds"]] == ["high", "low"]
    found = read_exchange(path.read_bytes()).latents
    frames = -(-6000 // load_bank().facts.ratio)
    assert [array.shape for array in found] == [(frames, 16), (frames, 16)]
    assert answer.document["sounds"][0]["frames"] == frames


def test_latents_can_be_numpy_arrays_and_learned_from(call, sounds, tmp_path):
    path = tmp_path / "latents.npz"
    assert call("encode", "builtin:bank", sounds / "low.wav", sounds / "high.wav", "-o", path).code == 0
    with np.load(path, allow_pickle=False) as file:
        assert sorted(file.files) == ["0001 low", "0002 high"]
        assert file["0001 low"].dtype == np.float32
    lines = {str(number): {"0": [0.0, 1.0], "1": [float(number), 2.0]} for number in (1, 2)}
    (tmp_path / "lines.json").write_text(json.dumps({"coordinates": lines}))
    words = ["--coordinates", tmp_path / "lines.json", "--latents", path, "-o", tmp_path / "land.npz"]
    assert call("terrain", "fit", *words, "--steps", 2, "--width", 8, "--features", 16).code == 0


def test_a_broken_sound_is_named_and_the_others_go_on(call, sounds, tmp_path):
    (sounds / "broken.wav").write_bytes(b"RIFF nonsense")
    answer = call("encode", "builtin:bank", sounds, tmp_path / "gone.wav", "-o", tmp_path / "latents.json", "--json")
    assert answer.code == 1
    assert len(answer.document["sounds"]) == 2
    assert len(answer.document["problems"]) == 2
    assert "broken.wav" in answer.err
    assert "gone.wav" in answer.err
    assert len(read_exchange((tmp_path / "latents.json").read_bytes()).latents) == 2


def test_nothing_is_written_when_nothing_was_encoded(call, tmp_path):
    (tmp_path / "empty").mkdir()
    answer = call(
        "encode", "builtin:bank", tmp_path / "empty", tmp_path / "gone.wav", "-o", tmp_path / "x.json", "--json"
    )
    assert answer.code == 3
    assert not (tmp_path / "x.json").exists()
    assert "error" in answer.document


def test_an_unwritable_place_is_named_and_leaves_nothing_behind(call, sounds, tmp_path):
    answer = call("encode", "builtin:bank", sounds, "-o", tmp_path / "no" / "folder" / "x.json")
    assert answer.code == 3
    assert "x.json" in answer.err


def test_sounds_become_tables_for_flucoma_and_spreadsheets(call, sounds, tmp_path):
    assert call("encode", "builtin:bank", sounds, "-o", tmp_path / "a.csv").code == 0
    assert call("encode", "builtin:bank", sounds, "-o", tmp_path / "a.json", "--flucoma").code == 0
    table, again = read_csv((tmp_path / "a.csv").read_bytes()), read_dataset((tmp_path / "a.json").read_bytes())
    assert again is not None
    assert table.ids == again.ids
    assert {key.partition("#")[0] for key in table.ids} == {"high", "low"}
    np.testing.assert_array_equal(table.rows, again.rows)


def test_what_was_encoded_with_the_bank_can_be_trained_on_and_that_is_told_with_its_cost(call, sounds, tmp_path):
    long = tmp_path / "long sounds"
    long.mkdir()
    soundfile.write(long / "noise.wav", 0.1 * np.random.default_rng(0).standard_normal(6 * 44_100), 44_100)
    answer = call("encode", "builtin:bank", long, "-o", tmp_path / "latents.json")
    assert f"latent-terrain codec train '{long}' -o mine.npz" in answer.err
    assert "at most about" in answer.err
    assert "codec train" not in call("encode", "builtin:bank", sounds, "-o", tmp_path / "short.json").err
