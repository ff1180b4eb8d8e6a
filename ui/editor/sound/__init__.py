"""The editor's sound: an engine in a process of its own, what it learns, or silence in a test."""
