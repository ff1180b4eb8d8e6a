"""Reduce: many channels become few, as a plane of many sensors."""
