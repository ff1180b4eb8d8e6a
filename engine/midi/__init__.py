"""MIDI: controllers, keys and clocks, heard in a process of their own."""

from .inlet import MidiError, MidiIn

__all__ = ["MidiError", "MidiIn"]
