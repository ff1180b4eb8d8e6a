"""Keep what was played as a WAV or FLAC file that is whole, or was never there."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .problem import SoundError
from .wav import SUBTYPES, samples_to_bytes, wav_header

REFRESH = 1 << 24
"""Bytes between two corrections of the header, so that a take cut off by a crash still opens (as its ``.part``)."""


def write_sound(path: Path | str, audio: NDArray[np.float32], sample_rate: float, subtype: str = "PCM_24") -> None:
    """Write float32 ``[channels, n]`` as a WAV or FLAC file in one go."""
    with SoundWriter(path, sample_rate, audio.shape[0], subtype) as writer:
        writer.write(audio)


class SoundWriter:
    """A WAV (RF64 past 4 GiB) or FLAC file written as it is played; the same sound gives the same bytes.

    subtype: PCM_16, PCM_24 or FLOAT (WAV only). Samples beyond ±1 are held at full scale in PCM and counted in
    ``clipped``; what is no number becomes 0 and is counted in ``broken``. The file grows under another name beside
    ``path`` and takes its place on ``close``, also when what is inside ``with`` is interrupted. A FLAC file cannot be
    empty: it then holds one silent sample. Raises SoundError.
    """

    def __init__(self, path: Path | str, sample_rate: float, channels: int, subtype: str = "PCM_24") -> None:
        self.path = Path(path)
        self.channels, self.subtype = channels, subtype
        self.frames = self.clipped = self.broken = 0
        self.sample_rate = _checked(self.path, sample_rate, channels, subtype)
        self.is_flac = self.path.suffix.lower() == ".flac"
        self._part = self.path.with_name(f".{self.path.name[:200]}.{secrets.token_hex(4)}.part")
        self._fresh = 0
        self._file: Any = self._open()

    def write(self, audio: NDArray[np.float32]) -> None:
        """Append ``[channels, n]``."""
        if self._file is None:
            raise SoundError(f"{self.path} is already closed; open a new file to write more")
        if audio.ndim != 2 or audio.shape[0] != self.channels:
            raise SoundError(f"{self.path} takes {self.channels} channels, got an array of {list(audio.shape)}")
        samples = self._quantised(np.ascontiguousarray(audio.T, np.float32))
        try:
            if self.is_flac:
                self._file.write(samples)
            else:
                self._file.write(samples_to_bytes(samples, self.subtype))
        except (OSError, RuntimeError) as error:
            raise SoundError(f"{self.path} cannot be written further ({error}); is the disk full?") from None
        self.frames += audio.shape[1]
        self._fresh += samples.nbytes
        if self._fresh >= REFRESH and not self.is_flac:
            self._correct_header()

    def close(self) -> None:
        """Finish the file and put it in its place; closing twice is fine."""
        if self._file is None:
            return
        try:
            if self.is_flac:
                if not self.frames:
                    self._file.write(np.zeros((1, self.channels), np.int32))
            else:
                size = self.frames * self.channels * SUBTYPES[self.subtype]
                self._file.write(bytes(size % 2))
                self._correct_header()
                os.fsync(self._file.fileno())
            self._file.close()
            self._part.replace(self.path)
        except (OSError, RuntimeError) as error:
            raise SoundError(f"{self.path} cannot be finished ({error}); what there is lies in {self._part}") from None
        finally:
            self._file = None

    def discard(self) -> None:
        """Drop everything written; a file that was there before stays as it was."""
        if self._file is not None:
            self._file.close()
            self._file = None
            with suppress(OSError):
                self._part.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def _open(self) -> Any:
        if self.path.is_dir():
            raise SoundError(f"{self.path} is a folder; name a .wav or .flac file in it")
        try:
            if self.is_flac:
                import soundfile

                self._part.touch()
                return soundfile.SoundFile(
                    str(self._part), "w", self.sample_rate, self.channels, self.subtype, format="FLAC"
                )
            file = self._part.open("wb")
            file.write(wav_header(self.sample_rate, self.channels, self.subtype, 0))
        except (OSError, RuntimeError) as error:
            with suppress(OSError):
                self._part.unlink()
            why = error.strerror if isinstance(error, OSError) else error
            raise SoundError(f"{self.path} cannot be written ({why}); choose a folder you may write to") from None
        return file

    def _correct_header(self) -> None:
        end = self._file.tell()
        self._file.seek(0)
        self._file.write(wav_header(self.sample_rate, self.channels, self.subtype, self.frames))
        self._file.seek(end)
        self._file.flush()
        self._fresh = 0

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


def _checked(path: Path, rate: float, channels: int, subtype: str) -> int:
    suffix = path.suffix.lower()
    if suffix not in (".wav", ".flac"):
        raise SoundError(f"{path} cannot be written; name a .wav or .flac file")
    if subtype not in SUBTYPES or (suffix == ".flac" and subtype == "FLOAT"):
        known = "PCM_16 or PCM_24" if suffix == ".flac" else "PCM_16, PCM_24 or FLOAT"
        raise SoundError(f"{path} cannot hold {subtype} samples; use {known}")
    most_channels, most_hz = (8, 655_350) if suffix == ".flac" else (256, 3_072_000)
    if not 1 <= channels <= most_channels:
        raise SoundError(f"{path} cannot hold {channels} channels; from 1 to {most_channels} fit")
    if not 1 <= rate <= most_hz:
        raise SoundError(f"{path} cannot be written at {rate:g} Hz; from 1 to {most_hz} Hz fit")
    return round(rate)
