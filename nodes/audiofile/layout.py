"""What sound a file really holds: its length by the data, never by what a header or a guess says of it."""

import mmap
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...graphs.file_read import open_regular
from .flac import flac_end, flac_pieces, flac_streams
from .foreign import decoded
from .mpeg import find_frames
from .ogg import OggRun, find_links
from .problem import SoundError
from .riff import find_samples
from .sized import with_length
from .stitched import Piece
from .stream import MOST, Stream

MOST_PARTS = 10_000
MPEG_SUFFIXES = (".mp1", ".mp2", ".mp3", ".mpa", ".mpga")
MOST_KNOWN = 512
# Seconds of silence for a hole; whoever tells of more has its own count of time damaged.
MOST_MISSING = 3600
# Seconds; a difference below is rounding of the program that wrote the file and not worth a word.
LEAST_CUT = 0.01
_known: dict[tuple[Any, ...], "FileLayout"] = {}


@dataclass(frozen=True)
class Part:
    """A stretch of sound: the file it lies in, its pieces (none: the whole file), and how many samples it has.

    is_silent: it stands for what is missing, so that what comes after keeps its time; nothing is read for it.
    """

    path: Path
    pieces: tuple[Piece, ...]
    frames: int
    is_silent: bool = False


@dataclass(frozen=True)
class FileLayout:
    """The parts of a sound in order, all of one rate (Hz) and one number of channels; notes: what is missing."""

    parts: tuple[Part, ...]
    rate: int
    channels: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Guess:
    """How a file may be read. ending: what is said where it lasts less (``cut``) or more than its header tells.

    told: seconds by the header, 0 where that does not matter. count: samples by the data, 0 where only decoding tells.
    note: a sentence on what is missing, after the file's name.
    runs: for each of the pieces, of an OGG file, what it knows of its own place in time.
    """

    pieces: tuple[tuple[Piece, ...], ...]
    ending: str = ""
    told: float = 0.0
    count: int = 0
    runs: tuple[OggRun, ...] = ()
    note: str = ""


