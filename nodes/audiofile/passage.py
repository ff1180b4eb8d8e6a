"""A passage: a sound file, or the part of one that is meant.

Written as the web writes it (W3C Media Fragments): ``voice.wav#t=1.5,3`` is from 1.5 s to 3 s, ``#t=,3`` from the
beginning, ``#t=1.5`` to the end.
"""

import math
import os
from dataclasses import dataclass
from pathlib import Path

from ...engine.typed import PART as MARK
from .problem import SoundError

LONGEST = 200


@dataclass(frozen=True)
class Passage:
    """begin, end: seconds; end None: to the end of the file."""

    path: Path
    begin: float = 0.0
    end: float | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all of the file is meant."""
        return self.begin == 0.0 and self.end is None

    @property
    def name(self) -> str:
        """What to call it: the file's name without its suffix, and where in it; text of at most 200 letters.

        Bytes that are no UTF-8 become question marks.
        """
        stem = os.fsencode(self.path.stem).decode("utf-8", "replace")[:LONGEST]
        if self.is_whole:
            return stem
        return f"{stem} {self.begin:g}-{'end' if self.end is None else f'{self.end:g}'}"

    def span(self, rate: float, samples: int) -> tuple[int, int]:
        """First sample, and the one after the last, of a file of so many. Raises SoundError when none is left."""
        first = round(self.begin * rate)
        last = samples if self.end is None else min(samples, round(self.end * rate))
        if first >= last:
            raise SoundError(
                f"{self.path.name} lasts {samples / rate:.2f} s; it has nothing from {self.begin:g} s "
                f"{'on' if self.end is None else f'to {self.end:g} s'}. Choose a range inside it"
            )
        return first, last


def split_passage(text: str) -> tuple[str, float, float | None]:
    """File, begin and end of a passage as it is written. Raises SoundError for times that are none."""
    file, mark, times = text.rpartition(MARK)
    if not mark:
        return text, 0.0, None
    begin, comma, end = times.partition(",")
    try:
        first, last = float(begin) if begin else 0.0, float(end) if end else None
        is_right = math.isfinite(first) and first >= 0 and (last is None or first < last < math.inf)
    except ValueError:
        first, last, is_right = 0.0, None, False
    if not is_right or (comma and not end and not begin):
        raise SoundError(f"{text}: write part of a sound as FILE{MARK}BEGIN,END with seconds, such as {MARK}1.5,3")
    return file, first, last
