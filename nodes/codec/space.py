"""Which codec's latents numbers are: what is in a codec's file says it, and content remembers it."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from ...engine import Content, LatentSpace
from ...graphs.file_read import parse_json
from ..audiofile.meant import digest_of
from .interface import CodecError
from .loader import codec_file


def space_of(codec: str, folder: Path | None = None) -> LatentSpace | None:
    """The space of a codec's latents, by its name; None where its file can't be found."""
    with suppress(CodecError):
        file = codec_file(codec, folder)
        # the ends are enough: models are archives that end in checksums
        return LatentSpace(digest_of(file, by_its_ends=True), codec) if file.is_file() else None
    return None


def kept_space(space: LatentSpace | None, key: str) -> dict[str, np.ndarray[Any, Any]]:
    """A space as content under a key, to be read by ``space_in``; empty where it is not known."""
    if space is None:
        return {}
    return {key: np.frombuffer(json.dumps([space.mark, space.name]).encode("utf-8", "surrogatepass"), np.uint8)}


def space_in(content: Content, key: str) -> LatentSpace | None:
    """The space that content remembers; None in what was kept before spaces were, and where it is damaged."""
    if key not in content:
        return None
    with suppress(ValueError, TypeError):
        mark, name = parse_json(np.asarray(content[key], np.uint8).tobytes().decode("utf-8", "surrogatepass"))
        return LatentSpace(str(mark), str(name))
    return None
