"""Looking at patches: what is wrong with them, what they hold, what changed, where to begin."""

import shutil
import subprocess
import sys

import pytest

from latent_terrain.graphs import connect, load_file, save, set_value
from latent_terrain.graphs.starters import STARTERS

from .conftest import tone_patch


def test_a_good_patch_is_checked_in_silence(call, tone):
    answer = call("check", tone)
    assert (answer.code, answer.out) == (0, "")


def test_every_problem_is_a_line_with_file_node_port_and_a_sentence(call, tmp_path):
    path = tmp_path / "bad.ltp"
    patch = set_value(set_value(tone_patch(), "sine-1", "frequency", -4.0), "gain-1", "levle", 0)
    save(connect(patch, "sine-1.out", "out.adio"), path)
    answer = call("check", path)
    assert answer.code == 1
    lines = answer.out.splitlines()
    assert len(lines) >= 2
    assert any(line.startswith(f"{path}: sine-1.frequency: -4 Hz is out of range; give ") for line in lines)
    assert any(line.startswith(f"{path}: gain-1.levle: ") and "level" in line for line in lines)


def test_warnings_count_only_when_strict(call, unlearned):
    assert call("check", unlearned).code == 0
    strict = call("check", unlearned, "--strict", "--json")
    assert strict.code == 1
    assert not strict.document["is_good"]
    assert {problem["severity"] for problem in strict.document["problems"]} == {"warning"}


def test_a_shown_patch_names_every_node_and_cord(call, tone):
    answer = call("show", tone)
    assert answer.code == 0
    for word in ("sine-1", "gain-1", "out", "440"):
        assert word in answer.out
    assert "sine-1" in str(call("show", tone, "--json").document)


def test_equal_patches_differ_by_nothing_and_changed_ones_by_a_line(call, tone, tmp_path):
    other = tmp_path / "other.ltp"
    save(set_value(tone_patch(), "gain-1", "level", 3.0), other)
    same = call("diff", tone, tone)
    changed = call("diff", tone, other)
    assert (same.code, same.out) == (0, "")
    assert changed.code == 1
    assert "gain-1" in changed.out
    assert "3" in changed.out
    assert call("diff", tone, other, "--json").document["is_equal"] is False


@pytest.mark.parametrize("name", STARTERS)
def test_every_starter_can_be_begun_with(call, tmp_path, name):
    path = tmp_path / "mine.ltp"
    answer = call("new", name, "-o", path)
    assert (answer.code, answer.out.strip()) == (0, str(path))
    assert load_file(path).nodes.keys() == STARTERS[name].build().nodes.keys()


def test_a_new_patch_without_starter_is_empty(call, tmp_path):
    assert call("new", "-o", tmp_path / "mine.ltp").code == 0
    assert not load_file(tmp_path / "mine.ltp").nodes


def test_new_never_replaces_a_file_unasked(call, tone):
    before = tone.read_bytes()
    refused = call("new", "walk", "-o", tone)
    assert refused.code == 3
    assert "--force" in refused.err
    assert tone.read_bytes() == before
    assert call("new", "points", "-o", tone, "--force").code == 0
    assert tone.read_bytes() != before


def test_starters_are_listed(call):
    answer = call("new", "--list")
    assert [line.split()[0] for line in answer.out.splitlines()] == list(STARTERS)


def test_new_needs_a_known_starter_and_a_place(call, tmp_path):
    assert call("new", "wlak", "-o", tmp_path / "a.ltp").code == 2
    assert call("new", "walk").code == 2
    assert not (tmp_path / "a.ltp").exists()


def test_every_node_type_is_listed_and_described(call):
    names = [line.split()[0] for line in call("nodes").out.splitlines()]
    assert {"terrain", "decoder", "gui", "gain"} <= set(names)
    for name in names:
        answer = call("nodes", name)
        assert answer.code == 0
        assert answer.out.startswith(f"{name}: ")


def test_a_node_page_tells_ranges_units_and_choices(call):
    page = call("nodes", "gui").out
    assert "orbit frequency; used when mode is orbit" in page
    assert "from -50 to 50 Hz" in page
    assert "one of circle, ellipse" in page


def test_a_mistyped_node_type_gets_a_suggestion(call):
    answer = call("nodes", "terain")
    assert answer.code == 2
    assert "did you mean terrain?" in answer.err


def sides(tmp_path, ours, theirs):
    paths = [tmp_path / f"{name}.ltp" for name in ("base", "ours", "theirs")]
    for path, patch in zip(paths, (tone_patch(), ours, theirs), strict=True):
        save(patch, path)
    return paths


def test_edits_of_two_people_are_put_together(call, tmp_path):
    paths = sides(
        tmp_path, set_value(tone_patch(), "gain-1", "level", 3.0), set_value(tone_patch(), "sine-1", "frequency", 220.0)
    )
    out = tmp_path / "out.ltp"
    answer = call("merge", *paths, "-o", out)
    assert (answer.code, answer.out) == (0, "")
    nodes = load_file(out).nodes
    assert (nodes["gain-1"].values["level"], nodes["sine-1"].values["frequency"]) == (3.0, 220.0)


def test_what_both_changed_is_named_and_kept(call, tmp_path):
    paths = sides(*(tmp_path, *(set_value(tone_patch(), "gain-1", "level", one) for one in (3.0, 5.0))))
    answer = call("merge", *paths, "-o", paths[1], "--json")
    assert answer.code == 1
    assert answer.document["conflicts"] == [
        "gain-1.level: both sides changed it; ours is kept, theirs in gain-1-theirs"
    ]
    nodes = load_file(paths[1]).nodes
    assert [nodes[name].values["level"] for name in ("gain-1", "gain-1-theirs")] == [3.0, 5.0]
    assert call("check", paths[1]).code == 0


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize(("level", "code"), [(None, 0), (9.0, 1)])
def test_git_merges_patches_with_it(tmp_path, monkeypatch, level, code):
    def git(*words, check=True):
        return subprocess.run(["git", *words], cwd=tmp_path, check=check, capture_output=True, text=True)

    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(name, "somebody")
    git("init", "-q", "-b", "main")
    git("config", "merge.latent-terrain.driver", f"{sys.executable} -m latent_terrain.ui.cli merge %O %A %B -o %A")
    (tmp_path / ".gitattributes").write_text("*.ltp merge=latent-terrain\n")
    patch = tone_patch()

    def commit(patch):
        save(patch, tmp_path / "tone.ltp", keep_previous=False)
        git("add", "-A")
        git("commit", "-qm", "an edit")

    commit(patch)
    git("checkout", "-qb", "other")
    theirs = set_value(patch, "sine-1", "frequency", 220.0)
    commit(theirs if level is None else set_value(theirs, "gain-1", "level", level))
    git("checkout", "-q", "main")
    commit(set_value(patch, "gain-1", "level", 3.0))
    assert git("merge", "--no-edit", "other", check=False).returncode == code
    nodes = load_file(tmp_path / "tone.ltp").nodes
    assert (nodes["gain-1"].values["level"], nodes["sine-1"].values["frequency"]) == (3.0, 220.0)
    assert sorted(one.name for one in tmp_path.iterdir()) == [".git", ".gitattributes", "tone.ltp"]
