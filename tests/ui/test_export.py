"""``latent-terrain export``: one command, told by the file's ending what is wanted."""

import json

import numpy as np
import pytest
import soundfile

from latent_terrain.engine.compile.resolve import shared_in
from latent_terrain.engine.setup import seed_for
from latent_terrain.graphs import add_node, connect, disconnect, load_file, save, set_value
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.nodes.codec.sounds import load_sounds, sounds_in
from latent_terrain.nodes.codec.sounds.moment_latents import latents_of
from latent_terrain.nodes.gui.exchange import read_exchange

from ..full_disk import full_disk

torch = pytest.importorskip("torch", reason="exporting writes TorchScript, which needs torch")


@pytest.mark.parametrize(
    ("ending", "what"),
    [("ts", "instrument"), ("pt", "weights"), ("npz", "weights"), ("json", "trajectories"), ("png", "picture")],
)
def test_the_ending_tells_what_is_wanted(call, tmp_path, ending, what):
    path = tmp_path / f"walk.{ending}"
    answer = call("export", "walk", "-o", path, "--json")
    assert (answer.code, answer.document["what"]) == (0, what)
    assert path.stat().st_size > 1000
    assert list(tmp_path.iterdir()) == [path]


def test_an_instrument_says_how_it_is_played(call, tmp_path):
    document = call("export", "walk", "-o", tmp_path / "walk.ts", "--json").document
    assert document["methods"]["forward"] == [2, 1024, 2, 1]
    assert document["sample_rate"] == 44100


def test_a_land_can_go_alone_and_comes_back_as_a_checkpoint(call, tmp_path):
    assert call("export", "walk", "-o", tmp_path / "land.ts", "--what", "terrain").code == 0
    assert call("export", "walk", "-o", tmp_path / "land.pt").code == 0
    assert call("export", "walk", "-o", tmp_path / "sounds.ts", "--what", "codec").code == 0
    words = ("-o", tmp_path / "again.ts", "--codec", tmp_path / "sounds.ts", "--json")
    answer = call("export", tmp_path / "land.pt", *words)
    assert answer.code == 0
    assert answer.document["methods"]["latents"] == [2, 1024, 9, 1024]
    answer = call("export", tmp_path / "land.pt", "-o", tmp_path / "not.ts", "--codec", "builtin:sounds")
    assert (answer.code, (tmp_path / "not.ts").exists()) == (1, False)
    assert "has no sounds here; export a patch with encoded sounds" in answer.err
    assert "--codec" in call("export", tmp_path / "land.pt", "-o", tmp_path / "again.ts").err


def test_a_land_alone_takes_its_glide_along_and_names_what_stays(call, tmp_path):
    assert call("new", "walk", "-o", tmp_path / "walk.ltp").code == 0
    patch = load_file(tmp_path / "walk.ltp")
    (cord,) = (one for one in patch.cords if one.target_port == "latents" and one.target_node == "decoder")
    before = f"{cord.source_node}.{cord.source_port}"
    patch = disconnect(patch, before, "decoder.latents")
    for name, time in (("glide", 30.0), ("slow", 70.0), ("slower", 70.0)):
        patch = connect(add_node(patch, "latent_smooth", name=name, values={"time": time}), before, f"{name}.latents")
        before = f"{name}.out"
    save(connect(patch, before, "decoder.latents"), tmp_path / "walk.ltp")
    answer = call("export", tmp_path / "walk.ltp", "-o", tmp_path / "land.ts", "--what", "terrain", "--json")
    assert answer.code == 0
    assert torch.jit.load(str(tmp_path / "land.ts")).get_glide() == [30.0]
    assert [note.split()[0] for note in answer.document["notes"]] == ["slow", "slower"]


def test_the_codec_can_go_alone(call, tmp_path):
    answer = call("export", "walk", "-o", tmp_path / "sounds.ts", "--what", "codec", "--json")
    assert answer.document["methods"]["encode"] == [1, 1, 9, 1024]
    answer = call("export", "walk", "-o", tmp_path / "bank.ts", "--what", "codec", "--codec", "builtin:bank", "--json")
    assert answer.document["methods"]["encode"] == [1, 1, 16, 1024]


