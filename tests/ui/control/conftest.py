"""A patch without an engine, and what does commands with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from latent_terrain.engine import load_palette
from latent_terrain.graphs import load_file
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.control.dispatcher import Dispatcher

from .toy_playing import Held

PALETTE = load_palette()


@pytest.fixture
def held() -> Held:
    return Held(load_file(STARTERS["walk"].file))


@pytest.fixture
def dispatcher(held: Held, tmp_path: Path) -> Iterator[Dispatcher]:
    made = Dispatcher(held, PALETTE, tmp_path, tmp_path / "own.ltp", lambda text: None)
    yield made
    made.close()
