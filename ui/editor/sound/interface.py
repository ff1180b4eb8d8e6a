"""What the editor needs of whatever makes the sound: an engine in another process, or nothing at all in a test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from ....engine.declare import Scalar
from ....engine.messages import LearnControl, Order
from ....engine.problems import Problem
from ....engine.values import Content, FloatArray
from ....graphs import Patch


@dataclass(frozen=True)
class Happening:
    """Something to tell. node: whose it is, "" for none. kind: as the engine's news have it, or the editor's own.

    details: the traceback of what a node raised.
    """

    text: str
    kind: str = "info"
    severity: Literal["info", "warning", "error"] = "info"
    node: str = ""
    details: str = ""


@dataclass(frozen=True)
class JobStatus:
    """How far a node's slow work is. done: 0 … 1."""

    node: str
    job: str
    done: float
    text: str = ""


@dataclass(frozen=True, eq=False)
class JobResult:
    """What a node learned, to be put into its content. is_final: False for what it has learned so far.

    base: its content when the training run began; None: nobody has changed it since.
    """

    node: str
    content: Content
    is_final: bool
    training: int = 0
    base: Content | None = None


@dataclass(frozen=True)
class DeviceChoice:
    """How sound shall be made. device, input: names of ``latent-terrain devices``; None: the system default."""

    device: str | None = None
    input: str | None = "none"
    sample_rate: int = 48_000
    block: int = 256


@dataclass(frozen=True)
class SoundStatus:
    """How the engine is doing, as of a tenth of a second ago. numbers: all it says (see ``Performance.status``)."""

    is_on: bool = False
    is_heard: bool = False
    is_starting: bool = False
    device: str = ""
    load: float = 0.0
    xruns: int = 0
    late_frames: int = 0
    latency_ms: float = 0.0
    numbers: Mapping[str, Any] = field(default_factory=dict)


class EditorSound(Protocol):
    """All calls return at once; belongs to the window's thread."""

    def play(self, patch: Patch, folder: Path) -> None:
        """From now on play this patch (the whole of it, as after every edit). folder: where its files are."""
        ...

    def forget(self) -> None:
        """Another document is played next: nothing of the last one goes on, and nothing that it learns is told."""
        ...

    def turn(self, node: str, param: str, value: Scalar, seconds: float = 0.0, after: Patch | None = None) -> None:
        """Turn a param within so many seconds, heard at once.

        after: what is played from now on, which has it and nothing else new; None: ``play`` follows.
        """
        ...

    def play_instead(self, patch: Patch | None) -> None:
        """Let another patch be heard than the one that is played, made of it without arrays; None: that again."""
        ...

    def switch(self, is_on: bool) -> None:
        """Sound on or off."""
        ...

    def do(self, order: Order) -> None:
        """Have the engine do something beside, where there is one: silence, learn a controller."""
        ...

    def use(self, wish: DeviceChoice) -> None:
        """Use another device, rate or block; the sound is interrupted as shortly as can be."""
        ...

    def learn(self, patch: Patch, only: str | None = None, again: bool = False) -> int:
        """Do the patch's slow work whose inputs changed, in another process. Gives the training run's number."""
        ...

    def stop_learning(self) -> None:
        """End it and keep the best so far."""
        ...

    def record(self, path: Path | None) -> None:
        """Write the output to a WAV file from now on; None ends it."""
        ...

    def tick(self, now: float) -> None:
        """Call once per frame of the window: takes in what other processes sent."""
        ...

    @property
    def status(self) -> SoundStatus:
        """As of the last tick."""
        ...

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the patch as it plays, as of the last tick."""
        ...

    @property
    def trainings(self) -> tuple[JobStatus, ...]:
        """What is being learned, as of the last tick."""
        ...

    @property
    def learning(self) -> LearnControl | None:
        """What the next controller that moves will do; None while none is waited for."""
        ...

    def happenings(self) -> list[Happening]:
        """What happened since last asked, each once."""
        ...

    def trained(self) -> list[JobResult]:
        """What was learned since last asked, each once; the desk puts it into the patch."""
        ...

    def gather(self) -> str:
        """Have ``recorded`` give all that is recorded until now; waits a moment. Gives why that can't be, or ""."""
        ...

    def recorded(self) -> Mapping[str, Content]:
        """Takes that nodes have recorded since last asked, by node."""
        ...

    def edited(self) -> Callable[[Patch], Patch] | None:
        """What others have edited since last asked, as an edit; None when nobody has."""
        ...

    def reading(self, node: str, name: str) -> FloatArray | None:
        """What a node shows now (see ``engine/readings.py``), None when it shows nothing of that name."""
        ...

    def close(self, keeps_playing: bool = False) -> None:
        """End it all. Whatever plays ends too if it was started from here, unless it is to play on."""
        ...
