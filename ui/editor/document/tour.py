"""The tour: five steps from sounds to a recording, each done on the real controls or passed over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ....engine.setup import Setup
from ....graphs.starters.parts import SOUNDS as BUNDLED
from ....nodes.gui.drawing import OWN
from ....nodes.terrain.learned import learned_weights
from ...sound_list import listed

if TYPE_CHECKING:
    from .desk import Desk

# How long a trained terrain is seen before the next step: training begins a third of a second after a line.
LEARNED_SECONDS = 2.0


@dataclass(frozen=True)
class TourStep:
    """A step. points_at: the landmark of the control it is about, as things are. is_done: told how it began."""

    title: str
    text: str
    points_at: Callable[["Desk"], str]
    is_done: Callable[["Desk", "StepStart"], bool]


@dataclass(frozen=True)
class StepStart:
    """How things were when a step began, as far as any step asks. seconds: since then."""

    sounds: int = 0
    drawn: Mapping[str, Any] = field(default_factory=dict)
    ink: int = 0
    seconds: float = 0.0


def _drawn(desk: "Desk") -> Mapping[str, Any]:
    """The arrays drawn by hand on all maps; edits put others in their place."""
    names = desk.palette.names(desk.patch, "map")
    return {
        f"{name} {key}": array
        for name in names
        for key, array in desk.patch.nodes[name].content.items()
        if key.startswith(OWN)
    }


def _ink(desk: "Desk") -> int:
    """How much has been played by hand on the map that is seen; playing is no edit, but leaves a trail."""
    hand = desk.maps.current
    return hand.ink.version if hand is not None else 0


def _sounds(desk: "Desk") -> int:
    return sum(len(listed(desk.patch, name)) for name in desk.palette.names(desk.patch, "encoder"))


def _has_drawn(desk: "Desk", begun: StepStart) -> bool:
    hand, now = desk.maps.current, _drawn(desk)
    if hand is not None and hand.is_busy:
        return False  # the line is still under the pen
    return now.keys() != begun.drawn.keys() or any(not np.array_equal(now[key], begun.drawn[key]) for key in now)


def _has_learned(desk: "Desk", begun: StepStart) -> bool:
    terrains = desk.palette.names(desk.patch, "terrain")
    is_trained = any(learned_weights(desk.patch.nodes[name].content) for name in terrains)
    return is_trained and not desk.trainings and begun.seconds >= LEARNED_SECONDS


def _at_drawing(desk: "Desk") -> str:
    hand = desk.maps.current
    return "map" if hand is not None and hand.sheet.tool in ("move", "free") else "tool move"


def _has_played(desk: "Desk", begun: StepStart) -> bool:
    hand = desk.maps.current
    return desk.sound.status.is_on and _ink(desk) != begun.ink and (hand is None or not hand.is_busy)


def _at_play(desk: "Desk") -> str:
    hand = desk.maps.current
    if not desk.sound.status.is_on:
        return "sound"
    return "map" if hand is not None and hand.sheet.tool == "hand" else "tool hand"


def _has_recorded(desk: "Desk", begun: StepStart) -> bool:
    return desk.recording_to is None and desk.tour.has_recorded


STEPS = (
    TourStep(
        "Sounds",
        "Add sounds: press Add sounds, choose a folder or files, or drop them on the window. They are laid out on a "
        "map by similarity. Next takes the sounds that come with Latent Terrain.",
        lambda desk: "add more sounds" if desk.patch.nodes else "add sounds",
        lambda desk, begun: _sounds(desk) > begun.sounds,
    ),
    TourStep(
        "Lines",
        "Each sound has a training line that says where it lies on the map. Choose Move and drag one elsewhere, or "
        "Free and draw one for a sound that has none.",
        _at_drawing,
        _has_drawn,
    ),
    TourStep(
        "Learn",
        "The terrain learns your lines by itself, while you go on. Here one sees how far it is; Learn > Retrain all "
        "begins from nothing.",
        lambda desk: "training" if desk.trainings else "map",
        _has_learned,
    ),
    TourStep(
        "Play",
        "Turn audio on, choose Hand, and drag over the map: what lies under the pointer is heard, and all between.",
        _at_play,
        _has_played,
    ),
    TourStep(
        "Record",
        "Press Record, play, and press it again. The recording lies beside the patch, and you may give it a name.",
        lambda desk: "record",
        _has_recorded,
    ),
)


class GuidedTour:
    """Where the tour is. Belongs to the window's thread. step: its number from 0; None while there is no tour."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self.step: int | None = None
        self.has_recorded = False
        self._begun, self._since = StepStart(), 0.0

    @property
    def current(self) -> TourStep | None:
        """The step that is shown."""
        return STEPS[self.step] if self.step is not None else None

    def begin(self) -> None:
        """From the first step, on the patch that is open."""
        self._go(0)

    def next(self) -> None:
        """The next step, or the end; without any sounds, those that come with the program are added first."""
        if self.step == 0 and not _sounds(self._desk):
            self._desk.sounds.add([Setup().resolve(BUNDLED)])
            return
        if self.step is not None:
            self._go(self.step + 1)

    def leave(self) -> None:
        """End it; it is not offered first again."""
        self.step = None
        self._desk.settings.tour_done = True
        self._desk.settings.save()

    def tick(self, now: float) -> None:
        """Once per frame: go on by itself when the step has been done. now: seconds."""
        step = self.current
        if step is None:
            return
        desk = self._desk
        self._since = self._since or now
        self.has_recorded = self.has_recorded or desk.recording_to is not None
        begun = StepStart(self._begun.sounds, self._begun.drawn, self._begun.ink, now - self._since)
        if step.is_done(desk, begun):
            self._go(STEPS.index(step) + 1)

    def _go(self, step: int) -> None:
        desk = self._desk
        if step >= len(STEPS):
            desk.say("that was the tour; Help > Tour begins it again")
            self.leave()
            return
        self.step, self._since, self.has_recorded = step, 0.0, False
        self._begun = StepStart(_sounds(desk), _drawn(desk), _ink(desk))
        if step:
            desk.show_map()
