"""The sound model that is always there: ``builtin:bank`` speaks as soon as the program starts, without torch."""

import json
from functools import cache
from importlib import resources

import numpy as np

from ..interface import Array, CodecError, CodecFacts
from .decoder import BankDecoder
from .encoder import BankEncoder
from .layers import Weights, read_weights
from .layout import LATENTS, RATIO, SAMPLE_RATE

NAME = "builtin:bank"


class BankCodec:
    """The built-in codec: 8 latents, 43 frames a second, mono 44.1 kHz, deterministic, exact in any split."""

    def __init__(self, weights: Weights, facts: CodecFacts, lanes: int = 1) -> None:
        self._weights, self._facts, self._lanes = weights, facts, lanes
        self._decoder = BankDecoder(weights, lanes)
        self._encoder = BankEncoder(weights, lanes)

    @property
    def facts(self) -> CodecFacts:
        """What this codec is."""
        return self._facts

    def decode(self, latents: Array) -> Array:
        """Latents ``[lanes, 8, frames]`` to sound ``[lanes, 1, frames * 1024]``, continuing the stream.

        Latents beyond ±6 are held there; what is not a number counts as 0. Raises CodecError on a wrong shape.
        """
        if latents.ndim != 3 or latents.shape[:2] != (self._lanes, LATENTS):
            raise CodecError(
                f"{NAME} decodes latents shaped [{self._lanes}, {LATENTS}, frames], got {list(latents.shape)}; "
                f"give {LATENTS} latents, and make an instance with as many lanes as you play"
            )
        return self._decoder.decode(latents)

    def encode(self, audio: Array) -> Array:
        """Mono 44.1 kHz sound ``[lanes, 1, frames * 1024]`` to latents ``[lanes, 8, frames]``, continuing.

        Raises CodecError on a wrong shape or a length that is no whole number of frames.
        """
        if audio.ndim != 3 or audio.shape[:2] != (self._lanes, 1) or audio.shape[2] % RATIO:
            raise CodecError(
                f"{NAME} encodes mono sound shaped [{self._lanes}, 1, a multiple of {RATIO} samples], "
                f"got {list(audio.shape)}; mix to mono and pad the end with silence"
            )
        return self._encoder.encode(audio)

    def reset(self, lane: int | None = None) -> None:
        """Forget the stream (of one lane): the next call sounds as the first one did, exactly."""
        if lane is not None and not 0 <= lane < self._lanes:
            raise CodecError(f"{NAME} has lanes 0 to {self._lanes - 1} here; there is no lane {lane} to reset")
        self._decoder.reset(lane)
        self._encoder.reset(lane)

    def new_instance(self, lanes: int = 1, seed: int = 0) -> "BankCodec":
        """An independent stream over the same weights; ``seed`` changes nothing, as nothing here is random."""
        if lanes < 1:
            raise CodecError(f"{NAME} needs at least one lane, not {lanes}")
        return BankCodec(self._weights, self._facts, lanes)


def load_bank() -> BankCodec:
    """A fresh one-lane instance of the built-in codec; weights are read once and shared."""
    weights, facts = bundled_weights()
    return BankCodec(weights, facts)


@cache
def bundled_weights() -> tuple[Weights, CodecFacts]:
    """The network that ships with the program, and what it is; read once."""
    with (
        resources.files(str(__package__)).joinpath("weights.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as arrays,
    ):
        about = json.loads(str(arrays["about"]))
        weights = read_weights({name: arrays[name] for name in arrays.files if name != "about"})
    facts = CodecFacts(
        name=NAME,
        latent_dim=LATENTS,
        ratio=RATIO,
        sample_rate=SAMPLE_RATE,
        channels=1,
        input_channels=1,
        labels=tuple(about["labels"]),
        encoder_latency=int(about["encoder_latency"]),
    )
    return weights, facts
