"""Training jobs: the slow work that nodes declare (encode sounds, train a terrain), with results kept in the patch.

A job's result is content under ``<job>/…`` of its node, with a fingerprint of what it was made from, so that work
already done is not done again. Runs anywhere but in a process that plays.
"""

import hashlib
import inspect
import json
import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import numpy as np

from ...graphs import Patch, set_content
from ...graphs.definitions import without_instances
from ..compile.resolve import ResolvedCord, make, resolve, shared_in, split_values
from ..declare import NodeSpec, OfflineSpec
from ..hooks import MadeFrom, Settles, TellsStale, offers
from ..logs import details, failed
from ..palette import Palette
from ..problems import PatchError, Problem
from ..setup import Setup
from ..snapshots import KEPT
from ..values import Content, Trajectories

FINGERPRINT = "fingerprint"
log = logging.getLogger(__name__)
SNAPSHOT_SECONDS = 0.25
# Called with node, job, how far (0 … 1) and words; False stops that job, keeping its best.
Report = Callable[[str, str, float, str], bool]
# Called with a node: what was turned for its job meanwhile.
Asked = Callable[[str], Mapping[str, float]]
# Called with node and what its content would be if the job ended now; such content counts as not done.
Show = Callable[[str, Content], None]


@dataclass(frozen=True)
class JobResults:
    """The patch with its new content, what was done, what was skipped and why, and what nodes said on the way."""

    patch: Patch
    done: tuple[str, ...] = ()
    skipped: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    stopped: bool = False
    """Whether ``report`` asked to stop: what that job had by then is kept, and the job will be done again."""


@dataclass(frozen=True)
class Stale:
    """A file of a node that changed since it was used.

    how: ``changed``, ``new`` (not used yet) or ``gone``, of which only the name is known where it is no longer meant.
    """

    node: str
    path: Path
    how: str

    def __str__(self) -> str:
        gone = "is missing" if self.path.is_absolute() else "was removed from its sounds"
        what = {"changed": "has changed", "new": "is not trained", "gone": gone}.get(self.how, self.how)
        return f"{self.node}: {self.path} {what}"


