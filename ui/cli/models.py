"""Sound models: what one is, and sounds turned into its latents."""

import io
import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import FILE, INTERRUPTED, RUN, USAGE, Advance, Failure, StopAsked, finish, progress, say, stoppable
from .patches import AsJson
from .trust import Trust, allow, examined, remember, take_back

if TYPE_CHECKING:
    from ...nodes.codec.encode_files import EncodedSound
    from ...nodes.codec.interface import Codec


def model(
    name: Annotated[str | None, typer.Argument(metavar="FILE|builtin:NAME", help="A sound model.")] = None,
    trust: Annotated[bool, typer.Option("--trust", help="Trust this file from now on.")] = False,
    distrust: Annotated[bool, typer.Option("--distrust", help="Revoke trust, by name, path or sha256.")] = False,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=1, max=3600, help="Time limit for testing it; default: a minute.")
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List built-in models and those in this folder.")] = False,
    as_json: AsJson = False,
) -> int:
    """Tell what a sound model is.

    Its methods, latents, sample rate, attributes. A file is a program: it is tried in a process of its own that can
    write no file and reach no network, and plays only once you have allowed it with --trust. What is allowed is that
    content, wherever the file lies. A file that cannot be used is said to be so first, and the exit code is 3.
    """
    from ...nodes.codec.interface import CodecError
    from ...nodes.codec.loader import is_program

    if list_:
        names = [*_builtin(), *sorted(str(path) for path in Path().glob("*.ts"))]
        finish({"models": names}, names, as_json)
        return 0
    if name is None:
        raise Failure("model: give a model file or a built-in model; model --list shows them", USAGE)
    if trust and distrust:
        raise Failure("model: either --trust or --distrust", USAGE)
    gone = take_back(name) if distrust else {}
    if distrust and not Path(name).is_file():
        if as_json:
            finish({"taken_back": gone}, "", as_json)
        return 0
    try:
        about = _described(name, seconds)
        if trust and is_program(name) and about["is_usable"]:
            remember(name, Path.cwd(), about)  # what was looked at, whatever the file is by now
            about = {**about, "is_allowed": True}
    except (CodecError, OSError) as error:
        raise Failure(str(error), FILE) from None
    told = _told(name, about)
    if told and not as_json:
        say(told)
    finish(about, _lines(about), as_json)
    return 0 if about.get("is_usable", True) else FILE


def encode(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model file, or builtin:NAME.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILES…", help="Sound files, and folders of them.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Output data set: .json for Max, .csv, or .npz.")],
    trust: Trust = False,
    npz: Annotated[bool, typer.Option("--npz", help="Write numpy arrays, whatever the extension.")] = False,
    flucoma: Annotated[bool, typer.Option("--flucoma", help="Write .json in FluCoMa data set format.")] = False,
    as_json: AsJson = False,
) -> int:
    """Turn sounds into latents, one trajectory per sound.

    A file that can't be read is named and the others go on; then the exit code is 1. Ctrl-C keeps the sounds that
    are done and exits with 130.
    """
    from ...nodes.codec.interface import CodecError
    from ...nodes.codec.remote import open_codec

    if trust:
        allow([model], Path.cwd())
    try:
        codec = open_codec(model, Path.cwd())
    except CodecError as error:
        raise Failure(str(error), FILE) from None
    if not codec.facts.input_channels:
        raise Failure(f"{model}: this model only decodes; choose one that can encode", FILE)
    paths, problems = _sounds(files)
    with stoppable() as stop, progress(f"encoding with {model}") as advance:
        encoded, broken = _encoded(codec, paths, advance, stop)
    problems += broken
    for problem in problems:
        say(problem)
    for one in encoded:
        for warning in one.warnings:
            say(f"{one.name}: {warning}")
    if not encoded:
        raise Failure(f"{output}: nothing was encoded" + (f"; {problems[0]}" if problems else ""), FILE)
    _write(output, encoded, as_npz=npz or output.suffix.lower() == ".npz", flucoma=flucoma)
    document = {
        "file": str(output),
        "model": codec.facts.name,
        "sounds": [{"name": one.name, "frames": len(one.latents), "warnings": list(one.warnings)} for one in encoded],
        "problems": problems,
        "is_interrupted": stop.asked,
    }
    frames = sum(len(one.latents) for one in encoded)
    say(f"{output}: sounds: {len(encoded)}, frames: {frames}")
    if not stop.asked:
        say(*training_offer(model, files, frames * float(codec.facts.ratio) / codec.facts.sample_rate))
    if as_json:
        finish(document, "", as_json)
    return INTERRUPTED if stop.asked else RUN if problems else 0


