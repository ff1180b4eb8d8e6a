"""Whatever lies where engines are looked for, the others are found."""

import os
from pathlib import Path

import pytest

from latent_terrain.engine.session.registry import announce, find_engines, runtime_folder, withdraw

ODD = {
    "deep": "[" * 100_000,
    "large": '{"process": 1}' + " " * (1 << 20),
    "endless": '{"process": 1e999, "name": "a", "where": "b", "key": "00", "mark": "c"}',
    "other": "[1]",
}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_odd_files_and_pipes_hide_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = runtime_folder()
    for name, text in ODD.items():
        (folder / f"{name}.json").write_text(text)
    os.mkfifo(folder / "pipe.json")
    address, listener = announce("mine")
    try:
        assert [one.name for one in find_engines()] == ["mine"]
    finally:
        listener.close()
        withdraw(address)
