"""Capture: what nodes have gathered while playing (takes, drawings) goes back into the patch."""

from collections.abc import Mapping

from ..graphs import Patch, set_content
from .player import Engine
from .values import Content


def gathered(engine: Engine) -> Mapping[str, Content]:
    """The content of every node that has something to keep (a ``capture`` method), by node."""
    found = engine.compiled.living.items()
    return {name: living.instance.capture() for name, living in found if hasattr(living.instance, "capture")}


def captured(patch: Patch, engine: Engine) -> Patch:
    """A patch with what the engine's nodes of the same names have gathered; all else stays as it is in the patch."""
    for name, content in gathered(engine).items():
        if name in patch.nodes:
            patch = set_content(patch, name, content)
    return patch