def training_offer(codec: str, files: Sequence[Path], seconds: float) -> list[str]:
    """That a codec can be trained on sounds that were encoded with it, with its cost; nothing where it can't be.

    codec: as it was named. seconds: of sound.
    """
    from ...nodes.codec.training.cost import core_speed, in_words, is_enough, is_trainable, minutes

    if not is_trainable(codec) or not is_enough(seconds):
        return []
    cost = in_words(minutes(seconds, core_speed()))
    command = shlex.join(["latent-terrain", "codec", "train", *map(str, files), "-o", "mine.npz"])
    return [f"the codec can be trained on these sounds, {cost}: {command}"]


def _encoded(
    codec: "Codec", paths: Sequence[Path], advance: Advance, stop: StopAsked
) -> tuple[list["EncodedSound"], list[str]]:
    """The sounds that could be encoded until somebody stopped, and what is wrong with the others."""
    from ...nodes.audiofile import SoundError
    from ...nodes.codec.encode_files import EncodingStopped, encode_sound
    from ...nodes.codec.interface import CodecError

    encoded: list[EncodedSound] = []
    problems: list[str] = []
    for index, path in enumerate(paths):

        def report(done: float, text: str, index: int = index) -> bool:
            advance((index + done) / len(paths), text)
            return not stop.asked

        try:
            encoded.append(encode_sound(codec, path, progress=report))
        except EncodingStopped:
            break
        except (SoundError, CodecError, OSError) as error:
            problems.append(str(error))
    return encoded, problems


def _sounds(files: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """The sound files meant, folders opened, and what is wrong with the others."""
    from ...nodes.audiofile import SoundError, list_sounds

    found: list[Path] = []
    problems: list[str] = []
    for file in files:
        try:
            inside = list_sounds(file, problems.append) if file.is_dir() else [file]
        except SoundError as error:
            problems.append(str(error))
            continue
        if not inside:
            problems.append(f"{file}: there is no sound file in this folder")
        found += inside
    return found, problems


def _write(output: Path, encoded: "Sequence[EncodedSound]", *, as_npz: bool, flucoma: bool) -> None:
    """Write the latents so that the file is whole or was never there. Raises Failure."""
    import numpy as np

    from ...graphs.file_write import WriteError, write_file
    from ...nodes.gui.exchange import Exchange, write_exchange
    from ...nodes.gui.tables import as_table, write_csv, write_dataset
    from ...nodes.gui.units import MapError

    held = io.BytesIO()
    try:
        if as_npz:
            arrays = {f"{number:04d} {one.name}": one.latents for number, one in enumerate(encoded, 1)}
            np.savez(held, allow_pickle=False, **arrays)
        else:
            latents = tuple(np.asarray(one.latents, np.float64) for one in encoded)
            table = as_table([one.name for one in encoded], latents)
            if output.suffix.lower() == ".csv":
                text = write_csv(table, "latents")
            else:
                text = write_dataset(table) if flucoma else write_exchange(Exchange(latents=latents))
            held.write((text.rstrip("\n") + "\n").encode())
        write_file(output, held.getvalue())
    except MapError as error:
        raise Failure(f"{output}: {error}", RUN) from None
    except WriteError as error:
        raise Failure(str(error), FILE) from None


def _builtin() -> list[str]:
    from ...nodes.codec.loader import BUILTIN, BUILTINS

    return [f"{BUILTIN}{name}" for name in BUILTINS]


def _described(name: str, seconds: float | None) -> Mapping[str, Any]:
    from ...nodes.codec.loader import is_program
    from ...nodes.codec.remote import open_codec

    return examined(name, Path.cwd(), seconds) if is_program(name) else asdict(open_codec(name, Path.cwd()).facts)


def _told(name: str, about: Mapping[str, Any]) -> str:
    """What is to be known first: that a model file cannot be used at all, or only in a model node; else nothing."""
    if about.get("is_codec", True):
        return ""
    reason = str(about["no_codec"])
    if not about["is_usable"]:
        return reason if reason.startswith(name) else f"{name} cannot be used: {reason}"
    playable = [str(one["name"]) for one in about["methods"] if one["latency"] is not None]
    return (
        f"{name} works in a model node ({', '.join(playable)}) but is not a codec: {reason.removeprefix(name).strip()}"
    )


def _lines(about: Mapping[str, Any], indent: str = "") -> list[str]:
    """A description as indented lines."""
    found: list[str] = []
    for key, value in about.items():
        if isinstance(value, Mapping):
            found += [f"{indent}{key}:", *_lines(value, indent + "  ")]
        elif isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
            found.append(f"{indent}{key}:")
            for one in value:
                first, *rest = _lines(one, indent + "    ") or [indent + "    "]
                found += [f"{indent}  - {first.lstrip()}", *rest]
        else:
            found.append(f"{indent}{key}: {json.dumps(value, ensure_ascii=False, default=str)}")
    return found
