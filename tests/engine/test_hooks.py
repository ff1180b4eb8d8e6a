"""Methods that the engine calls on nodes: told where they are wrong, documented where people learn to add a node."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from latent_terrain.engine import DeclarationError, Engine, Setup, Signal, node
from latent_terrain.engine import hooks as life
from latent_terrain.graphs import set_content

from .toys import PALETTE, draw, setup_for

ROOT = Path(__file__).parents[2]


def test_the_page_on_adding_a_node_has_the_table_as_it_is() -> None:
    assert life.table() in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_every_row_of_the_table_says_when_and_where() -> None:
    rows = [row.strip("|").split("|") for row in life.table().splitlines()[2:]]
    assert len(rows) >= 15
    assert all(len(row) == 4 and all(cell.strip() for cell in row) for row in rows)


def wrong_reset() -> None:
    @node
    class Odd:
        """Resets with an argument."""

        def reset(self, seed: int) -> None: ...

        def process(self, audio: Signal) -> Signal:
            return audio


def reset_that_is_none() -> None:
    @node
    class Odd:
        """Has a switch of that name."""

        reset = True

        def process(self, audio: Signal) -> Signal:
            return audio


def wrong_content() -> None:
    @node
    class Odd:
        """Forgets what it is to prepare."""

        def renews(self, content: object) -> bool:
            return True

        def prepare(self) -> None: ...

        def renew(self, prepared: object) -> None: ...

        def process(self, audio: Signal) -> Signal:
            return audio


def half() -> None:
    @node
    class Odd:
        """Takes content and never gets it."""

        def renews(self, content: object) -> bool:
            return True

        def process(self, audio: Signal) -> Signal:
            return audio


@pytest.mark.parametrize(
    ("declare", "sentence"),
    [
        (wrong_reset, "Odd.reset: the engine calls it; write def reset(self), or give it another name"),
        (reset_that_is_none, "Odd.reset: the engine calls it; write def reset(self), or give it another name"),
        (wrong_content, "Odd.prepare: the engine calls it; write def prepare(self, content), or give it another name"),
        (half, "Odd.renews: the engine calls it together with prepare and renew; add that"),
    ],
)
def test_a_method_that_can_not_be_called_is_told_at_declaration(declare: Callable[[], None], sentence: str) -> None:
    with pytest.raises(DeclarationError) as found:
        declare()
    assert str(found.value).endswith(sentence)


def test_a_method_may_take_more_than_the_engine_gives() -> None:
    @node
    class Roomy:
        """Resets to any phase."""

        def __init__(self, setup: Setup) -> None:
            self.phase = 1.0

        def reset(self, phase: float = 0.0) -> None:
            self.phase = phase

        def process(self, audio: Signal) -> Signal:
            return audio

    assert Roomy(Setup()).phase == 1.0


def test_a_node_without_any_of_them_is_played_edited_and_closed() -> None:
    patch = draw("tone.out -> out.audio", tone="tone", out="speaker")
    engine = Engine(patch, PALETTE, setup_for(patch))
    engine.process()
    engine.panic()
    engine.process()
    engine.update(set_content(patch, "tone", {"any": np.zeros(1, np.float32)}))
    engine.process()
    engine.close()
    assert engine.faults() == []
