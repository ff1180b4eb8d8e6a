"""Compile: a patch becomes a plan, pass by pass. Nothing sounds yet, nothing that sounds is disturbed."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace

from ...graphs import Patch
from ..declare import PortSpec
from ..hooks import HearsSpaces, HearsUntrained, offering
from ..instances import NodeInstance
from ..palette import Palette
from ..plan import Plan, Seating
from ..problems import PatchError, Problem
from ..setup import Setup
from .adapt import Adapted, Fades, adapt, averaged, faded
from .batch import Cluster, clusters
from .bind import Memory, bind
from .bound import Bound, Changes
from .carried import Output, control_outputs, fed_by_untrained
from .changes import changes_since
from .cords import Edited, Wiring, apart, edit_between, wire
from .flatten import Flat, flatten
from .infer import Shapes, infer
from .likeness import Likenesses, likenesses
from .loops import short_loops
from .order import CallOrder, order
from .reinfer import reinfer
from .resolve import Resolved, resolve
from .stepped import STEP_BLOCK, forget, is_stepped

# Samples per block of a patch with feedback: the shortest delay around a loop, whatever the device's block.
LOOP_BLOCK = 64


@dataclass(frozen=True)
class CompiledPatch:
    """A plan and what it came from.

    patch: as it is written; flat: its instances expanded, which all else is made of. cords: as they are adapted, by
    their ids. controls: outputs that give values, not sound. unconnected: warnings of inputs without a cord, by node.
    """

    patch: Patch
    flat: Flat
    resolved: Resolved
    wiring: Wiring
    order: CallOrder
    shapes: Shapes
    cords: Mapping[int, Adapted]
    likenesses: Likenesses
    plan: Plan
    clusters: tuple[Cluster, ...]
    bound: Bound
    memory: Memory = field(default_factory=dict)
    controls: Set[Output] = frozenset()
    unconnected: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)

    @property
    def instances(self) -> Mapping[str, NodeInstance]:
        """Nodes by name, with their instances."""
        return self.resolved.nodes


def compile_patch(
    patch: Patch,
    palette: Palette,
    setup: Setup,
    previous: CompiledPatch | None = None,
    *,
    strict: bool = True,
    block: int | None = None,
    batching: bool = True,
) -> CompiledPatch:
    """A plan for a patch. Call off the audio thread.

    Instances of ``previous`` are kept where type and settings stay, and calls where nothing before them changed. With
    ``strict`` any error raises PatchError with everything found; without, nodes and cords that can't work are left
    out, the rest plays, and ``plan.problems`` tells. block: samples per block of the plan, at most the setup's, which
    is the default. batching: play like nodes in one call; without it the sound is the same and costs more.
    """
    written, flat = patch, flatten(patch, palette, previous.flat if previous else None)
    patch = flat.patch
    resolved = resolve(patch, palette, setup, previous.resolved if previous else None)
    edit, wiring, ordered = _ordered(resolved, previous)
    known = None
    if previous and edit:
        known = reinfer(resolved, wiring, ordered, edit, previous.resolved, previous.shapes)
    shapes = known or infer(resolved, setup.default_ratio)
    nodes = [(name, instance.node) for name, instance in resolved.nodes.items()]
    for name, hearing in offering(nodes, HearsSpaces):
        hearing.learn_spaces(shapes.spaces_into(name))
    untrained = fed_by_untrained(resolved, wiring)
    for name, hears in offering(nodes, HearsUntrained):
        hears.learn_untrained(name in untrained)
    problems = [*flat.problems, *resolved.problems, *shapes.problems]
    if not strict:
        kept, shapes = _without_clashes(resolved, shapes, setup)
        if kept is not resolved:
            resolved = kept
            edit, wiring, ordered = _ordered(resolved, previous)
    unfed = unconnected(patch, resolved, previous, edit)
    problems += [*ordered.problems, *(one for name in resolved.nodes if name in unfed for one in unfed[name])]
    if strict and any(problem.severity == "error" for problem in problems):
        _close_new(resolved, previous)
        raise PatchError(problems)
    changes = None
    if previous and edit:
        changes = changes_since(previous.bound, previous.resolved, previous.shapes, resolved, shapes, edit)
    cords = adapt(resolved, shapes, _as_before(previous, changes))
    adapted = tuple(cords.values())
    memory = previous.memory if previous else {}
    if previous:
        forget(memory, previous.resolved.cords)
    whole = block or setup.block
    size = loop_block(whole) if ordered.in_loop else whole
    if any(one.cord.param is not None and is_stepped(one.cord) for one in adapted):
        size = loop_block(size, STEP_BLOCK)
    problems += averaged(adapted, shapes)
    loops, hindered = short_loops(patch, resolved, ordered, size)
    problems += hindered
    in_loops = frozenset[str]().union(*loops)
    before, fresh = _like_before(previous, changes, cords)
    alike = likenesses(resolved, shapes, adapted, in_loops, batching, before, fresh)
    groups = clusters(resolved, wiring, ordered, alike, loops)
    bound = bind(resolved, shapes, adapted, groups, setup, memory, size, changes)
    seating = previous.plan.seating if previous else Seating()
    plan = plan_of(bound, resolved, adapted, tuple(problems), setup, seating)
    controls = control_outputs(resolved, wiring)
    return CompiledPatch(
        written, flat, resolved, wiring, ordered, shapes, cords, alike, plan, groups, bound, memory, controls, unfed
    )


def _ordered(resolved: Resolved, previous: CompiledPatch | None) -> tuple[Edited | None, Wiring, CallOrder]:
    """What changed, the cords by their ends, and the order of the calls."""
    if previous is None:
        wiring = wire(resolved)
        return None, wiring, order(resolved, wiring)
    edit = edit_between(previous.resolved, resolved)
    wiring = wire(resolved, previous.wiring, edit)
    return edit, wiring, order(resolved, wiring, previous.order, edit)


def _as_before(previous: CompiledPatch | None, changes: Changes | None) -> Mapping[int, Adapted]:
    """Cords between ports that are as they were, by their ids."""
    if previous is None or changes is None:
        return {}
    if not changes.buffers:
        return previous.cords
    found = dict(previous.cords)
    for name in changes.buffers:
        for cord in (*previous.wiring.into.get(name, ()), *previous.wiring.out.get(name, ())):
            found.pop(id(cord), None)
    return found


def _like_before(
    previous: CompiledPatch | None, changes: Changes | None, cords: Mapping[int, Adapted]
) -> tuple[Likenesses | None, Set[str]]:
    """What is known of the nodes, and those of which it may not be right any more."""
    if previous is None or changes is None:
        return None, frozenset()
    _, come = apart(tuple(previous.cords.values()), tuple(cords.values()))
    return previous.likenesses, {one.cord.target_node for one in come} | changes.nodes


def faded_plan(compiled: CompiledPatch, setup: Setup, fades: Fades) -> Plan:
    """The plan of a compiled patch with some cords fading in or out, in words by their name."""
    resolved, shapes, plan = compiled.resolved, compiled.shapes, compiled.plan
    adapted = faded(plan.adapted, resolved, shapes, fades)
    targets = {now.cord.target_node for one, now in zip(plan.adapted, adapted, strict=True) if one is not now}
    changes = Changes(compiled.bound, targets, frozenset())
    bound = bind(resolved, shapes, adapted, compiled.clusters, setup, compiled.memory, plan.block, changes)
    return plan_of(bound, resolved, adapted, plan.problems, setup, plan.seating)


def plan_of(
    bound: Bound,
    resolved: Resolved,
    adapted: tuple[Adapted, ...],
    problems: tuple[Problem, ...],
    setup: Setup,
    seating: Seating,
) -> Plan:
    """What is bound, to be run."""
    return Plan(
        bound.block,
        bound.calls,
        bound.allocated.outputs,
        tuple(bound.allocated.clocks.values()),
        bound.turnings,
        resolved.nodes,
        adapted,
        problems,
        setup.clock,
        seating,
    )


def check_patch(patch: Patch, palette: Palette, setup: Setup) -> tuple[Problem, ...]:
    """Everything wrong with a patch, errors first. Makes instances, plays nothing."""
    try:
        compiled = compile_patch(patch, palette, setup)
    except PatchError as error:
        found: Iterable[Problem] = error.problems
    else:
        found = compiled.plan.problems
        for instance in compiled.instances.values():
            instance.close()
    return tuple(sorted(found, key=lambda problem: problem.severity != "error"))


def loop_block(block: int, most: int = LOOP_BLOCK) -> int:
    """The largest divisor of a block that is no longer than ``most``: the shortest delay around a loop."""
    return next(size for size in range(min(block, most), 0, -1) if block % size == 0)


def unconnected(
    patch: Patch, resolved: Resolved, previous: CompiledPatch | None, edit: Edited | None
) -> Mapping[str, tuple[Problem, ...]]:
    """Warnings for inputs without a cord, which will be silent although the node is there to hear them, by node.

    A cord that can't work is none of them: what is wrong is told where it comes from.
    """
    known = dict(previous.unconnected) if previous and edit else {}
    names: Iterable[str] = resolved.nodes
    if previous and edit:
        gone, come = apart(previous.flat.patch.cords, patch.cords)
        names = {*edit.nodes, *(cord.target_node for cord in (*gone, *come))}
    for name in names:
        known.pop(name, None)
    fed = {cord.target for cord in patch.cords}
    for name in names:
        instance = resolved.nodes.get(name)
        ports = instance.spec.inputs.values() if instance else ()
        lacking = [port.name for port in ports if _wants_a_cord(port) and f"{name}.{port.name}" not in fed]
        if lacking:
            known[name] = tuple(Problem(name, port, "no input connected", "warning") for port in lacking)
    return known


def _wants_a_cord(port: PortSpec) -> bool:
    return port.kind in ("signal", "latent") and not port.optional


def _close_new(resolved: Resolved, previous: CompiledPatch | None) -> None:
    """Let go of what was made for a plan that will not be."""
    kept = {id(instance.node) for instance in previous.instances.values()} if previous else set()
    for instance in resolved.nodes.values():
        if id(instance.node) not in kept:
            instance.close()


def _without_clashes(resolved: Resolved, shapes: Shapes, setup: Setup) -> tuple[Resolved, Shapes]:
    """Leave out cords whose sizes or ratios clash, so that the rest can play."""
    while bad := {(problem.node, problem.port) for problem in shapes.problems if problem.severity == "error"}:
        cords = tuple(
            cord
            for cord in resolved.cords
            if (cord.source_node, cord.source.name) not in bad and (cord.target_node, cord.target.name) not in bad
        )
        if len(cords) == len(resolved.cords):
            break
        resolved = replace(resolved, cords=cords)
        shapes = infer(resolved, setup.default_ratio)
    return resolved, shapes
