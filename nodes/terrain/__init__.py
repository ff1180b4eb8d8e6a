"""Terrain: a small network that has learned which sound lies where, and answers as you walk."""

from .node import Terrain

__all__ = ["Terrain"]
