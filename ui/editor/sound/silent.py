"""No sound at all: for tests, and for looking at patches on a machine that has none."""

from collections.abc import Mapping
from pathlib import Path

from ....engine.declare import Scalar
from ....engine.messages import LearnControl, Order
from ....engine.problems import Problem
from ....engine.values import Content, FloatArray
from ....graphs import Patch
from .interface import DeviceChoice, Happening, JobResult, JobStatus, SoundStatus


class SilentEditorSound:
    """Takes everything and plays nothing; ``played`` and ``turned`` are what it was given."""

    def __init__(self) -> None:
        self.played: list[Patch] = []
        self.turned: list[tuple[str, str, Scalar]] = []
        self.learned: list[tuple[str | None, bool]] = []
        self.given: list[JobResult] = []
        self.takes: dict[str, Content] = {}
        self.playing: dict[str, Content] = {}
        self.happened: list[Happening] = []
        self.orders: list[Order] = []
        self.instead: list[Patch | None] = []
        self.is_on = False
        self.numbers: dict[str, object] = {}
        self.file: Path | None = None
        self.readings: dict[tuple[str, str], FloatArray] = {}
        self.wrong: tuple[Problem, ...] = ()

    def play(self, patch: Patch, folder: Path) -> None:
        """Note it."""
        self.played.append(patch)

    def forget(self) -> None:
        """None of what a test put here is told."""
        self.given, self.takes = [], {}

    def turn(self, node: str, param: str, value: Scalar, seconds: float = 0.0, after: Patch | None = None) -> None:
        """Note it."""
        self.turned.append((node, param, value))
        self.played += [after] if after is not None else []

    def play_instead(self, patch: Patch | None) -> None:
        """Note it."""
        self.instead.append(patch)

    def switch(self, is_on: bool) -> None:
        """Note it."""
        self.is_on = is_on

    def do(self, order: Order) -> None:
        """Note it."""
        self.orders.append(order)

    def use(self, wish: DeviceChoice) -> None:
        """Nothing to use."""

    def learn(self, patch: Patch, only: str | None = None, again: bool = False) -> int:
        """Note it; nothing is learned."""
        self.learned.append((only, again))
        return len(self.learned)

    def stop_learning(self) -> None:
        """Nothing is learned."""

    def record(self, path: Path | None) -> None:
        """Note where."""
        self.file = path

    def tick(self, now: float) -> None:
        """Nothing happens."""

    @property
    def status(self) -> SoundStatus:
        """Silence."""
        return SoundStatus(is_on=self.is_on, device="no sound", numbers=self.numbers)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Those that a test put here."""
        return self.wrong

    @property
    def trainings(self) -> tuple[JobStatus, ...]:
        """None."""
        return ()

    @property
    def learning(self) -> LearnControl | None:
        """As ordered last."""
        latest = next((one for one in reversed(self.orders) if isinstance(one, LearnControl)), None)
        return latest if latest is not None and latest.is_wanted else None

    def happenings(self) -> list[Happening]:
        """Those that a test put here, once."""
        found, self.happened = self.happened, []
        return found

    def trained(self) -> list[JobResult]:
        """Those that a test put here, once."""
        found, self.given = self.given, []
        return found

    def gather(self) -> str:
        """What a test put into ``playing`` is recorded now."""
        self.takes, self.playing = {**self.takes, **self.playing}, {}
        return ""

    def recorded(self) -> Mapping[str, Content]:
        """Those that a test put here or had gathered, once."""
        found, self.takes = self.takes, {}
        return found

    def edited(self) -> None:
        """Nobody else is there."""

    def reading(self, node: str, name: str) -> FloatArray | None:
        """Those that a test put here."""
        return self.readings.get((node, name))

    def close(self, keeps_playing: bool = False) -> None:
        """Nothing to end."""
