"""Gui: the map where sounds are laid out as lines, and where you walk."""

from .node import Gui

__all__ = ["Gui"]
