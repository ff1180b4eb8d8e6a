"""Model files run only once their user has allowed them: asked once, by content, never by a patch."""

import shlex

import pytest
import soundfile

from latent_terrain.graphs import Patch, add_node, connect, save

pytest.importorskip("torch", reason="model files need torch")

from ..nodes.codec import models, odd_models


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return models.save(models.Streaming(), tmp_path / "new.ts", allowed=False)


@pytest.fixture
def patch(model):
    drawn = add_node(add_node(Patch(), "slider", name="value", values={"value": 0.5}), "audio_out", name="out")
    drawn = add_node(drawn, "decoder", name="voice", values={"codec": "new.ts"})
    drawn = connect(connect(drawn, "value.out", "voice.latents"), "voice.out", "out.audio")
    save(drawn, model.parent / "song.ltp")
    return model.parent / "song.ltp"


def shown(call, path, make, *words):
    models.save(make(), path, allowed=False)
    return call("model", path.name, *words)


def test_what_cannot_be_used_says_so_first_and_fails(call, model, tmp_path):
    answer = shown(call, tmp_path / "lying.ts", models.Lying)
    assert answer.code == 3
    assert answer.err.splitlines()[1].startswith("lying.ts cannot be used: its method decode fails (")
    refused = call("model", "lying.ts", "--trust", "--json")
    assert refused.code == 3
    assert refused.document["is_usable"] is False
    assert call("render", "lying.ts", "-o", "x.wav").code != 0
    answer = shown(call, tmp_path / "far.ts", odd_models.FarApart)
    assert answer.code == 3
    assert "131072" in answer.err.splitlines()[1]


def test_what_is_no_codec_says_where_it_plays(call, model, tmp_path):
    answer = shown(call, tmp_path / "numbers.ts", models.Discrete)
    assert answer.code == 0
    assert answer.err.splitlines()[1].startswith(
        "numbers.ts works in a model node (encode, decode) but is not a codec: has discrete latents"
    )
    assert shown(call, tmp_path / "numbers.ts", models.Discrete, "--json").document["is_codec"] is False


def test_a_model_that_prints_is_tried_allowed_and_played(call, model, patch, tmp_path):
    models.save(odd_models.Talkative(), model, allowed=False)
    about = call("model", "new.ts", "--trust", "--json")
    assert about.code == 0
    assert 0 < len(about.document["printed"]) <= 4096
    assert "decoding" in about.document["printed"]
    answer = call("render", patch, "-o", "song.wav", "--seconds", 0.2, "--json")
    assert answer.code == 0
    assert answer.document["file"] == "song.wav"
    assert abs(soundfile.read("song.wav")[0]).max() > 0


def test_the_way_to_allow_a_model_works_from_where_one_stands(call, patch, tmp_path, monkeypatch):
    (tmp_path / "else where").mkdir()
    monkeypatch.chdir(tmp_path / "else where")
    answer = call("render", patch, "-o", "song.wav", "--seconds", 0.2)
    asked = answer.err.partition("trust it with: latent-terrain ")[2].splitlines()[0]
    assert call(*shlex.split(asked)).code == 0
    assert call("render", patch, "-o", "song.wav", "--seconds", 0.2).code == 0


def test_a_patch_cannot_make_a_model_run(call, patch):
    answer = call("render", patch, "-o", "song.wav", "--seconds", 0.2)
    assert answer.code == 1
    assert "latent-terrain model new.ts --trust" in answer.err


def test_trust_for_a_render_is_remembered(call, patch):
    answer = call("render", patch, "-o", "song.wav", "--seconds", 0.2, "--trust")
    assert answer.code == 0
    assert "trusted from now on" in answer.err
    assert len(soundfile.read("song.wav")[0]) > 0
    assert call("render", patch, "-o", "again.wav", "--seconds", 0.2).code == 0


def test_looking_at_a_model_allows_nothing_and_says_so(call, model):
    about = call("model", "new.ts", "--json").document
    assert about["is_codec"]
    assert about["is_allowed"] is False
    assert "memory without limit" in about["tried_without"]
    assert call("encode", "new.ts", ".", "-o", "x.json").code == 3
    assert call("model", "new.ts", "--trust", "--json").document["is_allowed"]
    assert call("model", "new.ts", "--json").document["is_allowed"]
    assert call("model", "new.ts", "--distrust", "--json").document["is_allowed"] is False
    assert call("model", "new.ts", "--trust", "--distrust").code == 2


def test_what_the_scan_refuses_cannot_be_allowed(call, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    models.save(models.Saving(), tmp_path / "bad.ts", allowed=False)
    answer = call("model", tmp_path / "bad.ts", "--trust")
    assert answer.code == 3
    assert "writes files" in answer.err
    assert not (tmp_path / "data").exists()
