"""Run: a patch played live, with or without an audio device; the engine alone in its process."""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .keep import Keep, keep
from .output import DEVICE, FILE, INTERRUPTED, RUN, XRUNS, Failure, finish, problem_json, say, stoppable
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
    beside,
    controls_for,
    inputs_of,
    oscquery_of,
    pad_of,
    pad_plan,
)
from .patches import (
    AsJson,
    Assignments,
    OneCodec,
    OpenedPatch,
    PatchName,
    PatchSeed,
    cannot_run,
    codecs_of,
    load_types,
    open_patch,
    with_changes,
)
from .play_report import LiveRate, check_seconds, say_recovered, say_unkept, shares
from .train_patch import TrainForCodec, trained_for
from .trust import AllowWrite, Trust, allow, allow_writes

if TYPE_CHECKING:
    from ...engine import Palette
    from ...engine.frames import FrameService
    from ...engine.live import LiveSetup, Performance
    from ...graphs import Patch
    from ...nodes.audiofile.tape import Tape
    from ..child_command import ChildCommand
    from ..control.outside_controls import Inputs

LOOK_SECONDS = 0.1
# What happened last is in the report: a patch may play for weeks.
MOST_TOLD = 1000


def run(
    patch: PatchName,
    seconds: Annotated[
        float | None, typer.Option("--seconds", help="Stop after this long. Default: at Ctrl-C.")
    ] = None,
    device: Device = None,
    heard: InputDevice = None,
    block: Block = 256,
    rate: LiveRate = None,
    lookahead: Annotated[
        float | None, typer.Option("--lookahead", metavar="MS", help="Codec lookahead. Default: measured.")
    ] = None,
    robust: Annotated[bool, typer.Option("--robust", help="Use a 30 ms ring buffer, against dropouts.")] = False,
    assignments: Assignments = None,
    seed: PatchSeed = None,
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
    codec: OneCodec = None,
    train: TrainForCodec = None,
    record: Annotated[Path | None, typer.Option("--record", help="Record the output, .wav or .flac.")] = None,
    kept: Keep = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 5 after xruns or dropouts.")] = False,
    reload: Annotated[bool, typer.Option("--reload", help="Reload nodes when their source files change.")] = False,
    trust: Trust = False,
    allow_write: AllowWrite = None,
    as_json: AsJson = False,
) -> int:
    """Play a patch live, with or without an audio device.

    Without a sound device it says so and plays on a clock; a device that goes is waited for. Editors and scripts may
    attach while it plays. Ctrl-C ends it as it should end, with exit code 0; 130 when the patch was recording a file,
    which is finished first. A device asked for by name that is not there is exit code 4.
    """
    from ...engine.frames import FrameService
    from ...engine.live import LiveSetup
    from ...engine.offline import offline_setup

    if seconds is not None:
        check_seconds(seconds)
    if lookahead is not None and not 0 < lookahead <= 1000:
        raise Failure(f"--lookahead {lookahead:g}: give milliseconds above 0, at most 1000")
    say_recovered()
    palette = load_types()
    before = open_patch(patch)
    opened = with_changes(before, palette, assignments, seed, codec)
    if trust:
        allow(codecs_of(opened, palette), opened.folder)
    allow_writes(opened, palette, allow_write or (), assignments or ())
    pad = pad_plan(with_pad, pad_open, pad_port, pad_token_file, pad_commands)
    left: list[str] = []
    learned = trained_for(train, codec, before, opened, palette, offline_setup(opened.patch, opened.folder))
    if learned is not None:
        opened, left = learned
    frames = FrameService()
    frames.say = say
    try:
        chosen = _rate(opened, palette, frames, device, rate)
        _check_recording(record)
        samples = None if lookahead is None else max(1, round(lookahead / 1000 * chosen / block)) * block
        how = LiveSetup(sample_rate=chosen, block=block, lookahead=samples, reload=reload)
        performance = _performance(opened, palette, frames, how, (device, heard), robust)
    except BaseException:
        frames.close()
        raise
    tape = _tape(record, chosen, block, performance)
    for problem in performance.engine.problems:
        say(f"{opened.name}: {problem}")
    try:
        with stoppable() as stop:
            _start(performance)
            inputs = inputs_of(osc, osc_to, midi or [], gamepad or [], link, midi_to or [])
            programs = [*([pad_of(pad)] if pad is not None else []), *([oscquery_of(inputs)] if oscquery else [])]
            faults, news, heard_patch = _play(performance, opened, palette, inputs, programs, seconds, stop, tape)
        performance.halt()
        recording = _finished(tape)
        keep(replace(opened, patch=heard_patch), performance.engine, kept)
        if kept is None:
            say_unkept(opened, performance.engine)
        document = {
            "patch": opened.name,
            "seed": opened.patch.seed,
            "seconds": performance.engine.blocks * block / chosen,
            "is_interrupted": stop.asked,
            **performance.status(),
            "faults": faults,
            "not_learned": left,
            "news": news,
            "recording": recording,
            "problems": [problem_json(problem) for problem in performance.engine.problems],
            "node_load": shares(performance.engine),
        }
    finally:
        performance.stop()
        if tape is not None:
            tape.close()
    _say_report(document)
    if as_json:
        finish(document, "", as_json)
    specs = (palette.get(node.type) for node in opened.patch.nodes.values())
    if stop.asked and any(spec.writes_files for spec in specs if spec is not None):
        return INTERRUPTED
    if recording and recording["problem"]:
        return FILE
    if faults or left:
        return RUN
    return XRUNS if strict and (document["xruns"] or document["late_frames"]) else 0


