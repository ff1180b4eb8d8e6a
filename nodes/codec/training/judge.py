"""A codec by perceptual measures: what it makes of sounds, told by the trackers, for each sound, each kind and all."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...audiofile import list_sounds
from ...audiofile.read import SoundFile
from ..encode_files import encode_sound
from ..interface import Array, Codec, CodecError
from .trackers import SHORTEST, Tracked, mean_of, track

Report = Callable[[float, str], bool]

# Of a longer sound its beginning is judged.
LONGEST_SECONDS = 60.0
# A measure, its heading, by what it is multiplied, how it is written.
COLUMNS = (
    ("mel_db", "log-mel dB", 1.0, "{:.2f}"),
    ("onset_f1", "onsets", 1.0, "{:.2f}"),
    ("wrong_f0", "wrong f0 %", 100.0, "{:.0f}"),
    ("cents", "cents", 1.0, "{:.1f}"),
    ("level_db", "level dB", 1.0, "{:+.1f}"),
    ("tonality_db", "tonality dB", 1.0, "{:+.1f}"),
    ("modulation_db", "4-20 Hz dB", 1.0, "{:+.1f}"),
    ("offset_ms", "offset ms", 1.0, "{:+.1f}"),
)


@dataclass(frozen=True)
class JudgedSound:
    """One sound: its name, its kind (the folder it lies in; empty where there are no folders), what was tracked."""

    name: str
    kind: str
    tracked: Tracked


@dataclass(frozen=True)
class Judgement:
    """What the trackers say of a codec. said: sentences about sounds that could not be judged."""

    codec: str
    sounds: tuple[JudgedSound, ...]
    warnings: tuple[str, ...] = ()

    @property
    def kinds(self) -> dict[str, dict[str, float | None]]:
        """The means of each kind, where there are kinds."""
        names = sorted({one.kind for one in self.sounds if one.kind})
        return {name: mean_of([one.tracked for one in self.sounds if one.kind == name]) for name in names}

    @property
    def mean(self) -> dict[str, float | None]:
        """The means over all sounds."""
        return mean_of([one.tracked for one in self.sounds])

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        sounds = [{"name": one.name, "kind": one.kind, **asdict(one.tracked)} for one in self.sounds]
        return {
            "codec": self.codec,
            "sounds": sounds,
            "kinds": self.kinds,
            "mean": self.mean,
            "problems": list(self.warnings),
        }

    def as_text(self) -> list[str]:
        """A table: sounds, kinds, all."""
        rows = [table_row(one.name, asdict(one.tracked)) for one in self.sounds]
        kinds = [table_row(f"{name} (kind)", means) for name, means in self.kinds.items()]
        return [table_head(self.codec), *rows, *kinds, table_row("mean", self.mean)]


def judge(codec: Codec, files: Sequence[Path], progress: Report | None = None) -> Judgement:
    """Have a codec encode and decode sound files (folders are opened) and compare each with its original, aligned.

    Sounds in folders inside a given folder are of a kind of that folder's name. Files that can't be read or are too
    short are named among what is said. Raises CodecError where none can be judged; progress giving False ends it.
    """
    from ...audiofile import SoundError

    facts = codec.facts
    if not facts.input_channels:
        raise CodecError(f"{facts.name} is decode-only; choose a codec that can encode")
    found: list[JudgedSound] = []
    warnings: list[str] = []
    paths = [
        (path, _kind(path, file))
        for file in files
        for path in (list_sounds(file, warnings.append) if file.is_dir() else [file])
    ]
    for place, (path, kind) in enumerate(paths):
        if progress and not progress(place / len(paths), path.name):
            break
        try:
            tracked = track(*reproduced(codec, path), facts.sample_rate)
        except (SoundError, CodecError, ValueError, OSError) as error:
            warnings.append(f"{path.name}: it is not judged: {error}")
            continue
        found.append(JudgedSound(path.stem, kind, tracked))
    if not found:
        reason = warnings[0] if warnings else f"give sounds of at least {SHORTEST} samples"
        raise CodecError(f"no sound could be judged; {reason}")
    return Judgement(facts.name, tuple(found), tuple(warnings))


def reproduced(codec: Codec, path: Path) -> tuple[Array, Array]:
    """What a codec makes of a sound file, and the file, mono at its rate: both ``[samples]``, in time with each other.

    Encoded as the sounds of a map are, decoded as a line of it is heard.
    """
    from ...terrain.line_audio import hear

    facts = codec.facts
    latents = encode_sound(codec, path).latents
    longest = round(LONGEST_SECONDS * facts.sample_rate)
    pieces = list(hear(latents[: -(-longest // facts.ratio)], codec))
    copy = np.concatenate(pieces, axis=1).mean(axis=0)
    original = read_mono(path, facts.sample_rate)
    return np.asarray(copy[: len(original)], np.float32), original


def read_mono(path: Path, rate: float) -> Array:
    """The first minute of a sound file at a rate, its channels mixed: float32 ``[samples]``. Raises SoundError."""
    with SoundFile(path, rate, 1) as file:
        return np.asarray(file.read(0, min(file.frames, round(LONGEST_SECONDS * rate)))[0], np.float32)


def table_head(title: str) -> str:
    """The headings of a table of what trackers say."""
    return f"{title[:28]:28}" + "".join(f"{heading:>13}" for _, heading, _, _ in COLUMNS)


def table_row(name: str, values: dict[str, Any]) -> str:
    """A row of such a table; values: by measure, None where there is none."""
    cells = []
    for measure, _, factor, form in COLUMNS:
        value = values.get(measure)
        cells.append(f"{'-' if value is None else form.format(value * factor):>13}")
    return f"{name[:28]:28}" + "".join(cells)


def _kind(path: Path, given: Path) -> str:
    return path.parent.name if given.is_dir() and path.parent != given else ""
