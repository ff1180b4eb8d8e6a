"""A trainer's process without a process: its messages come when told to, and time passes only where it is spent."""

from math import inf, nextafter
from types import SimpleNamespace
from typing import TypeVar

import pytest

from latent_terrain.engine import Palette
from latent_terrain.engine.messages import Message
from latent_terrain.engine.messages.children import TrainPatch
from latent_terrain.engine.training import process
from latent_terrain.graphs import Patch
from latent_terrain.graphs.delta import delta

Some = TypeVar("Some", bound=Message)


class StillParent:
    """What a pupil hears and says. ``now``: seconds; ``due``: messages and when they come; ``polls``: looks for some.

    ``worked``: how long each stretch of work between two rests was.
    """

    def __init__(self) -> None:
        self.now = 100.0
        self.due: list[tuple[float, Message]] = []
        self.at_poll: dict[int, Message] = {}
        self.sent: list[Message] = []
        self.worked: list[float] = []
        self.polls = 0
        self._rested = self.now

    def work(self, seconds: float) -> None:
        """Let time pass with work."""
        self.now += seconds

    def receive(self, known: object, seconds: float | None = None) -> Message | None:
        """As ``Parent.receive``; who waits for ever when nothing will come has failed."""
        self.polls += 1
        if self.polls in self.at_poll:
            return self.at_poll.pop(self.polls)
        self.due.sort(key=lambda one: one[0])
        if seconds != 0:
            self.worked.append(self.now - self._rested)
        if self.due and (seconds is None or self.due[0][0] <= self.now + seconds):
            at, message = self.due.pop(0)
            self.now = self._rested = max(self.now, at)
            return message
        assert seconds is not None, "it waits for ever"
        if seconds:
            self.now = self._rested = max(self.now + seconds, nextafter(self.now, inf))
        return None

    def send(self, message: Message) -> None:
        self.sent.append(message)

    def said(self, kind: type[Some]) -> list[Some]:
        """What was said of one kind."""
        return [one for one in self.sent if isinstance(one, kind)]


def run_training(
    monkeypatch: pytest.MonkeyPatch, parent: StillParent, palette: Palette, patch: Patch, *before: Message
) -> None:
    """Learn a patch from its beginning to its end, after some messages."""
    monkeypatch.setattr(process, "time", SimpleNamespace(monotonic=lambda: parent.now))
    pupil = process._TrainerProcess(parent, palette)  # type: ignore[arg-type]
    change, arrays = delta(Patch(), patch)
    pupil._blobs.known |= arrays
    learn = TrainPatch(
        change=change, training=1, folder="", only=None, again=False, sample_rate=44_100.0, snapshot_seconds=1e9
    )
    pupil.take(learn)
    for one in before:
        pupil.take(one)
    waiting, pupil.waiting = pupil.waiting, None
    assert waiting is not None
    pupil.learn(waiting)
