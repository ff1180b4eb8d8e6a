"""The panels in a real window: ``window/panels_by_hand.py``, in a process of its own.

One process can make only one window: when its screen goes, the windowing library ends the process with it.
"""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BY_HAND = Path(__file__).parents[1] / "window" / "panels_by_hand.py"


def test_the_panels_are_used_by_hand(pytestconfig: pytest.Config) -> None:
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", "-rs", str(BY_HAND)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=pytestconfig.rootpath, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    if " passed" not in done.stdout:
        pytest.skip(done.stdout.strip().splitlines()[-2])