def _rate(
    opened: OpenedPatch, palette: "Palette", frames: "FrameService", device: str | None, asked: int | None
) -> int:
    """The sample rate in Hz to play at (see ``playing_rate``), and a sentence where codecs are converted to it."""
    from ...engine.drivers import playing_rate

    codec = live_rate(opened, palette, frames)
    found = playing_rate(device, asked, codec)
    if found.why:
        say(f"--rate {asked}: {found.why}")
    if codec != found.hz and codecs_of(opened, palette):
        say(f"playing at {found.hz} Hz; the codec's {codec} Hz are resampled")
    return found.hz


def live_rate(opened: OpenedPatch, palette: "Palette", frames: "FrameService") -> int:
    """The sample rate in Hz at which the patch's codec speaks, asked of a worker where the codec is a large one."""
    from ...engine import SampleClock, Setup
    from ...nodes.codec.interface import CodecError
    from ...nodes.codec.streams import facts_of
    from .patches import DEFAULT_RATE

    setup = Setup(folder=opened.folder, frames=frames, clock=SampleClock())
    for codec in codecs_of(opened, palette):
        try:
            return facts_of(codec, setup).sample_rate
        except CodecError:
            continue
    return DEFAULT_RATE


def _performance(
    opened: OpenedPatch,
    palette: "Palette",
    frames: "FrameService",
    how: "LiveSetup",
    device: tuple[str | None, str | None],
    robust: bool,
) -> "Performance":
    """What plays the patch. device: to play on and to hear with."""
    from ...engine import PatchError
    from ...engine.drivers import NOBODY, BlockingDriver, CallbackDriver, Means, WantedDevice
    from ...engine.live import Performance

    out, heard = device
    needs_input = bool(palette.names(opened.patch, "device_input"))
    wanted = WantedDevice(
        device=out,
        input=heard if heard is not None or needs_input else NOBODY,
        sample_rate=round(how.sample_rate),
        block=how.block,
        must_hear=heard not in (None, NOBODY),
    )
    means = Means(open_device=BlockingDriver if robust else CallbackDriver)
    try:
        return Performance(opened.patch, palette, opened.folder, wanted, say, how, means=means, frames=frames)
    except PatchError as error:
        raise cannot_run(opened, error) from None


def _start(performance: "Performance") -> None:
    from ...engine.drivers import DeviceError

    try:
        performance.start(time.monotonic())
    except DeviceError as error:
        name = performance.supervisor.wanted.device
        raise Failure(f"--device {name}: {error}" if name else str(error), DEVICE) from None


