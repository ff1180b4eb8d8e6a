"""What the latents of a patch are called: the names that its codec gives them."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from ....engine.palette import Palette
from ....engine.values import FloatArray
from ....graphs import Patch
from ....nodes.codec.interface import CodecError, CodecFacts
from ....nodes.codec.loader import codec_file
from ....nodes.codec.remote import open_codec
from ....nodes.codec.work import is_light
from ...map.line_audition import codec_of

SPOKEN = 3


def facts_of(codec: str, folder: Path) -> CodecFacts | None:
    """What a codec is, where that can be told at once: of models that need torch only an engine knows."""
    if not is_light(codec):
        return None
    try:
        return _facts(codec, str(folder), codec_file(codec, folder).stat().st_mtime_ns)
    except (CodecError, OSError):
        return None


def names_at(patch: Patch, palette: Palette, node: str, folder: Path) -> tuple[str, ...]:
    """The names of the latents that flow through a node; () where nobody knows."""
    codec = str(patch.nodes[node].values.get("codec", "")) or codec_of(patch, palette, (node,))
    facts = facts_of(codec, folder)
    return facts.labels if facts is not None else ()


def words_of(latents: FloatArray, names: tuple[str, ...]) -> str:
    """Latents in a few words: those that are furthest from the middle, by name; only their range without names."""
    count = latents.size
    if len(names) != count or not count:
        return f"{count} latents, {_short(float(np.min(latents)))} … {_short(float(np.max(latents)))}" if count else ""
    furthest = np.argsort(-np.abs(np.nan_to_num(latents)))[:SPOKEN]
    return f"{count} latents: " + ", ".join(f"{names[one]} {latents[one]:+.1f}" for one in furthest)


@lru_cache(maxsize=16)
def _facts(codec: str, folder: str, stamp: int) -> CodecFacts:
    return open_codec(codec, Path(folder)).facts


def _short(value: float) -> str:
    return f"{value:.2f}" if abs(value) < 100 else f"{value:.3g}"
