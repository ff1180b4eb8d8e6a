"""Sound files: bring any recording into a patch, and keep what was played."""

from .folder import SUFFIXES, list_sounds
from .passage import Passage, split_passage
from .problem import SoundError
from .read import SoundFile
from .write import SoundWriter, write_sound

__all__ = [
    "SUFFIXES",
    "Passage",
    "SoundError",
    "SoundFile",
    "SoundWriter",
    "list_sounds",
    "split_passage",
    "write_sound",
]
