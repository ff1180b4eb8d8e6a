"""The editor: a window in which patches are built and played. All that decides is free of the window (``desk``)."""
