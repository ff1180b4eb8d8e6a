"""Capture: what nodes have gathered while playing (takes, drawings) goes back into the patch.

Nodes of instances (``voice-1/record``) have no place there of their own; a definition may be called like an instance.
"""

from collections.abc import Mapping

from ..graphs import Patch, set_content
from ..graphs.delta import rebased
from ..graphs.scopes import SLASH
from .engine import Engine
from .hooks import Captures, offers
from .values import Content


def gathered(engine: Engine) -> Mapping[str, Content]:
    """The content of every node that has something to keep (a ``capture`` method), by node."""
    found = engine.compiled.instances.items()
    return {name: instance.node.capture() for name, instance in found if offers(instance.node, Captures)}


def with_takes(document: Patch, played: Patch, taken: Mapping[str, Content]) -> Patch:
    """A document with what was gathered from an engine that plays it.

    played: the patch as that engine has it. What the document has otherwise since (a take deleted) stays so.
    """
    with_them = played
    for name, content in taken.items():
        if SLASH not in name and name in played.nodes and name in document.nodes:
            with_them = set_content(with_them, name, content)
    return rebased(played, with_them, document) if with_them != played else document


def captured(patch: Patch, engine: Engine) -> Patch:
    """A patch with what the engine's nodes of the same names have gathered; all else stays as it is in the patch."""
    for name, content in gathered(engine).items():
        if SLASH not in name and name in patch.nodes:
            patch = set_content(patch, name, content)
    return patch
