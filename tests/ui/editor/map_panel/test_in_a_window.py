"""The map in a real window: files of tests in processes of their own, as one process can make only one window."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent


def by_hand(file: str, folder: Path) -> None:
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", "-rs", str(HERE / file)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=folder, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    if " passed" not in done.stdout:
        pytest.skip(done.stdout.strip().splitlines()[-2])


def test_f73_f96_f109_two_lines_are_drawn_learned_and_heard_by_hand(pytestconfig: pytest.Config) -> None:
    by_hand("map_by_hand.py", pytestconfig.rootpath)


def test_sounds_are_dropped_pasted_and_sung_and_found_by_hand(pytestconfig: pytest.Config) -> None:
    by_hand("queries_by_hand.py", pytestconfig.rootpath)
