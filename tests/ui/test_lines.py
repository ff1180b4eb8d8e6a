"""Lines and paths of a map as files: written and read to the last digit, and what is wrong with them in sentences."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine import load_palette
from latent_terrain.graphs import Patch, load_file, save, set_content, set_value
from latent_terrain.nodes.gui.drawing import line_of, read_drawing
from latent_terrain.nodes.gui.line_files import FiledLine, named, read_csv, read_json, write_csv, write_json
from latent_terrain.nodes.gui.lines import Polyline
from latent_terrain.nodes.gui.timed_paths import RecordedGesture
from latent_terrain.nodes.gui.units import MapError
from latent_terrain.ui.map.sheet import with_drawing
from latent_terrain.ui.map.sounds import sounds_of

from .conftest import land_patch

PALETTE = load_palette()
NUMBERS = st.floats(-1e9, 1e9).map(lambda number: number + 0.0)
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=6)


def content_of(path: Path) -> dict[str, np.ndarray]:
    return dict(load_file(path).nodes["map"].content)


@pytest.fixture
def piece(tmp_path: Path) -> Path:
    """A map for two named takes, with a gesture, a curve and a weight."""
    patch = land_patch({})
    takes = {
        f"takes/{name}": array
        for name, array in zip(("wind", "bell"), patch.nodes["timbres"].content.values(), strict=True)
    }
    patch = set_content(patch, "timbres", takes)
    content = {
        **patch.nodes["map"].content,
        "gestures/0000": np.array([[0, 1, 2], [1 / 3, 3, 4], [2.5, 0, 0]], np.float32),
        "play-curves/0001": np.arange(8, dtype=np.float32).reshape(4, 2),
        "weights/0001": np.array([2.5], np.float32),
    }
    save(set_content(patch, "map", content), tmp_path / "piece.ltp")
    return tmp_path / "piece.ltp"


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_a_file_that_is_read_again_changes_nothing_and_is_written_the_same(call, piece, tmp_path, ending):
    before = content_of(piece)
    assert call("lines", piece, "--export", tmp_path / f"a.{ending}").code == 0
    answer = call("lines", piece, "--import", tmp_path / f"a.{ending}", "--json")
    assert answer.document | {"patch": ""} == {
        "patch": "",
        "map": "map",
        "file": str(tmp_path / f"a.{ending}"),
        "lines": 2,
        "paths": 2,
    }
    after = content_of(piece)
    for name, array in before.items():
        np.testing.assert_array_equal(after[name], array)
        assert after[name].dtype == array.dtype
    call("lines", piece, "--export", tmp_path / f"b.{ending}")
    assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


@given(st.dictionaries(st.text(min_size=1), st.tuples(POINTS, st.booleans()), max_size=4), st.lists(POINTS, max_size=3))
def test_every_line_survives_a_file_to_the_bit(lines: dict[str, tuple[list, bool]], paths: list[list]) -> None:
    filed = [
        FiledLine(np.array(points), name, is_curve=curve, weight=1.5 if curve else 1.0)
        for name, (points, curve) in lines.items()
        if name.isprintable() and name.strip() == name and name
    ]
    for number, points in enumerate(paths, 1):
        times = np.sort(np.abs(np.array(points)[:, 0]))
        filed.append(FiledLine(np.array(points), path=number, times=times, in_frames=number % 2 == 0))
    for read, write in ((read_json, write_json), (read_csv, write_csv)):
        found = read(write(filed))
        assert len(found) == len(filed)
        for one, other in zip(found, filed, strict=True):
            np.testing.assert_array_equal(one.points, other.points)
            assert (one.sound, one.path, one.is_curve, one.weight) == (
                other.sound,
                other.path,
                other.is_curve,
                other.weight,
            )
            assert (one.times is None) == (other.times is None)
            if one.times is not None and other.times is not None:
                np.testing.assert_array_equal(one.times, other.times)
                assert one.in_frames == other.in_frames


def test_breakpoints_are_kept_exactly_also_when_the_map_is_drawn_on_later(call, piece, tmp_path):
    times = [0.0, 0.1, 1 / 3, 1234.567890123]
    path = {"path": 1, "times": times, "points": [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.8]]}
    line = {"sound": "bell", "points": [[0.1, 1 / 7], [2, 3], [4, 5]], "closed": True}
    (tmp_path / "in.json").write_text(json.dumps({"lines": [line], "paths": [path]}))
    assert call("lines", piece, "--import", tmp_path / "in.json").code == 0
    patch = load_file(piece)
    drawing = read_drawing(patch.nodes["map"].content)
    gesture = drawing.play[0]
    assert isinstance(gesture, RecordedGesture)
    assert gesture.moments[:, 0].tolist() == times
    bell = next(n for n, one in enumerate(sounds_of(patch, PALETTE, "map")) if one.name == "bell")
    assert line_of(drawing.lines[bell]).anchors.tolist() == [[0.1, 1 / 7], [2, 3], [4, 5], [0.1, 1 / 7]]
    assert len(drawing.lines) == 2, "the others stay"
    assert 1 in drawing.play
    drawn = with_drawing(patch, PALETTE, "map", drawing.with_line(1 - bell, Polyline(np.zeros((2, 2)))))
    again = read_drawing(drawn.nodes["map"].content)
    np.testing.assert_array_equal(line_of(again.lines[bell]).anchors, line_of(drawing.lines[bell]).anchors)
    assert again.play[0] == gesture


def test_only_what_the_file_has_is_left_when_asked(call, piece, tmp_path):
    (tmp_path / "in.csv").write_text("sound,x,y\nwind,1,2\nwind,3,4\n")
    assert call("lines", piece, "--import", tmp_path / "in.csv", "--only").code == 0
    drawing = read_drawing(content_of(piece))
    assert len(drawing.lines) == 1
    assert not drawing.play
    assert not drawing.weights


def test_sounds_that_are_not_there_are_named_all_at_once_and_nothing_is_changed(call, piece, tmp_path):
    before = piece.read_bytes()
    (tmp_path / "in.csv").write_text("sound,x,y\nrain,1,2\nwind,3,4\nsnow,1,1\n")
    answer = call("lines", piece, "--import", tmp_path / "in.csv")
    assert answer.code == 3
    assert "rain, snow: no such sound on map; it has " in answer.err
    assert piece.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sound,x,y\na,1,2\na,1,zwei\n", "row 3, y: 'zwei' is not a number"),
        ("sound,x,y,colour\na,1,2,red\n", "row 1: the column 'colour' is unknown"),
        ("sound,x,y\na,1,nan\n", "row 2, y: 'nan'"),
        ("sound,x,y\na,1\n", "row 2: it has 2 columns"),
        ("sound,x,y\na,1,\n", "row 2: it has no y"),
        ("sound,path,x,y\na,1,1,1\n", "row 2: name a sound"),
        ("sound,path,x,y\n,one,1,1\n", "row 2: 'one' is no number of a path"),
        ("sound,x,y\na,1,1\nb,1,1\na,2,2\n", "row 4: a began further up"),
        ("sound,time,x,y\na,0,1,1\n", "a training line has no times"),
        ("path,time,x,y\n1,2,1,1\n1,1,1,1\n", "path 1: its times go backwards"),
        ("path,time,x,y\n1,0,1,1\n1,,1,1\n", "row 3: it has other columns"),
        ("", "it is empty"),
    ],
)
def test_what_is_wrong_in_a_table_is_told_with_its_row(call, piece, tmp_path, text, words):
    import re

    (tmp_path / "in.csv").write_text(text)
    answer = call("lines", piece, "--import", tmp_path / "in.csv")
    assert answer.code == 3
    assert re.search(words, answer.err), answer.err


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"lines": [{"points": [[1, 2]]}]}, "lines 1: name its sound"),
        ({"lines": [{"sound": "a", "points": [[1, 2], [3]]}]}, "different numbers of axes"),
        ({"lines": [{"sound": "a", "points": [[1, "x"]]}]}, "lines 1, point 1: 'x' is not a number"),
        ({"lines": [{"sound": "a", "points": [[1, 2]], "colour": 1}]}, "lines 1: it has 'colour'"),
        ({"lines": [{"sound": "a", "points": [[1, 2]], "times": [0]}]}, "lines 1: a training line has no times"),
        ({"lines": {}}, "lines: it is not a list"),
        ({"strokes": []}, "it has an entry 'strokes'"),
        ({"paths": [{"path": 1, "points": [[1, 2]], "times": []}]}, "one for each of its 1 points"),
        ({"paths": [{"path": 0, "points": [[1, 2]]}]}, "no number of a path"),
        ({"paths": [{"path": 1, "points": [[1, 2]]}] * 2}, "path 1 is there twice"),
        ({"lines": [{"sound": "a", "points": [[1] * 7]}]}, "it has 7 axes"),
    ],
)
def test_what_is_wrong_in_a_document_is_told_with_its_entry(entry: dict, words: str) -> None:
    with pytest.raises(MapError, match=words):
        read_json(json.dumps(entry))


def test_a_line_is_drawn_for_a_sound_before_it_is_encoded_and_is_its_own_afterwards(call, sounds, tmp_path):
    from latent_terrain.engine.offline import offline_setup
    from latent_terrain.engine.training.jobs import run_jobs
    from latent_terrain.graphs import add_node, connect

    patch = add_node(add_node(Patch(), "encode", "sounds", values={"codec": "builtin:bank"}), "gui", "map")
    patch = set_value(connect(patch, "sounds.latents", "map.latents"), "sounds", "sounds", ["sounds"])
    save(patch, tmp_path / "new.ltp")
    (tmp_path / "in.csv").write_text("sound,x,y\nlow,1,2\nlow,3,4\n")
    assert call("lines", tmp_path / "new.ltp", "--import", tmp_path / "in.csv").code == 0
    made = run_jobs(load_file(tmp_path / "new.ltp"), PALETTE, offline_setup(patch, tmp_path)).patch
    names = [one.name for one in sounds_of(made, PALETTE, "map")]
    assert names == ["high", "low"]
    assert read_drawing(made.nodes["map"].content).lines.keys() == {1}


def test_lines_of_a_starter_need_a_place_and_maps_are_chosen(call, piece, tmp_path, tone):
    call("lines", "walk", "--export", tmp_path / "walk.json")
    assert "-o FILE" in call("lines", "walk", "--import", tmp_path / "walk.json").err
    assert call("lines", "walk", "--import", tmp_path / "walk.json", "-o", tmp_path / "walk.ltp").code == 0
    for words in ((), ("--export", "x.txt"), ("--export", "x.csv", "--only"), ("--export", "x.csv", "--node", "y")):
        assert call("lines", piece, *words).code == 2
    assert call("lines", tone, "--export", "x.csv").code == 1
    assert call("lines", piece, "--import", tmp_path / "gone.csv").code == 3


def test_names_are_told_apart() -> None:
    assert named(["a", "b", "a", "a"]) == ["a", "b", "a (2)", "a (3)"]
