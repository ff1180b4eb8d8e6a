"""Codecs: train one on sounds of one's own, measure one, hear what one makes of a sound."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .output import FILE, INTERRUPTED, RUN, USAGE, Failure, finish, progress, say, stoppable
from .patches import AsJson
from .trust import Trust, allow

if TYPE_CHECKING:
    from ...nodes.codec.interface import Codec

Sounds = Annotated[list[Path], typer.Argument(metavar="SOUNDS…", help="Sound files, and folders of them.")]
Name = Annotated[str, typer.Option("--codec", metavar="MODEL", help="A model file, or builtin:NAME.")]


def train(
    sounds: Sounds,
    output: Annotated[Path, typer.Option("--output", "-o", help="The codec to write, .npz.")],
    steps: Annotated[
        int, typer.Option("--steps", min=1, max=1_000_000, help="Training steps on partials and noise.")
    ] = 500,
    audible_steps: Annotated[
        int, typer.Option("--audible-steps", min=0, max=1_000_000, help="Further steps with a perceptual loss.")
    ] = 1500,
    fresh: Annotated[bool, typer.Option("--fresh", help="Train from scratch, not from the built-in codec.")] = False,
    latents: Annotated[int, typer.Option("--latents", min=3, max=64, help="Number of latents, including level.")] = 16,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Random seed.")] = 0,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, mps …")] = "auto",
    work: Annotated[Path | None, typer.Option("--work", help="Cache the analysis here, to train again faster.")] = None,
    as_json: AsJson = False,
) -> int:
    """Train a codec on sounds of your own: some twenty minutes on one core; it tells about how many at its beginning.

    Starts from the built-in codec, and ends sooner when nothing comes of it any more. Whenever a quarter is done the
    best so far is written, with a preview beside it.
    Ctrl-C keeps the best so far and exits with 130.
    """
    from ...nodes.audiofile import SoundError
    from ...nodes.codec.interface import CodecError

    _need("codec train", "scipy", "torch")
    from ...nodes.codec.training.cost import core_speed, in_words, minutes, seconds_of
    from ...nodes.codec.training.model import Shape
    from ...nodes.codec.training.train import TrainingPlan
    from ...nodes.codec.training.train_codec import TrainingOptions, train_codec

    if output.suffix.lower() != ".npz":
        raise Failure(f"{output}: a codec is kept in an .npz file; write -o {output.with_suffix('.npz')}", USAGE)
    plan = TrainingPlan(steps, audible_steps, seed, _device(device), Shape(latents))
    with stoppable() as stop, progress(f"training {output.name}") as advance:

        def tell(done: float, text: str) -> bool:
            advance(done, text)
            return not stop.asked

        try:
            cost = minutes(seconds_of(sounds), core_speed(seed), steps, audible_steps)
            if plan.device == "cpu":
                say(f"{output.name}: {in_words(cost)} on one core")
            trained = train_codec(sounds, output, TrainingOptions(plan, fresh, work), tell)
        except (CodecError, SoundError, ValueError) as error:
            raise Failure(str(error), RUN) from None
        except OSError as error:
            raise Failure(
                f"{error.filename or output}: {error.strerror}; check the folder and the disk", FILE
            ) from None
    document = {
        "file": str(output),
        "preview": str(trained.preview),
        "latents": list(trained.labels),
        "distance_at_first": trained.first,
        "distance": trained.best,
        "distance_of_others": dict(zip(("builtin:bank", "this"), trained.others, strict=True)),
        "is_interrupted": stop.asked,
    }
    say(*trained.told(output))
    finish(document, f"latents: {', '.join(trained.labels)}", as_json)
    return INTERRUPTED if stop.asked else 0


def evaluate(
    sounds: Sounds,
    codec: Name = "builtin:bank",
    trackers: Annotated[
        bool,
        typer.Option(
            "--trackers", help="Perceptual measures instead: timbre, onsets, pitch, level; by sound and by folder."
        ),
    ] = False,
    trust: Trust = False,
    as_json: AsJson = False,
) -> int:
    """Measure how well a codec reproduces sounds, beside silence, noise, and an analysis without any network.

    Also how loud random points are, how evenly a straight walk changes, what each latent moves, and the speed.
    """
    from ...nodes.audiofile import SoundError
    from ...nodes.codec.interface import CodecError

    opened = _opened(codec, trust, sounds)
    if trackers or codec == "builtin:sounds":  # which plays its sounds: there is nothing else to measure
        return _judge(opened, sounds, as_json)
    _need("codec eval", "scipy")
    from ...nodes.codec.training.evaluate import evaluate as measure

    with stoppable() as stop, progress(f"measuring {codec}") as advance:

        def tell(done: float, text: str) -> bool:
            advance(done, text)
            return not stop.asked

        try:
            found = measure(opened, sounds, tell)
        except (CodecError, SoundError, OSError) as error:
            raise Failure(str(error), FILE) from None
    finish(found.as_json(), found.as_text().split("\n"), as_json)
    return INTERRUPTED if stop.asked else 0


def _judge(codec: "Codec", sounds: list[Path], as_json: bool) -> int:
    """What trackers say of a codec's reproductions. Raises Failure."""
    from ...nodes.audiofile import SoundError
    from ...nodes.codec.interface import CodecError
    from ...nodes.codec.training.judge import judge

    with stoppable() as stop, progress(f"judging {codec.facts.name}") as advance:

        def tell(done: float, text: str) -> bool:
            advance(done, text)
            return not stop.asked

        try:
            found = judge(codec, sounds, tell)
        except (CodecError, SoundError, OSError) as error:
            raise Failure(str(error), INTERRUPTED if stop.asked else FILE) from None
    say(*found.warnings)
    finish(found.as_json(), found.as_text(), as_json)
    return INTERRUPTED if stop.asked else RUN if found.warnings else 0


