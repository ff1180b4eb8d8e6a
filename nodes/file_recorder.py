"""File recorder: keep what is played as a sound file."""

import weakref
from pathlib import Path
from typing import Annotated

import numpy as np

from ..engine import FloatArray, Help, Param, PortSize, Setting, SettingError, Setup, Signal, node
from .audiofile import SoundError
from .audiofile.permission import may_write, refusal
from .audiofile.tape import SUFFIXES, Recorded, Tape

File = Annotated[
    str,
    Setting(
        help="Output file, .wav or .flac; a number is added if it exists.",
        file="sound",
        writes=True,
    ),
]
Channels = Annotated[int, Setting(help="Number of channels: 1 mono, 2 stereo, or more.", low=1, high=64)]
Recording = Annotated[bool, Param(0, 1, help="Records while on; pauses while off.")]


@node(other_names=("sfrecord~", "write wav", "bounce", "record", "save", "recorder", "record to file"))
class FileRecorder:
    """Record a signal to a file while it plays.

    The file begins with the first sample recorded and is finished when the patch closes; until then it has a
    temporary name. A file from before is never written over: the next is take-2.wav. Files go into the patch's own
    folder and those in it; any other place is asked for once. Without a file name nothing is written.
    """

    def __init__(self, setup: Setup, file: File = "", channels: Channels = 2) -> None:
        self._channels = channels
        self._tape: Tape | None = None
        self._has_told = self._has_warned = False
        if not file:
            return
        path = setup.resolve(file)
        if path.suffix.lower() not in SUFFIXES:
            raise SettingError("file", f"{path.name!r} is not a valid recording name; use .wav or .flac")
        if not may_write(path, setup.folder):
            raise SettingError("file", refusal(path))
        if not path.parent.is_dir():
            raise SettingError("file", f"there is no folder {str(path.parent)!r}; create it or record elsewhere")
        self._tape = Tape(path.resolve(), setup.sample_rate, channels, setup.block, setup.offline, replaces=False)
        weakref.finalize(self, self._tape.close)  # for one that is dropped without being closed

    def ports(self) -> dict[str, PortSize]:
        """As many channels as set."""
        return {"audio": PortSize(size=self._channels)}

    def process(self, audio: Annotated[Signal, Help("the sound to record")], recording: Recording = True) -> None:
        """Take in ``[channels, n]``."""
        if self._tape is not None and recording:
            self._tape.take(audio)

    def tidy(self) -> None:
        """Tell what ended the recording, once. Raises SoundError, which becomes a fault of the node."""
        told = self.read()
        if told.problem and not self._has_told:
            self._has_told = True
            raise SoundError(told.problem)

    def remarks(self) -> list[str]:
        """That the disk is going to be full, once."""
        warning = self.read().warning
        if not warning or self._has_warned:
            return []
        self._has_warned = True
        return [warning]

    def close(self) -> None:
        """Finish the file. Raises SoundError for what went wrong and has not been told."""
        if self._tape is not None:
            self._tape.close()
            self.tidy()

    def read(self) -> Recorded:
        """How the recording goes; from any thread."""
        return self._tape.told() if self._tape else Recorded(0.0, 0.0, "", "", Path())

    def shows(self) -> dict[str, FloatArray]:
        """For whoever looks on, each ``[1]``: ``seconds`` recorded, and ``lost`` because the disk was too slow."""
        told = self.read()
        return {"seconds": np.array([told.seconds], np.float32), "lost": np.array([told.lost], np.float32)}
