"""Two sides see the same arrays; what killed processes leave is swept up."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine.processes import shared
from latent_terrain.engine.processes.shared import SharedArrays

LAYOUT = {"words": ("<i8", (4,)), "sound": ("<f4", (2, 100))}


def test_both_sides_see_what_either_writes() -> None:
    ours = SharedArrays.create(LAYOUT)
    try:
        theirs = SharedArrays.attach(str(ours.path), {name: list(one) for name, one in LAYOUT.items()})
        assert not ours.arrays["sound"].any()
        theirs.arrays["sound"][1, 7] = 0.5
        ours.words("words")[3] = -(2**60)
        assert ours.arrays["sound"][1, 7] == np.float32(0.5)
        assert theirs.words("words")[3] == -(2**60)
        theirs.close()
        assert ours.path.exists()
    finally:
        ours.close()
    assert not ours.path.exists()


def test_nobody_else_may_read_it() -> None:
    ours = SharedArrays.create(LAYOUT)
    try:
        assert ours.path.stat().st_mode & 0o077 == 0
    finally:
        ours.close()


def test_what_a_killed_process_left_is_swept_and_what_lives_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "MEMORY_FOLDER", tmp_path)
    ours = SharedArrays.create(LAYOUT)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = tmp_path / f"{shared.PREFIX}{dead.pid}-abc"
    left.write_bytes(b"x")
    other = tmp_path / "something-else"
    other.write_bytes(b"x")
    shared.sweep_left_behind()
    assert ours.path.exists()
    assert not left.exists()
    assert other.exists()
    ours.close()
