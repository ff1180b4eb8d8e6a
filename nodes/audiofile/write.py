"""Keep what was played as a WAV or FLAC file that is whole, or was never there."""

import os
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ...graphs.file_write import NewFile, WriteError, is_part_of_sound, left_parts, reason, shortened
from .flac_length import BLOCK, encoded_samples, set_length
from .problem import SoundError
from .wav import SUBTYPES, samples_to_bytes, wav_header

# A file that is cut off, by a kill or a crash, says how long it is, but for so much at its end.
REFRESH_SECONDS = 0.5
_PROBE = 1 << 16
# Bytes of a name that leave room for a mark and a number behind it.
_ROOM_FOR_MARK = 230


def write_sound(path: Path | str, audio: NDArray[np.float32], sample_rate: float, subtype: str = "PCM_24") -> None:
    """Write float32 ``[channels, n]`` as a WAV or FLAC file in one go; what fails leaves no file. Raises SoundError."""
    from .unfinished import noted  # which writes with this

    writer = SoundWriter(path, sample_rate, audio.shape[0], subtype)
    with noted(writer):
        try:
            writer.write(audio)
        except BaseException:
            writer.discard()
            raise
        writer.close()


class SoundWriter:
    """A WAV (RF64 past 4 GiB) or FLAC file written as it is played; the same sound gives the same bytes.

    subtype: PCM_16, PCM_24 or FLOAT (WAV only). Samples beyond ±1 are held at full scale in PCM and counted in
    ``clipped``; what is no number becomes 0 and is counted in ``broken``. The file grows under another name (``part``)
    beside ``path``, where it may be opened at any time, and takes its place on ``close``, also when what is inside
    ``with`` is interrupted. A FLAC file cannot be empty: it then holds one silent sample. Raises SoundError.

    A sound that is cut (``is_cut``: a write failed, or whoever writes says so) never takes the place of a file that
    was there before: it is kept beside it, and ``path`` says where. After a failed write nothing more can be written;
    where nothing was, no file is left. Unless it ``replaces``, no sound does: a number follows its name (``take-2``).
    """

    def __init__(
        self,
        path: Path | str,
        sample_rate: float,
        channels: int,
        subtype: str = "PCM_24",
        *,
        replaces: bool = True,
    ) -> None:
        self.path, self._replaces = Path(path), replaces
        self.channels, self.subtype = channels, subtype
        self.frames = self.clipped = self.broken = 0
        self.is_cut = self._has_failed = False
        self.sample_rate = _checked(self.path, sample_rate, channels, subtype)
        self.is_flac = self.path.suffix.lower() == ".flac"
        self._refreshed = 0
        self._encoder: Any = None
        self._file: NewFile | None = self._opened()

    @property
    def part(self) -> Path:
        """Where the file is until it is closed."""
        return self._new.part

    @property
    def kept(self) -> str:
        """What is left of a sound that was cut, once it is closed, as the end of a sentence."""
        if not self.frames:
            return "nothing could be saved"
        return f"{self.frames / self.sample_rate:.1f} s were saved as {self.path}"

    def write(self, audio: NDArray[np.float32]) -> None:
        """Append ``[channels, n]``."""
        if self._file is None or self._has_failed:
            raise SoundError(f"{self.path} is already closed; open a new file to write more")
        if audio.ndim != 2 or audio.shape[0] != self.channels:
            raise SoundError(f"{self.path} takes {self.channels} channels, got an array of {list(audio.shape)}")
        samples = self._quantised(np.ascontiguousarray(audio.T, np.float32))
        size = 0
        try:
            if self.is_flac:
                # One FLAC frame at a time: of a write that fails, nothing is known to be there.
                for begin in range(0, len(samples), BLOCK):
                    size = self.part.stat().st_size
                    self._encoder.write(samples[begin : begin + BLOCK])
                    self.frames += len(samples[begin : begin + BLOCK])
            else:
                self._new.write(samples_to_bytes(samples, self.subtype))
                self.frames += len(samples)
            if self.frames - self._refreshed >= REFRESH_SECONDS * self.sample_rate:
                self._correct_header()
        except (OSError, RuntimeError, AssertionError) as error:
            self.is_cut = self._has_failed = True
            why = _reason(error, self.part)
            self._keep_whole_frames(size)
            raise SoundError(
                f"{self.path} cannot be written further ({why}); free some space or record elsewhere"
            ) from None

    def close(self) -> None:
        """Finish the file and put it in its place; closing twice is fine."""
        if self._file is None:
            return
        if self._has_failed and not self.frames:
            self.discard()
            return
        try:
            if self.is_flac:
                self._finish_flac()
            else:
                self._pad()
                self._correct_header()
            if self.is_cut and self.path.exists():
                self.path = self._new.target = free_name(self.path, "cut")
            written = self._new.commit(replaces=self._replaces)
            self.path = self.path if self._replaces else written
        except (OSError, RuntimeError, AssertionError, WriteError) as error:
            raise SoundError(
                f"{self.path} cannot be finished ({_reason(error, self.part)}); the recorded part is in {self.part}"
            ) from None
        finally:
            self._file = None

    def discard(self) -> None:
        """Drop everything written; a file that was there before stays as it was."""
        if self._file is not None:
            if self._encoder is not None:
                with suppress(RuntimeError, OSError):
                    self._encoder.close()
            self._file.discard()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *problem: object) -> None:
        self.is_cut = self.is_cut or kind is not None
        self.close()

    def _opened(self) -> NewFile:
        if self.path.is_dir():
            raise SoundError(f"{self.path} is a folder; choose a .wav or .flac file in it")
        try:
            self._new = NewFile(self.path)
            for left in filter(is_part_of_sound, left_parts(self._new.target.parent)):
                with suppress(OSError):
                    if left.stat().st_size <= len(wav_header(self.sample_rate, self.channels, self.subtype, 0)):
                        left.unlink()  # no sound is in it; what has some is found by its note
        except WriteError as error:
            raise SoundError(f"{self.path.parent}: {error}") from None
        try:
            if self.is_flac:
                import soundfile

                self._encoder = soundfile.SoundFile(
                    str(self.part), "w", self.sample_rate, self.channels, self.subtype, format="FLAC"
                )
            else:
                self._new.write(wav_header(self.sample_rate, self.channels, self.subtype, 0))
        except (OSError, RuntimeError) as error:
            why = _reason(error, self.part)
            self._new.discard()
            raise SoundError(f"{self.path} cannot be written ({why}); free some space or choose another") from None
        return self._new

    @property
    def _frame_bytes(self) -> int:
        return self.channels * SUBTYPES[self.subtype]

    @property
    def _header_bytes(self) -> int:
        return len(wav_header(self.sample_rate, self.channels, self.subtype, 0))

    def _correct_header(self) -> None:
        if self.is_flac:
            set_length(self.part, encoded_samples(self.frames))
        else:
            handle = self._new.handle
            end = handle.tell()
            handle.seek(0)
            self._new.write(wav_header(self.sample_rate, self.channels, self.subtype, self.frames))
            handle.seek(end)
        self._refreshed = self.frames

    def _keep_whole_frames(self, flac_bytes: int) -> None:
        """After a write that failed: know how much is there, and cut off what is half a frame."""
        if self.is_flac:
            self.frames = encoded_samples(self.frames)
            with suppress(OSError):
                os.truncate(self.part, flac_bytes)
            return
        handle = self._new.handle
        with suppress(OSError):
            whole = max(0, handle.seek(0, os.SEEK_END) - self._header_bytes)
            self.frames = whole // self._frame_bytes
            handle.truncate(handle.seek(self._header_bytes + self.frames * self._frame_bytes))

    def _pad(self) -> None:
        """A chunk's size is even. Where a full disk refuses the byte, readers do without it at a file's end."""
        try:
            self._new.write(bytes(self.frames * self._frame_bytes % 2))
        except OSError:
            if not self._has_failed:
                raise

    def _finish_flac(self) -> None:
        if self._has_failed:
            size = self.part.stat().st_size  # the encoder would only write more behind what is whole
            with suppress(OSError, RuntimeError):
                self._encoder.close()
            with suppress(OSError):
                os.truncate(self.part, size)
            set_length(self.part, self.frames)
            return
        if not self.frames:
            self._encoder.write(np.zeros((1, self.channels), np.int32))
        self._encoder.close()

    def _quantised(self, audio: NDArray[np.float32]) -> Any:
        """Float32 as is, or integers in the upper bits of int32 so that a file read back gives the same numbers."""
        finite = np.isfinite(audio)
        if not finite.all():
            self.broken += int(audio.size - np.count_nonzero(finite))
            audio = np.where(finite, audio, np.float32(0.0))
        if self.subtype == "FLOAT":
            return audio
        steps = 1 << (8 * SUBTYPES[self.subtype] - 1)
        self.clipped += int(np.count_nonzero(np.abs(audio) > 1.0))
        whole = np.clip(np.rint(audio.astype(np.float64) * steps), -steps, steps - 1)
        return whole.astype(np.int32) << (32 - 8 * SUBTYPES[self.subtype])


