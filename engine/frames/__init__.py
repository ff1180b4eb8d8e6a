"""Frames on time: what is too slow for the audio thread is computed by workers, and heard a fixed time later."""

from .interface import FrameError, LatentStream, SoundStream, StreamReport
from .service import FrameService

__all__ = ["FrameError", "FrameService", "LatentStream", "SoundStream", "StreamReport"]
