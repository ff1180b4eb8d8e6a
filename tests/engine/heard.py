"""What a listener of controllers, clocks and people was told, and waiting until it was."""

import threading
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 20.0


class Heard:
    """Everything in the order in which it came; ``said`` are sentences for people."""

    def __init__(self) -> None:
        self.events: list[tuple[str, list[float]]] = []
        self.beats: list[tuple[float, float, float]] = []
        self.playing: list[bool] = []
        self.said: list[str] = []
        self.news = threading.Condition()

    def control(self, source: str, numbers: list[float]) -> None:
        self._keep(self.events, (source, numbers))

    def beat(self, beat: float, tempo: float, when: float) -> None:
        self._keep(self.beats, (beat, tempo, when))

    def play(self, is_playing: bool) -> None:
        self._keep(self.playing, is_playing)

    def tell(self, text: str) -> None:
        self._keep(self.said, text)

    def until(self, is_true: Callable[[], object]) -> None:
        with self.news:
            came = self.news.wait_for(lambda: bool(is_true()), PATIENCE_SECONDS)
            assert came, (self.events, self.beats, self.playing, self.said)

    def at(self, when: float) -> float:
        """Which beat it is at a time."""
        beat, tempo, told = self.beats[-1]
        return beat + (when - told) * tempo / 60.0

    def _keep(self, there: list[Any], one: Any) -> None:
        with self.news:
            there.append(one)
            self.news.notify_all()
