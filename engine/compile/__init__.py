"""Compile: a patch becomes a plan, pass by pass. Nothing sounds yet, nothing that sounds is disturbed."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace

from ...graphs import Patch
from ..hooks import HearsSpaces, HearsUntrained, offers
from ..instances import NodeInstance
from ..palette import Palette
from ..plan import Plan, Seating
from ..problems import PatchError, Problem
from ..setup import Setup
from .adapt import Adapted, Fades, adapt, averaged
from .batch import Cluster, clusters
from .bind import Memory, bind
from .bound import Bound, Changes
from .carried import Output, control_outputs, fed_by_untrained
from .changes import changes_since
from .infer import Shapes, infer
from .loops import short_loops
from .order import order
from .reinfer import reinfer
from .resolve import Resolved, resolve
from .stepped import STEP_BLOCK, forget, is_stepped

# Samples per block of a patch with feedback: the shortest delay around a loop, whatever the device's block.
LOOP_BLOCK = 64


@dataclass(frozen=True)
class CompiledPatch:
    """A plan and what it came from. controls: outputs that give values, not sound."""

    patch: Patch
    resolved: Resolved
    shapes: Shapes
    plan: Plan
    clusters: tuple[Cluster, ...]
    bound: Bound
    memory: Memory = field(default_factory=dict)
    controls: Set[Output] = frozenset()

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
    resolved = resolve(patch, palette, setup, previous.resolved if previous else None)
    known = reinfer(resolved, previous.resolved, previous.shapes) if previous else None
    shapes = known or infer(resolved, setup.default_ratio)
    for name, instance in resolved.nodes.items():
        if offers(instance.node, HearsSpaces):
            instance.node.learn_spaces(shapes.spaces_into(name))
    untrained = fed_by_untrained(resolved)
    for name, instance in resolved.nodes.items():
        if offers(instance.node, HearsUntrained):
            instance.node.learn_untrained(name in untrained)
    problems = [*resolved.problems, *shapes.problems]
    if not strict:
        resolved, shapes = _without_clashes(resolved, shapes, setup)
    ordered = order(resolved)
    problems += [*ordered.problems, *unconnected(patch, resolved)]
    if strict and any(problem.severity == "error" for problem in problems):
        _close_new(resolved, previous)
        raise PatchError(problems)
    changes = changes_since(previous.bound, previous.resolved, previous.shapes, resolved, shapes) if previous else None
    adapted = adapt(resolved, shapes, {}, _as_before(previous, changes))
    memory = previous.memory if previous else {}
    if previous:
        forget(memory, previous.resolved.cords)
    whole = block or setup.block
    size = loop_block(whole) if ordered.in_loop else whole
    if any(is_stepped(cord) for cord in resolved.cords):
        size = loop_block(size, STEP_BLOCK)
    problems += averaged(adapted, shapes)
    loops, hindered = short_loops(patch, resolved, ordered, size)
    problems += hindered
    groups = clusters(resolved, shapes, adapted, ordered, loops, batching=batching)
    bound = bind(resolved, shapes, adapted, groups, setup, memory, size, changes)
    seating = previous.plan.seating if previous else Seating()
    plan = plan_of(bound, resolved, adapted, tuple(problems), setup, seating)
    return CompiledPatch(patch, resolved, shapes, plan, groups, bound, memory, control_outputs(resolved))


def _as_before(previous: CompiledPatch | None, changes: Changes | None) -> list[Adapted]:
    """Cords between ports that are as they were."""
    if previous is None or changes is None:
        return []
    fresh = changes.buffers
    found = previous.plan.adapted
    return [one for one in found if one.cord.source_node not in fresh and one.cord.target_node not in fresh]


def faded_plan(compiled: CompiledPatch, setup: Setup, fades: Fades) -> Plan:
    """The plan of a compiled patch with some cords fading in or out, in words by their name."""
    resolved, shapes, plan = compiled.resolved, compiled.shapes, compiled.plan
    fading = {id(one.cord) for one in plan.adapted if one.cord.name in fades}
    adapted = adapt(resolved, shapes, fades, tuple(one for one in plan.adapted if id(one.cord) not in fading))
    targets = {one.cord.target_node for one in plan.adapted if id(one.cord) in fading}
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


def unconnected(patch: Patch, resolved: Resolved) -> Iterable[Problem]:
    """Warnings for inputs without a cord, which will be silent although the node is there to hear them.

    A cord that can't work is none of them: what is wrong is told where it comes from.
    """
    fed = {(cord.target_node, cord.target_port) for cord in patch.cords}
    for name, instance in resolved.nodes.items():
        for port in instance.spec.inputs.values():
            if port.kind in ("signal", "latent") and not port.optional and (name, port.name) not in fed:
                yield Problem(name, port.name, "no input connected", "warning")


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