def reconstruct(
    sound: Annotated[Path, typer.Argument(metavar="SOUND", help="A sound file.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The sound to write, .wav or .flac.")],
    codec: Name = "builtin:bank",
    trust: Trust = False,
    as_json: AsJson = False,
) -> int:
    """Encode and decode a sound: what a codec makes of it, in time with the original and as long."""
    from ...nodes.audiofile import SoundError, SoundFile, write_sound
    from ...nodes.codec.interface import CodecError
    from ...nodes.codec.likeness import decibels, reproduce

    opened = _opened(codec, trust, [sound])
    facts = opened.facts
    if not facts.input_channels:
        raise Failure(f"{codec}: this model only decodes; choose one that can encode", FILE)
    try:
        with SoundFile(sound, facts.sample_rate, facts.input_channels) as file:
            original = file.read(0, file.frames)
        copy = reproduce(opened, original.astype("float64"))
        write_sound(output, copy.astype("float32"), facts.sample_rate)
    except (SoundError, CodecError, OSError) as error:
        raise Failure(str(error), FILE) from None
    change = decibels(copy) - decibels(original)
    document = {"file": str(output), "samples": copy.shape[1], "sample_rate": facts.sample_rate, "level_db": change}
    finish(document, f"{output}: {copy.shape[1] / facts.sample_rate:.2f} s, level {change:+.1f} dB", as_json)
    return 0


def _opened(name: str, is_allowed: bool, sounds: list[Path]) -> "Codec":
    """A codec. sounds: what ``builtin:sounds`` plays: what it is asked about."""
    from ...nodes.audiofile import SoundError, list_sounds
    from ...nodes.codec.interface import CodecError
    from ...nodes.codec.loader import SOUNDS
    from ...nodes.codec.remote import open_codec
    from ...nodes.codec.sounds import codec_over

    if is_allowed:
        allow([name], Path.cwd())
    try:
        if name == SOUNDS:
            return codec_over(one for file in sounds for one in (list_sounds(file) if file.is_dir() else [file]))
        return open_codec(name, Path.cwd())
    except (CodecError, SoundError, OSError) as error:
        raise Failure(str(error), FILE) from None


def _device(asked: str) -> str:
    import torch

    if asked != "auto":
        try:
            torch.zeros(1, device=asked)
        except (RuntimeError, AssertionError, NotImplementedError) as error:
            raise Failure(f"--device {asked}: not available ({str(error).splitlines()[0]}); try auto", USAGE) from None
        return asked
    return "cuda" if torch.cuda.is_available() else "cpu"


def _need(command: str, *packages: str) -> None:
    from ...engine.missing_package import MissingError, need

    try:
        for package in packages:
            need(package, command, "recipe" if package == "scipy" else "")
    except MissingError as error:
        raise Failure(str(error), RUN) from None