def stamp(path: Path) -> tuple[Any, ...]:
    """What tells a file from others, and from itself before a change, without reading it. Raises SoundError."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        raise SoundError(f"no sound file {path}; check its name and folder") from None
    if not stat.S_ISREG(found.st_mode):
        raise SoundError(f"{path} is a folder or a device, not a sound file; choose a file")
    return (os.fsencode(path.absolute()), found.st_size, found.st_mtime_ns, found.st_ino, found.st_dev)


def layout_of(path: Path) -> FileLayout:
    """The sound in a file; what was found is remembered while the file stays as it is. Raises SoundError."""
    key = stamp(path)
    known = _known.get(key)
    if known is None:
        if key[1] == 0:
            raise SoundError(f"{path} is empty; choose another file or export it again")
        while len(_known) >= MOST_KNOWN:
            _known.pop(next(iter(_known)))
        known = _known[key] = _found(path, key)
    return known


def _found(path: Path, key: tuple[Any, ...]) -> FileLayout:
    empty = False
    try:
        with _bytes(path) as data:
            guesses = tuple(_guesses(path, data))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise SoundError(f"{path} can't be read ({why}); check its permissions") from None
    for guess in guesses:
        layout = _read(path, guess)
        if layout is not None and layout.parts:
            return layout
        empty |= layout is not None
    if empty:
        raise SoundError(f"{path} is empty (length 0); choose another file or export it again")
    made, told = decoded(path, key)
    layout = _read(made, _Guess(((),)))
    if layout is None or not layout.parts:
        raise SoundError(f"{path} contains no audio that ffmpeg can decode; choose another or convert it to WAV")
    lasts = layout.parts[0].frames / layout.rate
    # containers round what they tell by a frame or so, and tell the longest of their streams
    notes = (_cut(path, lasts, told),) if told - lasts > max(0.5, 0.02 * told) else ()
    return FileLayout(layout.parts, layout.rate, layout.channels, notes)


@contextmanager
def _bytes(path: Path) -> Iterator[memoryview]:
    with open_regular(path) as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        view = memoryview(mapped)
        try:
            yield view
        finally:
            view.release()


def _guesses(path: Path, data: memoryview) -> Iterator[_Guess]:
    """The ways in which a file may be read, the likeliest first."""
    begin = _after_id3(data)
    samples = find_samples(data, begin)
    if samples is not None and samples.is_mp3:
        yield from _mpeg(memoryview(data[: samples.end]), samples.begin)
    elif samples is not None:
        told = samples.told / samples.rate if samples.rate else 0.0
        ending = samples.ending if samples.frames else ""
        if not samples.ending and begin == 0:
            yield _Guess(((),), count=samples.frames)
        yield _Guess((samples.pieces,), ending, told, samples.frames)
    sized = with_length(data, begin)
    if sized is not None:
        yield _Guess((sized[0],), "torn" if sized[1] == "cut" else sized[1])
    end = flac_end(data, begin)
    streams = flac_streams(data, begin) if end is not None else ()
    if len(streams) > 1:
        yield _joined(data, streams[:MOST_PARTS])
    if end is not None:
        if end.end == end.told and not begin:
            yield _Guess(((),), count=end.told)
        # the last frame may be torn: then it ends where that begins
        for count in dict.fromkeys((end.end, end.begin)):
            if count:
                ending = "" if not end.told else "cut" if count < end.told else "unfinished"
                rate = int.from_bytes(data[begin + 18 : begin + 21], "big") >> 4 or 1
                yield _Guess((flac_pieces(data, count, begin),), ending, end.told / rate, count)
        yield _Guess(((),))
    links = find_links(data, begin)
    if links is not None:
        runs = links.runs[:MOST_PARTS]
        is_one = len(runs) == 1 and not runs[0].is_after_hole
        yield _Guess(((),) if is_one else tuple(run.pieces for run in runs), "torn" if links.is_torn else "", runs=runs)
    is_mpeg = path.suffix.lower() in MPEG_SUFFIXES or bytes(data[begin : begin + 1]) == b"\xff"
    if (is_mpeg or begin) and samples is None and end is None and links is None:
        yield from _mpeg(data, begin)
    yield _Guess(((),))


def _joined(data: memoryview, streams: tuple[tuple[int, int], ...]) -> _Guess:
    """FLAC files one after the other in a file."""
    pieces: list[tuple[Piece, ...]] = []
    told, is_cut = 0.0, False
    for begin, stop in streams:
        part = data[:stop]
        end = flac_end(part, begin)
        rate = int.from_bytes(data[begin + 18 : begin + 21], "big") >> 4 or 1
        if end is None or end.told == end.end or not end.end:
            pieces.append(((begin, stop),))
        else:
            pieces.append(flac_pieces(part, end.end, begin))
            is_cut |= end.told > end.end
        told += max(end.told, end.end) / rate if end is not None else 0.0
    return _Guess(tuple(pieces), "cut" if is_cut else "", told)


def _mpeg(data: memoryview, begin: int) -> Iterator[_Guess]:
    found = find_frames(data, begin)
    if found is None:
        return
    # encoders differ in whether they count their info frame
    lacks = found.told - found.count if found.told else 0
    ending = "cut" if lacks > 1 else "torn" if found.is_torn else "unfinished" if lacks < -1 else ""
    note, frame = "", found.samples / found.rate
    if found.hole[1]:
        place, missing = (number * frame for number in found.hole)
        ending = "cut" if found.is_torn else ""
        note = (
            _damage([(place, missing)])
            if found.is_filled
            else f"is damaged at {place:.2f} s; the rest is shifted earlier by the gap"
            if found.is_torn
            else f"is damaged, first at {place:.2f} s: {missing:.2f} s are missing, and the rest is shifted earlier"
        )
    yield _Guess((found.pieces,), ending, found.told * frame, note=note)


def _read(path: Path, guess: _Guess) -> FileLayout | None:
    """The layout by a guess; None where libsndfile can't read it so, or finds another length than lies there."""
    parts: list[Part] = []
    notes: list[str] = []
    holes: list[tuple[float, float]] = []
    rate = channels = base = 0
    link = -1
    for number, pieces in enumerate(guess.pieces):
        run = guess.runs[number] if guess.runs else None
        try:
            stream = Stream(path, pieces)
        except (RuntimeError, TypeError, OSError, ValueError):
            if run is not None and run.is_after_hole:
                continue
            if not parts:
                return None
            notes.append(f"{path} can't be read from {_seconds(parts, rate):.2f} s on; only the part before is used")
            break
        try:
            if parts and (stream.rate, stream.channels) != (rate, channels):
                notes.append(
                    f"{path} goes on with {stream.rate} Hz and {stream.channels} channels at "
                    f"{_seconds(parts, rate):.2f} s; only the part before is used. Convert it to WAV to use all of it"
                )
                break
            rate, channels = stream.rate, stream.channels
            if guess.count and stream.told != guess.count:
                return None
            frames = _true_length(stream)
            if guess.count and frames != guess.count:
                return None
            if stream.told < MOST and (stream.told - frames) / rate > LEAST_CUT and not guess.ending:
                notes.append(_cut(path, _seconds(parts, rate) + frames / rate, stream.told / rate))
            if run is not None:
                here = sum(one.frames for one in parts)
                end = run.end * rate // (run.tick or rate)
                if run.link != link:
                    link, base = run.link, run.skip * rate // (run.tick or rate) - here
                if not run.is_after_hole and run.end >= 0:
                    base = end - frames - here
                elif run.is_after_hole:
                    gap = end - frames - base - here
                    holes.append((here / rate, max(gap, 0) / rate))
                    if 0 < gap < MOST_MISSING * rate:
                        parts.append(Part(path, (), gap, is_silent=True))
            if frames:
                parts.append(Part(path, pieces, frames))
        finally:
            stream.close()
    if holes:
        notes.append(f"{path} {_damage(holes)}")
    if guess.note:
        notes.append(f"{path} {guess.note}")
    lasts = _seconds(parts, rate or 1)
    if guess.ending == "cut" and guess.told - lasts > LEAST_CUT:
        notes.append(_cut(path, lasts, guess.told))
    elif guess.ending == "unfinished":
        told = f"gives {guess.told:.2f} s" if guess.told else "gives no length"
        notes.append(
            f"{path} was not closed properly: its header {told}, {lasts:.2f} s of audio were found and are used"
        )
    elif guess.ending == "torn":
        notes.append(f"{path} ends abruptly at {lasts:.2f} s; the part before is used")
    return FileLayout(tuple(parts), rate, channels, tuple(notes))


