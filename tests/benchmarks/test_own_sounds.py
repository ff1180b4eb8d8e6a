"""The clips are cut as the list says; the benchmark of own sounds says something of everything, on any recordings."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def clips() -> ModuleType:
    spec = importlib.util.spec_from_file_location("clips", FOLDER / "clips.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["clips"] = module
    spec.loader.exec_module(module)
    return module


def test_the_list_has_24_clips_of_nine_kinds(clips: ModuleType) -> None:
    assert len({clip.name for clip in clips.CLIPS}) == len(clips.CLIPS) == 24
    assert {clip.kind for clip in clips.CLIPS} == set(clips.KINDS)


def test_a_clip_is_cut_and_a_sequence_is_hit_after_hit(clips: ModuleType, tmp_path: Path) -> None:
    raw = tmp_path / "raw" / "pack" / "usr/share"
    raw.mkdir(parents=True)
    soundfile.write(raw / "hit.wav", np.full((1000, 2), 0.25), 22050, subtype="FLOAT")
    soundfile.write(raw / "long.wav", np.linspace(0, 0.5, 88200), 44100, subtype="FLOAT")
    part = clips.cut(clips.Clip("part", "drums", "pack", ("long.wav",), 1.0, 0.5), tmp_path)
    assert part.shape == (22050, 1)
    assert part[0, 0] == pytest.approx(0.25, abs=1e-3)
    hits = clips.cut(clips.Clip("hits", "drums", "pack", ("hit.wav", "hit.wav"), 0.0, 1.0), tmp_path)
    assert hits.shape == (44100, 2)
    assert np.abs(hits[round(0.42 * 44100) + 500]).min() > 0.2
    assert np.abs(hits[3000:18000]).max() < 1e-3


def test_what_was_not_fetched_is_told(clips: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(clips.ClipError, match="fetch the packages with --fetch"):
        clips.make(tmp_path)


@pytest.mark.slow
def test_every_part_of_the_benchmark_gives_its_figures(clips: ModuleType, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    time = np.arange(40000) / 44100
    for number, clip in enumerate(clips.CLIPS):
        gate = (1 + np.sign(np.sin(2 * np.pi * 3 * time))) / 2
        tone = 0.3 * np.sin(2 * np.pi * 110 * 2 ** (number / 6) * time) * gate
        soundfile.write(tmp_path / f"{clip.name}.wav", tone + 0.01 * random.standard_normal(40000), 44100)
    words = [sys.executable, str(FOLDER / "own_sounds.py"), "--clips", str(tmp_path), "--json"]
    words += ["--codec", "builtin:bank", "--set", "terrain.steps=5", "--keep", str(tmp_path / "kept")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    (found,) = json.loads(done.stdout)
    assert set(found["details"]) == {"through", "held", "between", "speeds", "spread", "level"}
    assert found["figures"]["CPU beside the bank"] == 1.0
    unsaid = {name for name, value in found["figures"].items() if value is None}
    assert unsaid <= {"half speed: pitch", "double speed: pitch"}, "of hardly learned sounds no pitch may be right"
    assert (tmp_path / "kept" / "builtin_bank" / "through" / "loop_amen.wav").is_file()
