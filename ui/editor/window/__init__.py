"""The window: what DearPyGui is told, and what it tells. Nothing is decided here."""
