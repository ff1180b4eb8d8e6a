"""A first day in a real window: ``first_day_by_hand.py``, in a process of its own, as one process makes one window."""

import pytest

from ..map_panel.test_in_a_window import by_hand

pytestmark = pytest.mark.slow


def test_own_sounds_become_a_map_by_hand(pytestconfig: pytest.Config) -> None:
    by_hand("../window/first_day_by_hand.py", pytestconfig.rootpath)
