"""Something that holds a patch, as an engine does, and remembers how it was turned."""

from collections.abc import Callable
from typing import Any

from latent_terrain.graphs import Patch, set_value


class Held:
    def __init__(self, patch: Patch) -> None:
        self.patch = patch
        self.latest_status: dict[str, Any] = {}
        self.recorded: Callable[[Patch], Patch] = lambda patch: patch
        self.turns: list[tuple[str, str, Any, float]] = []

    def edit(self, change: Callable[[Patch], Patch]) -> Patch:
        self.patch = change(self.patch)
        return self.patch

    def keep_takes(self) -> None:
        self.patch = self.recorded(self.patch)

    def turn(self, node: str, param: str, value: Any, seconds: float = 0.0, at: float = 0.0) -> None:
        self.turns.append((node, param, value, seconds))
        self.patch = set_value(self.patch, node, param, value)
