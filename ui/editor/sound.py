"""The editor's sound: an engine in a process of its own, and a trainer in another, so that no window can disturb them.

Everything returns at once. What the two tell is taken in by ``tick``, on the window's thread.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...engine.declare import Scalar
from ...engine.life import Captures, is_a
from ...engine.link.registry import Address
from ...engine.palette import Palette
from ...engine.problems import Problem
from ...engine.values import Content, FloatArray
from ...graphs import Patch
from .hosting import PLAYER
from .learning import Learning
from .playing import Playing
from .sounding import Happening, Lesson, SoundStatus, Taught, Wish


class EngineSound:
    """Sound from an engine, as ``Sounding`` has it. Nothing is started before the first ``tick``.

    palette: the node types. address: of an engine that runs already; base: what it plays. player, learning: others in
    tests.
    """

    def __init__(
        self,
        palette: Palette,
        wish: Wish | None = None,
        *,
        is_on: bool = True,
        address: Address | None = None,
        base: Patch | None = None,
        player: str = PLAYER,
        learning: Learning | None = None,
    ) -> None:
        self._learning = learning or Learning()
        self._playing = Playing(wish or Wish(), is_on, address, gatherers(palette), player, base)
        self._folder = Path()
        self._status = SoundStatus()
        self._problems: tuple[Problem, ...] = ()
        self._lessons: tuple[Lesson, ...] = ()
        self._happened: list[Happening] = []

    def play(self, patch: Patch, folder: Path) -> None:
        """From now on play this patch. folder: where its files are."""
        self._folder = folder.absolute()
        self._playing.play(patch, self._folder)
        self._learning.edited(patch)

    def turn(self, node: str, param: str, value: Scalar, seconds: float = 0.0) -> None:
        """Turn a param within so many seconds, heard at once."""
        self._playing.turn(node, param, value, seconds)

    def switch(self, is_on: bool) -> None:
        """Sound on or off. Off, the device is free and nothing is computed; problems are still found."""
        self._playing.switch(is_on)

    def panic(self) -> None:
        """Silence at once, then play on."""
        self._playing.panic()

    def use(self, wish: Wish) -> None:
        """Use another device, rate or block."""
        self._playing.use(wish)

    def learn(self, patch: Patch, only: str | None = None, again: bool = False) -> int:
        """Do the patch's slow work whose inputs changed, in another process. Gives the lesson's number."""
        return self._learning.learn(patch, self._folder, only, again)

    def stop_learning(self) -> None:
        """End it and keep the best so far."""
        self._learning.stop()

    def record(self, path: Path | None) -> None:
        """Write the output to a WAV or FLAC file from now on; None ends it."""
        self._playing.record(path)

    def tick(self, now: float) -> None:
        """Call once per frame: takes in what the other processes sent."""
        playing = self._playing
        playing.begin()
        self._learning.tick()
        while playing.happened:
            self._happened.append(playing.happened.popleft())
        self._happened += self._learning.happenings()
        client = playing.client
        self._problems = client.problems if client is not None else ()
        self._lessons = self._learning.lessons
        self._status = _status(playing)
        self._learning.pace(float(self._status.numbers.get("pace", 1.0)))

    @property
    def status(self) -> SoundStatus:
        """As of the last tick."""
        return self._status

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the patch as it plays, as of the last tick."""
        return self._problems

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """What is being learned, as of the last tick."""
        return self._lessons

    def happenings(self) -> list[Happening]:
        """What happened since last asked, each once."""
        found, self._happened = self._happened, []
        return found

    def taught(self) -> list[Taught]:
        """What was learned since last asked, each once."""
        return self._learning.taught()

    def gather(self) -> str:
        """Have ``recorded`` give all that is recorded until now; waits a moment. Gives why that can't be, or ""."""
        return self._playing.gather()

    def recorded(self) -> Mapping[str, Content]:
        """Takes that nodes have recorded since last asked, by node."""
        return self._playing.recorded()

    def edited(self) -> Callable[[Patch], Patch] | None:
        """What another client of the engine has edited since last asked, as an edit; None when nobody has."""
        return self._playing.edited()

    def reading(self, node: str, name: str) -> FloatArray | None:
        """What a node shows now, None when it shows nothing of that name."""
        client = self._playing.client
        return client.reading(node, name) if client is not None else None

    def close(self) -> None:
        """End the trainer, and the engine if it was started here."""
        self._learning.close()
        self._playing.close()


def gatherers(palette: Palette) -> Callable[[str], bool]:
    """Tells node types that keep takes while they play, which belong into the patch."""
    names = {name for name, spec in palette.specs.items() if is_a(spec.build, Captures)}
    return names.__contains__


def _status(playing: Playing) -> SoundStatus:
    numbers: Mapping[str, Any] = playing.status
    client = playing.client
    is_there = client is not None and client.engine is not None
    load, latency = (one if isinstance(one := numbers.get(key), Mapping) else {} for key in ("load", "latency_ms"))
    return SoundStatus(
        is_on=bool(numbers.get("is_on", numbers)) and is_there and playing.is_on,
        is_heard=bool(numbers.get("is_heard", False)) and is_there,
        is_starting=playing.is_starting or (client is not None and not is_there and not playing.is_attached),
        device=str(numbers.get("device", "")),
        load=float(load.get("p99", 0.0)),
        xruns=int(numbers.get("xruns", 0)),
        late_frames=int(numbers.get("late_frames", 0)),
        latency_ms=float(latency.get("total", 0.0)),
        numbers=numbers,
    )
