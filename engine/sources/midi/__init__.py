"""MIDI: controllers, keys and clocks, heard and sent by processes of their own."""

from .inlet import MidiError, MidiIn
from .outlet import MidiOut

__all__ = ["MidiError", "MidiIn", "MidiOut"]
