"""Patches in a few lines of Python: build them, play them, change them while they play, render and train them."""

from .handle import NodeHandle, ScriptError
from .instrument import Instrument
from .open import attach, load, new, play

__all__ = ["Instrument", "NodeHandle", "ScriptError", "attach", "load", "new", "play"]
