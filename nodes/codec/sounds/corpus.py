"""The sounds that a decoder plays: read once, kept in 16 bits, shared by all streams of a process."""

import json
import posixpath
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....engine.setup import Setup, resolved
from ....graphs.file_read import parse_json
from ...audiofile import Passage, SoundError, SoundFile
from ...audiofile.meant import digest_of
from .analysis import Analysis, analyse
from .layout import BORDER_SECONDS, CHANNELS, PLACE_LATENTS, RATIO, SAMPLE_RATE, FloatArray
from .moment_latents import Placed, pieces_of

# Under this the sounds of a patch lie in what its nodes share.
SOUNDS = "sounds/"
# Beside a packed patch: the folder of its files.
PACKED = "files"
# Silent samples on either side of a sound, so that nobody has to look where it ends.
MARGIN = 8192
# Of one sound, so many are taken.
LONGEST_SECONDS = 1200
# All sounds together last no longer than this.
MOST_SECONDS = 3600
KEPT_SOUNDS = 4096
QUANTUM = np.float32(1 / 32768)
_kept: "OrderedDict[tuple[Any, ...], CorpusSound]" = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class SoundEntry:
    """A sound as the patch remembers it.

    path: as the patch writes it. digest: what was in the file. begin, end: seconds, of a part. placed: its places.
    """

    path: str
    digest: str
    begin: float
    end: float | None
    placed: Placed

    @property
    def text(self) -> str:
        """As text, to be read by ``entry_of``."""
        places = [[round(float(one), 6) for one in place] for place in self.placed.places]
        return json.dumps([self.path, self.digest, self.begin, self.end, self.placed.samples, places])


def entry_of(text: str) -> SoundEntry:
    """An entry from its text. Raises ValueError for what is none."""
    path, digest, begin, end, samples, places = parse_json(text)
    found = np.asarray(places, np.float32)
    if not isinstance(samples, int) or not 0 < samples <= LONGEST_SECONDS * SAMPLE_RATE:
        raise ValueError("a sound of no length")
    if found.shape != (pieces_of(samples), PLACE_LATENTS) or not np.isfinite(found).all():
        raise ValueError("a sound without a place")
    return SoundEntry(str(path), str(digest), float(begin), None if end is None else float(end), Placed(samples, found))


