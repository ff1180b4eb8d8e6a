"""Keys and their panes in a real window: ``focus_by_hand.py``, in a process of its own, as one can make only one window."""

from pathlib import Path

import pytest

from ..map_panel.test_in_a_window import by_hand

pytestmark = pytest.mark.slow


def test_keys_follow_the_focus_by_hand(pytestconfig: pytest.Config) -> None:
    by_hand(str(Path(__file__).parent / "focus_by_hand.py"), pytestconfig.rootpath)
