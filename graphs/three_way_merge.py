"""Merge: two people's edits of one patch put together, param by param; what both changed is named, and nothing is lost.

A three-way merge as version control knows it: what only one side changed since ``base`` is taken from that side. Where
both changed the same thing otherwise, ours stays, and the other's node is kept beside it, muted and without cords,
under the name ``NAME-theirs``.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, count
from typing import Any, TypeVar

from .compare import diff
from .frozen import frozen, same
from .patch import Cord, Node, Patch
from .scopes import short_name

Key = TypeVar("Key", bound=Hashable)
THEIRS, LONGEST_NAME = "-theirs", 64
MISSING = object()
# Entries of a patch's view that only say how somebody looked at it.
LOOKS = ("window", "maps", "learning")


@dataclass(frozen=True)
class Conflict:
    """Something that both sides changed. node: whose it is, "" for the patch's own; text: a sentence."""

    node: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Merged:
    """Two sides put together. conflicts: what overlaps, where ``patch`` has ours."""

    patch: Patch
    conflicts: tuple[Conflict, ...]


def merge_edits(base: Patch, ours: Patch, theirs: Patch) -> Merged:
    """Put two sides together that both began with ``base``; an empty patch where there is none."""
    conflicts: list[Conflict] = []
    nodes: dict[str, Node] = {}
    beside: dict[str, Node] = {}
    for name in _names(base.nodes, ours.nodes, theirs.nodes):
        node, other = _node(name, base.nodes.get(name), ours.nodes.get(name), theirs.nodes.get(name), conflicts)
        if node is not None:
            nodes[name] = node
        if other is not None:
            beside[name] = other
    for name, node in beside.items():
        nodes[name_of_theirs(name, {*nodes, *beside})] = replace(node, muted=True)

    clash = partial(_clash, conflicts)
    assets = _three_way((base.assets, ours.assets, theirs.assets), lambda one, other: one == other, clash("file "))
    extra = _three_way((base.extra, ours.extra, theirs.extra), same, clash("extra "))
    seed = theirs.seed if ours.seed == base.seed else ours.seed
    if len({base.seed, ours.seed, theirs.seed}) == 3:
        clash("seed")("")
    patch = replace(ours, nodes=nodes, assets=assets, extra=extra, seed=seed, view=_view(base, ours, theirs, conflicts))
    return Merged(replace(patch, cords=_cords(base, ours, theirs, nodes, conflicts)), tuple(conflicts))


def _clash(conflicts: list[Conflict], what: str) -> Callable[[Any], None]:
    """What to do with the name of an entry of the patch's own that both sides changed."""
    return lambda key: conflicts.append(Conflict("", f"{what}{key}: both sides changed it; ours is kept"))


def _node(
    name: str, base: Node | None, ours: Node | None, theirs: Node | None, conflicts: list[Conflict]
) -> tuple[Node | None, Node | None]:
    """The node as it is to be, and the other's to be kept beside it."""
    if ours is None or theirs is None:
        there = ours if ours is not None else theirs
        if there is None or base is None:
            return there, None
        if _is_same(base, there):
            return None, None
        sides = ("they removed", "we changed") if theirs is None else ("we removed", "they changed")
        conflicts.append(Conflict(name, f"{name}: {sides[0]} it and {sides[1]} it; it is kept"))
        return there, None
    if theirs in (ours, base):
        return ours, None
    if ours == base:
        return theirs, None
    if base is not None and base.type != ours.type:
        base = None
    if ours.type != theirs.type or (base is None and not _is_same(ours, theirs)):
        conflicts.append(
            Conflict(name, f"{name}: both sides made it, differently; theirs is kept as {name_of_theirs(name)}")
        )
        return ours, theirs
    return _both(name, base or ours, ours, theirs, conflicts)


def _both(
    name: str, base: Node, ours: Node, theirs: Node, conflicts: list[Conflict]
) -> tuple[Node | None, Node | None]:
    before = len(conflicts)

    def clash(what: str) -> Callable[[Any], None]:
        kept = f"ours is kept, theirs in {name_of_theirs(name)}"
        return lambda key: conflicts.append(Conflict(name, f"{name}{what}{key}: both sides changed it; {kept}"))

    values = _three_way((base.values, ours.values, theirs.values), same, clash("."))
    extra = _three_way((base.extra, ours.extra, theirs.extra), same, clash(" extra "))
    content = _content(base, ours, theirs, clash(" content "))
    plain: dict[str, Any] = {}
    for key in ("title", "muted", "bypassed"):
        then, our, their = (getattr(one, key) for one in (base, ours, theirs))
        plain[key] = their if our == then else our
        if our not in (then, their) and their != then:
            clash(" ")(key)
    # Where somebody put a card is no matter to be asked about.
    plain["position"] = theirs.position if ours.position == base.position else ours.position
    node = replace(ours, values=values, content=content, extra=extra, **plain)
    return node, theirs if len(conflicts) > before else None


