"""The map in a real window: ``map_by_hand.py``, in a process of its own, as one process can make only one window."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BY_HAND = Path(__file__).parent / "map_by_hand.py"


def test_f73_f96_f109_two_lines_are_drawn_learned_and_heard_by_hand(pytestconfig: pytest.Config) -> None:
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", "-rs", str(BY_HAND)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=pytestconfig.rootpath, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    if " passed" not in done.stdout:
        pytest.skip(done.stdout.strip().splitlines()[-2])
