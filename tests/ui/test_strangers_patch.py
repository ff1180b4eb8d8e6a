"""A patch that somebody else made: what it names is not written, not waited for, and steers no terminal."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.graphs import Patch, add_asset, add_node, connect, load_file, save, set_title, set_value, set_view
from latent_terrain.graphs.patch import Asset
from latent_terrain.nodes.audiofile import write_sound
from latent_terrain.nodes.audiofile.permission import may_write
from latent_terrain.ui.cli import main
from latent_terrain.ui.cli.output import make_streams_safe

WICKED = "x\x1b]0;owned\x07\x1b[2J\nok: all is well\r\u202egnp.exe\u2028\x9b31m\x00"
"""A title, a screen wiped, a forged line, a text turned round, a line end of Unicode, colours, and nothing."""
STEERING = ("\x1b", "\x07", "\r", "\u202e", "\u2028", "\x9b", "\x00")


def recording(tone: Path, file: object) -> Path:
    patch = add_node(load_file(tone), "file_recorder", name="tape", values={"file": str(file)})
    save(connect(patch, "sine-1.out", "tape.audio"), tone)
    return tone


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def master(tmp_path: Path) -> Path:
    """The file of somebody's work, outside of the patch's folder."""
    path = tmp_path / "music" / "master.wav"
    path.parent.mkdir()
    path.write_bytes(b"a year of work")
    return path


@pytest.fixture
def inner(tone: Path, tmp_path: Path) -> Path:
    """A patch in a folder of its own."""
    path = tmp_path / "patch" / "tone.ltp"
    path.parent.mkdir()
    save(load_file(tone), path)
    return path


COMMANDS = [("render", "-o", "out.wav", "--seconds", "0.2"), ("run", "--device", "none", "--seconds", "0.2")]


@pytest.mark.parametrize("words", COMMANDS, ids=["render", "run"])
@pytest.mark.parametrize("way", ["absolute", "up", "link"])
def test_a_patch_records_nowhere_else_until_it_is_allowed(call, inner, master, tmp_path, monkeypatch, words, way):
    monkeypatch.chdir(tmp_path)
    (inner.parent / "link").symlink_to(master.parent)
    named = {"absolute": str(master), "up": "../music/master.wav", "link": "link/master.wav"}[way]
    command, *rest = words
    refused = call(command, recording(inner, named), *rest)
    assert refused.code == 1
    assert "--allow-write" in refused.err
    assert [one.name for one in master.parent.iterdir()] == ["master.wav"]
    allowed = call(command, inner, *rest, "--allow-write", master)
    assert allowed.code == 0, allowed.err
    assert master.read_bytes() == b"a year of work", "existing files are not overwritten"
    again = call(command, inner, *rest)
    assert again.code == 0, "the answer is remembered"
    assert sorted(one.name for one in master.parent.iterdir()) == ["master-2.wav", "master-3.wav", "master.wav"]


@pytest.mark.parametrize("words", COMMANDS, ids=["render", "run"])
def test_beside_the_patch_it_records_and_writes_over_nothing(call, inner, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    command, *rest = words
    (inner.parent / "take.wav").write_bytes(b"the best take")
    assert call(command, recording(inner, "take.wav"), *rest).code == 0
    assert (inner.parent / "take.wav").read_bytes() == b"the best take"
    assert (inner.parent / "take-2.wav").stat().st_size > 1000


def test_what_is_typed_by_hand_is_allowed(call, inner, master, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ("-o", "out.wav", "--seconds", "0.2", "--set", "tape.file=music/mine.wav")
    assert call("render", recording(inner, "take.wav"), *words).code == 0
    assert (master.parent / "mine.wav").exists()
    assert not may_write(master.parent / "other.wav", inner.parent)


def test_check_tells_what_a_patch_reads_and_writes(call, inner, master):
    patch = add_node(load_file(recording(inner, master)), "sound_player", name="player", values={"file": "rain.wav"})
    write_sound(inner.parent / "rain.wav", np.zeros((1, 100), np.float32), 44_100)
    save(patch, inner)
    found = call("check", inner, "--json")
    assert found.code == 1
    document = found.document
    assert document["reads"] == [{"file": "rain.wav", "by": "player.file"}]
    assert document["writes"] == document["asks_to_write"] == [{"file": str(master), "by": "tape.file"}]
    assert "wants to write" in call("check", inner).err
    save(set_value(load_file(inner), "tape", "file", "take.wav"), inner)
    assert call("check", inner, "--json").document["asks_to_write"] == []


def hostile(folder: Path) -> Path:
    """A patch that has wicked text wherever text may be."""
    patch = add_node(Patch(), "sine", name="sine-1", values={"frequency": 440.0, WICKED: WICKED})
    patch = set_title(add_node(patch, "audio_out", name="out"), "out", WICKED)
    patch = connect(patch, "sine-1.out", "out.audio")
    patch = add_node(patch, "encode", name="ear", values={"sounds": [f"{WICKED.strip(chr(0))}.wav"], "codec": WICKED})
    patch = add_node(patch, "decoder", name="voice", values={"codec": WICKED[:-1]})
    patch = add_node(patch, "file_recorder", name="tape", values={"file": f"/gone/{WICKED[:-1]}.wav"})
    patch = add_node(patch, "sound_player", name="player", values={"file": f"{WICKED[:-1]}.wav"})
    patch = add_node(patch, "terrain", name="land", content={f"learn/{WICKED}": np.zeros(3, np.float32)})
    patch = add_node(patch, "oddity", name="odd")
    patch = connect(patch, "sine-1.out\x1b]0;x\x07", "odd.in\u202e")
    patch = add_asset(patch, WICKED, Asset("sounds/" + WICKED[2:].replace("/", ""), "0" * 64, 3, licence=WICKED))
    patch = set_view(patch, WICKED, {WICKED: [WICKED]})
    patch = set_view(patch, "models", {WICKED: WICKED})
    return save(patch, folder / "hostile.ltp")


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
@pytest.mark.parametrize(
    "words",
    [
        ("check", "{patch}"),
        ("check", "{patch}", "--strict"),
        ("show", "{patch}"),
        ("diff", "{patch}", "{plain}"),
        ("diff", "{plain}", "{patch}"),
        ("merge", "{plain}", "{patch}", "{plain}", "-o", "{folder}/merged.ltp"),
        ("merge", "{plain}", "{patch}", "{other}", "-o", "{folder}/merged.ltp"),
        ("render", "{patch}", "-o", "{folder}/out.wav", "--seconds", "0.1"),
        ("render", "{patch}", "-o", "{folder}/out.wav", "--seconds", "0.1", "--train"),
        ("run", "{patch}", "--device", "none", "--seconds", "0.1"),
        ("run", "{patch}", "--device", "none", "--seconds", "0.1", "--train", "--keep", "{folder}/kept.ltp"),
        ("terrain", "fit", "{patch}", "-o", "{folder}/fitted.ltp"),
        ("terrain", "info", "{patch}"),
        ("terrain", "plot", "{patch}", "-o", "{folder}/plot.png"),
        ("terrain", "listen", "{patch}", "-o", "{folder}/heard", "--compare"),
        ("find", "{patch}", "{wicked}"),
        ("export", "{patch}", "land", "-o", "{folder}/land.ts"),
        ("model", "{wicked}"),
        ("encode", "{wicked}", "{wicked}", "-o", "{folder}/set.json"),
        ("check", "{wicked}"),
        ("new", "{wicked}"),
        ("models", "mark", "{wicked}"),
        ("model", "{wicked}", "--distrust"),
        ("nodes", "{wicked}"),
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_no_text_of_a_file_steers_the_terminal(call, tone, tmp_path, monkeypatch, words, as_json):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "stranger"
    folder.mkdir()
    other = save(set_title(load_file(hostile(folder)), "out", "mine"), folder / "other.ltp")
    places = {"patch": hostile(folder), "plain": tone, "folder": folder, "wicked": WICKED[:-1], "other": other}
    answer = call(*(word.format(**places) for word in words), *(["--json"] if as_json else []))
    said = answer.out + answer.err
    assert not [letter for letter in STEERING if letter in said]
    assert not [line for line in said.splitlines() if line.startswith("ok: all is well")], said
    assert "internal error" not in said, said


def test_a_traceback_that_was_asked_for_is_printable_too(capsys, monkeypatch):
    def fails() -> None:
        raise RuntimeError(WICKED)

    monkeypatch.setenv("LATENT_TERRAIN_DEBUG", "1")
    monkeypatch.setattr("latent_terrain.ui.cli.document.load_types", fails)
    assert main(["check", "walk"]) == 1
    out, err = capsys.readouterr()
    assert "Traceback" in err
    assert not [letter for letter in STEERING if letter in out + err]


def test_warnings_of_libraries_are_printable_too(capsys):
    make_streams_safe()
    assert logging.lastResort is not None
    record = logging.LogRecord("some.library", logging.WARNING, "", 0, WICKED, None, None)
    assert not [letter for letter in STEERING if letter in logging.lastResort.format(record)]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.slow
@pytest.mark.parametrize("name", ["/dev/zero", "pipe", "/dev/stdin", "/proc/self/mem", ".", "/"])
def test_devices_pipes_and_folders_hold_nothing_up(tone, tmp_path, name):
    os.mkfifo(tmp_path / "pipe")
    patch = load_file(tone)
    for node in ("sound_player.file", "encode.sounds", "encode.codec", "decoder.codec", "model.file"):
        kind, setting = node.split(".")
        value: object = [name] if setting == "sounds" else name
        patch = add_node(patch, kind, name=node.replace(".", "-"), values={setting: value})
    save(patch, tmp_path / "hostile.ltp")
    for words in (["check"], ["render", "-o", str(tmp_path / "out.wav"), "--seconds", "0.1"]):
        command, *rest = words
        done = subprocess.run(
            [sys.executable, "-c", LIMITED, command, str(tmp_path / "hostile.ltp"), *rest],
            capture_output=True,
            timeout=300,
            check=False,
            text=True,
        )
        assert "internal error" not in done.stderr, done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        for node in ("sound_player-file", "encode-codec", "decoder-codec", "model-file"):
            assert node in done.stdout + done.stderr, "each is told of"


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
from latent_terrain.ui.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_json_is_ascii(call, tmp_path):
    text = call("show", hostile(tmp_path), "--json").out
    assert text.isascii()
    assert json.loads(text)["nodes"]["out"]["title"] == WICKED
