"""Tests in real windows: files of them in processes of their own, as one process can make only one window."""

from pathlib import Path

import pytest

from ..map_panel.test_in_a_window import by_hand

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "file", ["focus_by_hand.py", "dialogs_by_hand.py", "scale_by_hand.py", "definitions_by_hand.py"]
)
def test_a_window_is_used_by_hand(file: str, pytestconfig: pytest.Config) -> None:
    by_hand(str(Path(__file__).parent / file), pytestconfig.rootpath)
