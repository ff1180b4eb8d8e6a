"""Values for a model's attributes, as they are written by people: numbers, words, arrays, sounds (spec §16.1)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from ...graphs.file_read import parse_json
from ..audiofile import Passage, SoundError, SoundFile, split_passage
from .interface import Array, CodecError
from .signature import Signature

# Numbers that a buffer may hold: 25 minutes of mono at 44.1 kHz.
LONGEST = 1 << 26
OPENING, CLOSING, QUOTES = "[", "]", "\"'"


@dataclass(frozen=True)
class BufferSound:
    """What a model's buffer holds. name: of the file, told to the model. sound: ``[channels, samples]``; none: empty.

    rate: Hz, the sound's own; -1 where it is not known.
    """

    name: str
    sound: Array
    rate: int = -1


def as_type(value: Any, kind: str, folder: Path = Path()) -> Any:
    """A value as an attribute of this type takes it. Raises ValueError, TypeError; SoundError for a sound file.

    A tensor takes a number, an array, or either in text; a buffer a sound ``[channels, samples]``, a BufferSound or the
    name of a sound file, relative to ``folder``.
    """
    if kind == "tensor":
        return _tensor(value)
    if kind == "buffer":
        return _buffer(value, folder)
    if kind == "str":
        if not isinstance(value, str):
            raise ValueError
        return value
    if isinstance(value, str):
        value = _number(value)
    if not isfinite(value) or (kind == "bool" and value not in (0, 1)) or (kind == "int" and int(value) != value):
        raise ValueError
    return {"bool": bool, "int": int, "float": float}[kind](value)


def sounds_in(texts: Sequence[str], folder: Path) -> dict[str, BufferSound | SoundError]:
    """What is named in attributes as they are written and is a sound file, read; or why it can't be."""
    found: dict[str, BufferSound | SoundError] = {}
    for text in texts:
        values = text.partition("=")[2].strip()
        with suppress(ValueError):
            for word in {values, *split_values(values)}:
                if _is_there(word, folder):
                    try:
                        found[word] = _sound(word, folder)
                    except SoundError as error:
                        found[word] = error
    return found


def _is_there(word: str, folder: Path) -> bool:
    """Whether a word names a file."""
    with suppress(OSError, ValueError, SoundError):
        return (folder / Path(split_passage(word)[0]).expanduser()).is_file()
    return False


def parsed(
    texts: Sequence[str],
    signature: Signature,
    name: str,
    folder: Path = Path(),
    sounds: Mapping[str, BufferSound | SoundError] | None = None,
) -> dict[str, tuple[Any, ...]]:
    """Attributes as they are written, as typed values: ``gain=0.5``, ``range=1 2``, ``curve=[0, 0.5, 1]``,
    ``table=voice.wav#t=1,2``. sounds: those that were read before (see ``sounds_in``). Raises CodecError.
    """
    known_sounds = sounds or {}
    found: dict[str, tuple[Any, ...]] = {}
    for text in texts:
        attribute, sign, values = (part.strip() for part in text.partition("="))
        if not sign or attribute not in signature.attributes:
            known = ", ".join(signature.attributes) or "none"
            raise CodecError(f"{name}: {text!r} sets nothing; write NAME=VALUE with one of its attributes: {known}")
        types = signature.attributes[attribute].types
        try:
            words = split_values(values) if len(types) > 1 else [values]
            given = [
                known_sounds.get(word, word) if kind == "buffer" else word
                for word, kind in zip(words, types, strict=False)
            ]
            if broken := next((one for one in given if isinstance(one, SoundError)), None):
                raise broken
            found[attribute] = tuple(as_type(one, kind, folder) for one, kind in zip(given, types, strict=True))
        except SoundError as error:
            raise CodecError(f"{name}: {attribute} cannot be set: {error}") from None
        except (ValueError, TypeError, RecursionError):
            raise CodecError(f"{name}: {attribute} takes {taken(types)}, not {values!r}") from None
    return found


def taken(types: Sequence[str]) -> str:
    """What an attribute takes, in words."""
    words = {"tensor": "tensor (numbers, or [[1, 2], [3, 4]])", "buffer": "buffer (the name of a sound file)"}
    return ", ".join(words.get(kind, kind) for kind in types)


def split_values(text: str) -> list[str]:
    """Words between spaces; what is in brackets or quotes stays together. Raises ValueError for those left open."""
    words, word, depth, quote, is_word = [], "", 0, "", False
    for letter in text:
        if quote:
            if letter == quote:
                quote = ""
            else:
                word += letter
        elif letter in QUOTES and not depth:
            quote, is_word = letter, True
        elif letter.isspace() and not depth:
            if is_word:
                words.append(word)
            word, is_word = "", False
        else:
            depth += (letter == OPENING) - (letter == CLOSING)
            word, is_word = word + letter, True
    if depth or quote:
        raise ValueError
    return [*words, word] if is_word else words


def _number(word: str) -> bool | float:
    lowered = word.strip().lower()
    return lowered == "true" if lowered in ("true", "false") else float(word)


def _tensor(value: Any) -> Any:
    import torch

    if isinstance(value, str):
        text = value.strip()
        value = parse_json(text) if text.startswith(OPENING) else [float(word) for word in text.split()]
        if not text.startswith(OPENING) and len(value) == 1:
            value = value[0]
    array = np.array(value, np.float32)
    if array.size > LONGEST or not np.isfinite(array).all():
        raise ValueError
    return torch.from_numpy(array)


def _buffer(value: Any, folder: Path) -> BufferSound:
    if isinstance(value, BufferSound):
        return value
    if isinstance(value, str):
        return _sound(value.strip(), folder) if value.strip() else BufferSound("", np.zeros((0, 0), np.float32))
    sound = np.atleast_2d(np.array(value, np.float32))
    if sound.ndim != 2 or sound.size > LONGEST or not np.isfinite(sound).all():
        raise ValueError
    return BufferSound("", sound)


def _sound(text: str, folder: Path) -> BufferSound:
    file, begin, end = split_passage(text)
    passage = Passage(folder / Path(file).expanduser(), begin, end)
    with SoundFile(passage.path) as sound:
        first, last = passage.span(sound.sample_rate, sound.frames)
        if (last - first) * sound.channels > LONGEST:
            raise SoundError(f"{file} is too long for a model's buffer; choose a part of it, such as {file}#t=0,60")
        return BufferSound(text, sound.read(first, last - first), sound.sample_rate)
