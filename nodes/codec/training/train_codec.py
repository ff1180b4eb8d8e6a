"""A codec of one's own sounds: from a folder of recordings to a file that plays like them.

Training goes on from the built-in codec, so that minutes are enough, unless one asks to start from nothing.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ....engine.setup import bundled_folder
from ...audiofile import list_sounds, write_sound
from ..bank.codec import bundled_weights, load_bank, load_bank_file
from ..bank.layout import SAMPLE_RATE, Sound
from ..interface import Codec, CodecError
from ..likeness import distance, reproduce
from .analysis import Features, analyse, load_features, save_features
from .cost import LEAST_SECONDS, MOST_MINUTES, sounds_in
from .evaluate import read_mono
from .model import Shape
from .train import Progress, TrainingPlan, split, train

SHORT_SECONDS, GAP_SECONDS = 4.0, 0.15
LONGEST_SECONDS = 60.0
PREVIEW_SECONDS = 6.0
# Other sounds so many times further away than by the built-in codec are told of.
FORGOTTEN = 1.1
PREVIEWS = 4


@dataclass(frozen=True)
class TrainingOptions:
    """How to train: the plan, whether to start from nothing, and a folder to keep the work in (None: nowhere)."""

    plan: TrainingPlan
    fresh: bool = False
    work: Path | None = None


@dataclass(frozen=True)
class TrainedCodec:
    """What came of it: labels of the latents, distance of held-back sounds (linear, log) at first and best, preview.

    others: the distance (linear and log together) of the bundled sounds by the built-in codec, and by this one.
    """

    labels: tuple[str, ...]
    first: tuple[float, float]
    best: tuple[float, float]
    preview: Path
    others: tuple[float, float]

    @property
    def has_forgotten(self) -> bool:
        """Whether it knows other sounds less well than the built-in codec."""
        before, after = self.others
        return after > FORGOTTEN * before

    def told(self, output: Path) -> list[str]:
        """What came of it, in sentences: how near it is, what it has forgotten, and where to hear it."""
        before, after = self.others
        said = [f"{output}: validation loss {self.best[0]:.3f} {self.best[1]:.3f}"]
        if self.has_forgotten:
            said.append(
                f"{output}: it reproduces other sounds less accurately: the bundled ones at {after:.2f}, "
                f"with builtin:bank at {before:.2f}; use it for sounds like these"
            )
        return [*said, f"{self.preview}: a passage, then its reconstruction"]


def train_codec(files: Sequence[Path], output: Path, training: TrainingOptions, progress: Progress) -> TrainedCodec:
    """Train a codec on sound files and folders of them, and write it to ``output`` (.npz).

    Whenever a quarter is done the best so far is written, with a preview beside it (``NAME-preview.wav``: a passage,
    held back where there is enough sound, and then how it comes back). Raises CodecError and SoundError.
    """
    from .export import export, restore

    with ExitStack() as stack:
        work = training.work or Path(stack.enter_context(TemporaryDirectory()))
        work.mkdir(parents=True, exist_ok=True)
        features, checkpoint, start = (work / name for name in ("features.npz", "checkpoint.pt", "start.pt"))
        if not features.exists():
            _analysed(files, features, lambda done, text: progress(0.1 * done, text))
        plan = training.plan
        if not training.fresh:
            import torch

            weights, facts = bundled_weights()
            plan = replace(
                plan,
                shape=Shape(
                    max(facts.latent_dim, plan.shape.latents),
                    *(_width(weights, one) for one in ("encoder", "decoder")),
                ),
            )
            torch.save(restore(weights, plan.shape.latents), start)
        held = _held_passage(features)
        written: list[tuple[str, ...]] = []

        def write(words: str, done: float) -> bool:
            if not checkpoint.exists():  # a short training, before its first look
                return progress(0.1 + 0.9 * done, words)
            written.append(export(checkpoint, features, output, plan.shape))
            _preview(output, held)
            return progress(0.1 + 0.9 * done, words)

        def look(done: float, words: str) -> bool:
            if done * PREVIEWS >= len(written) + 1 and done < 1.0:
                return write(words, done)
            return progress(0.1 + 0.9 * done, words)

        checkpoint.unlink(missing_ok=True)
        report = train(features, checkpoint, plan, look, None if training.fresh else start)
        if not checkpoint.exists():
            raise CodecError("stopped before the first result; training takes a few minutes")
        write("written", 1.0)
        best = min(report.validation, key=sum)
        others = _of_others(load_bank()), _of_others(load_bank_file(output, output.name))
        return TrainedCodec(written[-1], report.validation[0], best, _preview_path(output), others)


def _analysed(files: Sequence[Path], features: Path, progress: Progress) -> None:
    sounds = _collect(files)
    seconds = sum(len(sound) for sound in sounds.values()) / SAMPLE_RATE
    if seconds < LEAST_SECONDS:
        raise CodecError(
            f"{seconds:.1f} seconds of sound; a codec needs at least {LEAST_SECONDS:.0f}, better several minutes"
        )
    if seconds > MOST_MINUTES * 60:
        raise CodecError(f"there are {seconds / 60:.0f} minutes of sound; {MOST_MINUTES:.0f} is the maximum")
    parts: dict[str, Features] = {}
    for place, (name, sound) in enumerate(sounds.items()):
        if not progress(place / len(sounds), f"analysing {name}"):
            raise CodecError("stopped before the analysis had finished")
        parts[name] = analyse(sound)
    save_features(features, parts)


def _collect(files: Sequence[Path]) -> dict[str, Sound]:
    """Mono sounds by a name that is safe in an npz: long ones in pieces of a minute, short ones joined."""
    paths = sounds_in(files)
    gap = np.zeros(round(GAP_SECONDS * SAMPLE_RATE))
    found: dict[str, Sound] = {}
    short: list[Sound] = []
    for place, path in enumerate(paths):
        sound = read_mono(path, SAMPLE_RATE)
        if len(sound) < SHORT_SECONDS * SAMPLE_RATE:
            short += [sound, gap]
            continue
        step = round(LONGEST_SECONDS * SAMPLE_RATE)
        for part in range(0, len(sound), step):
            found[f"{place:05d}-{part // step:04d}"] = sound[part : part + step]
    if short:
        found["short"] = np.concatenate(short)
    return found


def _width(weights: dict[str, np.ndarray] | object, network: str) -> int:
    return int(weights[f"{network}.enter.bias"].shape[0])  # type: ignore[index]


def _held_passage(features: Path) -> Sound:
    """A few seconds for the preview: the loudest of what is not learnt from, or of all where nothing is held back."""
    learning, checking = split(load_features(features))
    loudest = max(checking or learning, key=lambda part: float(np.abs(part.sound).mean()))
    return loudest.sound[: round(PREVIEW_SECONDS * SAMPLE_RATE)].astype(np.float64)


def _of_others(codec: Codec) -> float:
    """How far the bundled sounds are from what a codec makes of them: linear and log distance together, the mean."""
    sounds = [read_mono(path, SAMPLE_RATE) for path in list_sounds(bundled_folder())]
    found = [distance(reproduce(codec, sound[None])[0], sound) for sound in sounds]
    return float(np.mean([one.linear + one.log for one in found]))


def _preview(output: Path, held: Sound) -> None:
    copy = reproduce(load_bank_file(output, output.name), held[None])[0]
    pause = np.zeros(round(0.3 * SAMPLE_RATE))
    both = np.concatenate([held, pause, copy]).astype(np.float32)[None]
    write_sound(_preview_path(output), both, SAMPLE_RATE)


def _preview_path(output: Path) -> Path:
    return output.with_name(f"{output.stem}-preview.wav")