def test_sounds_play_from_their_file_as_their_decoder_is_turned_and_by_its_chance(call, tmp_path):
    assert call("new", "walk", "-o", tmp_path / "walk.ltp").code == 0
    patch = set_value(set_value(load_file(tmp_path / "walk.ltp"), "decoder", "blend", "cross"), "decoder", "even", 0.5)
    save(patch, tmp_path / "walk.ltp")
    sounds = load_sounds(sounds_in(shared_in(patch)), tmp_path)
    latents = np.repeat(latents_of(sounds.loaded.corpus.sounds[4].placed)[[40]], 30, axis=0).T[np.newaxis]
    turned = np.concatenate([latents, np.tile(np.array([[2], [0.5]], np.float32), (1, 1, 30))], axis=1)
    expected = sounds.new_instance(1, seed_for(patch.seed, "decoder")).decode(turned)
    for kind in ("codec", "instrument"):
        assert call("export", tmp_path / "walk.ltp", "-o", tmp_path / "one.ts", "--what", kind).code == 0
        module = torch.jit.load(str(tmp_path / "one.ts"))
        assert (module.get_blend(), module.get_even()) == (["cross"], [0.5])
        with torch.inference_mode():
            np.testing.assert_allclose(module.decode(torch.from_numpy(latents)).numpy(), expected, atol=1e-5)


def test_trajectories_are_the_max_externals_dictionary(call, tmp_path):
    path = tmp_path / "walk.json"
    assert call("export", "walk", "-o", path).code == 0
    found = read_exchange(path.read_bytes())
    assert len(found.coordinates) == len(found.latents) > 1
    assert json.loads(path.read_text())["latents"]["1"]["8"]


def test_a_wavetable_is_a_sound_of_whole_cycles(call, tmp_path):
    path = tmp_path / "walk.wav"
    assert call("export", "walk", "-o", path).code == 0
    sound, rate = soundfile.read(path)
    assert (rate, len(sound)) == (44100, 64 * 2048)
    assert np.abs(sound).max() > 0.5


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["walk", "-o", "x.mp3"], "give it with --what"),
        (["walk", "-o", "x.ts", "--what", "soup"], "choose one of"),
        (["walk", "-o", "x.wav", "--what", "instrument"], "change the extension"),
        (["walk", "-o", "x.ts", "--node", "nobody"], "no such terrain"),
        (["walk", "-o", "nowhere/x.ts"], "can't be saved"),
    ],
)
def test_what_cannot_be_is_said(call, tmp_path, monkeypatch, words, told):
    monkeypatch.chdir(tmp_path)
    answer = call("export", *words)
    assert answer.code in (1, 2, 3)
    assert told in answer.err
    assert not list(tmp_path.iterdir())


def test_what_stands_between_land_and_voice_goes_along_or_is_said(call, tmp_path):
    patch = load_file(STARTERS["walk"].file)
    patch = disconnect(patch, "terrain.out", "decoder.latents")
    before = "terrain.out"
    for name, kind in (("more", "latent_scale"), ("slow", "latent_smooth"), ("slower", "latent_smooth")):
        patch = connect(add_node(patch, kind, name=name), before, f"{name}.latents")
        before = f"{name}.out"
    patch = connect(patch, before, "decoder.latents")
    voice = next(name for name, node in patch.nodes.items() if node.type == "decoder")
    patch = set_value(patch, voice, "tail", 0.5)
    save(patch, tmp_path / "chain.ltp")
    notes = call("export", tmp_path / "chain.ltp", "-o", tmp_path / "chain.ts", "--json").document["notes"]
    assert notes == [
        "slower (latent_smooth) follows the terrain and is not part of the instrument",
        f"{voice}: hidden noise (tail) is not part of the instrument; its hidden latents are 0",
    ]
    assert call("export", "walk", "-o", tmp_path / "walk.ts", "--json").document["notes"] == []


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_data_set_goes_to_flucoma_and_spreadsheets_and_comes_back(call, tmp_path, ending):
    answer = call("export", "walk", "-o", tmp_path / f"walk.{ending}", "--what", "dataset", "--json")
    assert answer.code == 0
    places, sounds = answer.document["files"]
    assert [places, sounds] == [str(tmp_path / f"walk-{kind}.{ending}") for kind in ("coordinates", "latents")]
    words = ["--coordinates", places, "--latents", sounds, "-o", tmp_path / "land.pt", "--steps", 2]
    learned = call("terrain", "fit", *words, "--width", 8, "--features", 16, "--json").document
    assert learned["pairs"] == answer.document["rows"]
    assert learned["report"] == [], "lines and sounds are as long as each other"


def test_a_table_is_told_by_its_ending(call, tmp_path):
    assert call("export", "walk", "-o", tmp_path / "walk.csv", "--json").document["what"] == "dataset"


@pytest.mark.parametrize("ending", ["ts", "pt", "npz", "json", "csv", "png", "wav"])
def test_what_cannot_be_written_is_exit_code_3(call, tmp_path, ending):
    path = tmp_path / f"walk.{ending}"
    path.write_bytes(b"older")
    with full_disk(2000):
        answer = call("export", "walk", "-o", path)
    assert answer.code == 3
    assert path.read_bytes() == b"older"
    assert answer.err.count(path.name) <= 1 + (ending == "png") * 2, "named once"