@dataclass(frozen=True)
class CorpusSound:
    """A sound in memory. name: for messages. placed: its places. audio: int16 ``[channels, MARGIN + n + MARGIN]``,
    to be multiplied by ``scale``.
    """

    name: str
    placed: Placed
    audio: NDArray[np.int16]
    scale: np.float32

    @property
    def samples(self) -> int:
        """Its length."""
        return int(self.audio.shape[1]) - 2 * MARGIN

    @cached_property
    def analysis(self) -> Analysis:
        """What the player knows of it."""
        return analyse(self.audio[:, MARGIN:-MARGIN].mean(axis=0, dtype=np.float32) * self.scale)

    def frame(self, sample: float) -> int:
        """The frame of the analysis in which a sample lies, or the nearest."""
        return min(max(int(sample) // RATIO, 0), len(self.analysis.loudness) - 1)

    def take(self, start: int, out: FloatArray) -> None:
        """Fill float32 ``[2, n]`` from a sample on; there is silence before and after the sound."""
        count = out.shape[1]
        begin = start + MARGIN
        if begin < 0 or begin + count > self.audio.shape[1]:
            out.fill(0.0)
            low, high = max(begin, 0), min(begin + count, self.audio.shape[1])
            if high > low:
                np.multiply(self.audio[:, low:high], self.scale, out=out[:, low - begin : high - begin])
            return
        np.multiply(self.audio[:, begin : begin + count], self.scale, out=out)

    def mono(self, start: int, count: int) -> FloatArray:
        """A stretch of the mean of both channels, float32 ``[n]``."""
        made = np.empty((CHANNELS, count), np.float32)
        self.take(start, made)
        return np.asarray(made[0] if len(self.audio) == 1 else 0.5 * (made[0] + made[1]), np.float32)


class Corpus:
    """Sounds with their places. Raises nothing: what can't be read is told in ``problems`` and left out."""

    def __init__(self, sounds: Iterable[CorpusSound], problems: Iterable[str] = ()) -> None:
        self.sounds, self.problems = tuple(sounds), tuple(problems)
        self.places: FloatArray = np.concatenate(
            [one.placed.places for one in self.sounds] or [np.zeros((0, PLACE_LATENTS), np.float32)]
        )
        counts = [len(one.placed.places) for one in self.sounds]
        self.begins = np.cumsum([0, *counts])[:-1]
        """Of each sound, where its pieces begin in ``places``."""
        self._find_transitions(counts)

    def _find_transitions(self, counts: list[int]) -> None:
        """Note where pieces of long sounds go over to the next: on the way a sound is as near as at its places."""
        firsts = np.flatnonzero([number + 1 < count for count in counts for number in range(count)])
        numbers = np.array([number for count in counts for number in range(count)], np.intp)[firsts]
        lengths = np.repeat([one.placed.piece_samples for one in self.sounds], counts)[firsts] if counts else firsts
        self.transitions = firsts
        """The numbers of pieces that another follows."""
        self.steps = self.places[firsts + 1] - self.places[firsts].astype(np.float64)
        self.ends = np.asarray((1 - 2 * (numbers % 2)) * lengths / (2 * SAMPLE_RATE), np.float64)
        """The time at which each goes over."""

    def apart(self, place: FloatArray, time: float) -> NDArray[np.float64]:
        """How far each sound is from a moment, squared: float64 ``[sounds]``."""
        apart = self.places - place.astype(np.float64)
        squares = np.einsum("pd,pd->p", apart, apart)
        near = np.flatnonzero(np.abs(self.ends - time) < 2 * BORDER_SECONDS)
        if len(near):
            steps, begins = self.steps[near], apart[self.transitions[near]]
            share = -np.einsum("pd,pd->p", begins, steps) / (np.einsum("pd,pd->p", steps, steps) + 1e-9)
            nearest = begins + np.clip(share, 0, 1)[:, np.newaxis] * steps
            found = np.einsum("pd,pd->p", nearest, nearest)
            squares[self.transitions[near]] = np.minimum(squares[self.transitions[near]], found)
        return np.asarray(np.minimum.reduceat(squares, self.begins), np.float64)


def read_passage(passage: Passage) -> tuple[FloatArray, tuple[str, ...]]:
    """A sound at 44.1 kHz, float32 ``[1 or 2, n]``, and what is to be said about it. Raises SoundError."""
    with SoundFile(passage.path) as found:
        channels = min(found.channels, CHANNELS)
    with SoundFile(passage.path, SAMPLE_RATE, channels) as file:
        begin, end = passage.span(SAMPLE_RATE, file.frames)
        notes: tuple[str, ...] = ()
        if end - begin > LONGEST_SECONDS * SAMPLE_RATE:
            end = begin + LONGEST_SECONDS * SAMPLE_RATE
            notes = (
                f"{passage.path.name} is longer than {LONGEST_SECONDS // 60} minutes; only the first "
                f"{LONGEST_SECONDS // 60} are used. For other parts write FILE#t=BEGIN,END",
            )
        audio = file.read(begin, end - begin)
        return audio, (*file.warnings, *notes)


def sound_of(passage: Passage, placed: Placed, audio: FloatArray) -> CorpusSound:
    """Keep a sound in memory. audio: float32 ``[1 or 2, n]`` at 44.1 kHz."""
    peak = float(np.abs(audio).max(initial=0.0))
    scale = QUANTUM if peak <= 32767 * QUANTUM else np.float32(peak / 32767)
    kept = np.zeros((len(audio), audio.shape[1] + 2 * MARGIN), np.int16)
    np.rint(audio / scale, out=kept[:, MARGIN:-MARGIN], casting="unsafe")
    return CorpusSound(passage.name, placed, kept, scale)


def load_corpus(entries: Iterable[SoundEntry], folder: Path) -> Corpus:
    """Read the sounds of a patch. folder: for relative paths. Sounds that are in memory already are not read again."""
    found: list[CorpusSound] = []
    problems: list[str] = []
    left = MOST_SECONDS * SAMPLE_RATE
    for one in entries:
        passage = Passage(file_of(one, folder), one.begin, one.end)
        left -= one.placed.samples
        if left < 0:
            problems.append(
                f"the sounds are longer than {MOST_SECONDS // 60} minutes in all; {passage.name} is skipped"
            )
            continue
        try:
            found.append(_sound(passage, one, problems))
        except SoundError as error:
            problems.append(str(error))
    return Corpus(found, problems)


def _sound(passage: Passage, entry: SoundEntry, problems: list[str]) -> CorpusSound:
    now = digest_of(passage.path)
    key = (entry.digest, entry.begin, entry.end, entry.text)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    if now not in (entry.digest, "missing"):
        problems.append(f"{passage.path.name} has changed since it was encoded; encode it again")
    audio, _ = read_passage(passage)
    sound = sound_of(passage, entry.placed, audio)
    if now == entry.digest:
        with _lock:
            _kept[key] = sound
            while len(_kept) > KEPT_SOUNDS or sum(one.samples for one in _kept.values()) > MOST_SECONDS * SAMPLE_RATE:
                _kept.popitem(last=False)
    return sound


def sounds_in(shared: Mapping[str, NDArray[Any]]) -> tuple[str, ...]:
    """The sounds that a patch's nodes share, as text (see ``entry_of``), by their keys; damaged ones are left out."""
    found = []
    for key in sorted(shared):
        if key.startswith(SOUNDS):
            text = np.asarray(shared[key], np.uint8).tobytes().decode("utf-8", "replace")
            with suppress(ValueError, TypeError):
                entry_of(text)
                found.append(text)
    return tuple(found)


def file_of(entry: SoundEntry, folder: Path) -> Path:
    """The file of a sound: where the patch says, else one of its name and content beside the patch."""
    path = resolved(entry.path, folder)
    if not path.is_file():
        for home in (folder, folder / PACKED):
            beside = home / path.name
            if beside.is_file() and digest_of(beside) == entry.digest:
                return beside
    return path


def moved_sound(text: str, old: str, new: str) -> str:
    """An entry's text once a file, or a folder with it, is named otherwise; as it was where that is another one."""
    entry, before = entry_of(text), posixpath.normpath(old)
    inside = posixpath.relpath(entry.path, before) if entry.path.startswith(f"{before}/") else ""
    if not inside and entry.path != before:
        return text
    return replace(entry, path=posixpath.join(new, inside) if inside else new).text


def sound_at(entry: NDArray[Any], path: str) -> bytes:
    """An entry as the patch keeps it, of a file that is at ``path`` now; a damaged one as it was."""
    kept = np.asarray(entry, np.uint8).tobytes()
    with suppress(ValueError, TypeError):
        found = entry_of(kept.decode("utf-8", "replace"))
        return kept if found.path == path else replace(found, path=path).text.encode()
    return kept


def tell_missing(sounds: tuple[str, ...], setup: Setup) -> None:
    """Tell the user which files of sounds are not there, and where there are none at all."""
    for path in (file_of(entry_of(one), setup.folder) for one in sounds):
        if not path.is_file():
            setup.warn(f"there is no sound file {path}; it is silent. Restore it, or encode the sounds again")
    if not sounds:
        setup.warn("builtin:sounds has no sounds yet; add sounds to an encode node and train")
