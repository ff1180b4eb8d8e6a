"""The slow work of a patch, with a bar: encode its sounds, lay out its lines, learn its terrains."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Annotated

import typer

from .output import Advance, StopAsked, progress, say, stoppable
from .patches import OpenedPatch, cannot_run
from .play_report import say_stale

if TYPE_CHECKING:
    from ...engine import Palette, Problem, Setup
    from ...graphs import Patch

Train = Annotated[
    bool, typer.Option("--train/--no-train", "--teach/--no-teach", help="First encode and train what is missing.")
]

# Left out, another --codec trains what it has to.
TrainForCodec = Annotated[
    bool | None,
    typer.Option(
        "--train/--no-train",
        "--teach/--no-teach",
        help="First encode and train what is missing. Default: with another --codec.",
    ),
]

# The job that is worth something when stopped half way.
KEEPS_BEST = "learn"


@dataclass(frozen=True)
class PatchTrained:
    """A patch with what its nodes worked out, the jobs that were done, and those skipped with the reason."""

    patch: "Patch"
    done: tuple[str, ...]
    skipped: tuple["Problem", ...]


class _Abandoned(Exception):
    """Somebody stopped a job that is worth nothing by halves."""


def train_all(
    opened: OpenedPatch,
    palette: "Palette",
    setup: "Setup",
    stop: StopAsked,
    *,
    only: str | None = None,
    again: bool = False,
) -> PatchTrained:
    """Do every job that needs doing (all with ``again``), node by node, upstream first.

    ``only`` names a node: its own jobs and those upstream that it needs; ``again`` then means its own. When ``stop``
    is asked a terrain keeps its best, other work under way is dropped, and what was done before stays. Raises
    Failure for a patch that can't run.
    """
    from ...engine import PatchError
    from ...engine.training.jobs import run_jobs

    patch, done, skipped = opened.patch, list[str](), list["Problem"]()
    told: set[str] = set()
    for name in _in_order(patch, palette, only):
        if stop.asked:
            break
        anew = again and only in (None, name)
        with progress(f"training {name}") as advance:
            try:
                trained = run_jobs(patch, palette, setup, only=name, again=anew, report=_reporter(advance, stop))
            except _Abandoned:
                break
            except PatchError as error:
                raise cannot_run(opened, error) from None
        patch = trained.patch
        done += trained.done
        skipped += trained.skipped
        for one in dict.fromkeys(map(str, trained.warnings)):
            told.add(one)
            say(f"{opened.name}: {one}")
    for problem in skipped:
        if str(problem) not in told:
            say(f"{opened.name}: {problem}")
    return PatchTrained(patch, tuple(done), tuple(skipped))


def trained(opened: OpenedPatch, palette: "Palette", setup: "Setup") -> tuple[OpenedPatch, list[str]]:
    """The patch with all its slow work done, and what of it could not be, in sentences that have been said.

    A command that goes on without that has the exit code 1. Raises Failure, and KeyboardInterrupt where it was stopped.
    """
    with stoppable() as stop:
        training = train_all(opened, palette, setup, stop)
    if stop.asked:
        raise KeyboardInterrupt
    after = replace(opened, patch=training.patch)
    stale = say_stale(after, palette, setup, "skipped, or unchanged")
    return after, [str(one) for one in (*training.skipped, *stale)]


def trained_for(
    train: bool | None,
    codec: str | None,
    before: OpenedPatch,
    opened: OpenedPatch,
    palette: "Palette",
    setup: "Setup",
) -> tuple[OpenedPatch, list[str]] | None:
    """As ``trained`` where that is asked for, or where another ``--codec`` makes it necessary, which is said.

    train: what ``TrainForCodec`` says. before: the patch as it was opened. Gives None where nothing is to be trained.
    """
    again = [] if train is not None or codec is None else _outdated(before, opened, palette)
    if not (train or again):
        return None
    if again:
        say(
            f"{opened.name}: with another codec {', '.join(again)} {'is' if len(again) == 1 else 'are'} encoded and "
            "trained again; drawn lines stay. --no-train plays without"
        )
    begun = time.monotonic()
    made = trained(opened, palette, setup)
    if again:
        say(f"{opened.name}: trained in {time.monotonic() - begun:.1f} s; --keep saves it")
    return made


def say_moved(before: OpenedPatch, after: OpenedPatch, palette: "Palette", setup: "Setup") -> None:
    """Say where another codec makes another number of channels, so that sounds come to other outputs."""
    from ...nodes.codec.interface import CodecError
    from ...nodes.codec.streams import facts_of
    from ..one_codec import codec_nodes

    named = codec_nodes(before.patch, palette)
    for name, codec in codec_nodes(after.patch, palette).items():
        former = named.get(name, codec)
        if codec == former or "latents" not in palette[after.patch.nodes[name].type].inputs:
            continue
        try:
            was, now = (facts_of(one, setup).channels for one in (former, codec))
        except (CodecError, OSError):  # the one that it was is not there any more
            continue
        if was != now:
            say(
                f"{after.name}: {name}: {now} channel{'' if now == 1 else 's'} for each playhead with {codec}, {was} "
                f"with {former}; what was patched channel by channel comes elsewhere"
            )


def _outdated(before: OpenedPatch, after: OpenedPatch, palette: "Palette") -> list[str]:
    """The nodes that have encoded or learned something that is of another codec now, in order."""
    from ...engine.training.jobs import has_result
    from ..one_codec import codec_nodes

    named = codec_nodes(before.patch, palette)
    changed = {name for name, codec in codec_nodes(after.patch, palette).items() if named.get(name) != codec}
    found: list[str] = []
    for name in _in_order(after.patch, palette, None):
        node = after.patch.nodes[name]
        jobs = [one.name for one in palette[node.type].offline.values() if one.is_job]
        is_made_from = name in changed or any(
            cord.source_node in found for cord in after.patch.cords if cord.target_node == name
        )
        if is_made_from and any(has_result(node.content, job) for job in jobs):
            found.append(name)
    return found


def _reporter(advance: Advance, stop: StopAsked) -> Callable[[str, str, float, str], bool]:
    def report(node: str, job: str, share: float, text: str) -> bool:
        if stop.asked and job != KEEPS_BEST:
            raise _Abandoned
        advance(share, f"{job}: {text}")
        return not stop.asked

    return report


def _in_order(patch: "Patch", palette: "Palette", only: str | None) -> list[str]:
    """The nodes that have jobs (and lead to ``only``), those that feed others with trajectories first."""
    from ...engine.training.jobs import fed_by, has_jobs, with_upstream

    needs = fed_by(patch, palette)
    wanted = with_upstream(needs, only) if only else set(needs)
    try:
        order = tuple(TopologicalSorter(needs).static_order())
    except CycleError:
        order = tuple(needs)
    return [name for name in order if name in wanted and has_jobs(patch.nodes[name].type, palette)]
