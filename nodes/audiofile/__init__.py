"""Sound files: bring any recording into a patch, and keep what was played."""

from .listing import SUFFIXES, list_sounds
from .problem import SoundError
from .reading import SoundFile
from .writing import SoundWriter, write_sound

__all__ = ["SUFFIXES", "SoundError", "SoundFile", "SoundWriter", "list_sounds", "write_sound"]
