"""Shared by the command line's tests: the commands as people call them, and small patches on disk."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latent_terrain.graphs import Patch, add_node, connect, save
from latent_terrain.nodes.audiofile import write_sound
from latent_terrain.nodes.terrain.network import TerrainShape, initial_weights
from latent_terrain.ui.cli import main


@dataclass(frozen=True)
class Answer:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as the one JSON document it must be."""
        return json.loads(self.out)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Calls the command line with words; paths and numbers become words."""

    def call_it(*words: object) -> Answer:
        capsys.readouterr()
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Answer(code, out, err)

    return call_it


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """A sine through a gain to the loudspeakers."""
    path = tmp_path / "tone.ltp"
    save(tone_patch(), path)
    return path


@pytest.fixture
def land(tmp_path: Path) -> Path:
    """A canvas with two lines, two takes, and a terrain that has (not really) learned them."""
    path = tmp_path / "land.ltp"
    weights = initial_weights(TerrainShape(2, 3, width=8, features=16), seed=1)
    save(land_patch({f"learn/{name}": array for name, array in weights.items()}), path)
    return path


@pytest.fixture
def unlearned(tmp_path: Path) -> Path:
    """The same before learning."""
    path = tmp_path / "unlearned.ltp"
    save(land_patch({}), path)
    return path


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """A folder with two short sounds."""
    folder = tmp_path / "sounds"
    folder.mkdir()
    time = np.arange(6000, dtype=np.float32) / 44_100
    for name, hertz in (("low", 110.0), ("high", 880.0)):
        audio = (0.5 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)
        write_sound(folder / f"{name}.wav", audio[np.newaxis], 44_100)
    return folder


@pytest.fixture
def reference_file() -> Callable[[str], Path]:
    """Finds a file of the reference by name, or skips the test."""
    given = os.environ.get("LATENT_TERRAIN_REFERENCE_DATA")
    folder = Path(given) if given else Path(__file__).parents[2].parent / "shared" / "data"

    def find(name: str) -> Path:
        if not (folder / name).is_file():
            pytest.skip(f"{name} is not here; set LATENT_TERRAIN_REFERENCE_DATA to the folder that holds it")
        return folder / name

    return find


def tone_patch() -> Patch:
    patch = add_node(Patch(), "sine", name="sine-1", values={"frequency": 440.0})
    patch = add_node(patch, "gain", name="gain-1", values={"level": -12.0})
    patch = add_node(patch, "audio_out", name="out")
    return connect(connect(patch, "sine-1.out", "gain-1.audio"), "gain-1.out", "out.audio")


def land_patch(learned: dict[str, np.ndarray]) -> Patch:
    lines = {
        "lines/0000": np.array([[-12, -3], [-4, 3]], np.float32),
        "lines/0001": np.array([[2, 0], [14, 2]], np.float32),
    }
    random = np.random.default_rng(4)
    takes = {f"takes/{index:04d}": random.standard_normal((6, 3)).astype(np.float32) for index in (1, 2)}
    values = {"width": 8, "features": 16, "steps": 4}
    patch = add_node(Patch(), "gui", name="map", content=lines)
    patch = add_node(patch, "record", name="timbres", content=takes)
    patch = add_node(patch, "terrain", name="terrain", values=values, content=learned)
    patch = connect(patch, "map.coordinates", "terrain.coordinates")
    patch = connect(patch, "timbres.takes", "terrain.latents")
    return connect(patch, "map.xy", "terrain.position")