def _content(base: Node, ours: Node, theirs: Node, clash: Callable[[Any], None]) -> Mapping[str, Any]:
    """Arrays in the units that belong together: a line with its weight, all of what was learned."""

    def units(node: Node) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for key, array in node.content.items():
            found.setdefault(unit_of(key), {})[key] = array
        return found

    def is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)

    merged = _three_way((units(base), units(ours), units(theirs)), is_same, clash)
    return {key: array for unit in merged.values() for key, array in unit.items()}


def unit_of(key: str) -> str:
    """What an array is merged with: its number where it is one of a list (``lines/0003``, ``weights/0003``), else all
    that was made together (``learn/…``, ``snapshot/1/…``), of which a half from each side would be neither's.
    """
    folder, _, rest = key.partition("/")
    if rest.isdecimal():
        return rest
    above, _, last = key.rpartition("/")
    return folder if last.isdecimal() else above or key


def _view(base: Patch, ours: Patch, theirs: Patch, conflicts: list[Conflict]) -> Mapping[str, Any]:
    """What is kept with a patch: how each looked at it stays ours; snapshots and the like are merged one by one."""
    clash = partial(_clash, conflicts)
    sides = (base.view, ours.view, theirs.view)
    looks = {key: value for key, value in {**theirs.view, **ours.view}.items() if key in LOOKS}
    nested = {
        key
        for key in _names(*sides)
        if key not in LOOKS and all(isinstance(side.get(key, {}), Mapping) for side in sides)
    }
    plain = [{key: one for key, one in side.items() if key not in nested | set(LOOKS)} for side in sides]
    made = {**looks, **_three_way(plain, same, clash(""))}
    for key in nested:
        inner = _three_way([side.get(key, {}) for side in sides], same, clash(f"{key} "))
        if inner or all(key in side for side in sides):
            made[key] = inner
    return made


def _cords(
    base: Patch, ours: Patch, theirs: Patch, nodes: Mapping[str, Node], conflicts: list[Conflict]
) -> tuple[Cord, ...]:
    """Input by input, as each takes one cord."""

    def by_target(patch: Patch) -> dict[str, tuple[Cord, ...]]:
        found: dict[str, tuple[Cord, ...]] = {}
        for cord in patch.cords:
            found[cord.target] = (*found.get(cord.target, ()), cord)
        return found

    def clash(target: str) -> None:
        kept, other = by_target(ours).get(target, ()), by_target(theirs).get(target, ())
        sides = " and ".join(f"{whose} {_sources(cords)}" for whose, cords in (("ours", kept), ("theirs", other)))
        conflicts.append(Conflict(target.partition(".")[0], f"cord to {target}: {sides}; {_kept(kept)} is kept"))

    found = _three_way((by_target(base), by_target(ours), by_target(theirs)), lambda one, other: one == other, clash)
    cords = (cord for some in found.values() for cord in some)
    return tuple(cord for cord in cords if cord.source_node in nodes and cord.target_node in nodes)


def _sources(cords: tuple[Cord, ...]) -> str:
    return "comes from " + " and ".join(cord.source for cord in cords) if cords else "is taken away"


def _kept(ours: tuple[Cord, ...]) -> str:
    return "ours" if ours else "theirs"


def _three_way(
    sides: Sequence[Mapping[Key, Any]],
    is_same: Callable[[Any, Any], bool],
    clash: Callable[[Key], None],
) -> dict[Key, Any]:
    """Entry by entry of base, ours and theirs; an entry that one side removed and the other changed is kept."""

    def equal(one: Any, other: Any) -> bool:
        return one is other or (one is not MISSING and other is not MISSING and is_same(one, other))

    found: dict[Key, Any] = {}
    for key in _names(*sides):
        then, our, their = (one.get(key, MISSING) for one in sides)
        chosen = their if equal(our, then) else our
        if not (equal(our, then) or equal(their, then) or equal(our, their)):
            clash(key)
            chosen = our if our is not MISSING else their  # nothing is lost
        if chosen is not MISSING:
            found[key] = chosen
    return found


def _is_same(one: Node, other: Node) -> bool:
    """Whether two nodes are equal but for their places."""
    return not diff(
        Patch(nodes=frozen({"node": replace(one, position=(0.0, 0.0))})),
        Patch(nodes=frozen({"node": replace(other, position=(0.0, 0.0))})),
    )


def _names(*sides: Mapping[Key, Any]) -> list[Key]:
    """All keys, each once, in the order in which they stand."""
    return list(dict.fromkeys(key for side in sides for key in side))


def name_of_theirs(name: str, taken: Set[str] = frozenset()) -> str:
    """What the other side's node is called beside ours, in the same definition."""
    short = short_name(name)
    before = name.removesuffix(short)
    endings = chain([THEIRS], (f"{THEIRS}-{n}" for n in count(2)))
    names = (f"{before}{short[: LONGEST_NAME - len(end)]}{end}" for end in endings)
    return next(one for one in names if one not in taken)
