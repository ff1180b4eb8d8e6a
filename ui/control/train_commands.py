"""Commands for training: begin, cancel, how far it is. What comes of it is told to who listens (``training_jobs``)."""

from typing import TYPE_CHECKING, Any

from ...engine import Palette
from ...engine.training.jobs import fed_by, has_jobs, with_upstream
from ...engine.typed import is_number
from ...graphs import Patch
from .run_commands import ControlError, Reply, does
from .training_jobs import LONGEST_SECONDS, UNKNOWN_ERROR

if TYPE_CHECKING:
    from .dispatcher import Dispatcher

AGAIN, KEEP = "again", "keep"


@does("/train")
def _train(dispatcher: "Dispatcher", arguments: list[Any]) -> Reply:
    """``/train [NODE|*] [SECONDS] [again]``: train what has changed, with what was recorded until now."""
    words = [one for one in arguments if isinstance(one, str)]
    numbers = [one for one in arguments if is_number(one)]
    nodes = [one for one in words if one not in (AGAIN, "*")]
    if len(words) + len(numbers) < len(arguments) or len(nodes) > 1 or len(numbers) > 1:
        raise ControlError(f"/train takes a node (or * for all), seconds at most, and {AGAIN}")
    if any(not 0 < one <= LONGEST_SECONDS for one in numbers):
        raise ControlError(f"/train: train for above 0 to {LONGEST_SECONDS:g} seconds")
    again, patch, palette = AGAIN in words, dispatcher.session.patch, dispatcher.palette
    only = wanted(patch, palette, nodes[0], again) if nodes else None
    if only is None and not any(has_jobs(patch.nodes[name].type, palette) for name in patch.nodes):
        raise ControlError("nothing in this patch can be trained; it needs a terrain, an encode node or a map")
    dispatcher.session.keep_takes()
    return "/done", [dispatcher.training.begin(only, again, float(numbers[0]) if numbers else None)]


@does("/train/cancel")
def _cancel(dispatcher: "Dispatcher", arguments: list[Any]) -> None:
    """``/train/cancel [keep]``: end it; with keep its best is kept."""
    if arguments not in ([], [KEEP]):
        raise ControlError(f"/train/cancel takes nothing, or {KEEP}")
    if not dispatcher.training.cancel(bool(arguments)):
        raise ControlError("nothing is training")


@does("/train/status")
def _status(dispatcher: "Dispatcher", arguments: list[Any]) -> Reply:
    """1 while something is trained else 0, its node, share and words, and the last error/variance (-1: not known)."""
    now = dispatcher.training.status
    error = UNKNOWN_ERROR if now.error is None else now.error
    return "/train/status.reply", [int(now.is_busy), now.node, now.done, now.text or now.failed, error]


def wanted(patch: Patch, palette: Palette, node: str, again: bool) -> frozenset[str]:
    """A node that is to be trained and, unless it is to be trained again, what leads to it. Raises ControlError."""
    if node not in patch.nodes or not has_jobs(patch.nodes[node].type, palette):
        able = [name for name in patch.nodes if has_jobs(patch.nodes[name].type, palette)]
        raise ControlError(f"{node[:80]}: no such node to train; there is {', '.join(able) or 'none'}")
    return frozenset({node} if again else with_upstream(fed_by(patch, palette), node))
