"""Serve: a patch that plays for weeks without a hand, and can be asked how it is."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import FILE, RUN, USAGE, Failure, put, say
from .outside import (
    Block,
    Device,
    Gamepads,
    InputDevice,
    MidiIn,
    MidiTo,
    OscAt,
    OscTo,
    PadCommandsAllowed,
    PadOpen,
    PadPort,
    PadTokenFile,
    WithLink,
    WithOscQuery,
    WithPad,
    inputs_of,
    oscquery_of,
    pad_of,
    pad_plan,
)
from .patches import PatchName, load_types
from .play_report import check_seconds

if TYPE_CHECKING:
    from ..service.service import ServicePlan

PAGE_PORT = 8711
# What follows these is a path, which a system that starts services finds from no folder.
OF_PATHS = ("--state", "--record", "--watch", "--log", "--pad-token-file")


def serve(
    patch: PatchName,
    device: Device = None,
    heard: InputDevice = None,
    block: Block = 256,
    rate: Annotated[
        int | None, typer.Option("--rate", min=1000, max=768_000, help="Hz. Default: the device's.")
    ] = None,
    osc: OscAt = "off",
    osc_to: OscTo = "off",
    oscquery: WithOscQuery = False,
    midi: MidiIn = None,
    midi_to: MidiTo = None,
    gamepad: Gamepads = None,
    link: WithLink = False,
    with_pad: WithPad = False,
    pad_open: PadOpen = None,
    pad_port: PadPort = None,
    pad_token_file: PadTokenFile = None,
    pad_commands: PadCommandsAllowed = False,
    state: Annotated[Path | None, typer.Option("--state", help="Folder of the state. Default: the user's own.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin with the patch, and keep the state aside.")] = False,
    record: Annotated[Path | None, typer.Option("--record", help="Record the output into this folder.")] = None,
    record_every: Annotated[
        str, typer.Option("--record-every", metavar="TIME", help="Length of a recorded file: 15m, 1h.")
    ] = "1h",
    record_keep: Annotated[
        str, typer.Option("--record-keep", metavar="TIME", help="How much is kept: 24h, 7d; older files go; all.")
    ] = "24h",
    disk_free: Annotated[
        str, typer.Option("--disk-free", metavar="SIZE", help="Stop recording when less is free: 500M, 2G.")
    ] = "1G",
    watched: Annotated[
        Path | None, typer.Option("--watch", help="Add sounds that come into this folder, and train them.")
    ] = None,
    health: Annotated[
        str, typer.Option("--health", metavar="HOST:PORT", help="Answer /health over HTTP here, or off.")
    ] = "off",
    log: Annotated[Path | None, typer.Option("--log", help="Write what happens to this file too, kept small.")] = None,
    seconds: Annotated[
        float | None, typer.Option("--seconds", help="Stop after this long. Default: when it is told to.")
    ] = None,
    unit: Annotated[
        str | None,
        typer.Option("--unit", metavar="KIND", help="Only print a file that starts this: systemd or launchd."),
    ] = None,
) -> int:
    """Play a patch for weeks without a hand, with its state on disk.

    What is turned, recorded and learned is on disk within seconds, and found again at the next start, also after a
    power cut. An audio device that is not there yet, or has gone, is waited for. An engine that ends or stands still is
    started again. SIGHUP opens the log anew; SIGTERM and Ctrl-C end it with exit code 0. Exit codes: 1 no engine can be
    kept running, the state could not be saved at the end, or another process serves this patch; 2 asked the wrong way;
    3 the patch is missing or damaged.
    """
    from ...engine.session import EngineGone
    from ...graphs import PatchFileError
    from ..service.notify import Notify
    from ..service.service import EngineFailed, Service
    from ..service.service_log import ServiceLog
    from ..service.state import ServedState, StateInUse, state_folder

    file = _file(patch)
    if unit is not None:
        put(*_unit(unit, file).splitlines())
        return 0
    if seconds is not None:
        check_seconds(seconds)
    pad = pad_plan(with_pad, pad_open, pad_port, pad_token_file, pad_commands)
    plan = _plan(file, device, heard, block, rate, (osc, osc_to, midi, gamepad, link, midi_to), watched, health)
    plan = _recorded(plan, record, record_every, record_keep, disk_free)
    notify = Notify()
    try:
        told = ServiceLog(log, say)
    except OSError as error:
        raise Failure(f"--log {log}: it can't be written ({error.strerror})", FILE) from None
    palette = load_types()
    beside: list[Callable[[str], Any]] = [pad_of(pad, told.tell)] if pad is not None else []
    beside += [oscquery_of(plan.inputs, told.tell)] if oscquery else []
    try:
        kept = ServedState(state or state_folder(file), file, palette, told.tell)
    except StateInUse as error:
        raise Failure(str(error), RUN) from None
    except OSError as error:
        raise Failure(
            f"{state or state_folder(file)}: the state can't be kept there ({error.strerror})", FILE
        ) from None
    stop = threading.Event()
    service = Service(plan, palette, kept, told.tell, beside, notify)
    try:
        found = kept.open(fresh)
        told.tell(f"{file.name}: serving; its state is in {kept.folder}")
        _heed_signals(stop, told.reopen)
        service.begin(found)
        service.run(stop, seconds)
    except PatchFileError as error:
        raise Failure(f"{file}: {error}", FILE) from None
    except (EngineGone, EngineFailed) as error:
        raise Failure(str(error), RUN) from None
    except OSError as error:
        raise Failure(f"it can't be served: {error}", RUN) from None
    finally:
        service.close()
        told.tell(f"{file.name}: ended, {'but its state could not be saved' if kept.problem else 'and saved'}")
        told.close()
    return RUN if kept.problem else 0


def _file(patch: str) -> Path:
    """The patch's file; a starter is copied to one, as what is served has to lie somewhere. Raises Failure."""
    from ...graphs.starters import STARTERS

    path = Path(patch).absolute()
    if path.is_file():
        return path
    if patch in STARTERS:
        raise Failure(f"{patch} is a starter; save a copy first: latent-terrain new {patch} -o {patch}.ltp", USAGE)
    if path.is_dir():
        raise Failure(f"{patch}: this is a folder; name a patch file in it", FILE)
    raise Failure(f"{patch}: no such file", FILE)


