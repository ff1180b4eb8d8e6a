"""DearPyGui tells its types wrongly (every item is ``int | str``), so all of it counts as any."""