def _true_length(stream: Stream) -> int:
    """As many samples as can be read: those that are told, if the last of them can, else all are read to count them."""
    if stream.told <= 0:
        return 0
    last = np.empty((1, stream.channels), np.float32)
    if stream.told < MOST and stream.read(stream.told - 1, last) == 1:
        return stream.told
    return stream.count()


def _seconds(parts: list[Part], rate: int) -> float:
    return sum(one.frames for one in parts) / rate


def _damage(holes: list[tuple[float, float]]) -> str:
    """holes: where in seconds, and how many seconds each is long."""
    first, missing = holes[0][0], sum(length for _, length in holes)
    if len(holes) == 1:
        return f"is damaged at {first:.2f} s: {missing:.2f} s are missing and replaced by silence; the rest is used"
    return (
        f"is damaged in {len(holes)} places, first at {first:.2f} s: {missing:.2f} s in all are missing "
        "and replaced by silence; the rest is used"
    )


def _cut(path: Path, lasts: float, told: float) -> str:
    return f"{path} ends abruptly at {lasts:.2f} s of {told:.2f} s; the part before is used"


def _after_id3(data: memoryview) -> int:
    """The byte after tags at the beginning."""
    place = 0
    while bytes(data[place : place + 3]) == b"ID3" and place + 10 <= len(data):
        size = 0
        for byte in data[place + 6 : place + 10]:
            size = size << 7 | byte & 0x7F
        place += 10 + size + (10 if data[place + 5] & 0x10 else 0)
    return min(place, len(data))
