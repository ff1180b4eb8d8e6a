"""A client of no engine: it keeps what it was told, and shows what a test lets it show."""

from typing import Any

import numpy as np

from latent_terrain.engine import load_palette
from latent_terrain.engine.declare import Scalar
from latent_terrain.engine.session.local import LocalSession
from latent_terrain.engine.values import FloatArray
from latent_terrain.graphs import Patch, add_node, connect, load_file
from latent_terrain.graphs.starters import STARTERS

PALETTE = load_palette()


class Told(LocalSession):
    """A session that keeps what it was told."""

    def __init__(self, patch: Patch) -> None:
        super().__init__(patch)
        self.turns: list[tuple[str, str, Scalar]] = []
        self.places: FloatArray | None = np.zeros((1, 2), np.float32)

    def turn(self, node: str, param: str, value: Scalar, seconds: float = 0.0, at: float = 0.0) -> None:
        super().turn(node, param, value)
        self.turns.append((node, param, value))

    def reading(self, node: str, name: str) -> FloatArray | None:
        return self.places if name == "places" else None

    def last(self, param: str) -> Any:
        return next(value for _, name, value in reversed(self.turns) if name == param)


def walk() -> Patch:
    return load_file(STARTERS["walk"].file)


def bare() -> Patch:
    """A canvas that steers a land which has learned nothing."""
    patch = add_node(add_node(Patch(), "gui", name="map"), "terrain", name="land")
    return connect(patch, "map.xy", "land.position")
