"""Whatever lies where engines are looked for, the others are found."""

import os
import socket
import tempfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from latent_terrain.engine.session.registry import announce, connect, find_engines, runtime_folder, withdraw

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


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="paths are of local sockets, which this system lacks")
def test_a_folder_with_a_path_too_long_for_a_socket_still_has_engines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    with TemporaryDirectory(prefix="lt-") as short:
        for temporary in (short, str(folder)):  # TMPDIR may be as long
            monkeypatch.setattr(tempfile, "tempdir", temporary)
            address, listener = announce("mine")
            try:
                assert Path(address.where).parent.stat().st_mode & 0o077 == 0
                assert [one.name for one in find_engines()] == ["mine"]
                connect(address, 5.0).close()
            finally:
                listener.close()
                withdraw(address)
            assert not Path(address.where).exists()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="Windows has no such rights")
def test_a_folder_that_is_open_to_others_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    runtime_folder().chmod(0o777)
    with pytest.raises(OSError, match="open to others; remove it and try again"):
        announce("mine")
