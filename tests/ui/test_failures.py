"""Whatever is typed, the answer is a sentence and the right exit code; with --json it is one document."""

import json
import struct
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from latent_terrain.nodes.audiofile import SoundError
from latent_terrain.ui import cli
from latent_terrain.ui.cli import main

READERS = [
    ["render", "PATCH", "-o", "OUT.wav", "--seconds", "1"],
    ["run", "PATCH", "--device", "none", "--seconds", "0.05"],
    ["check", "PATCH"],
    ["show", "PATCH"],
    ["diff", "PATCH", "PATCH"],
    ["terrain", "fit", "PATCH"],
    ["terrain", "info", "PATCH"],
    ["terrain", "plot", "PATCH", "-o", "OUT.png"],
]
WORKING = [
    *READERS,
    ["new", "--list"],
    ["new", "points", "-o", "OUT.ltp"],
    ["nodes"],
    ["nodes", "gain"],
    ["model", "builtin:bank"],
    ["model", "--list"],
    ["encode", "builtin:bank", "SOUND", "-o", "OUT.json"],
]
USELESS = [
    ["frobnicate"],
    ["render"],
    ["render", "PATCH", "--seconds", "x"],
    ["nodes", "a", "b"],
    ["terrain"],
    ["--nope"],
]


def filled(words, patch, tmp_path, sounds=None):
    swaps = {"PATCH": str(patch), "SOUND": str(sounds)}
    return [swaps.get(word, word.replace("OUT.", f"{tmp_path}/OUT.")) for word in words]


@pytest.mark.parametrize("words", WORKING, ids=" ".join)
def test_every_command_gives_one_json_document(call, words, land, sounds, tmp_path):
    answer = call(*filled(words, land, tmp_path, sounds), "--json")
    assert answer.code == 0
    assert isinstance(answer.document, dict)


@pytest.mark.parametrize("words", USELESS, ids=" ".join)
def test_what_makes_no_sense_is_exit_code_2_and_a_hint(call, words, tone, tmp_path):
    plain = call(*filled(words, tone, tmp_path))
    assert (plain.code, plain.out) == (2, "")
    assert "--help" in plain.err
    if words != ["--nope"]:
        assert call(*filled(words, tone, tmp_path), "--json").document["error"]


@pytest.fixture(params=["missing", "folder", "wave", "empty", "text", "cut", "name with\nline"])
def no_patch(request, tmp_path, tone):
    path = tmp_path / f"{request.param}.ltp"
    if request.param == "folder":
        path.mkdir()
    elif request.param == "wave":
        path.write_bytes(b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + bytes(24))
    elif request.param in ("empty", "text", "cut"):
        path.write_bytes({"empty": b"", "text": b"hello there", "cut": tone.read_bytes()[:-9]}[request.param])
    return path


@pytest.mark.parametrize("words", READERS, ids=lambda words: " ".join(words[:2]))
def test_what_is_no_patch_is_exit_code_3_and_names_the_file(call, words, no_patch, tmp_path):
    answer = call(*filled(words, no_patch, tmp_path))
    assert (answer.code, answer.out) == (3, "")
    assert no_patch.stem.split("\n")[0] in answer.err
    assert call(*filled(words, no_patch, tmp_path), "--json").document["error"]
    assert not list(tmp_path.glob("OUT*"))


@pytest.mark.parametrize(
    "words",
    [
        ["render", "PATCH", "--seconds", "0.1", "-o"],
        ["terrain", "plot", "PATCH", "--size", "8", "4", "-o"],
        ["terrain", "fit", "PATCH", "-o"],
        ["new", "points", "-o"],
        ["encode", "builtin:bank", "SOUND", "-o"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
@pytest.mark.parametrize("place", ["no-such-folder/x.wav", "a-folder.wav", "a-file/x.wav"])
def test_a_place_that_cannot_be_written_is_exit_code_3(call, words, place, land, sounds, tmp_path):
    (tmp_path / "a-folder.wav").mkdir()
    (tmp_path / "a-file").write_text("")
    suffix = {"render": ".wav", "plot": ".png", "fit": ".ltp", "points": ".ltp"}.get(
        words[1] if words[0] in ("terrain", "new") else words[0], ".json"
    )
    target = tmp_path / place.replace(".wav", suffix)
    if place.startswith("a-folder") and not target.exists():
        target.mkdir()
    before = land.read_bytes()
    answer = call(*filled(words, land, tmp_path, sounds), target)
    assert answer.code == 3
    assert len(answer.err.splitlines()[-1]) > 20
    assert land.read_bytes() == before


def test_an_error_nobody_expected_is_one_sentence_with_a_way_to_see_more(call, tone, monkeypatch, capsys):
    def broken(name):
        raise ZeroDivisionError("inner trouble")

    monkeypatch.setattr("latent_terrain.ui.cli.document.open_patch", broken)
    answer = call("show", tone)
    assert answer.code == 1
    assert "inner trouble" in answer.err
    assert f"{cli.DEBUG}=1" in answer.err
    monkeypatch.setenv(cli.DEBUG, "1")
    assert main(["show", str(tone)]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (None, 0),
        (SoundError("x.wav is cut short"), 3),
        (PermissionError(13, "Permission denied"), 3),
        (ValueError("too few sounds"), 1),
    ],
)
def test_the_demo_is_called_as_asked_and_its_troubles_are_told(call, monkeypatch, tmp_path, trouble, code):
    asked = []

    def demo(sounds, out, seconds, seed, changed, say, as_json):
        asked.append((sounds, out, seconds, seed, as_json))
        if trouble:
            raise trouble
        print("{}")
        return 0

    monkeypatch.setattr("latent_terrain.ui.cli.demo.demo", demo)
    answer = call("demo", "--sounds", tmp_path, "--out", tmp_path / "out", "--seconds", 3, "--seed", 4, "--json")
    assert asked == [(tmp_path, tmp_path / "out", 3.0, 4, True)]
    assert answer.code == code
    assert bool(answer.document) == bool(trouble)


def test_the_demo_wants_sounds_that_are_there(call, tmp_path):
    assert call("demo", "--sounds", tmp_path / "nowhere", "--out", tmp_path).code == 3


def test_ctrl_c_where_there_is_nothing_to_finish_is_exit_code_130(call, tone, monkeypatch):
    def stopped(name):
        raise KeyboardInterrupt

    monkeypatch.setattr("latent_terrain.ui.cli.document.open_patch", stopped)
    assert call("show", tone).code == 130
    assert call("show", tone, "--json").document == {"error": "stopped", "problems": []}


def test_letters_a_terminal_does_not_know_break_nothing(tone, tmp_path, monkeypatch):
    import io

    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stderr", narrow)
    assert main(["show", str(tmp_path / "größe-♫.ltp")]) == 3
    assert b"gr" in narrow.buffer.getvalue()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.sampled_from(["check", "show", "nodes", "terrain", "model", "new", "diff"]),
    st.lists(st.text(alphabet=st.characters(exclude_characters="\x00"), max_size=8), max_size=3),
)
def test_any_words_give_an_exit_code_and_a_document(capsys, command, words):
    code = main([command, *words, "--json"])
    out = capsys.readouterr().out
    assert code in (0, 1, 2, 3)
    if "--help" not in words and "-h" not in words:
        json.loads(out)
