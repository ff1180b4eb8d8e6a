"""The guided start in a real window: ``guide_by_hand.py``, in a process of its own, as one process makes one window."""

import pytest

from ..map_panel.test_in_a_window import by_hand

pytestmark = pytest.mark.slow


def test_the_welcome_page_the_tour_tips_and_examples_by_hand(pytestconfig: pytest.Config) -> None:
    by_hand("../window/guide_by_hand.py", pytestconfig.rootpath)
