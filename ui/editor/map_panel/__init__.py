"""The map in the window: its tools, its lists and its menus around the drawing."""
