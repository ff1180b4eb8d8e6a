"""A client without an engine: it holds a patch, and what nodes are said to have recorded."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from latent_terrain.engine.session import EngineGone
from latent_terrain.engine.values import Content, FloatArray
from latent_terrain.graphs import Patch


class ToyClient:
    def __init__(self, patch: Patch) -> None:
        self.patch = patch
        self.taken: Mapping[str, Content] = {}
        self.captures = 0
        self.is_gone = False
        self.shown: dict[tuple[str, str], float] = {}

    def edit(self, change: Callable[[Patch], Patch]) -> Patch:
        self.patch = change(self.patch)
        return self.patch

    def capture(self, seconds: float = 30.0) -> Mapping[str, Content]:
        self.captures += 1
        if self.is_gone:
            raise EngineGone("gone")
        return self.taken

    def reading(self, node: str, name: str) -> FloatArray | None:
        found = self.shown.get((node, name))
        return None if found is None else np.array([found], np.float32)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} is not to be used here")
