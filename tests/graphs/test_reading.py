"""Files are known before they are read: pipes, devices, folders and what is too large are refused, not waited for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from latent_terrain.graphs import Patch, save
from latent_terrain.graphs.file_read import ReadError, open_regular, parse_json, read_bytes


def test_a_file_is_read_whole_up_to_the_most(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert read_bytes(path, 5) == b"12345"
    with pytest.raises(ReadError, match="larger than 4 bytes"):
        read_bytes(path, 4)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_what_is_no_plain_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, said in (
        (tmp_path / "pipe", "a device or a pipe"),
        ("/dev/zero", "a device or a pipe"),
        (tmp_path, "is a folder"),
        (tmp_path / "gone", "there is no file"),
        ("a\0b", "can't name a file"),
    ):
        with pytest.raises(ReadError, match=said):
            read_bytes(name, 1 << 20)
    with pytest.raises(ReadError), open_regular(tmp_path / "pipe"):
        pass


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "it is not JSON"),
        ('{"a": NaN}', "NaN"),
        ("[" * 100_000, "nested too deeply"),
        ("[" * 70 + "]" * 70, "nested too deeply"),
        ("1" * 10_000, "integer"),
    ],
)
def test_json_that_is_none_is_told_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_json(text)
    assert parse_json('{"a": [1, {"b": null}]}') == {"a": [1, {"b": None}]}


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited otherwise elsewhere")
def test_reading_takes_memory_for_what_is_there_and_not_for_the_most_that_might_be(tmp_path: Path) -> None:
    save(Patch(), tmp_path / "small.ltp")
    program = (
        "import resource, sys\n"
        "from latent_terrain.graphs import load_file\n"
        "from latent_terrain.graphs.file_read import read_bytes\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "load_file(sys.argv[1])\n"
        "read_bytes(sys.argv[1], 1 << 33)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "small.ltp")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
