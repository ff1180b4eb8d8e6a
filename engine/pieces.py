"""Pieces: a loop whose delay is shorter than the block plays in pieces no longer than that delay."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from .steps import Step

Tick: TypeAlias = Callable[[int, int], object]
"""Plays the samples from one to before another of the block."""


class LoopInPieces:
    """The calls of a loop, in order. It stands in a plan as a ``Batch`` does.

    parts: what to do, each with the step that it is for (None for what is along a cord). least: by the step of every
    delay of the loop, what gives the samples that it delays by at the least in this block. block: samples.
    """

    def __init__(
        self, parts: Sequence[tuple[Step | None, Tick]], least: Mapping[Step, Callable[[], float]], block: int
    ) -> None:
        self.steps = tuple(step for step, _ in parts if step is not None)
        self._parts, self._least, self._block = list(parts), dict(least), block
        self._failed: list[tuple[Step, Exception]] = []
        self.tick: Callable[[], object] = self.play

    def mark(self) -> None:
        """Nothing: see ``refresh``."""

    def join(self, changed: list[Any]) -> None:
        """Play from now on."""

    def refresh(self) -> None:
        """There is nothing to bring up to date: what is turned is read when it plays."""

    def play(self) -> None:
        """Compute a block."""
        size = self._block
        for delay, least in self._least.items():
            try:
                size = min(size, max(1, int(least())))
            except Exception as error:
                self._failed.append((delay, error))
        if self._failed:
            raise self._failed[0][1]
        for begin in range(0, self._block, size):
            end = min(begin + size, self._block)
            for step, part in self._parts:
                try:
                    part(begin, end)
                except Exception as error:
                    if step is None:
                        raise
                    self._failed.append((step, error))
            if self._failed:
                raise self._failed[0][1]

    def mute(self, step: Step) -> None:
        """Leave a node out until the next plan."""
        self._parts = [part for part in self._parts if part[0] is not step]
        self._least.pop(step, None)

    def fall_back(self) -> list[tuple[Step, Exception]]:
        """After a block that failed: the steps that did, and how. The rest of that block is left as it was."""
        failed, self._failed = self._failed, []
        return failed


def least_of(at_least: Callable[..., float], arguments: Mapping[str, Any], params: Sequence[str]) -> float:
    """How many samples a node delays by at the least, its params being as they are in its arguments."""
    return at_least(**{name: arguments[name] for name in params})
