"""Sound player: play a recording, once or round and round."""

import threading
from pathlib import Path
from typing import Annotated, NamedTuple, Protocol

import numpy as np

from ..engine import Event, Events, FloatArray, Help, Param, PortSize, Setting, SettingError, Setup, Signal, node
from .audiofile import SoundError, SoundFile

FADE_SECONDS = 0.010
IN_MEMORY_SECONDS = 60.0
AHEAD_SECONDS = 8.0
WAIT_SECONDS = 0.02
PIECE = 16_384
NOWHERE = 2**62

File = Annotated[
    str, Setting(help="The sound to play: WAV, AIFF, FLAC, OGG, MP3; others where ffmpeg is installed.", file="sound")
]
Loop = Annotated[bool, Setting(help="Loop without a gap.")]
Start = Annotated[float, Setting(help="Start time in the file.", low=0.0, high=604_800.0, unit="s")]
End = Annotated[
    float, Setting(help="End time in the file; 0 is the end of the file.", low=0.0, high=604_800.0, unit="s")
]
Playing = Annotated[bool, Param(0, 1, help="Play or pause, with a 10 ms fade.")]


class PlayedSound(NamedTuple):
    """The sound, and an event of 1 on the sample after its end (when looping, on each new beginning)."""

    audio: Annotated[Signal, Help("the sound as it plays")]
    ended: Annotated[Event, Help("a message whenever the end is reached")]


@node(
    other_names=(
        "sfplay~",
        "groove~",
        "sampler",
        "play file",
        "load",
        "play sound",
        "player",
        "audio file",
        "playback",
        "open",
        "wav",
        "sample",
        "loop",
    ),
    nearest_to=("looper", "drum machine", "buffer~"),
)
class SoundPlayer:
    """Play a sound file.

    As many channels as the file has, at the speed it was recorded at. Without a cord at ``play`` it begins at once;
    with one it waits: an event above 0 plays from the beginning, on that very sample, any other stops. Sounds up to
    a minute are kept in memory; longer ones are read ahead of the playhead.
    """

    def __init__(self, setup: Setup, file: File = "", loop: Loop = False, start: Start = 0.0, end: End = 0.0) -> None:
        self._loop = loop
        self._sound = _open(setup, file, start, end) if file else _Held(np.zeros((1, 0), np.float32))
        if not file:
            setup.warn("no sound chosen; set file")
        self._fade = max(1, round(FADE_SECONDS * setup.sample_rate))
        self._rising: FloatArray = np.arange(1, self._fade + 1, dtype=np.float32) / np.float32(self._fade)
        self._tail: FloatArray = np.zeros((self._sound.channels, self._fade), np.float32)
        self._fresh_tail = np.zeros_like(self._tail)
        self._is_fresh = True
        self.reset()

    def ports(self) -> dict[str, PortSize]:
        """As many channels as the file has."""
        return {"audio": PortSize(size=self._sound.channels)}

    def process(
        self,
        out: PlayedSound,
        play: Annotated[Event, Help("above 0 plays from the beginning, anything else stops")] | None = None,
        playing: Playing = True,
    ) -> PlayedSound:
        """Fill ``out.audio`` ``[channels, n]`` and append to ``out.ended``."""
        if self._is_fresh:
            self._is_fresh, self._is_begun, self._is_on = False, play is None, playing
        self._switch(playing)
        out.audio.fill(0.0)
        begin = 0
        for offset, value in play or ():
            self._render(out.audio, out.ended, begin, offset)
            begin = offset
            self._leave()
            self._is_begun = value > 0.0
            self._place, self._end, self._risen = 0, self._sound.length, self._fade
        self._render(out.audio, out.ended, begin, out.audio.shape[1])
        return out

    def reset(self) -> None:
        """Rest at the beginning until ``play``, or begin at once without a cord there."""
        self._is_fresh, self._is_begun, self._is_on = True, False, True
        self._place, self._end = 0, self._sound.length
        self._risen = self._tailed = self._fade

    def read(self) -> float:
        """Seconds of sound that came too late from the disk; from any thread."""
        return self._sound.late

    def close(self) -> None:
        """Let go of the file."""
        self._sound.close()

    def _switch(self, playing: bool) -> None:
        if playing != self._is_on:
            if not playing:
                self._leave()
            self._is_on, self._risen = playing, 0

    def _leave(self) -> None:
        """Fade out from here: what would have sounded next, kept aside."""
        if not (self._is_begun and self._is_on):
            return
        fresh = self._fresh_tail
        self._read(self._place, fresh)
        fresh *= self._rising[::-1]
        if self._risen < self._fade:
            fresh *= self._risen / self._fade
        left = self._fade - self._tailed
        fresh[:, :left] += self._tail[:, self._tailed :]
        self._tail, self._fresh_tail, self._tailed = fresh, self._tail, 0

    def _read(self, place: int, out: FloatArray) -> None:
        """What comes from a place on, silence after the end when there is no loop."""
        left = out.shape[1] if self._loop else min(out.shape[1], max(self._sound.length - place, 0))
        out[:, left:] = 0.0
        if left and self._sound.length:
            self._sound.read(place, out[:, :left])

    def _render(self, audio: FloatArray, ended: Events, begin: int, end: int) -> None:
        position = begin
        while position < end and self._is_begun and self._is_on:
            if self._place >= self._end:
                ended.append((position, 1.0))
                self._end += self._sound.length
                if not self._loop or not self._sound.length:
                    self._is_begun = False
                    break
            count = min(end - position, self._end - self._place)
            part = audio[:, position : position + count]
            self._sound.read(self._place, part)
            if self._risen < self._fade:
                rising = self._rising[self._risen : self._risen + count]
                part[:, : len(rising)] *= rising
                self._risen += len(rising)
            self._place += count
            position += count
        if self._tailed < self._fade:
            tail = self._tail[:, self._tailed : self._tailed + end - begin]
            audio[:, begin : begin + tail.shape[1]] += tail
            self._tailed += tail.shape[1]


