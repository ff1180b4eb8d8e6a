"""Results: what a training run made of a node, put into a patch that may have been edited meanwhile."""

from ...graphs import Patch, set_content
from ...graphs.edits import the_node
from ...graphs.frozen import same
from ..declare import NodeSpec
from ..palette import Palette
from ..values import Content


def with_results(patch: Patch, palette: Palette, node: str, content: Content, base: Content | None) -> Patch:
    """A patch with what the jobs of a node made. base: its content when they began; None: it is as it was.

    What was changed in its content since stays as it is now: then only the results of the jobs are taken over, not what
    the training run made of the rest. Raises EditError for a node that has gone.
    """
    now = the_node(patch, node)
    spec = palette.get(now.type)
    if base is not None and spec is not None and not same(now.content, base):
        jobs = results_of(spec)
        rest = {name: array for name, array in now.content.items() if not name.startswith(jobs)}
        content = rest | {name: array for name, array in content.items() if name.startswith(jobs)}
    return set_content(patch, node, content)


def results_of(spec: NodeSpec) -> tuple[str, ...]:
    """How the names of arrays begin that the jobs of a node type make."""
    return tuple(f"{one.name}/" for one in spec.offline.values() if one.is_job)
