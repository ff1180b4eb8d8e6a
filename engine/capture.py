"""Capture: what nodes have gathered while playing (takes, drawings) goes back into the patch."""

from ..graphs import Patch, set_content
from .player import Engine


def captured(engine: Engine) -> Patch:
    """The engine's patch with the content of every node that has something to keep (a ``capture`` method)."""
    patch = engine.patch
    for name, living in engine.compiled.living.items():
        if hasattr(living.instance, "capture"):
            patch = set_content(patch, name, living.instance.capture())
    return patch