def _play(
    performance: "Performance",
    opened: OpenedPatch,
    palette: "Palette",
    inputs: "Inputs",
    programs: "Sequence[Callable[[str], ChildCommand]]",
    seconds: float | None,
    stop: Any,
    tape: "Tape | None",
) -> "tuple[list[Mapping[str, Any]], list[Mapping[str, Any]], Patch]":
    """Play until the time is over or somebody stops; gives the faults, what else happened, and the patch by then."""
    from ...engine.session import Server as Server

    faults, news = (deque[Mapping[str, Any]](maxlen=MOST_TOLD) for _ in range(2))
    server = Server(performance, Path(opened.name).stem, str(opened.file or opened.name))
    controls = controls_for(server, opened, palette, inputs)
    say("playing; press Ctrl-C to stop")
    told: set[str] = set()
    try:
        with beside(server.address.name, programs):
            end = None if seconds is None else time.monotonic() + seconds
            while not stop.asked and not server.is_stopping and (end is None or time.monotonic() < end):
                left = LOOK_SECONDS if end is None else min(LOOK_SECONDS, end - time.monotonic())
                time.sleep(max(0.0, left))
                performance.look_after(time.monotonic())
                said = [*performance.news(), *_news_of(tape, told)]
                server.tell(said)
                for one in said:
                    say(f"{one['node']}: {one['text']}" if one.get("node") else str(one["text"]))
                    kept = {key: value for key, value in one.items() if key != "details"}
                    (faults if one["kind"] == "fault" else news).append(kept)
    finally:
        if controls is not None:
            controls.close()
        server.close()
    return list(faults), list(news), server.patch


def _check_recording(record: Path | None) -> None:
    from ...nodes.audiofile.tape import SUFFIXES

    if record is None:
        return
    if record.suffix.lower() not in SUFFIXES:
        raise Failure(f"--record {record}: use .wav or .flac")
    if not record.absolute().parent.is_dir():
        raise Failure(f"--record {record}: no folder {record.parent}; create it first", FILE)


def _tape(record: Path | None, rate: int, block: int, performance: "Performance") -> "Tape | None":
    """What records the performance from its first block on, all the channels that it asks for."""
    from ...nodes.audiofile.tape import Tape

    if record is None:
        return None
    tape = Tape(record, rate, performance.channels, block, offline=False)
    performance.tap = tape.take
    return tape


def _news_of(tape: "Tape | None", told: set[str]) -> list[Mapping[str, Any]]:
    """What the recording warns of, or why it has ended, each once. told: what has been told."""
    if tape is None:
        return []
    now = tape.told()
    fresh = [text for text in (now.warning, now.problem) if text and text not in told]
    told.update(fresh)
    return [{"kind": "record", "text": f"--record {text}"} for text in fresh]


def _finished(tape: "Tape | None") -> dict[str, Any] | None:
    """Finish the recording, say where it is, and give it as plain data."""
    if tape is None:
        return None
    before = tape.told()
    tape.close()
    now = tape.told()
    if now.problem and not before.problem:
        say(f"--record {now.problem}")
    elif not now.problem:
        lost = f"; {now.lost:.2f} s were lost: the disk is too slow" if now.lost else ""
        say(f"{now.file}: {now.seconds:.2f} s{lost}")
    return {"file": str(now.file), "seconds": now.seconds, "lost": now.lost, "problem": now.problem}


def _say_report(document: Mapping[str, Any]) -> None:
    load, latency = document["load"], document["latency_ms"]
    say(
        f"{document['patch']}: {document['seconds']:.2f} s, {document['blocks']} blocks, {document['xruns']} xruns, "
        f"{document['late_frames']} dropouts, CPU {load['p50']:.0%} (99 %: {load['p99']:.0%}), latency "
        f"{latency['total']:.1f} ms (device {latency['device']:.1f}, block {latency['block']:.1f}, "
        f"codec {latency['codec']:.1f})"
    )
    if document["limited_blocks"]:
        say(f"{document['limited_blocks']} blocks clipped and were limited; lower the level")
