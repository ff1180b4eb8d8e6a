"""The node expr."""
