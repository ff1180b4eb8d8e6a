"""``builtin:sounds``, the codec that is the user's own sounds."""

from .codec import SoundsCodec, codec_over, load_sounds
from .corpus import sounds_in, tell_missing

__all__ = ["SoundsCodec", "codec_over", "load_sounds", "sounds_in", "tell_missing"]
