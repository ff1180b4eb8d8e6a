"""Infer: how many channels, how many latents and which ratio each port has. One codec says its ratio; all hear it."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Generic, Literal, TypeVar

from ..declare import NodeSpec, PortSpec
from ..problems import Problem
from ..values import LatentSpace, PortSize
from .resolve import Resolved, ResolvedCord

# A port of a node: node, side, port.
Key = tuple[str, Literal["in", "out"], str]

Value = TypeVar("Value", int, Fraction, LatentSpace)
ROUNDS = 64
USE_ONE_CODEC = (
    "use one codec for the patch, re-encode or record again, and retrain (--codec MODEL --train; in the editor: "
    "Edit > Patch codec)"
)


@dataclass(frozen=True)
class Shapes:
    """Sizes of all signal and latent ports, ratios of all latent ports and spaces of those known, and what did not fit.

    ``near``: for nodes without latent ports that ask for frames, the ratio of the codec they lead to.
    """

    sizes: Mapping[Key, int]
    ratios: Mapping[Key, Fraction]
    near: Mapping[str, Fraction]
    problems: tuple[Problem, ...]
    spaces: Mapping[Key, LatentSpace] = field(default_factory=dict)
    assumed: Set[Key] = frozenset()
    """Ports whose size nothing says, taken for 1."""

    def spaces_into(self, node: str) -> dict[str, LatentSpace]:
        """The spaces of a node's latent inputs that are known, by input."""
        return {port: space for (name, side, port), space in self.spaces.items() if (name, side) == (node, "in")}


def infer(resolved: Resolved, default_ratio: Fraction) -> Shapes:
    """Sizes and ratios of every port. Latents are unified along cords in both directions, signals flow forward.

    A chain on which no codec says its ratio takes that of the patch's codec, if there is one only, else the default.
    """
    problems: list[Problem] = []
    ports = dict(_ports(resolved))
    latents = _Unify[int]()
    ratios = _Unify[Fraction]()
    spaces = _Unify[LatentSpace]()
    for name, instance in resolved.nodes.items():
        _unify_node(name, instance.spec, instance.sizes, latents, ratios, spaces)
    for key, trained in _learned_from(resolved):
        spaces.say(key, trained)
    for cord in resolved.cords:
        if cord.source.kind == cord.target.kind == "latent":
            problems += _unify_cord(resolved, cord, latents, ratios, spaces)
    sizes, assumed = _flow(resolved, ports, latents, problems)
    latent_ports = [key for key, port in ports.items() if port.kind == "latent"]
    declared = {ratio for key in latent_ports if (ratio := ratios.value(key))}
    usual = declared.pop() if len(declared) == 1 else default_ratio
    found = {key: ratios.value(key) or usual for key in latent_ports}
    known = {key: space for key in latent_ports if (space := spaces.value(key))}
    return Shapes(sizes, found, _near(resolved, found, usual), tuple(problems), known, assumed)


def _near(resolved: Resolved, ratios: Mapping[Key, Fraction], usual: Fraction) -> dict[str, Fraction]:
    if not any(instance.spec.takes_frames for instance in resolved.nodes.values()):
        return {}
    ahead: dict[str, list[str]] = {}
    for cord in resolved.cords:
        ahead.setdefault(cord.source_node, []).append(cord.target_node)
    own = {name: ratio for (name, _, _), ratio in ratios.items()}
    found: dict[str, Fraction] = {}
    for name, instance in resolved.nodes.items():
        if instance.spec.takes_frames and name not in own:
            waiting, seen = [name], {name}
            while waiting and waiting[0] not in own:
                fresh = [one for one in ahead.get(waiting.pop(0), []) if one not in seen]
                seen.update(fresh)
                waiting += fresh
            found[name] = own[waiting[0]] if waiting else usual
    return found


class _Unify(Generic[Value]):
    """Groups of ports that must agree on a value, and who said it."""

    def __init__(self) -> None:
        self._parent: dict[Key, Key] = {}
        self._declared: dict[Key, tuple[Value, Key]] = {}

    def find(self, key: Key) -> Key:
        while (parent := self._parent.setdefault(key, key)) != key:
            key = parent
        return key

    def say(self, key: Key, value: Value) -> None:
        self._declared.setdefault(self.find(key), (value, key))

    def value(self, key: Key) -> Value | None:
        declared = self._declared.get(self.find(key))
        return declared[0] if declared else None

    def join(self, one: Key, other: Key) -> tuple[tuple[Value, Key], tuple[Value, Key]] | None:
        a, b = self.find(one), self.find(other)
        if a == b:
            return None
        declared_a, declared_b = self._declared.get(a), self._declared.get(b)
        if declared_a and declared_b and declared_a[0] != declared_b[0]:
            return declared_a, declared_b
        self._parent[a] = b
        if declared_a and not declared_b:
            self._declared[b] = declared_a
        return None


