"""A file of nodes by code per sample is read again like any other."""

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from latent_terrain.engine import Palette, spec_of
from latent_terrain.engine.node_files import NodeFiles

SOURCE = '''"""Toys."""

from latent_terrain.engine import Sample, per_sample


@per_sample
def toy_reloaded(audio: Sample) -> float:
    """Scale a sound."""
    return audio * 2.0
'''


def test_what_is_compiled_is_the_file_as_it_was_saved_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "toy_reloaded_file.py"
    path.write_text(SOURCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    made = importlib.import_module("toy_reloaded_file").toy_reloaded
    files = NodeFiles(Palette({"toy_reloaded": spec_of(made)}))
    assert "audio * 2.0" in made.kind.source
    path.write_text(SOURCE.replace("2.0", "0.125").replace("Scale", "\n    Scale"))
    assert "reloaded" in files.look()[0]
    again: Any = files.palette["toy_reloaded"].build
    assert "audio * 0.125" in again.kind.source
    path.write_text(SOURCE.replace("audio * 2.0", "audio * missing"))
    assert "uses missing, which is not defined" in files.look()[0]
    assert files.palette["toy_reloaded"].build is again
    del sys.modules["toy_reloaded_file"]
