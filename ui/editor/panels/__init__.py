"""The panels around the canvas: what they show is the desk, what they do is its actions."""