class _Region(Protocol):
    """A region of a sound; places count on through the rounds of a loop."""

    channels: int
    length: int

    @property
    def late(self) -> float:
        """Seconds of sound that came too late."""
        ...

    def read(self, place: int, out: FloatArray) -> None:
        """Fill ``out``; call from the audio thread."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class _Held:
    """A sound in memory."""

    late = 0.0

    def __init__(self, audio: FloatArray) -> None:
        self._audio = audio
        self.channels, self.length = audio.shape

    def read(self, place: int, out: FloatArray) -> None:
        done, count = 0, out.shape[1]
        while done < count:
            begin = (place + done) % self.length
            some = min(count - done, self.length - begin)
            out[:, done : done + some] = self._audio[:, begin : begin + some]
            done += some

    def close(self) -> None:
        """Nothing is open."""


class _OnDisk:
    """A sound read when it is needed: for rendering, when nobody waits, and for the thread that reads ahead."""

    late = 0.0

    def __init__(self, sound: SoundFile, begin: int, length: int) -> None:
        self._sound, self._begin = sound, begin
        self.channels, self.length = sound.channels, length

    def read(self, place: int, out: FloatArray) -> None:
        done, count = 0, out.shape[1]
        while done < count:
            begin = (place + done) % self.length
            some = min(count - done, self.length - begin)
            self._sound.read(self._begin + begin, some, out[:, done : done + some])
            done += some

    def close(self) -> None:
        self._sound.close()


class _ReadAhead:
    """A long sound while playing live: its beginning in memory, the rest fetched by a thread into a ring.

    The ring holds places ``_from`` … ``_to`` (counted through the rounds); only the thread moves them, the audio
    thread only says which place it ``_wants`` next. What is not there in time is silent and counted.
    """

    def __init__(self, source: _OnDisk, sample_rate: float) -> None:
        self._source, self._rate = source, sample_rate
        self.channels, self.length = source.channels, source.length
        self._size = max(int(AHEAD_SECONDS * sample_rate), 4 * PIECE)
        self._margin = 2 * PIECE
        self._head: FloatArray = np.zeros((self.channels, min(self._size, self.length)), np.float32)
        source.read(0, self._head)
        self._ring: FloatArray = np.zeros((self.channels, self._size), np.float32)
        self._wants = 0
        self._from = self._to = self._head.shape[1]
        self._late_samples = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="read ahead", daemon=True)
        self._thread.start()

    @property
    def late(self) -> float:
        """Seconds of sound that came too late."""
        return self._late_samples / self._rate

    def read(self, place: int, out: FloatArray) -> None:
        count = out.shape[1]
        self._wants = place + count
        held = max(0, min(count, self._head.shape[1] - place))
        if held:
            out[:, :held] = self._head[:, place : place + held]
        if held == count:
            return
        if not self._from <= place + held <= place + count <= self._to:
            out[:, held:] = 0.0
            self._late_samples += count - held
            return
        begin = (place + held) % self._size
        some = min(count - held, self._size - begin)
        out[:, held : held + some] = self._ring[:, begin : begin + some]
        out[:, held + some :] = self._ring[:, : count - held - some]

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._source.close()

    def _run(self) -> None:
        while not self._stop.wait(WAIT_SECONDS):
            self._fetch()

    def _fetch(self) -> None:
        wants = max(self._wants, self._head.shape[1])
        if not self._from <= wants <= self._to:
            self._from = NOWHERE
            self._to = wants
            self._from = wants
        while self._to + PIECE <= wants + self._size - self._margin and not self._stop.is_set():
            self._from = max(self._from, self._to + PIECE - self._size)
            begin = self._to % self._size
            some = min(PIECE, self._size - begin)
            self._source.read(self._to, self._ring[:, begin : begin + some])
            self._to += some


def _open(setup: Setup, file: str, start: float, end: float) -> _Region:
    try:
        sound = SoundFile(Path(setup.resolve(file)), setup.sample_rate)
    except SoundError as error:
        raise SettingError("file", str(error)) from None
    begin = round(start * setup.sample_rate)
    stop = min(round(end * setup.sample_rate), sound.frames) if end else sound.frames
    if begin >= stop:
        sound.close()
        seconds = sound.frames / setup.sample_rate
        raise SettingError("start", f"from {start:g} s nothing is left of the {seconds:.2f} s; start earlier")
    if end * setup.sample_rate > sound.frames + 1:
        setup.warn(f"the sound ends at {sound.frames / setup.sample_rate:.2f} s, before the set end")
    source = _OnDisk(sound, begin, stop - begin)
    if stop - begin <= IN_MEMORY_SECONDS * setup.sample_rate:
        audio = np.zeros((source.channels, source.length), np.float32)
        source.read(0, audio)
        source.close()
        found: _Region = _Held(audio)
    elif setup.offline:
        found = source
    else:
        found = _ReadAhead(source, setup.sample_rate)
    for warning in sound.warnings:
        setup.warn(warning)
    return found
