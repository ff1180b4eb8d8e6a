"""How good a codec is, on sounds that it never learnt from, beside what needs no codec at all.

Four baselines stand beside it: silence, noise with the sound's own mean spectrum, and the analysis oracle, which is
the bank playing what was found in the sound, without any network: the best that a bank codec could do.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...audiofile import list_sounds
from ...audiofile.read import SoundFile
from ..bank.layout import HOPS_PER_FRAME, LOOK_BACK, RATIO, SAMPLE_RATE, partial_frequencies
from ..bank.synthesis import LaneVoice, wave_table
from ..interface import Codec, CodecError
from ..likeness import Distance, distance, noise_like, reproduce
from .measure import (
    brightness_travel,
    latent_figures,
    milliseconds,
    random_levels,
    split_difference,
    walk_evenness,
)

Floats = NDArray[np.float64]
Report = Callable[[float, str], bool]

CLIP_SECONDS = 1.5
# Clips whose rms is less say nothing.
QUIETEST = 0.005
MARKS = (1, 5, 50, 95, 99)
FIRST_AXES = 4


@dataclass(frozen=True)
class Evaluation:
    """What was measured. ``reproductions`` has the mean over clips for codec, oracle, noise and silence.

    clips: how many were compared. level_db: median of reproduction over original. latent_spread and lag1: by latent.
    random_levels: dBFS at 1, 5, 50, 95 and 99 % of random N(0, 1) points. evenness: largest over mean change of the
    spectrum on straight walks (median, worst). travel: octaves by which brightness moves along each axis.
    split: largest difference between one frame a call and one call. decode_ms, encode_ms: per 2048 samples.
    """

    codec: str
    clips: int
    reproductions: dict[str, Distance]
    level_db: float
    labels: tuple[str, ...]
    latent_mean: tuple[float, ...]
    latent_spread: tuple[float, ...]
    lag1: tuple[float, ...]
    random_levels: tuple[float, ...]
    evenness: tuple[float, float]
    travel: tuple[float, ...]
    split: float
    decode_ms: float
    encode_ms: float

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)

    def as_text(self) -> str:
        """A few lines for people."""
        lines = [f"{self.codec}, {self.clips} clips of {CLIP_SECONDS} s", "distance (0 is equal)   linear   log   pure"]
        for name, one in self.reproductions.items():
            lines.append(f"  {name:20}  {one.linear:7.3f} {one.log:6.3f} {one.convergence:6.3f}")
        levels = ", ".join(f"{value:.0f}" for value in self.random_levels)
        lines += [
            f"level of reproductions, median: {self.level_db:+.1f} dB",
            f"level of random points at {', '.join(map(str, MARKS))} %: {levels} dBFS",
            f"straight walks, largest change over mean: {self.evenness[0]:.1f} (worst {self.evenness[1]:.1f})",
            f"one frame a call against all at once: {self.split:.1e}",
            f"per 2048 samples: decode {self.decode_ms:.2f} ms, encode {self.encode_ms:.2f} ms of one processor",
            "latent               mean  spread  lag-1  octaves of brightness across ±2.5",
        ]
        rows = zip(self.labels, self.latent_mean, self.latent_spread, self.lag1, self.travel, strict=True)
        lines += [
            f"  {name:17} {mean:+6.2f} {spread:6.2f} {lag:7.2f} {moved:6.1f}" for name, mean, spread, lag, moved in rows
        ]
        return "\n".join(lines)


def evaluate(codec: Codec, files: Sequence[Path], progress: Report | None = None) -> Evaluation:
    """Measure a codec on sound files (folders are opened). Raises CodecError and SoundError; Interrupted by progress.

    The codec must encode; of codecs with several channels the first is looked at.
    """
    facts = codec.facts
    if not facts.input_channels:
        raise CodecError(f"{facts.name} is decode-only; choose a codec that can encode")
    paths = [path for file in files for path in (list_sounds(file) if file.is_dir() else [file])]
    sounds: list[Floats] = []
    rows: list[dict[str, Distance]] = []
    for place, path in enumerate(paths):
        if progress and not progress(place / (len(paths) + 2), path.name):
            break
        sound = read_mono(path, facts.sample_rate)
        sounds.append(sound)
        rows += _compare(codec, sound)
    if not rows:
        raise CodecError("no sound is loud and long enough to compare; give some of at least 1.5 seconds")
    if progress:
        progress(0.95, "walks")
    latents = latent_figures(codec, sounds) if facts.input_channels == 1 else None
    nothing = (0.0,) * facts.latent_dim
    walks = walk_evenness(codec)
    return Evaluation(
        codec=facts.name,
        clips=len(rows),
        reproductions={name: _mean([row[name] for row in rows]) for name in rows[0]},
        level_db=float(np.median([row["codec"].level_db for row in rows])),
        labels=facts.labels or tuple(f"latent {k + 1}" for k in range(facts.latent_dim)),
        latent_mean=tuple(latents.mean) if latents else nothing,
        latent_spread=tuple(latents.spread) if latents else nothing,
        lag1=tuple(latents.lag1) if latents else nothing,
        random_levels=tuple(np.percentile(random_levels(codec), MARKS)),
        evenness=(float(np.median(walks)), float(walks.max())),
        travel=tuple(brightness_travel(codec)),
        split=split_difference(codec),
        decode_ms=milliseconds(codec, 1),
        encode_ms=milliseconds(codec, 1, encode=True),
    )


def oracle(sound: Floats) -> Floats:
    """A mono 44.1 kHz sound played by the bank from its own analysis, over the original and of the same length."""
    from .analysis import analyse

    padded = np.pad(sound, (0, LOOK_BACK + -(len(sound) + LOOK_BACK) % RATIO))
    found, voice = analyse(padded), LaneVoice(wave_table())
    out = np.zeros(len(found) // HOPS_PER_FRAME * RATIO, np.float32)
    for frame in range(len(found) // HOPS_PER_FRAME):
        hops = slice(frame * HOPS_PER_FRAME, (frame + 1) * HOPS_PER_FRAME)
        hertz = np.asarray(partial_frequencies() * np.exp2(found.bend[hops].astype(np.float64) / 12), dtype=np.float64)
        voice.play(found.amplitude[hops], hertz, found.noise[hops], out[frame * RATIO : (frame + 1) * RATIO])
    return out[LOOK_BACK : LOOK_BACK + len(sound)].astype(np.float64)


def read_mono(path: Path, rate: float) -> Floats:
    """A sound file at a rate, its channels mixed. Raises SoundError."""
    with SoundFile(path, rate, 1) as file:
        return np.asarray(file.read(0, file.frames)[0], dtype=np.float64)


def _compare(codec: Codec, sound: Floats) -> list[dict[str, Distance]]:
    facts = codec.facts
    copies = {"codec": reproduce(codec, np.repeat(sound[None], facts.input_channels, axis=0))[0]}
    if facts.sample_rate == SAMPLE_RATE:
        copies["analysis oracle"] = oracle(sound)
    length = round(CLIP_SECONDS * facts.sample_rate)
    rows = []
    for start in range(0, len(sound) - length + 1, length):
        clip = slice(start, start + length)
        original = sound[clip]
        if np.sqrt(np.mean(original**2)) < QUIETEST:
            continue
        row = {name: distance(copy[clip], original) for name, copy in copies.items()}
        row["noise of its spectrum"] = distance(noise_like(original), original)
        row["silence"] = distance(np.zeros(length), original)
        rows.append(row)
    return rows


def _mean(distances: Sequence[Distance]) -> Distance:
    table = np.array([[one.linear, one.log, one.convergence, one.level_db] for one in distances])
    return Distance(*table.mean(axis=0).tolist())
