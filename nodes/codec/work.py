"""A codec in a worker's process: what the engine's frame service starts there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...engine.frames.service import WorkOrder
from ...engine.name_schemes import scheme_of
from ...engine.processes.confinement import Limits
from .interface import CodecError, CodecFacts
from .library import Library
from .loader import BANK_SUFFIX, BUILTIN, is_program, load_codec, model_file
from .signature import MOST_CHANNELS, MOST_RATIO, RATES
from .sounds import SoundsCodec
from .tasks import DecodeTask, EncodeTask
from .trial import memory_for

NONSENSE = "its process sent an invalid message; get the model from its author"
MOST_LATENCY, MOST_HIDDEN, LONGEST_LABEL, MOST_CONTROLS = 1 << 24, 1 << 16, 200, 16


class CodecWork:
    """Loads a codec and opens streams of it; confined, if it is a program. Raises CodecError."""

    def __init__(
        self,
        codec: str,
        folder: str,
        sounds: Sequence[str] = (),
        confine: Callable[[Limits], object] = lambda limits: None,
    ) -> None:
        if not scheme_of(codec):
            Library().note_use(model_file(codec, Path(folder)))
        self.codec = load_codec(codec, Path(folder), lambda size: confine(memory_for(size)), tuple(sounds))

    def facts(self) -> Mapping[str, Any]:
        """The codec's facts as plain data."""
        return asdict(self.codec.facts)

    def open(self, how: Mapping[str, Any]) -> DecodeTask | EncodeTask:
        """how: ``direction`` (decode, encode), ``sample_rate``, ``lanes``, ``seed``, ``tail``."""
        rate, seed = float(how["sample_rate"]), int(how["seed"])
        if how["direction"] == "encode":
            if not self.codec.facts.input_channels:
                raise CodecError(f"{self.codec.facts.name} is decode-only")
            encoding = EncodeTask(self.codec, rate, seed)
            if isinstance(encoding.codec, SoundsCodec):
                encoding.codec.warm_encoder()
            return encoding
        return DecodeTask(self.codec, rate, int(how["lanes"]), seed, float(how["tail"]))


def order_for(codec: str, folder: Path, sounds: tuple[str, ...] = ()) -> WorkOrder:
    """The order to a worker to load a codec. sounds: that it plays, if it is ``builtin:sounds``."""
    own = {"sounds": sounds} if sounds else {}
    return WorkOrder(f"{__name__}:CodecWork", {"codec": codec, "folder": str(folder), **own}, is_program(codec))


def facts_from(reported: Mapping[str, Any]) -> CodecFacts:
    """A codec's facts as a worker tells them, which has run somebody's program. Raises CodecError for nonsense."""
    limits = {
        "latent_dim": (1, MOST_CHANNELS),
        "ratio": (1, MOST_RATIO),
        "sample_rate": RATES,
        "channels": (1, MOST_CHANNELS),
        "input_channels": (0, MOST_CHANNELS),
        "latency": (0, MOST_LATENCY),
        "encoder_latency": (0, MOST_LATENCY),
        "hidden_latents": (0, MOST_HIDDEN),
    }
    check_numbers(reported, limits)
    labels = reported.get("labels")
    if not isinstance(labels, (list, tuple)) or len(labels) != reported["latent_dim"]:
        raise CodecError(NONSENSE)
    controls = reported.get("controls", ())
    if not isinstance(controls, (list, tuple)) or len(controls) > MOST_CONTROLS:
        raise CodecError(NONSENSE)
    return CodecFacts(
        name=str(reported.get("name")),
        labels=tuple(str(one)[:LONGEST_LABEL] for one in labels),
        controls=tuple(str(one)[:LONGEST_LABEL] for one in controls),
        is_streaming=reported.get("is_streaming") is True,
        is_stochastic=reported.get("is_stochastic") is True,
        **{name: reported[name] for name in limits},
    )


def check_numbers(reported: Mapping[str, Any], limits: Mapping[str, tuple[int, int]]) -> None:
    """Raise CodecError where what a worker says is no whole number within its limits."""
    for name, (low, high) in limits.items():
        value = reported.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise CodecError(NONSENSE)


def is_light(codec: str) -> bool:
    """Whether a codec can be looked at in the engine's own process: it needs no torch and loads at once."""
    return codec.startswith(BUILTIN) or codec.lower().endswith(BANK_SUFFIX)
