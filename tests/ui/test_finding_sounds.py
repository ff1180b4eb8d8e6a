"""Finding a sound on a map from the command line: its lines, its path kept to play, and sentences."""

import numpy as np
import pytest
import soundfile

from latent_terrain.graphs import Patch, add_node, connect, load_file, save
from latent_terrain.nodes.gui.drawing import read_drawing
from latent_terrain.nodes.gui.timed_paths import RecordedGesture


def _patch() -> Patch:
    patch = add_node(Patch(), "encode", name="sounds", values={"sounds": ["sounds"]})
    patch = add_node(patch, "gui", name="map", values={"layout": "rows"})
    patch = add_node(patch, "terrain", name="terrain", values={"width": 16, "features": 16, "steps": 4})
    patch = add_node(patch, "locate", name="ear")
    for one in ("terrain", "ear"):
        patch = connect(connect(patch, "sounds.latents", f"{one}.latents"), "map.coordinates", f"{one}.coordinates")
    return connect(connect(patch, "sounds.latents", "map.latents"), "ear.xy", "terrain.position")


@pytest.fixture
def trained(tmp_path, sounds, call):
    """Two sounds, encoded and laid out in rows; a terrain and an ear that learned them."""
    path = tmp_path / "taught.ltp"
    save(_patch(), path)
    assert call("terrain", "fit", path).code == 0
    return path


def test_a_sound_is_found_on_its_own_line(call, trained, tmp_path) -> None:
    answer = call("find", trained, tmp_path / "sounds" / "low.wav", "--json")
    assert answer.code == 0
    found = answer.document["stretches"]
    assert max(found, key=lambda one: one["end"] - one["begin"])["name"] == "low"
    assert all(0 <= row["confidence"] <= 1 for row in answer.document["path"])
    assert "low" in call("find", trained, tmp_path / "sounds" / "low.wav").out


def test_the_path_is_kept_as_something_to_play(call, trained, tmp_path) -> None:
    out = tmp_path / "with.ltp"
    before = read_drawing(load_file(trained).nodes["map"].content)
    answer = call("find", trained, tmp_path / "sounds" / "high.wav", "-o", out, "--json")
    assert answer.code == 0
    assert answer.document["kept"] == str(out)
    drawing = read_drawing(load_file(out).nodes["map"].content)
    assert len(drawing.play) == len(before.play) + 1
    path = drawing.play[max(drawing.play)]
    assert isinstance(path, RecordedGesture)
    rows = [row for row in answer.document["path"] if row["line"] is not None]
    np.testing.assert_allclose(path.moments[:, 1:], [[row["x"], row["y"]] for row in rows], atol=1e-4)
    assert drawing.lines.keys() == before.lines.keys()


def test_silence_is_told_and_has_no_path(call, trained, tmp_path) -> None:
    soundfile.write(tmp_path / "silence.wav", np.zeros(9000), 44_100)
    answer = call("find", trained, tmp_path / "silence.wav", "--json")
    assert answer.code == 0
    assert answer.document["stretches"] == []
    assert {row["confidence"] for row in answer.document["path"]} == {0.0}
    refused = call("find", trained, tmp_path / "silence.wav", "-o", tmp_path / "x.ltp")
    assert refused.code == 1
    assert "silent" in refused.err
    assert not (tmp_path / "x.ltp").exists()


def test_what_can_not_be_found_is_told_in_a_sentence(call, trained, tmp_path, sounds) -> None:
    missing = call("find", trained, tmp_path / "nothing.wav")
    assert missing.code == 3
    assert "nothing.wav" in missing.err
    save(_patch(), tmp_path / "fresh.ltp")
    fresh = call("find", tmp_path / "fresh.ltp", tmp_path / "sounds" / "low.wav")
    assert fresh.code == 1
    assert "draw at least one line" in fresh.err
    for file in (tmp_path / "sounds").iterdir():
        file.rename(tmp_path / file.name)
    gone = call("find", trained, tmp_path / "low.wav")
    assert gone.code == 1
    assert "known" in gone.err or "no sound file" in gone.err
