"""What a node may have beside ``process``: methods that the engine calls, found by name, each optional.

Here is all of them, a protocol for each, or for those that only make sense together. The engine asks with
``offers``; ``check`` tells at declaration of one that can't be called as it will be. The table in CONTRIBUTING.md
is ``table()``. One may also have an array ``state`` (see ``together``). Threads: *edit* is any but the audio thread,
one at a time; *audio* must not wait, nor take memory.
"""

import inspect
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard, TypeVar, runtime_checkable

import numpy as np

from .kernels.kernel import Kernel
from .problems import DeclarationError
from .values import Content, FloatArray, LatentSpace, PortSize, Trajectories

if TYPE_CHECKING:
    from .faces import ParamFace

Hook = TypeVar("Hook")
# From the values of all params (by name, one per node, or a line) to the call that plays the nodes for a block.
Resting = Callable[..., Callable[[], object]]


@dataclass(frozen=True)
class Together:
    """How nodes of a type play in one call (``together``). takes: the names of what ``stack`` wants.

    lines: whether its params may be driven by cords. scan: what a chain of them is an accumulation by. kernel: from a
    node and how many channels each of its inputs has (0: none) to the op that does the same, or None.
    """

    stack: Callable[..., Resting | None]
    takes: frozenset[str]
    alike: Callable[..., Hashable] | None
    lines: bool = False
    scan: np.ufunc | None = None
    kernel: Callable[[Any, Mapping[str, int]], Kernel | None] = lambda node, channels: None


@runtime_checkable
class SizesPorts(Protocol):
    """Knows of its ports only once it is made."""

    def ports(self) -> Mapping[str, PortSize]:
        """Sizes, ratios and codecs of ports, by name.

        When: it has been made, or content was taken over.
        Thread: edit.
        """
        ...


@runtime_checkable
class HearsSpaces(Protocol):
    """Wants to know which codec's latents flow in."""

    def learn_spaces(self, spaces: Mapping[str, LatentSpace]) -> None:
        """Hears of the codec of each latent input that has one.

        When: every edit of nodes, cords or content.
        Thread: edit.
        """
        ...


@runtime_checkable
class HearsUntrained(Protocol):
    """Makes a sound of zeros, and is silent where they only stand for what is not trained yet."""

    def learn_untrained(self, is_untrained: bool) -> None:
        """Hears whether all that comes in is of nodes that are not trained yet.

        When: every edit of nodes, cords or content.
        Thread: edit.
        """
        ...


@runtime_checkable
class Inherits(Protocol):
    """Goes on from the node as it was before a setting changed."""

    def inherit(self, before: Any) -> None:
        """Takes over what sounds from the instance that it follows.

        When: before its first block, where settings made it anew.
        Thread: audio.
        """
        ...


@runtime_checkable
class Renews(Protocol):
    """Takes new content without being made anew."""

    def renews(self, content: Content) -> bool:
        """Whether it can take this content over; if not, it is made anew.

        When: its content was edited.
        Thread: edit.
        """
        ...

    def prepare(self, content: Content) -> Any:
        """Does what is slow, and gives what ``renew`` gets; changes nothing that sounds.

        When: ``renews`` said yes.
        Thread: edit.
        """
        ...

    def renew(self, prepared: Any) -> None:
        """Plays on with the new content.

        When: before the first block of the edited patch.
        Thread: audio.
        """
        ...


@runtime_checkable
class Resets(Protocol):
    """Keeps something from block to block."""

    def reset(self) -> None:
        """Forgets what is in flight, as if it had just been made.

        When: a panic, or it gave numbers that are no sound (without it the node is muted then).
        Thread: audio.
        """
        ...


@runtime_checkable
class Shows(Protocol):
    """Has something to see while it plays."""

    def shows(self) -> Mapping[str, FloatArray]:
        """Copies, float32, of the same shapes every time, by name.

        When: 30 times a second while somebody looks.
        Thread: any.
        """
        ...


@runtime_checkable
class HasFaces(Protocol):
    """Has params that stand for controls that only its settings name."""

    def faces(self) -> "Mapping[str, ParamFace]":
        """What its params stand for, by name (``ParamFace``); the same object until that changes.

        When: ten times a second while somebody looks.
        Thread: any.
        """
        ...


@runtime_checkable
class Captures(Protocol):
    """Gathers something while it plays that belongs into the patch."""

    def capture(self) -> Content:
        """All of its content, what was gathered until now included.

        When: before saving and learning, and when a take is complete.
        Thread: edit.
        """
        ...


@runtime_checkable
class Remarks(Protocol):
    """Has something to say that is no fault."""

    def remarks(self) -> Sequence[str]:
        """Sentences for people, each once.

        When: about ten times a second.
        Thread: edit.
        """
        ...


