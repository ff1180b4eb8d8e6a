"""A playhead over a sound file: from anywhere, round and round."""

import numpy as np
from numpy.typing import NDArray

from .problem import SoundError
from .reading import SoundFile


class SoundReader:
    """Plays the region ``begin`` … ``end`` (samples at the sound's rate, end excluded) once or in a loop.

    A region beyond the sound is cut to it; an empty one raises SoundError. Not for the audio thread: it reads a disk.
    """

    def __init__(self, sound: SoundFile, begin: int = 0, end: int | None = None, loop: bool = False) -> None:
        self.sound = sound
        self.begin = max(begin, 0)
        self.end = sound.frames if end is None else min(end, sound.frames)
        self.loop = loop
        if self.begin >= self.end:
            raise SoundError(
                f"{sound.path} lasts {sound.frames} samples; the region {begin} to {end} holds none of them"
            )
        self.position = self.begin

    @property
    def is_finished(self) -> bool:
        """Whether the end was reached and there is no loop."""
        return not self.loop and self.position >= self.end

    def seek(self, position: int) -> None:
        """Go on from a sample of the sound, held inside the region."""
        self.position = min(max(position, self.begin), self.end)

    def read(self, count: int, out: NDArray[np.float32]) -> int:
        """Fill ``out[:, :count]`` and move on; tells how many samples sound, the rest is silence."""
        done = 0
        while done < count:
            if self.position >= self.end:
                if not self.loop:
                    break
                self.position = self.begin
            some = min(count - done, self.end - self.position)
            self.sound.read(self.position, some, out[:, done : done + some])
            self.position += some
            done += some
        out[:, done:count] = 0.0
        return done
