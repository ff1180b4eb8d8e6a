"""The beat that everybody plays to: where the music is, as a clock outside (MIDI, Ableton Link) tells."""

import math
from dataclasses import dataclass

# Beats per minute that a clock can have.
SLOW, FAST = 1.0, 1000.0


@dataclass(frozen=True)
class Moment:
    """A sample at which a beat was, or will be, and beats per sample from there on."""

    sample: float
    beat: float
    per_sample: float

    def at(self, sample: float) -> float:
        """Which beat it is at a sample; a fraction is a place within it."""
        return self.beat + (sample - self.sample) * self.per_sample

    def when(self, beat: float) -> float:
        """The sample of a beat."""
        return self.sample + (beat - self.beat) / self.per_sample


class SharedBeat:
    """One for an engine. ``moment`` is None while nobody outside counts; read it once a block, it may change."""

    def __init__(self) -> None:
        self.moment: Moment | None = None
        self.bars = 0
        """How many bars somebody outside has said to begin at once."""

    def begin_bar(self) -> None:
        """From any thread: a bar begins now."""
        self.bars += 1

    def hear(self, sample: float, beat: float, tempo: float, sample_rate: float) -> None:
        """From any thread: at a sample (one far away too) it is that beat, in beats per minute."""
        if not (math.isfinite(sample) and math.isfinite(beat) and SLOW <= tempo <= FAST):
            return
        self.moment = Moment(sample, beat, tempo / 60.0 / sample_rate)

    def leave(self) -> None:
        """From any thread: nobody outside counts any more."""
        self.moment = None


class Ticks:
    """The multiples of some beats, block by block: none twice, none left out, though the clock is corrected."""

    CORRECTED = 0.5
    """A clock that is further off than this share of a tick has jumped, and ticks begin anew from where it is."""

    def __init__(self) -> None:
        self._next: int | None = None
        self._size = 0.0

    def due(self, moment: Moment, sample: int, count: int, beats: float) -> range:
        """Numbers of the ticks that fall due in a block: tick n is beat n · ``beats``."""
        begin, end = moment.at(sample) / beats, moment.at(sample + count) / beats
        ahead = self._next if self._size == beats else None
        if ahead is None or not -self.CORRECTED <= ahead - begin <= 1.0 + self.CORRECTED:
            ahead = math.ceil(begin - 1e-9)
        last = max(ahead, math.ceil(end - 1e-9))
        self._next, self._size = last, beats
        return range(ahead, last)

    def offset(self, moment: Moment, sample: int, count: int, beat: float) -> int:
        """A beat's sample within the block; one that is late is at its begin."""
        return min(max(math.ceil(moment.when(beat) - 1e-6) - sample, 0), count - 1)

    def forget(self) -> None:
        """Begin anew."""
        self._next = None
