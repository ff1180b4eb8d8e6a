"""Finding a sound file on the map of a patch, and its path as something to play."""

from pathlib import Path

import numpy as np

from ...engine import Palette, Setup
from ...engine.training.jobs import inputs_of
from ...graphs import Patch, set_content
from ..audiofile import SoundFile
from ..codec.sounds.layout import SAMPLE_RATE
from ..gui.drawing import read_drawing, write_drawing
from ..gui.timed_paths import RecordedGesture
from .alignment import FoundMoment, find
from .features import FloatArray
from .fit import Tell, laid, listened
from .known import Known

# Of a query, so much is looked for.
LONGEST_SECONDS = 600.0


def known_on(patch: Patch, palette: Palette, setup: Setup, terrain: str, tell: Tell) -> Known:
    """What can be found on the map that a terrain learns from.

    Raises ValueError with a sentence (also as PatchError and MapError), LearningStopped when ``tell`` gives False.
    """
    inputs = inputs_of(patch, palette, setup, terrain)
    coordinates, latents = inputs.get("coordinates"), inputs.get("latents")
    if coordinates is None or not any(len(one) for one in coordinates.arrays):
        raise ValueError(f"{terrain} has no lines to find sounds on; draw at least one line on its map")
    if latents is None or not latents.arrays:
        raise ValueError(f"{terrain} has no sounds to find; connect an encode node with sound files")
    heard = listened(latents, setup.resolve, tell, setup.warn, {})
    return heard.known(laid(heard, coordinates))


def read_query(path: Path) -> FloatArray:
    """A sound file, mono at 44.1 kHz, its first ten minutes: float32 ``[n]``. Raises SoundError."""
    with SoundFile(path, SAMPLE_RATE, 1) as file:
        return np.asarray(file.read(0, min(file.frames, round(LONGEST_SECONDS * SAMPLE_RATE)))[0], np.float32)


def steps_of(known: Known, query: FloatArray) -> list[FoundMoment]:
    """Where a query (at 44.1 kHz) is, frame by frame."""
    return list(find(known, query, SAMPLE_RATE))


def as_gesture(known: Known, steps: list[FoundMoment], name: str = "") -> RecordedGesture | None:
    """A path in the query's own time, holding still in silence; None where there is nothing but silence."""
    sounding = [step for step in steps if step.moment >= 0]
    if not sounding:
        return None
    begin = sounding[0].seconds
    rows = [(step.seconds - begin, *known.places[step.moment]) for step in sounding]
    return RecordedGesture(np.array(rows, np.float64), name)


def map_of(patch: Patch, palette: Palette, terrain: str) -> str | None:
    """The map that a terrain's coordinates come from; None where they come from elsewhere."""
    for cord in patch.cords:
        is_of_map = palette.role(patch.nodes[cord.source_node].type) == "map"
        if cord.target == f"{terrain}.coordinates" and is_of_map:
            return cord.source_node
    return None


def with_path(patch: Patch, map_node: str, path: RecordedGesture) -> Patch:
    """The patch with a path more to play on a map. Raises MapError."""
    content = patch.nodes[map_node].content
    drawing = read_drawing(content)
    return set_content(
        patch, map_node, write_drawing(content, drawing.with_played(max(drawing.play, default=-1) + 1, path))
    )
