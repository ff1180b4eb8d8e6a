"""The map: the canvas of a gui node as one draws on it, the land under the lines. All that decides needs no window."""
