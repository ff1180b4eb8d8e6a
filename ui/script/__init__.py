"""Patches in a few lines of Python: build them, play them, change them while they play, render and teach them."""

from .instrument import Instrument, NodeHandle, ScriptError, attach, load, new, play

__all__ = ["Instrument", "NodeHandle", "ScriptError", "attach", "load", "new", "play"]
