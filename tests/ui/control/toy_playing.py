"""Something that holds a patch, as an engine does, and remembers how it was turned."""

from collections.abc import Callable
from typing import Any

from latent_terrain.engine.messages import Bar, Beat, Order
from latent_terrain.engine.session.local import LocalSession
from latent_terrain.engine.values import FloatArray
from latent_terrain.graphs import Patch


class Held(LocalSession):
    def __init__(self, patch: Patch) -> None:
        super().__init__(patch)
        self.recorded: Callable[[Patch], Patch] = lambda patch: patch
        self.turns: list[tuple[str, str, Any, float]] = []
        self.bars = 0
        self.beats: list[tuple[float, float, float]] = []
        self.shows: Callable[[str, str], FloatArray | None] = lambda node, name: None

    def keep_takes(self) -> None:
        self.edit(self.recorded)

    def turn(self, node: str, param: str, value: Any, seconds: float = 0.0, at: float = 0.0) -> None:
        self.turns.append((node, param, value, seconds))
        super().turn(node, param, value)

    def do(self, order: Order) -> None:
        match order:
            case Beat():
                self.beats.append((order.beat, order.tempo, order.at))
            case Bar():
                self.bars += 1
            case _:
                super().do(order)

    def reading(self, node: str, name: str) -> FloatArray | None:
        return self.shows(node, name)
