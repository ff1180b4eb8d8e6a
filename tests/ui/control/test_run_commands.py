"""One table of commands: what does them, what is told of them, and where they are heard."""

import re
from pathlib import Path

from latent_terrain.engine import load_palette
from latent_terrain.engine.session.command_table import COMMANDS
from latent_terrain.graphs import Patch
from latent_terrain.ui.control.oscquery.tree import found_in, tree
from latent_terrain.ui.control.run_commands import DONE_BY
from latent_terrain.ui.script import Instrument

PAGE = Path(__file__).parents[3] / "docs" / "outside.md"


def test_every_command_is_done_by_the_conductor_or_by_what_listens_for_osc() -> None:
    assert DONE_BY.keys() == {address for address, one in COMMANDS.items() if not one.is_of_osc}


def test_the_page_about_osc_has_the_table_row_by_row() -> None:
    rows = [row for row in PAGE.read_text().splitlines() if re.match(r"\| `/(?!node/)", row)]
    assert rows == [f"| `{one.address}` | {one.takes} | {one.help} |" for one in COMMANDS.values()]


def test_what_a_script_says_is_a_method_of_an_instrument() -> None:
    words = [one.script for one in COMMANDS.values() if one.script]
    assert all(callable(getattr(Instrument, word.partition("(")[0])) for word in words)
    assert "recall(1, seconds=4)" in words


def test_oscquery_tells_of_commands_where_osc_is_heard() -> None:
    whole = tree(Patch(), load_palette(), has_commands=True)
    for address, one in COMMANDS.items():
        leaf = found_in(whole, address)
        assert leaf is not None
        assert (leaf["FULL_PATH"], leaf["ACCESS"]) == (address, 2)
        assert one.help in leaf["DESCRIPTION"]
    assert found_in(tree(Patch(), load_palette()), "/undo") is None