@runtime_checkable
class Tidies(Protocol):
    """Has work that may be slow: making room, writing to a disk."""

    def tidy(self) -> None:
        """Does it; what it raises is told as a fault, and it plays on.

        When: about ten times a second, and before an edit.
        Thread: edit.
        """
        ...


@runtime_checkable
class Closes(Protocol):
    """Holds something open."""

    def close(self) -> None:
        """Lets go of it.

        When: once, when no plan plays it any more.
        Thread: edit.
        """
        ...


@runtime_checkable
class MadeFrom(Protocol):
    """Its jobs read what lies outside of the patch."""

    def made_from(self, job: str) -> Sequence[Any]:
        """Plain data that changes when what the job reads does (a file's sha256): then it is done again.

        When: before each of its jobs.
        Thread: where jobs run, not where it plays.
        """
        ...


@runtime_checkable
class Settles(Protocol):
    """Its content belongs to other nodes' trajectories."""

    def settle(self, paired: Trajectories | None) -> Content:
        """Its content as it belongs to these now; the same object where nothing changes.

        When: before the first job, and after each.
        Thread: where jobs run, not where it plays.
        """
        ...


@runtime_checkable
class TellsStale(Protocol):
    """Was trained on files."""

    def stale(self) -> Sequence[tuple[Path, str]]:
        """Files that are no longer what it was trained on, each with ``changed``, ``new`` or ``gone``.

        When: a patch is opened, and files change.
        Thread: where jobs run, not where it plays.
        """
        ...


@runtime_checkable
class DelaysAtLeast(Protocol):
    """Breaks feedback loops, also those that are shorter than a block."""

    def at_least(self, **params: Any) -> float:
        """Gives how many samples it delays by at the least in the block to come, the params being so.

        When: every block, where it stands in a short loop.
        Thread: audio.
        """
        ...


LIFE: tuple[type, ...] = (
    SizesPorts,
    HearsSpaces,
    HearsUntrained,
    Inherits,
    Renews,
    Resets,
    Shows,
    HasFaces,
    Captures,
    Remarks,
    Tidies,
    Closes,
    MadeFrom,
    Settles,
    TellsStale,
    DelaysAtLeast,
)


def is_a(declared: object, protocol: type) -> bool:
    """Whether a node type's instances have these methods."""
    return inspect.isclass(declared) and issubclass(declared, protocol)


def offers(node: object, hook: Callable[..., Hook]) -> TypeGuard[Hook]:
    """Whether a node has the methods of one of these protocols: as ``isinstance``, for a fraction of its cost."""
    for name in _names(hook):  # noqa: SIM110  (asked of every node at every edit)
        if not hasattr(node, name):
            return False
    return True


def offering(nodes: Iterable[tuple[str, Any]], hook: Callable[..., Hook]) -> list[tuple[str, Hook]]:
    """Those of these nodes, by name, that have the methods of one of these protocols."""
    names = _names(hook)
    found = [(name, node) for name, node in nodes if hasattr(node, names[0])]
    return [(name, node) for name, node in found if offers(node, hook)]


@lru_cache
def _names(hook: Any) -> tuple[str, ...]:
    return tuple(_methods(hook))


def check(where: str, declared: Any) -> None:
    """Raise DeclarationError for a method of such a name that can't be called so, or that lacks its companions."""
    for protocol in LIFE:
        names = list(_methods(protocol))
        there = [name for name in names if hasattr(declared, name)]
        for name in there:
            wanted = inspect.signature(getattr(protocol, name))
            if not _takes(getattr(declared, name), len(wanted.parameters)):
                words = f"def {name}({', '.join(wanted.parameters)})"
                raise DeclarationError(f"{where}.{name}: the engine calls it; write {words}, or give it another name")
        if there and there != names:
            missing = " and ".join(name for name in names if name not in there)
            raise DeclarationError(f"{where}.{there[0]}: the engine calls it together with {missing}; add that")


def table() -> str:
    """All of it as a table in Markdown."""
    rows = ["| method | called when | thread | what it does, or gives |", "| --- | --- | --- | --- |"]
    for protocol in LIFE:
        for name in _methods(protocol):
            method = getattr(protocol, name)
            doc = inspect.getdoc(method) or ""
            told = re.search(r"When: (.*?)\.\nThread: (.*?)\.$", doc, re.DOTALL)
            given = ", ".join(list(inspect.signature(method).parameters)[1:])
            when, thread = told.groups() if told else ("", "")
            rows.append(f"| `{name}({given})` | {when} | {thread} | {doc.partition(chr(10))[0]} |")
    return "\n".join(rows)


def _methods(protocol: type) -> Iterator[str]:
    return (name for name, one in vars(protocol).items() if inspect.isfunction(one) and not name.startswith("_"))


def _takes(method: Any, count: int) -> bool:
    """Whether it can be called with so many arguments, itself among them."""
    if not callable(method):
        return False
    try:
        inspect.signature(method).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True
