"""MIDI: controllers, keys and clocks, heard and sent by processes of their own."""

from .inlet import MidiError, MidiInlet
from .outlet import MidiOutlet

__all__ = ["MidiError", "MidiInlet", "MidiOutlet"]
