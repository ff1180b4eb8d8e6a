"""A codec in a worker's process: what the engine's frame service starts there."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...engine.frames.service import Order
from ...engine.processes.confinement import Limits
from .interface import CodecError, CodecFacts
from .library import Library
from .loader import BANK_SUFFIX, BUILTIN, SCHEMES, is_program, load_codec, model_file
from .tasks import Decoding, Encoding
from .trial import memory_for


class CodecWork:
    """Loads a codec and opens streams of it; confined, if it is a program. Raises CodecError."""

    def __init__(self, codec: str, folder: str, confine: Callable[[Limits], object] = lambda limits: None) -> None:
        if not codec.startswith(SCHEMES):
            Library().note_use(model_file(codec, Path(folder)))
        self.codec = load_codec(codec, Path(folder), lambda size: confine(memory_for(size)))

    def facts(self) -> Mapping[str, Any]:
        """The codec's facts as plain data."""
        return asdict(self.codec.facts)

    def open(self, how: Mapping[str, Any]) -> Decoding | Encoding:
        """how: ``direction`` (decode, encode), ``sample_rate``, ``lanes``, ``seed``, ``tail``."""
        rate, seed = float(how["sample_rate"]), int(how["seed"])
        if how["direction"] == "encode":
            if not self.codec.facts.input_channels:
                raise CodecError(f"{self.codec.facts.name} cannot encode: it only turns latents into sound")
            return Encoding(self.codec, rate, seed)
        return Decoding(self.codec, rate, int(how["lanes"]), seed, float(how["tail"]))


def order_for(codec: str, folder: Path) -> Order:
    """The order to a worker to load a codec."""
    return Order(f"{__name__}:CodecWork", {"codec": codec, "folder": str(folder)}, is_program(codec))


def facts_from(said: Mapping[str, Any]) -> CodecFacts:
    """A codec's facts as a worker tells them."""
    return CodecFacts(**{**said, "labels": tuple(said["labels"])})


def is_light(codec: str) -> bool:
    """Whether a codec can be looked at in the engine's own process: it needs no torch and loads at once."""
    return codec.startswith(BUILTIN) or codec.lower().endswith(BANK_SUFFIX)
