"""Compare: what changed from one patch to another, told as a person would tell it."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from .frozen import same
from .patch import Asset, Cord, Node, Patch
from .text import array_in_words, asset_in_words, bare, in_words, place_in_words, quoted, sorted_cords

# How many characters of a value are told in full.
LONGEST = 200


@dataclass(frozen=True)
class Change:
    """One difference: ``+`` came, ``-`` went, ``~`` changed. ``node`` is whose it is, "" for the patch's own."""

    sign: Literal["+", "-", "~"]
    node: str
    text: str

    def __str__(self) -> str:
        return f"{self.sign} {self.text}"


def diff(before: Patch, after: Patch) -> list[Change]:
    """Every difference from one patch to the other, in a fixed order; none exactly when the patches are equal."""
    return list(_changes(before, after))


def diff_text(before: Patch, after: Patch) -> str:
    """The differences one per line, such as ``~ terrain-1.gauss: 10.0 -> 5.0``; "" when there are none."""
    return "".join(f"{change}\n" for change in _changes(before, after))


def _changes(before: Patch, after: Patch) -> Iterator[Change]:
    if before.seed != after.seed:
        yield Change("~", "", f"seed: {before.seed} -> {after.seed}")
    for name in sorted({*before.nodes, *after.nodes}):
        yield from _node_changes(name, before.nodes.get(name), after.nodes.get(name))
    yield from _cord_changes(before, after)
    yield from _map_changes("", "file ", _known(before.assets), _known(after.assets), asset_in_words)
    for name in sorted(before.assets.keys() & after.assets.keys()):
        one, other = before.assets[name], after.assets[name]
        yield from _map_changes("", f"file {bare(name)} extra ", one.extra, other.extra)
    yield from _map_changes("", "view ", before.view, after.view)
    yield from _map_changes("", "extra ", before.extra, after.extra)


def _node_changes(name: str, before: Node | None, after: Node | None) -> Iterator[Change]:
    known = bare(name)
    if before is after:
        return
    if before is None or after is None:
        if before is not None:
            yield Change("-", name, f"node {known} ({bare(before.type)})")
        if after is not None:
            yield Change("+", name, f"node {known} ({bare(after.type)})")
            yield from _inner_changes(name, Node(after.type, position=after.position), after)
        return
    if before.type != after.type:
        yield Change("~", name, f"{known} type: {bare(before.type)} -> {bare(after.type)}")
    yield from _inner_changes(name, before, after)


def _inner_changes(name: str, before: Node, after: Node) -> Iterator[Change]:
    known = bare(name)
    if before.title != after.title:
        yield Change("~", name, f"{known} title: {quoted(before.title)} -> {quoted(after.title)}")
    if before.position != after.position:
        yield Change("~", name, f"{known} moved: {place_in_words(before)} -> {place_in_words(after)}")
    for word, then, now in (("muted", before.muted, after.muted), ("bypassed", before.bypassed, after.bypassed)):
        if then != now:
            yield Change("~", name, f"{known} {word if now else f'no longer {word}'}")
    yield from _map_changes(name, f"{known}.", before.values, after.values)
    yield from _map_changes(name, f"{known} content ", before.content, after.content, array_in_words)
    yield from _map_changes(name, f"{known} extra ", before.extra, after.extra)


def _cord_changes(before: Patch, after: Patch) -> Iterator[Change]:
    old, new = _cords_by_ends(before), _cords_by_ends(after)
    for ends in sorted({*old, *new}):
        text = f"cord {bare(ends[0])} -> {bare(ends[1])}"
        then, now = old.get(ends, []), new.get(ends, [])
        for _ in range(len(then) - len(now)):
            yield Change("-", "", text)
        for _ in range(len(now) - len(then)):
            yield Change("+", "", text)
        for one, other in zip(then, now, strict=False):
            yield from _map_changes("", f"{text} extra ", one.extra, other.extra)


def _cords_by_ends(patch: Patch) -> dict[tuple[str, str], list[Cord]]:
    found: dict[tuple[str, str], list[Cord]] = {}
    for cord in sorted_cords(patch):
        found.setdefault((cord.source, cord.target), []).append(cord)
    return found


def _known(assets: Mapping[str, Asset]) -> dict[str, Asset]:
    return {name: replace(asset, extra={}) for name, asset in assets.items()}


def _brief(value: Any) -> str:
    text = in_words(value)
    if len(text) <= LONGEST:
        return text
    mark = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:12]
    return f"{text[:60]}... ({len(text)} characters, sha256:{mark})"


def _map_changes(
    node: str,
    what: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    words: Callable[[Any], str] = _brief,
) -> Iterator[Change]:
    for key in sorted({*before, *after}):
        if key not in after:
            yield Change("-", node, f"{what}{bare(key)} = {words(before[key])}")
        elif key not in before:
            yield Change("+", node, f"{what}{bare(key)} = {words(after[key])}")
        elif not same(before[key], after[key]):
            yield Change("~", node, f"{what}{bare(key)}: {words(before[key])} -> {words(after[key])}")
