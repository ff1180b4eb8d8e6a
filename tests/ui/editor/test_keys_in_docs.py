"""The keys that the pages about the editor and the map name are the keys of actions."""

import re
from pathlib import Path

import pytest

from latent_terrain.ui.editor.actions import ACTIONS
from latent_terrain.ui.editor.actions.keymap import normal

DOCS = Path(__file__).parents[3] / "docs"
KEY = r"(?:(?:Ctrl|Shift|Alt)-)+(?:Delete|[A-Z0-9./`]\b|[./`])|\bF\d+\b"


@pytest.mark.parametrize("page", ["editor.md", "map.md"])
def test_a_key_that_a_page_names_does_something(page: str) -> None:
    named = {normal(key.replace("-", "+")) for key in re.findall(KEY, (DOCS / page).read_text())}
    bound = {normal(key) for action in ACTIONS.values() for key in action.keys}
    assert len(named) > 5
    assert named <= bound