@dataclass
class _Work:
    patch: Patch
    palette: Palette
    setup: Setup
    report: Report
    show: Show | None
    show_seconds: float
    again: bool
    cords: tuple[ResolvedCord, ...]
    wishes: Asked = lambda node: {}
    instances: dict[str, Any] = field(default_factory=dict)
    heard: dict[str, list[str]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    skipped: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    stopped: bool = False


def run_jobs(
    patch: Patch,
    palette: Palette,
    setup: Setup,
    *,
    only: str | Collection[str] | None = None,
    again: bool = False,
    report: Report = lambda node, job, done, text: True,
    snapshot: Show | None = None,
    snapshot_seconds: float = SNAPSHOT_SECONDS,
    wishes: Asked = lambda node: {},
) -> JobResults:
    """Do every job whose inputs or settings changed since (all with ``again``), upstream first.

    ``only`` names one node, or several. ``snapshot`` gets what jobs that can show it have learned so far, each job's at
    most every ``snapshot_seconds``. ``wishes`` tells what is turned meanwhile, such as a learning rate. Raises
    PatchError for a patch whose nodes can't be made; a job that can't run is skipped with its reason.
    """
    resolved = resolve(without_instances(patch), palette, setup)
    errors = [problem for problem in resolved.problems if problem.severity == "error"]
    if errors:
        raise PatchError(errors)
    cords = tuple(cord for cord in resolved.cords if cord.source.kind == "trajectories")
    work = _Work(patch, palette, setup, report, snapshot, snapshot_seconds, again, cords, wishes)
    work.instances = {name: instance.node for name, instance in resolved.nodes.items()}
    work.heard = {name: instance.warned for name, instance in resolved.nodes.items()}
    _settle(work)
    wanted = None if only is None else {only} if isinstance(only, str) else {*only}
    for name in _upstream_first(resolved.nodes, cords):
        spec = palette[patch.nodes[name].type]
        for one in spec.offline.values():
            is_wanted = one.is_job and (wanted is None or name in wanted)
            if is_wanted and not work.stopped and _do(work, name, spec, one):
                _settle(work)
    # where nothing was done, nothing is touched: who belongs to whom is found out as well the next time
    return JobResults(
        work.patch if work.done else patch, tuple(work.done), tuple(work.skipped), tuple(work.warnings), work.stopped
    )


def inputs_of(patch: Patch, palette: Palette, setup: Setup, node: str) -> dict[str, Trajectories | None]:
    """The trajectories that lead to a node's jobs, by input, as they are now; None where nothing is connected.

    Raises PatchError for a patch whose nodes can't be made, KeyError for a node that is not there.
    """
    resolved = resolve(without_instances(patch), palette, setup)
    errors = [problem for problem in resolved.problems if problem.severity == "error"]
    if errors:
        raise PatchError(errors)
    cords = tuple(cord for cord in resolved.cords if cord.source.kind == "trajectories")
    work = _Work(patch, palette, setup, lambda node, job, done, text: True, None, 0.0, False, cords)
    work.instances = {name: instance.node for name, instance in resolved.nodes.items()}
    takes = {port for one in palette[patch.nodes[node].type].offline.values() if one.is_job for port in one.takes}
    return {port: _input(work, node, port) for port in sorted(takes)}


def stale_files(patch: Patch, palette: Palette, setup: Setup) -> tuple[Stale, ...]:
    """The files that are no longer what the patch's nodes were trained on, as they lie on the disk now.

    Told by nodes that say so (``stale``), of those that were trained. A file that was looked at before and has not been
    touched since is not read again.
    """
    resolved = resolve(without_instances(patch), palette, setup)
    return tuple(
        Stale(name, path, how)
        for name, instance in resolved.nodes.items()
        if offers(instance.node, TellsStale)
        for path, how in instance.node.stale()
    )


def fed_by(patch: Patch, palette: Palette) -> dict[str, set[str]]:
    """For each node of a patch those that feed it with trajectories."""
    found: dict[str, set[str]] = {name: set() for name in sorted(patch.nodes)}
    for cord in patch.cords:
        source = patch.nodes.get(cord.source_node)
        spec = palette.get(source.type) if source else None
        port = spec.outputs.get(cord.source_port) if spec else None
        if port and port.kind == "trajectories" and cord.target_node in found:
            found[cord.target_node].add(cord.source_node)
    return found


def with_upstream(feeds: Mapping[str, set[str]], node: str) -> set[str]:
    """A node and all whose trajectories lead to it. feeds: ``fed_by``."""
    found, waiting = set[str](), [node]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += feeds[one]
    return found


def has_jobs(type_: str, palette: Palette) -> bool:
    """Whether a node type has slow work to do."""
    spec = palette.get(type_)
    return spec is not None and any(one.is_job for one in spec.offline.values())


def has_result(content: Content, job: str) -> bool:
    """Whether a node has a result of a job."""
    return f"{job}/{FINGERPRINT}" in content


def result_of(content: Content, job: str) -> dict[str, np.ndarray[Any, Any]]:
    """What a job made, without its prefix and fingerprint; empty when it has not run."""
    prefix = f"{job}/"
    found = {name.removeprefix(prefix): array for name, array in content.items() if name.startswith(prefix)}
    found.pop(FINGERPRINT, None)
    return found


def _settle(work: _Work) -> None:
    """Let nodes whose content belongs to other nodes' trajectories (``settle``) see those as they are now.

    Before the first job, so that they know what they belong to, and after each, so that it stays with that.
    """
    for name, instance in list(work.instances.items()):
        if not isinstance(instance, Settles):
            continue
        before = len(work.heard[name])
        content = instance.settle(_partner(work, name))
        work.warnings += [Problem(name, "", text, "warning") for text in work.heard[name][before:]]
        if content is not work.patch.nodes[name].content:
            _keep(work, name, content)


def _partner(work: _Work, name: str) -> Trajectories | None:
    """The trajectories that a node's own are paired with: what leads to it, else what stands beside them further on."""
    into = [cord for cord in work.cords if cord.target_node == name]
    beside = [
        other
        for mine in work.cords
        for other in work.cords
        if mine.source_node == name and other.target_node == mine.target_node and other.source_node != name
    ]
    for cord in (*into, *beside):
        return provided(work.instances, work.cords, work.palette, work.patch, cord.source_node, cord.source.name)
    return None


def _keep(work: _Work, name: str, content: Content) -> None:
    """Put content into a node, and make its instance anew from that."""
    work.patch = set_content(work.patch, name, content)
    node = work.patch.nodes[name]
    spec = work.palette[node.type]
    settings, _, _ = split_values(name, node, spec)
    setup = work.setup.for_node(name, work.heard[name].append)
    work.instances[name] = make(spec, settings, node.content, setup, shared_in(work.patch))


def _do(work: _Work, name: str, spec: NodeSpec, one: OfflineSpec) -> bool:
    """Do a job if it has to be done; gives whether it was."""
    inputs: dict[str, Trajectories | None] = {}
    for port, optional in one.takes.items():
        inputs[port] = _input(work, name, port)
        if inputs[port] is None and not optional:
            work.skipped.append(Problem(name, port, "connect sounds and a map to train", "warning"))
            return False
    instance = work.instances[name]
    mark = _fingerprint(work, name, one.name, inputs, instance)
    content = work.patch.nodes[name].content
    kept = content.get(f"{one.name}/{FINGERPRINT}")
    if not work.again and kept is not None and np.array_equal(kept, mark):
        return False
    before, shown = len(work.heard[name]), time.monotonic()

    def told(done: float, text: str, /, snapshot: Callable[[], Content] | None = None) -> bool:
        nonlocal shown
        work.stopped |= not work.report(name, one.name, done, text)
        is_due = time.monotonic() - shown >= work.show_seconds
        if work.show is not None and snapshot is not None and is_due and not work.stopped:
            work.show(name, _with_result(content, one.name, snapshot(), np.zeros_like(mark)))
            shown = time.monotonic()
        return not work.stopped

    try:
        made = getattr(instance, one.name)(
            **inputs,
            **_extras(instance, one.name, {"progress": told, "wishes": lambda: work.wishes(name), "again": work.again}),
        )
    except (ValueError, OSError) as error:
        problem = Problem(name, "", str(error), details=details(error))
        failed(log, f"{name}.{one.name}: {error}", error)
        work.skipped.append(problem)
        return False
    finally:
        work.warnings += [Problem(name, "", text, "warning") for text in work.heard[name][before:]]
    if not made:
        return False
    mark = np.zeros_like(mark) if work.stopped else mark
    _keep(work, name, _with_result(content, one.name, made, mark))
    work.done.append(f"{name}.{one.name}")
    return True


def _with_result(content: Content, job: str, made: Content, mark: np.ndarray[Any, Any]) -> Content:
    """A node's content with a job's result in place of the one before. mark: its fingerprint; zeros: not done."""
    rest = {key: array for key, array in content.items() if not key.startswith(f"{job}/")}
    return {**rest, **{f"{job}/{key}": array for key, array in made.items()}, f"{job}/{FINGERPRINT}": mark}


def _extras(instance: Any, job: str, offered: Mapping[str, Any]) -> dict[str, Any]:
    """Of what is offered to a job, what it asks for by name."""
    asked = inspect.signature(getattr(instance, job)).parameters
    return {name: one for name, one in offered.items() if name in asked}


def _input(work: _Work, node: str, port: str) -> Trajectories | None:
    for cord in work.cords:
        if (cord.target_node, cord.target.name) == (node, port):
            return provided(work.instances, work.cords, work.palette, work.patch, cord.source_node, cord.source.name)
    return None


def provided(
    instances: Mapping[str, Any],
    cords: tuple[ResolvedCord, ...],
    palette: Palette,
    patch: Patch,
    node: str,
    port: str,
) -> Trajectories:
    """The trajectories that a node's output gives now, asking upstream for what it needs."""
    takes = palette[patch.nodes[node].type].offline[port].takes
    inputs: dict[str, Trajectories | None] = dict.fromkeys(takes)
    for cord in cords:
        if cord.target_node == node and cord.target.name in takes:
            inputs[cord.target.name] = provided(instances, cords, palette, patch, cord.source_node, cord.source.name)
    filled = {key: Trajectories() if value is None and not takes[key] else value for key, value in inputs.items()}
    result: Trajectories = getattr(instances[node], port)(**filled)
    return result


def _fingerprint(
    work: _Work, name: str, job: str, inputs: Mapping[str, Trajectories | None], instance: Any
) -> np.ndarray[Any, Any]:
    """A sha256 over settings, seed, other content, inputs and files, as uint8 ``[32]``."""
    node = work.patch.nodes[name]
    sum_ = hashlib.sha256()
    settings = {key: value for key, value in node.values.items() if key in work.palette[node.type].settings}
    sum_.update(json.dumps([node.type, job, work.patch.seed, settings], sort_keys=True, default=str).encode())
    for key in sorted(node.content):
        # a snapshot keeps what was learned: it is no reason to learn anew
        if not key.startswith((f"{job}/", KEPT)):
            sum_.update(key.encode() + np.ascontiguousarray(node.content[key]).tobytes())
    for port in sorted(inputs):
        value = inputs[port]
        sum_.update(f"{port}:{value.digest if value is not None else ''}".encode())
    if isinstance(instance, MadeFrom):
        sum_.update(json.dumps(instance.made_from(job), sort_keys=True).encode("utf-8", "surrogateescape"))
    return np.frombuffer(sum_.digest(), np.uint8)


def _upstream_first(nodes: Mapping[str, Any], cords: tuple[ResolvedCord, ...]) -> tuple[str, ...]:
    needs: dict[str, list[str]] = {name: [] for name in sorted(nodes)}
    for cord in cords:
        needs[cord.target_node].append(cord.source_node)
    try:
        return tuple(TopologicalSorter(needs).static_order())
    except CycleError as error:
        loop = list(reversed(error.args[1]))
        text = f"{' -> '.join(loop)}: these trajectories form a loop; remove one cord"
        raise PatchError([Problem(loop[0], "", text)]) from None
