"""How the playheads of a map move: one file for each mode (``walk``, ``orbit``, ``pads``, ``hand``, ``external``).

``mode.py`` says what a mode is. ``playhead.py`` is one that walks lines, on a ``course.py``; ``travel.py`` counts how
far; ``quantiser.py`` lets things wait for the beat.
"""
