"""Ableton Link: one beat for all programs of a room, kept in a process of its own."""

from .inlet import LinkError, LinkIn

__all__ = ["LinkError", "LinkIn"]