def free_name(path: Path, mark: str) -> Path:
    """A name beside a file that no file has: ``take-cut.wav``, ``take-cut-2.wav`` and so on."""
    stem = shortened(path.stem, _ROOM_FOR_MARK)
    names = (path.with_name(f"{stem}-{mark}{'' if number == 1 else f'-{number}'}{path.suffix}") for number in count(1))
    return next(name for name in names if not name.exists())


def _reason(error: Exception, part: Path) -> str:
    """Why a file can't be written. libsndfile knows no more than "System error": a write of our own tells."""
    if not isinstance(error, OSError):
        error = _refusal(part) or error
    if isinstance(error, OSError):
        return reason(error)
    return str(error).strip().rstrip(".").lower() or type(error).__name__


def _refusal(part: Path) -> OSError | None:
    """What the disk says to more at a file's end, which then is as it was; None where it takes it."""
    try:
        size = part.stat().st_size
        try:
            with part.open("ab", buffering=0) as file:
                # A write that a full disk takes a piece of fails only with the next.
                while file.tell() < size + _PROBE:
                    file.write(bytes(size + _PROBE - file.tell()))
        finally:
            os.truncate(part, size)
    except OSError as error:
        return error
    return None


def _checked(path: Path, rate: float, channels: int, subtype: str) -> int:
    suffix = path.suffix.lower()
    if suffix not in (".wav", ".flac"):
        raise SoundError(f"{path} cannot be written; use a .wav or .flac file")
    if subtype not in SUBTYPES or (suffix == ".flac" and subtype == "FLOAT"):
        known = "PCM_16 or PCM_24" if suffix == ".flac" else "PCM_16, PCM_24 or FLOAT"
        raise SoundError(f"{path} cannot hold {subtype} samples; use {known}")
    most_channels, most_hz = (8, 655_350) if suffix == ".flac" else (256, 3_072_000)
    if not 1 <= channels <= most_channels:
        raise SoundError(f"{path} cannot hold {channels} channels; from 1 to {most_channels} fit")
    if not 1 <= rate <= most_hz:
        raise SoundError(f"{path} cannot be written at {rate:g} Hz; from 1 to {most_hz} Hz fit")
    return round(rate)
