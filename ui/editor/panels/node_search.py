"""Finding a node type by a few letters, by what it does, or by its name in other programs."""

from collections.abc import Sequence
from dataclasses import dataclass

from ....engine.declare import NodeSpec
from ....engine.labels import title_of
from ....engine.palette import Palette
from ...patcher.ports import PortPlace, is_direct, meets, ports_of

NEAREST = 0.85


@dataclass(frozen=True)
class FoundNode:
    """A node type. port: the one of its ports that the cord in hand would go to.

    is_nearest: whether there is nothing of the name that was typed, and this comes nearest to it.
    """

    type: str
    summary: str
    score: float
    port: str = ""
    title: str = ""
    is_nearest: bool = False

    def words(self) -> str:
        """What it does; before it, that it is only the nearest."""
        return f"nearest: {self.summary}" if self.is_nearest else self.summary


def find(palette: Palette, words: str, wanted: PortPlace | None = None, recent: Sequence[str] = ()) -> list[FoundNode]:
    """Node types that fit, the best first. wanted: only those that a cord from (or to) that port can meet."""
    found = []
    for type_, spec in palette.specs.items():
        port = best_port(spec, wanted) if wanted is not None else ""
        if port is None:
            continue
        wanted_name = words.strip().lower()
        score, nearness = _score(wanted_name, type_, spec), _nearness(wanted_name, spec)
        is_nearest, score = nearness > score, max(score, nearness)
        if score <= 0:
            continue
        if type_ in recent:
            score += 0.5 - 0.01 * list(recent).index(type_)
        found.append(FoundNode(type_, spec.summary, score, port, title_of(spec), is_nearest))
    return sorted(found, key=lambda one: (-one.score, one.type))


def best_port(spec: NodeSpec, wanted: PortPlace) -> str | None:
    """The port of a type that a cord from ``wanted`` would best go to; None where none fits."""
    fitting = [
        one
        for one in ports_of(spec)
        if one.is_input != wanted.is_input
        and (
            meets(wanted.kind, one.kind, one.is_param)
            if one.is_input
            else meets(one.kind, wanted.kind, wanted.is_param)
        )
    ]
    direct = [one for one in fitting if is_direct(wanted.kind, one.kind, one.is_param)]
    return next((one.port for one in (*direct, *fitting)), None)


def _score(words: str, type_: str, spec: NodeSpec) -> float:
    if not words:
        return 1.0
    best = max(_match(words, type_.replace("_", " ")), _match(words, title_of(spec).lower()))
    for other in spec.other_names:
        best = max(best, 0.9 * _match(words, other))
    if best == 0 and all(part in spec.summary.lower() for part in words.split()):
        best = 20.0
    return best


def _nearness(words: str, spec: NodeSpec) -> float:
    """How well the words name something for which this type is the nearest; less than anything of that very name."""
    fitting = [name for name in spec.nearest_to if words and name.startswith(words)]
    return max((NEAREST * _match(words, name) for name in fitting), default=0.0)


def _match(words: str, name: str) -> float:
    words = words.replace("_", " ")
    if words == name:
        return 100.0
    if name.startswith(words):
        return 80.0 + 10 * len(words) / len(name)
    if any(part.startswith(words) for part in name.split()):
        return 70.0
    if words in name:
        return 60.0
    initials = "".join(part[0] for part in name.split() if part)
    if initials.startswith(words.replace(" ", "")):
        return 55.0
    place, gaps = -1, 0
    for letter in words.replace(" ", ""):
        after = name.find(letter, place + 1)
        if after < 0:
            return 0.0
        gaps += after - place - 1
        place = after
    return max(1.0, 40.0 - 3 * gaps) if len(words) > 1 else 0.0
