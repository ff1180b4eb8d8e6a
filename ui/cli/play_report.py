"""What is worth knowing about a patch that plays: how loud, who failed, who is busy."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import USAGE, Failure, problem_json, say

if TYPE_CHECKING:
    from ...engine import Engine, Fault, FloatArray, Palette, Setup
    from ...engine.training.jobs import Stale
    from .patches import OpenedPatch

LONGEST = 7 * 24 * 3600.0
MOST_CHANNELS = 64

Rate = Annotated[
    int | None,
    typer.Option("--rate", min=1000, max=768_000, help="Hz. Default: the codec's sample rate."),
]
LiveRate = Annotated[
    int | None,
    typer.Option("--rate", min=1000, max=768_000, help="Hz. Default: the device's; without a device, the codec's."),
]


@dataclass
class Loudness:
    """Peak and power of what has been played, over all channels."""

    peak: float = 0.0
    square_sum: float = 0.0
    count: int = 0

    def hear(self, audio: "FloatArray") -> None:
        """Take in ``[channels, n]``."""
        self.peak = max(self.peak, float(audio.max()), -float(audio.min()))
        self.square_sum += float((audio.astype("float64") ** 2).sum())
        self.count += audio.size

    @property
    def rms(self) -> float:
        """Root mean square, 0 … 1."""
        return math.sqrt(self.square_sum / max(self.count, 1))


@dataclass
class Faults:
    """Nodes that failed while playing, said as they come."""

    found: list["Fault"] = field(default_factory=list)

    def collect(self, engine: "Engine") -> None:
        """Ask the engine what failed since last time."""
        for fault in engine.faults():
            say(str(fault))
            self.found.append(fault)


def report(opened: "OpenedPatch", engine: "Engine", faults: Faults) -> Mapping[str, Any]:
    """What both a render and a live run tell about a patch that has played, as plain data."""
    return {
        "patch": opened.name,
        "seed": opened.patch.seed,
        "sample_rate": engine.setup.sample_rate,
        "block": engine.setup.block,
        "blocks": engine.blocks,
        "limited_blocks": engine.limited_blocks,
        "faults": [{"node": fault.node, "text": fault.text} for fault in faults.found],
        "problems": [problem_json(problem) for problem in engine.problems],
        "load": shares(engine),
    }


def shares(engine: "Engine") -> dict[str, float]:
    """Each node's share of real time, 1 being all of it, busiest first."""
    period = 1e6 * engine.setup.block / engine.setup.sample_rate
    load = engine.load()
    return {node: load[node] / period for node in sorted(load, key=lambda node: (-load[node], node))}


def say_problems(opened: "OpenedPatch", engine: "Engine") -> None:
    """Say what is wrong or worth knowing about a patch before it plays."""
    for problem in engine.problems:
        say(f"{opened.name}: {problem}")


def say_channels(opened: "OpenedPatch", palette: "Palette", engine: "Engine", channels: int) -> None:
    """Say where channels come to an output that are not written, or more than are, so that they share them."""
    from ...nodes.audio_out import AudioOut

    for name in palette.names(opened.patch, "device_output"):
        given = engine.compiled.shapes.sizes.get((name, "in", "audio"), 0)
        found = engine.compiled.instances.get(name)
        listed = found.node.listed if found is not None and isinstance(found.node, AudioOut) else ()
        if max(listed, default=0) > channels:
            say(
                f"{opened.name}: {name}: output {max(listed)} is not in a file of {channels} channels; "
                f"--channels {max(listed)} writes it"
            )
        elif not listed and given > channels > 1:
            say(
                f"{opened.name}: {name}: {given} channels take turns on {channels} outputs; "
                f"--channels {min(given, MOST_CHANNELS)} keeps them apart"
            )


def say_stale(opened: "OpenedPatch", palette: "Palette", setup: "Setup", what: str) -> list["Stale"]:
    """Say which sounds are not what the patch was trained on, and ``what`` follows; gives them."""
    from ...engine import PatchError
    from ...engine.training.jobs import stale_files

    try:
        found = list(stale_files(opened.patch, palette, setup))
    except PatchError:
        return []  # told where the patch is played
    alike: dict[tuple[str, str, bool], list[Stale]] = {}
    for one in found:
        alike.setdefault((one.node, one.how, one.path.is_absolute()), []).append(one)
    for some in alike.values():
        more = f", and {len(some) - 1} more like it" if len(some) > 1 else ""
        say(f"{opened.name}: {some[0]}{more}; {what}")
    return found


def say_unkept(opened: "OpenedPatch", engine: "Engine") -> None:
    """Say what was recorded and is in no file."""
    from ...engine.capture import gathered
    from ...graphs.scope_paths import by_node

    played, taken = engine.compiled.flat.patch.nodes, gathered(engine)
    kept = by_node(engine.patch, taken)
    for name, content in taken.items():
        there = played[name].content if name in played else {}
        fresh = [key for key in content if key not in there]
        if fresh and name not in kept:
            say(f"{opened.name}: {name}: {len(fresh)} new takes are lost; record outside of instances, or in only one")
        elif fresh:
            say(f"{opened.name}: {name}: {len(fresh)} new takes were not saved; use --keep FILE")


def say_recovered() -> None:
    """Finish what a killed program was recording, and say where it is."""
    from ...nodes.audiofile.unfinished import recover

    for one in recover():
        say(str(one))


def say_limited(engine: "Engine") -> None:
    """Say how often the patch was too loud, if it was."""
    if engine.limited_blocks:
        say(f"{engine.limited_blocks} of {engine.blocks} blocks clipped and were limited; lower the level")


def decibels(amplitude: float) -> str:
    """An amplitude in words: ``-6.0 dB``."""
    return f"{20 * math.log10(amplitude):.1f} dB" if amplitude > 0 else "silence"


def check_seconds(seconds: float) -> None:
    """Raise Failure for a time that is no time, or longer than a week."""
    if not 0 < seconds <= LONGEST:
        raise Failure(f"--seconds {seconds:g}: give a number above 0 and up to {LONGEST:.0f} (a week)", USAGE)