def _ports(resolved: Resolved) -> Iterable[tuple[Key, PortSpec]]:
    for name, instance in resolved.nodes.items():
        yield from ports_of(name, instance.spec)


def ports_of(name: str, spec: NodeSpec) -> Iterable[tuple[Key, PortSpec]]:
    """All ports of a node."""
    for port in spec.inputs.values():
        yield (name, "in", port.name), port
    for port in spec.outputs.values():
        yield (name, "out", port.name), port


def _unify_node(
    name: str,
    spec: NodeSpec,
    known: Mapping[str, PortSize],
    latents: _Unify[int],
    ratios: _Unify[Fraction],
    spaces: _Unify[LatentSpace],
) -> None:
    same: Key | None = None
    together: Key | None = None
    for key, port in ports_of(name, spec):
        if port.kind != "latent":
            continue
        declared = known.get(port.name, PortSize())
        if declared.ratio is not None:
            ratios.say(key, declared.ratio)
        if declared.space is not None:
            spaces.say(key, declared.space)
        if together is not None:
            ratios.join(together, key)
        together = key
        size = declared.size if declared.size is not None else port.size.size
        if isinstance(size, int):
            latents.say(key, size)
        elif size == "same":
            if same is not None:
                latents.join(same, key)
                spaces.join(same, key)
            same = key


def _learned_from(resolved: Resolved) -> Iterable[tuple[Key, LatentSpace]]:
    """The space of what a node gives that says none itself: that of the trajectories it learns from."""
    for cord in resolved.cords:
        given = resolved.nodes[cord.source_node].sizes.get(cord.source.name, PortSize()).space
        if cord.source.kind == "trajectories" and given is not None:
            for port in resolved.nodes[cord.target_node].spec.outputs.values():
                if port.kind == "latent":
                    yield (cord.target_node, "out", port.name), given


def _unify_cord(
    resolved: Resolved,
    cord: ResolvedCord,
    latents: _Unify[int],
    ratios: _Unify[Fraction],
    spaces: _Unify[LatentSpace],
) -> Iterable[Problem]:
    at = cord.source_node, cord.source.name
    source: Key = (cord.source_node, "out", cord.source.name)
    target: Key = (cord.target_node, "in", cord.target.name)
    sizes = latents.join(source, target)
    if sizes:
        (gives, who_gives), (wants, who_wants) = sizes
        yield _other_count(resolved, at, who_gives, who_wants) or Problem(
            *at,
            f"has {gives} latents{_by(who_gives, source)}, {cord.target_node} takes {wants}{_by(who_wants, target)}; "
            f"use one codec for sounds and decoder, then retrain",
        )
    elif others := spaces.join(source, target):
        yield _other_space(*others)
    clash = ratios.join(source, target)
    if clash:
        (gives_ratio, who), (wants_ratio, whom) = clash
        yield Problem(
            *at,
            f"has {float(gives_ratio):g} samples per frame{_by(who, source)}, {cord.target_node} has "
            f"{float(wants_ratio):g}{_by(whom, target)}; use one codec along a chain",
        )


