"""Values set on the command line: understood as their param wants them, or refused with a sentence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine import load_palette
from latent_terrain.graphs import add_node
from latent_terrain.ui.cli.output import USAGE, Failure
from latent_terrain.ui.cli.patches import OpenedPatch, with_changes

from .conftest import tone_patch

PALETTE = load_palette()
PATCH = add_node(add_node(add_node(tone_patch(), "gui", name="map"), "encode", name="sounds"), "alien", name="alien")


def changed(assignment: str, folder: Path = Path()) -> object:
    node, _, key = assignment.partition("=")[0].strip().rpartition(".")
    return with_changes(OpenedPatch(PATCH, "patch", folder), PALETTE, [assignment]).patch.nodes[node].values[key]


def exit_code(assignments: list[str]) -> int:
    try:
        with_changes(OpenedPatch(PATCH, "patch", Path()), PALETTE, assignments)
    except Failure as failure:
        return failure.code
    return 0


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ("gain-1.level=-6", -6),
        ("gain-1.level = 1.5e0", 1.5),
        ("map.playing=off", False),
        ("map.playing=true", True),
        ("map.mode=ping-pong", "ping-pong"),
        ("map.line=3", 3),
        ("map.box=-8,-8,8,8", [-8, -8, 8, 8]),
        ("map.box=[-8, -8, 8, 8]", [-8, -8, 8, 8]),
        ("sounds.codec=builtin:bank", "builtin:bank"),
        ("alien.anything=7", 7),
        ("alien.anything=hello", "hello"),
    ],
)
def test_values_become_what_their_param_wants(assignment, value):
    assert changed(assignment) == value


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("gain-1.level", "NODE.PARAM=VALUE"),
        ("level=3", "NODE.PARAM=VALUE"),
        ("=", "NODE.PARAM=VALUE"),
        ("gain-2.level=3", "did you mean 'gain-1'?"),
        ("gain-1.levl=3", "did you mean 'level'?"),
        ("gain-1.level=loud", "is not a number"),
        ("gain-1.level=nan", "is not a number"),
        ("gain-1.level=1e999", "is not a number"),
        ("gain-1.level=" + "9" * 5000, "is not a number"),
        ("gain-1.level=99", "out of range"),
        ("map.mode=sideways", "choose one of"),
        ("map.playing=7", "use true or false"),
        ("map.line=1.5", "not a whole number"),
        ("map.box=a,b", "not a list of numbers"),
    ],
)
def test_what_cannot_be_set_is_refused_with_a_sentence(assignment, words):
    with pytest.raises(Failure, match=r".") as caught:
        changed(assignment)
    assert caught.value.code == USAGE
    assert words in str(caught.value)


def test_paths_are_meant_from_here_unless_only_the_patch_has_them(tmp_path, monkeypatch):
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    (there / "model.ts").touch()
    monkeypatch.chdir(here)
    assert changed("sounds.codec=model.ts", there) == "model.ts"
    (here / "model.ts").touch()
    assert changed("sounds.codec=model.ts", there) == str(here / "model.ts")
    assert changed("sounds.sounds=a.wav,bundled:", there) == [str(here / "a.wav"), "bundled:"]


def test_names_of_files_are_names_whatever_they_look_like(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "kick, dry.wav").touch()
    here = str(tmp_path)
    assert changed("sounds.sounds=kick, dry.wav") == [f"{here}/kick, dry.wav"]
    assert changed("sounds.sounds=808") == [f"{here}/808"]
    assert changed("sounds.sounds=kick.wav#t=0.2,0.9") == [f"{here}/kick.wav#t=0.2,0.9"]
    assert changed("sounds.sounds=~/kick, dry.wav#t=,1, b.wav") == [f"{here}/kick, dry.wav#t=,1", f"{here}/b.wav"]


@given(st.text(max_size=40), st.sampled_from(["gain-1.level", "map.box", "map.mode", "sounds.sounds", "alien.x", ""]))
def test_any_text_is_set_or_refused_never_a_crash(text, where):
    assert exit_code([f"{where}={text}"]) in (0, USAGE)
