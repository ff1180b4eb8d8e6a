"""Reduce: many channels become few, as a place on a map made of many sensors."""

from .node import Reduce

__all__ = ["Reduce"]
