"""The map: the drawing of a gui node as one draws on it, the terrain under the lines. Needs no window."""