def _plan(
    file: Path,
    device: str | None,
    heard: str | None,
    block: int,
    rate: int | None,
    inputs: tuple[str, str, list[str] | None, list[str] | None, bool, list[str] | None],
    watched: Path | None,
    health: str,
) -> "ServicePlan":
    from ..service.service import ServicePlan

    osc, osc_to, midi, gamepad, link, midi_to = inputs
    if watched is not None and not watched.is_dir():
        raise Failure(f"--watch {watched}: no such folder", FILE)
    return ServicePlan(
        file,
        device,
        heard,
        block,
        rate or 0,
        inputs_of(osc, osc_to, midi or [], gamepad or [], link, midi_to or []),
        watched=watched.absolute() if watched is not None else None,
        health=_address(health),
    )


def _recorded(plan: "ServicePlan", folder: Path | None, every: str, keep: str, free: str) -> "ServicePlan":
    from dataclasses import replace

    from ..service.recordings import RecordingPlan, bytes_of, seconds_of

    if folder is None:
        return plan
    try:
        kept = 0.0 if keep == "all" else seconds_of(keep)
        recording: RecordingPlan = RecordingPlan(folder.absolute(), seconds_of(every), kept, bytes_of(free))
    except ValueError as error:
        raise Failure(f"--record-every, --record-keep, --disk-free: {error}", USAGE) from None
    if kept and kept < recording.every:
        raise Failure(f"--record-keep {keep}: keep at least one file of {every}", USAGE)
    return replace(plan, recording=recording)


def _address(text: str) -> tuple[str, int] | None:
    if text == "off":
        return None
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 <= int(port) < 65_536:
        raise Failure(f"--health {text}: give a port, or HOST:PORT, such as {PAGE_PORT}", USAGE)
    return host or "127.0.0.1", int(port)


def _unit(kind: str, file: Path) -> str:
    """The file for a system that starts services, with the arguments that were given here, but for this one."""
    import sys

    from ..service.unit_file import launchd_plist, systemd_unit

    words = _without_unit(sys.argv[sys.argv.index("serve") + 1 :]) if "serve" in sys.argv else [str(file)]
    words = [str(file) if Path(one).absolute() == file else one for one in words]
    words = [
        str(Path(one).absolute()) if before in OF_PATHS else one
        for before, one in zip(["", *words], words, strict=False)
    ]
    if kind not in ("systemd", "launchd"):
        raise Failure(f"--unit {kind}: choose systemd or launchd", USAGE)
    return systemd_unit(file, words) if kind == "systemd" else launchd_plist(file, words)


def _without_unit(words: list[str]) -> list[str]:
    found, skips = [], False
    for word in words:
        if skips or word == "--unit" or word.startswith("--unit="):
            skips = word == "--unit"
            continue
        found.append(word)
    return found


def _heed_signals(stop: threading.Event, reopen: Callable[[], None]) -> None:
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: stop.set())
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda *_: threading.Thread(target=reopen, daemon=True).start())
