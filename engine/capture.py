"""Capture: what nodes have gathered while playing (takes, drawings) goes back into the patch.

What a node of a definition gathers belongs into the definition, where one instance plays it; several have no places
there of their own.
"""

from collections.abc import Mapping

from ..graphs import Patch, set_content
from ..graphs.delta import rebased
from ..graphs.scope_paths import by_node
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
    for path, name in by_node(played, taken).items():
        if name in document.nodes:
            with_them = set_content(with_them, name, taken[path])
    return rebased(played, with_them, document) if with_them != played else document


def captured(patch: Patch, engine: Engine) -> Patch:
    """A patch with what the engine's nodes have gathered; all else stays as it is in the patch."""
    taken = gathered(engine)
    for path, name in by_node(patch, taken).items():
        patch = set_content(patch, name, taken[path])
    return patch
