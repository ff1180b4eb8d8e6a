"""Render: a patch becomes a sound file, as fast as the machine allows and the same bytes every time."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .keep import Keep, keep
from .output import FILE, INTERRUPTED, RUN, Failure, StopAsked, finish, progress, say, stoppable
from .patches import (
    AsJson,
    Assignments,
    OneCodec,
    PatchName,
    PatchSeed,
    cannot_run,
    codec_rate,
    codecs_of,
    load_types,
    open_patch,
    with_changes,
)
from .play_report import (
    MOST_CHANNELS,
    Faults,
    Loudness,
    Rate,
    check_seconds,
    decibels,
    report,
    say_channels,
    say_limited,
    say_problems,
    say_recovered,
    say_stale,
    say_unkept,
)
from .stem_files import StemFiles
from .train_patch import TrainForCodec, say_moved, trained_for
from .trust import AllowWrite, Trust, allow, allow_writes

if TYPE_CHECKING:
    from ...engine import Engine, FloatArray
    from ...engine.training.jobs import Stale


def render(
    patch: PatchName,
    output: Annotated[Path, typer.Option("--output", "-o", help="Output file: .wav or .flac, 24 bit.")],
    seconds: Annotated[float, typer.Option("--seconds", help="Length.")],
    seed: PatchSeed = None,
    rate: Rate = None,
    block: Annotated[
        int | None,
        typer.Option(
            "--block", min=1, max=1 << 20, help="Block size in samples. Default: 32768, less with many nodes."
        ),
    ] = None,
    assignments: Assignments = None,
    channels: Annotated[int, typer.Option("--channels", min=1, max=MOST_CHANNELS, help="Number of channels.")] = 2,
    stems: Annotated[
        Path | None,
        typer.Option("--stems", metavar="DIR", help="Also write every sound by itself here; their sum is the mix."),
    ] = None,
    codec: OneCodec = None,
    train: TrainForCodec = None,
    kept: Keep = None,
    trust: Trust = False,
    allow_write: AllowWrite = None,
    as_json: AsJson = False,
) -> int:
    """Play a patch into a sound file, the same bytes every time.

    Ctrl-C finishes the file with what has been played and exits with 130; a file of that name from before is left
    alone then. A node that fails is silent, named, and makes the exit code 1, as does a sound that could not be learned
    with --train; the file is whole all the same, of what there was.

    Stems are called as the nodes that sound, and are told apart before mix, gain, pan, spread, join and delay; what
    goes through another node together is one stem of that node. Added up, their 24-bit samples are exactly the mix's.
    """
    from ...engine import Engine, PatchError
    from ...engine.offline import offline_setup
    from ...nodes.audiofile import SoundError, SoundWriter
    from ...nodes.audiofile.unfinished import noted

    check_seconds(seconds)
    say_recovered()
    palette = load_types()
    before = open_patch(patch)
    opened = with_changes(before, palette, assignments, seed, codec)
    if trust:
        allow(codecs_of(opened, palette), opened.folder)
    allow_writes(opened, palette, allow_write or (), assignments or ())
    sample_rate = rate or codec_rate(opened, palette)
    setup = offline_setup(opened.patch, opened.folder, sample_rate, block, channels)
    faults, loudness = Faults(), Loudness()
    left: list[str] = []
    stale: list[Stale] = []
    writer: SoundWriter | None = None
    parts: StemFiles | None = None
    try:
        writer = SoundWriter(output, sample_rate, channels)
        try:
            learned = trained_for(train, codec, before, opened, palette, setup)
            if learned is not None:
                opened, left = learned
            else:
                stale = say_stale(opened, palette, setup, "playing the previous training result; --train retrains")
            say_moved(before, opened, palette, setup)
            if stems is not None:
                parts = StemFiles(stems, opened, palette, output).open(sample_rate, channels)
            engine = Engine(parts.patch if parts else opened.patch, parts.palette if parts else palette, setup)
        except BaseException:
            writer.discard()
            if parts is not None:
                parts.discard()
            raise
        say_problems(opened, engine)
        say_channels(opened, palette, engine, channels)
        wall, processor = time.perf_counter(), time.process_time()
        try:
            beside = nullcontext() if parts is None else parts
            listeners: list[Callable[[FloatArray], None]] = [writer.write, loudness.hear]
            listeners += [partial(parts.write, engine)] if parts else []
            samples = max(1, round(seconds * sample_rate))
            with noted(writer), writer, beside, stoppable() as stop, progress(f"rendering {output.name}") as advance:
                _play(engine, samples, faults, stop, advance, *listeners)
                writer.is_cut = stop.asked
                if parts and stop.asked:
                    parts.cut()
            keep(opened, engine, kept)
            if kept is None:
                say_unkept(opened, engine)
        finally:
            engine.close()
            faults.collect(engine)
            for one in engine.remarks():
                say(f"{one.node}: {one.text}")
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
    except PatchError as error:
        raise cannot_run(opened, error) from None
    except SoundError as error:
        rest = f"; {writer.kept}" if writer is not None and writer.is_cut else ""
        raise Failure(f"{error}{rest}", FILE) from None
    played = writer.frames / sample_rate
    document: dict[str, Any] = {
        "file": str(writer.path),
        "seconds": played,
        "channels": channels,
        "peak": loudness.peak,
        "rms": loudness.rms,
        "is_interrupted": stop.asked,
        "processor_seconds": processor,
        "wall_seconds": wall,
        "times_real_time": played / max(wall, 1e-9),
        **report(opened, engine, faults),
        "stems": parts.told() if parts else [],
        "not_learned": left,
        "stale": [{"node": one.node, "file": str(one.path), "how": one.how} for one in stale],
    }
    say(
        f"{writer.path}: {played:.2f} s at {sample_rate} Hz, peak {decibels(loudness.peak)}, "
        f"rms {decibels(loudness.rms)}, {document['times_real_time']:.1f} x real time ({processor:.2f} s of processor)"
    )
    if parts:
        say(f"{parts.folder}: {len(parts.stems)} stems: {', '.join(one.name for one in parts.stems)}")
    say_limited(engine)
    if as_json:
        finish(document, "", as_json)
    return INTERRUPTED if stop.asked else RUN if faults.found or left else 0


def _play(
    engine: "Engine",
    samples: int,
    faults: Faults,
    stop: StopAsked,
    advance: Callable[[float, str], None],
    *listeners: Callable[["FloatArray"], None],
) -> None:
    left = samples
    while left > 0 and not stop.asked:
        audio = engine.process(min(left, engine.setup.block))
        faults.collect(engine)
        for listener in listeners:
            listener(audio)
        left -= audio.shape[1]
        advance(1 - left / samples, "")
