"""Finding a sound file on the map from the editor: its path is one more to play, or there is a sentence."""

import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from latent_terrain.engine import load_palette
from latent_terrain.engine.offline import offline_setup
from latent_terrain.engine.training.jobs import run_jobs
from latent_terrain.graphs import Patch, add_node, connect
from latent_terrain.nodes.gui.drawing import read_drawing
from latent_terrain.nodes.location.alignment import FoundPart
from latent_terrain.ui.map.sound_search import FoundSound, SoundSearch
from latent_terrain.ui.terrain_image.work import along

from ...nodes.location.test_path import RATE, sounds


@pytest.fixture
def trained(tmp_path: Path) -> Patch:
    """Three sounds, encoded and laid out in rows; nothing is learned."""
    (tmp_path / "own").mkdir()
    for name, sound in sounds().items():
        soundfile.write(tmp_path / "own" / f"{name}.wav", sound, RATE)
    patch = add_node(Patch(), "encode", name="encode", values={"sounds": ["own"], "codec": "builtin:sounds"})
    patch = add_node(patch, "gui", name="map", values={"layout": "rows"})
    patch = add_node(patch, "terrain", name="terrain")
    patch = connect(connect(patch, "encode.latents", "map.latents"), "map.coordinates", "terrain.coordinates")
    patch = connect(patch, "encode.latents", "terrain.latents")
    palette = load_palette()
    for node in ("encode", "map"):
        patch = run_jobs(patch, palette, offline_setup(patch, tmp_path), only=node).patch
    return patch


def sought(search: SoundSearch) -> FoundSound:
    """What is found, however long that takes on a busy machine."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        found = search.ready()
        if found is not None:
            return found
        time.sleep(0.02)
    raise AssertionError("nothing was found, nor refused")


def test_lines_are_named_once_and_doubts_are_told() -> None:
    def stretch(name: str, seconds: float, confidence: float) -> FoundPart:
        return FoundPart(0, name, 0.0, seconds, 0.0, seconds, confidence)

    assert along([stretch("a", 1, 1.0), stretch("b", 1.5, 0.5), stretch("a", 1, 0.5)]) == "a (75%), b (50%)"
    assert along([stretch("a", 1, 0.0)]) == "no certain match on this map; nearest: a (0%)"


@pytest.mark.slow
def test_a_sound_is_found_and_its_path_kept_to_play_and_silence_and_no_file_are_told(
    trained: Patch, tmp_path: Path
) -> None:
    search = SoundSearch()
    try:
        assert search.ask(trained, "map", "terrain", tmp_path / "own" / "high.wav", tmp_path)
        found = sought(search)
        assert found.words.startswith("high (")
        before, after = (read_drawing(one.nodes["map"].content) for one in (trained, found.kept(trained)))
        assert len(after.play) == len(before.play) + 1
        assert after.lines.keys() == before.lines.keys()

        soundfile.write(tmp_path / "silence.wav", np.zeros(9000), RATE)
        for file, word in (("silence.wav", "silent"), ("missing.wav", "missing.wav")):
            assert search.ask(trained, "map", "terrain", tmp_path / file, tmp_path)
            found = sought(search)
            assert found.path is None
            assert word in found.words
            assert found.kept(trained) is trained
    finally:
        search.close()
