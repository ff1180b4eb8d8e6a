"""Programs in the Faust language: read and refused, compiled in a process of their own, played without the interpreter.

``source`` reads a program and what it imports, ``compiler`` has it compiled and tried elsewhere, ``library`` is the
compiler's C interface, ``controls`` its sliders and buttons.
"""
