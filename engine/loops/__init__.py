"""Code per sample: what one sample is made of, in plain Python, becomes a compiled loop over a block and many lanes.

A description (``PerSample``) is made into text (``block_loop``), which another process compiles and tries
(``compiler``); numba keeps the result in a private folder (``cache``), and this process only loads it (``library``).
Node files use ``per_sample``; no other module of the engine needs to know of numba.
"""

from .declaration import Sample, State, per_sample
from .description import PerSample
from .node import PerSampleNode
from .stack import LoopStack

__all__ = ["LoopStack", "PerSample", "PerSampleNode", "Sample", "State", "per_sample"]
