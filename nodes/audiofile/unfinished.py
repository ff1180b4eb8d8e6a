"""Recordings that nobody finished, as their program was killed or crashed: found at the next start, and kept.

Every recording under way is noted in the user's folder, in a file of its own. One whose process is gone is finished
from what lies on the disk, and gets a name that people see.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...graphs.file_read import parse_json, read_bytes
from ...graphs.file_write import WriteError, clean_folder, data_folder, is_running, part_name, write_file
from .flac_length import length_of
from .wav import SUBTYPES, wav_header
from .write import SoundWriter, free_name

LARGEST_NOTE = 1 << 16


@dataclass(frozen=True)
class Recovered:
    """A recording that was cut off. wanted: what it was to be called; file: where it is kept now."""

    wanted: Path
    file: Path
    seconds: float

    def __str__(self) -> str:
        return f"{self.wanted.name} was interrupted while recording; {self.seconds:.1f} s were saved as {self.file}"


@contextmanager
def noted(writer: SoundWriter) -> Iterator[None]:
    """Keep a note of a recording while it lasts, so that it is found when this process is killed.

    Where no note can be written (a full disk), the recording goes on without.
    """
    note = notes_folder() / part_name("recording").lstrip(".").replace(".part", ".json")
    about = {
        "process": os.getpid(),
        "part": os.fsencode(writer.part.absolute()).hex(),
        "wanted": os.fsencode(writer.path.absolute()).hex(),
        "rate": writer.sample_rate,
        "channels": writer.channels,
        "subtype": writer.subtype,
    }
    with suppress(OSError, WriteError):
        note.parent.mkdir(parents=True, exist_ok=True)
        write_file(note, json.dumps(about).encode())
    try:
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)


def recover() -> list[Recovered]:
    """Finish what killed programs of this user were recording, and tell where it is; what is empty goes without a word.

    A recording whose disk is not there now, or refuses it, is kept in mind for the next start. Never raises.
    """
    found = []
    for folder in (data_folder(), notes_folder()):
        clean_folder(folder)
    with suppress(OSError):
        for note in sorted(notes_folder().glob("recording.*.json")):
            try:
                about = _read(note)
                if is_running(int(about["process"])):
                    continue
                part = Path(os.fsdecode(bytes.fromhex(about["part"])))
                if not part.parent.is_dir():
                    continue  # a disk that is unplugged
                one = _finished(part, Path(os.fsdecode(bytes.fromhex(about["wanted"]))), about)
                found += [one] if one is not None else []
            except OSError:
                continue
            except (ValueError, KeyError, TypeError):
                pass  # a damaged note is of use to nobody
            with suppress(OSError):
                note.unlink()
    return found


def notes_folder() -> Path:
    """Where the notes lie."""
    return data_folder() / "recordings"


def _read(note: Path) -> dict[str, Any]:
    about = parse_json(read_bytes(note, LARGEST_NOTE))
    if not isinstance(about, dict):
        raise ValueError("this is no note")
    return about


def _finished(part: Path, wanted: Path, about: dict[str, Any]) -> Recovered | None:
    """Put what there is in its place. None for nothing."""
    if not part.is_file() or part.is_symlink():
        return None
    rate, channels, subtype = int(about["rate"]), int(about["channels"]), str(about["subtype"])
    if not (1 <= rate <= 4_000_000 and 1 <= channels <= 256 and subtype in SUBTYPES):
        raise ValueError("this is no note")
    if wanted.suffix.lower() == ".flac":
        frames = length_of(part)
    else:
        frames = _mend_wav(part, rate, channels, subtype)
    if not frames:
        part.unlink()
        return None
    file = free_name(wanted, "recovered") if wanted.exists() else wanted
    os.replace(part, file)
    return Recovered(wanted, file, frames / rate)


def _mend_wav(part: Path, rate: int, channels: int, subtype: str) -> int:
    """Have the header say what is there, also what was written after it was corrected last; gives the frames."""
    begin, frame = len(wav_header(rate, channels, subtype, 0)), channels * SUBTYPES[subtype]
    with part.open("r+b") as file:
        frames = max(0, file.seek(0, os.SEEK_END) - begin) // frame
        file.truncate(begin + frames * frame)
        file.seek(0, os.SEEK_END)
        file.write(bytes(frames * frame % 2))
        file.seek(0)
        file.write(wav_header(rate, channels, subtype, frames))
    return frames
