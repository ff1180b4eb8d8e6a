"""``builtin:sounds``, the codec that is the user's own sounds."""

from .codec import SoundsCodec, load_sounds
from .corpus import sounds_in, tell_missing

__all__ = ["SoundsCodec", "load_sounds", "sounds_in", "tell_missing"]
