"""The terrain's picture, always the latest: coarse at once, finer while nothing changes. No method waits."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from ...engine.messages.workers import FROM_PAINTER, Begin, Paint, Picture, blobs_of
from ...engine.processes.child import ChildError, ChildGone
from ...engine.processes.policy import Policy
from ...engine.processes.supervisor import SupervisedChild
from ...nodes.terrain.colours import TerrainColours
from .colour import Pixels
from .facets import Facet
from .layers import Corners
from .thumbnails import pixels_of, rest_seconds

if TYPE_CHECKING:
    from ...nodes.terrain.line_audio import LineVoice

PROCESS = "latent_terrain.ui.terrain_image.work:work"
POLICY = Policy(niceness=12, start_seconds=60.0)
# A picture is painted with so many times fewer columns and rows, then finer.
COARSER = (8, 3, 1)
LARGEST = (1024, 512)
PAINT_SECONDS = 30.0


@dataclass(frozen=True, eq=False)
class Shown:
    """pixels: RGBA ``[rows, columns, 4]``; view: left, top, right, bottom of it in value units; legend: in words."""

    pixels: Pixels
    view: Corners
    legend: str
    coarser: int


@dataclass(frozen=True, eq=False)
class _WantedImage:
    about: object
    weights: Mapping[str, NDArray[Any]]
    colours: TerrainColours
    view: Corners
    size: tuple[int, int]
    sides: tuple[float, float]
    facet: Facet
    points: tuple[NDArray[Any], ...]
    voice: "LineVoice | None"
    folder: Path

    def is_like(self, other: "_WantedImage") -> bool:
        """Whether both are the same picture."""
        same = (self.about, self.view, self.size, self.facet, self.sides, self.voice)
        if same != (other.about, other.view, other.size, other.facet, other.sides, other.voice):
            return False
        if (
            self.weights is not other.weights
            or self.colours is not other.colours
            or len(self.points) != len(other.points)
        ):
            return False
        return all(one is another for one, another in zip(self.points, other.points, strict=True))


class TerrainImage:
    """One terrain's picture. painter: another in tests."""

    def __init__(self, painter: SupervisedChild | None = None) -> None:
        self._painter = painter or map_painter()
        self._changed = threading.Condition()
        self._wanted: _WantedImage | None = None
        self._waits = False
        self._shown: Shown | None = None
        self._pace = 1.0
        self._is_closed = False
        self._is_busy = False
        self._said = ""
        self._thread: threading.Thread | None = None

    def show(
        self,
        weights: Mapping[str, NDArray[Any]],
        colours: TerrainColours,
        view: Corners,
        size: tuple[int, int],
        facet: Facet,
        points: Sequence[NDArray[Any]] = (),
        sides: tuple[float, float] = (32.0, 8.0),
        voice: "LineVoice | None" = None,
        folder: Path = Path(),
        about: object = None,
    ) -> None:
        """Have this painted; call it every frame, it costs nothing while nothing changes.

        about: what it is a picture of; that of something else is not shown in the meantime, as one of the same terrain,
        from before it learned, is. voice: by which the layer of loudness is heard. folder: the patch's.
        """
        size = (max(8, min(LARGEST[0], size[0])), max(8, min(LARGEST[1], size[1])))
        voice = voice if "loudness" in facet.layers else None
        wanted = _WantedImage(about, weights, colours, view, size, sides, facet, tuple(points), voice, folder)
        with self._changed:
            if self._wanted is not None and self._wanted.is_like(wanted):
                return
            if self._wanted is not None and self._wanted.about != about:
                self._shown = None
            self._wanted, self._waits = wanted, True
            if self._thread is None and not self._is_closed:
                self._thread = threading.Thread(target=self._run, name="ask for the terrain", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def hide(self) -> None:
        """There is no terrain."""
        with self._changed:
            self._wanted, self._waits, self._shown = None, False, None

    @property
    def picture(self) -> Shown | None:
        """The latest; the same object until there is a newer one."""
        return self._shown

    @property
    def is_busy(self) -> bool:
        """Whether a finer or newer one is being painted."""
        return self._is_busy or self._waits

    def complaint(self) -> str:
        """What could not be painted and why, once."""
        said, self._said = self._said, ""
        return said

    def pace(self, share: float) -> None:
        """Paint only this share of the time, 0 … 1, so that the sound does not suffer."""
        self._pace = min(1.0, max(0.0, share))

    def close(self) -> None:
        """End the process that paints."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._painter.close(0.0)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._is_busy = False
                self._changed.wait_for(lambda: self._waits or self._is_closed)
                if self._is_closed:
                    return
                wanted, self._waits, self._is_busy = self._wanted, False, True
            if wanted is not None:
                self._paint(wanted)

    def _paint(self, wanted: _WantedImage) -> None:
        """Coarse in any case, so that a terrain that keeps changing is seen; finer only while nothing newer waits."""
        for coarser in COARSER:
            began = time.monotonic()
            shown = self._painted(wanted, coarser)
            with self._changed:
                if shown is not None and self._wanted is not None and self._wanted.about == wanted.about:
                    self._shown = shown
                if self._is_closed or shown is None:
                    return
                rest = rest_seconds(time.monotonic() - began, self._pace)
                self._changed.wait_for(lambda: self._is_closed or self._waits, rest)
                if self._waits or self._is_closed:
                    return

    def _painted(self, wanted: _WantedImage, coarser: int) -> Shown | None:
        columns, rows = (max(8, side // coarser) for side in wanted.size)
        points = {str(index): one for index, one in enumerate(wanted.points)}
        question = Paint(
            weights=blobs_of(wanted.weights),
            colours=blobs_of(wanted.colours.arrays),
            points=blobs_of(points),
            view=wanted.view,
            size=(columns, rows),
            sides=wanted.sides,
            facet=wanted.facet.plain(),
            codec=wanted.voice.codec if wanted.voice and coarser < COARSER[0] else "",
            folder=str(wanted.folder),
            sounds=wanted.voice.sounds if wanted.voice else (),
        )
        try:
            answer = self._painter.ask(question, Picture, PAINT_SECONDS)
        except ChildError as error:
            self._said = f"the terrain can't be shown so: {error}"
            return None
        except ChildGone:
            self._said = "the terrain can't be shown: its rendering process keeps crashing"
            return None
        return Shown(pixels_of(answer), wanted.view, answer.legend, coarser)


def map_painter() -> SupervisedChild:
    """A process that paints terrains, plays lines and finds sounds, from when it is asked."""
    return SupervisedChild("the map's painter", PROCESS, Begin, FROM_PAINTER, policy=POLICY)
