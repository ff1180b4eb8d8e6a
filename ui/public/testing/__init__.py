"""Tests for nodes of your own: ``TestNodes = battery("my_nodes")`` in a file of tests is all of it.

Needs pytest, which nothing else of the package does. ``play`` and ``patch_for`` are for tests of one's own.
"""

import pytest

pytest.register_assert_rewrite("latent_terrain.testing.battery")  # a failure shows the numbers, as in one's own tests

from .battery import Battery, assert_no_click, battery  # noqa: E402
from .harness import RATE, Heard, palette, patch_for, play, setup_for, wider_palette  # noqa: E402

__all__ = [
    "RATE",
    "Battery",
    "Heard",
    "assert_no_click",
    "battery",
    "palette",
    "patch_for",
    "play",
    "setup_for",
    "wider_palette",
]
