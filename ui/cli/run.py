"""Run: a patch played live, on a sound device or unheard."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .keeping import Keep, keep
from .output import DEVICE, INTERRUPTED, RUN, Failure, Stop, finish, say, stoppable
from .patches import (
    AsJson,
    Assignments,
    PatchName,
    PatchSeed,
    cannot_run,
    codec_rate,
    load_types,
    open_patch,
    with_changes,
)
from .playing import LONGEST, Faults, Rate, check_seconds, report, say_limited, say_problems

if TYPE_CHECKING:
    from ...engine import Engine
    from ...engine.old_live import LiveReport

POLL_SECONDS = 0.1
NO_DEVICE = "none"


def run(
    patch: PatchName,
    seconds: Annotated[float | None, typer.Option("--seconds", help="Stop after so long. Default: at Ctrl-C.")] = None,
    device: Annotated[str | None, typer.Option("--device", help="Part of a device's name, or none.")] = None,
    block: Annotated[int, typer.Option("--block", min=16, max=8192, help="Samples per block.")] = 256,
    rate: Rate = None,
    assignments: Assignments = None,
    seed: PatchSeed = None,
    kept: Keep = None,
    as_json: AsJson = False,
) -> int:
    """Play a patch live, on a sound device or unheard.

    Without a sound device it says so and runs all the same. Ctrl-C ends it as it should end, with exit code 0; 130
    when the patch was recording a file, which is finished first. A device asked for by name that is not there is
    exit code 4.
    """
    from ...engine import Engine, PatchError, SampleClock, Setup, new_bus

    if seconds is not None:
        check_seconds(seconds)
    palette = load_types()
    unchanged = open_patch(patch)
    opened = with_changes(unchanged, palette, assignments, seed)
    setup = Setup(
        sample_rate=rate or codec_rate(opened, palette),
        block=block,
        patch_seed=opened.patch.seed,
        folder=opened.folder,
        offline=False,
        bus=new_bus(block),
        clock=SampleClock(),
    )
    try:
        engine = Engine(opened.patch, palette, setup)
    except PatchError as error:
        raise cannot_run(opened, error) from None
    say_problems(opened, engine)
    faults = Faults()
    try:
        with stoppable() as stop:
            told, heard = _play(engine, device, seconds or LONGEST, faults, stop)
        keep(unchanged, engine, kept)
    finally:
        engine.close()
    faults.collect(engine)
    played = engine.blocks * block / setup.sample_rate
    document: dict[str, Any] = {
        "device": heard,
        "seconds": played,
        "late": told.late,
        "mean_load": told.load,
        "is_interrupted": stop.asked,
        **report(opened, engine, faults),
    }
    say(f"{opened.name}: {played:.2f} s, {engine.blocks} blocks, {told.late} late, load {told.load:.0%}")
    say_limited(engine)
    if as_json:
        finish(document, "", as_json)
    if stop.asked and any(node.type == "file_recorder" for node in opened.patch.nodes.values()):
        return INTERRUPTED
    return RUN if faults.found else 0


def _play(engine: "Engine", device: str | None, seconds: float, faults: Faults, stop: Stop) -> tuple["LiveReport", str]:
    """Play until the time is over or somebody stops; gives the report and the device's name."""
    from ...engine.old_live import DeviceError, LiveReport, device_stream, run_on_clock

    told = LiveReport()

    def goes_on() -> bool:
        faults.collect(engine)
        return not stop.asked

    if device != NO_DEVICE:
        try:
            with device_stream(engine, told, device) as stream:
                say("playing; Ctrl-C stops")
                _wait(lambda: goes_on() and stream.active, seconds)
                if not stop.asked and not stream.active:
                    raise Failure("the sound device has gone; plug it in and run the patch again", DEVICE)
            return told, device or "default"
        except DeviceError as error:
            if device is not None:
                raise Failure(f"--device {device}: {error}", DEVICE) from None
            say(f"no sound device, so the patch runs unheard: {error}")
    say("playing unheard; Ctrl-C stops")
    run_on_clock(engine, seconds, told, goes_on)
    return told, NO_DEVICE


def _wait(goes_on: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while goes_on() and (left := end - time.monotonic()) > 0:
        time.sleep(min(left, POLL_SECONDS))