def _other_count(resolved: Resolved, at: tuple[str, str], gives: Key, wants: Key) -> Problem | None:
    """What is said where two ports are of one size for each voice, but of another number of voices."""
    given, wanted = (resolved.nodes[node].sizes.get(port, PortSize()) for node, _, port in (gives, wants))
    if not given.counted or not wanted.counted or given.each != wanted.each:
        return None
    there, here = f"{gives[0]}.{given.counted}", f"{wants[0]}.{wanted.counted}"
    many, few = (one.size // one.each if one.size else 0 for one in (given, wanted))
    return Problem(*at, f"{there} is {many}, but {here} is {few}; set {here} to {many}")


def _other_space(gives: tuple[LatentSpace, Key], wants: tuple[LatentSpace, Key]) -> Problem:
    (given, who), (wanted, whom) = gives, wants
    is_older = given.name == wanted.name
    text = (
        f"gives latents of {f'{given.name} as it was before' if is_older else given.name}, but {whom[0]} is for "
        f"{f'{wanted.name} as it is now' if is_older else wanted.name}, whose latents are different; {USE_ONE_CODEC}"
    )
    return Problem(who[0], who[2], text, "warning")


def _by(who: Key, here: Key) -> str:
    return "" if who[0] == here[0] else f" (set by {who[0]})"


def _flow(
    resolved: Resolved, ports: Mapping[Key, PortSpec], latents: _Unify[int], problems: list[Problem]
) -> tuple[dict[Key, int], Set[Key]]:
    feeds = {
        (cord.target_node, cord.target.name): cord for cord in resolved.cords if cord.source.kind != "trajectories"
    }
    sizes: dict[Key, int] = {}
    for _ in range(ROUNDS):
        before = dict(sizes)
        for key, port in ports.items():
            if port.kind == "latent" and (size := latents.value(key)):
                sizes[key] = size
        for name, instance in resolved.nodes.items():
            flow_node(name, instance.spec, instance.sizes, feeds, sizes)
        for cord in resolved.cords:
            target: Key = (cord.target_node, "in", cord.target.name)
            given = sizes.get((cord.source_node, "out", cord.source.name))
            if cord.target.kind == "latent" and cord.source.kind == "signal" and given and not latents.value(target):
                latents.say(target, given)
        if sizes == before:
            break
    else:
        problems.append(
            Problem("", "", "the number of channels grows without limit around a loop; remove the join from the loop")
        )
    assumed = {key for key, port in ports.items() if port.kind in ("signal", "latent") and key not in sizes}
    sizes |= dict.fromkeys(assumed, 1)
    problems += flow_check(resolved, feeds.values(), sizes)
    return sizes, assumed


def flow_node(
    name: str,
    spec: NodeSpec,
    known: Mapping[str, PortSize],
    feeds: Mapping[tuple[str, str], ResolvedCord],
    sizes: dict[Key, int],
) -> bool:
    """Work out the sizes of a node's signals from those that are fed to it; whether those that it gives changed."""
    group, total, is_new = 0, 0, False
    signals = [port for port in spec.inputs.values() if port.kind == "signal"]
    for port in signals:
        size = _fixed(port, known)
        if size is None:
            size = _given(feeds.get((name, port.name)), sizes)
            if port.size.size == "same":
                group = max(group, size or 0)
        if size:
            sizes[name, "in", port.name] = size
            total += size
    if not any((name, port.name) in feeds for port in signals):
        group = group or 1  # a source says so at once: what adds channels up must know
    for port in signals:
        if group and port.size.size == "same" and _fixed(port, known) is None:
            sizes[name, "in", port.name] = group
    for port in spec.outputs.values():
        if port.kind == "signal":
            size = _fixed(port, known)
            size = size if size is not None else total if port.size.size == "sum" else group
            if size and sizes.get((name, "out", port.name)) != size:
                sizes[name, "out", port.name] = size
                is_new = True
    return is_new


def _fixed(port: PortSpec, known: Mapping[str, PortSize]) -> int | None:
    declared = known.get(port.name)
    if declared is not None and declared.size is not None:
        return declared.size
    return port.size.size if isinstance(port.size.size, int) else None


def _given(cord: ResolvedCord | None, sizes: Mapping[Key, int]) -> int | None:
    if cord is None:
        return None
    if cord.source.kind == "event":
        return 1
    return sizes.get((cord.source_node, "out", cord.source.name))


def flow_check(resolved: Resolved, cords: Iterable[ResolvedCord], sizes: Mapping[Key, int]) -> Iterable[Problem]:
    """What does not fit along these cords."""
    for cord in cords:
        if cord.param is not None or cord.target.kind not in ("signal", "latent") or cord.source.kind == "event":
            continue
        if cord.source.kind == cord.target.kind == "latent":
            continue
        ends: tuple[Key, Key] = (
            (cord.source_node, "out", cord.source.name),
            (cord.target_node, "in", cord.target.name),
        )
        gives, wants = (sizes.get(end, 1) for end in ends)
        if gives == wants:
            continue
        if count := _other_count(resolved, (cord.target_node, cord.target.name), *ends):
            yield count
        elif 1 not in (gives, wants):
            what = "latents" if cord.target.kind == "latent" else "channels"
            yield Problem(
                cord.target_node,
                cord.target.name,
                f"takes {wants} {what}, but {cord.source_node}.{cord.source.name} gives {gives}; "
                "put a join or a split between",
            )
