"""What every sound model looks like from here: latents in, sound out, and the way back."""

import logging
import re
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True)
class CodecFacts:
    """What a codec is, known without decoding anything.

    name: as the user wrote it (``builtin:bank`` or a path). latent_dim: numbers per frame.
    ratio: samples of codec audio per latent frame. sample_rate: Hz of the codec's own audio.
    channels / input_channels: audio channels decoded / encoded (0: cannot encode).
    labels: one short name per latent. latency: samples by which decoded sound lags its latent.
    encoder_latency: samples by which a latent lags the sound it describes.
    is_streaming: frames may be decoded in calls of any length with the same result.
    is_stochastic: decoding draws random numbers (then seeded by ``new_instance``).
    hidden_latents: so many more numbers per frame, after the declared ones, ``decode`` takes too; left out, they are 0.
    They are what a model knew and its author left out of the steering, RAVE's least important dimensions for one.
    controls: names of so many more numbers per frame, after the declared ones, by which its playing may be turned.
    """

    name: str
    latent_dim: int
    ratio: int
    sample_rate: int
    channels: int
    input_channels: int
    labels: tuple[str, ...]
    latency: int = 0
    encoder_latency: int = 0
    is_streaming: bool = True
    is_stochastic: bool = False
    hidden_latents: int = 0
    controls: tuple[str, ...] = ()


@runtime_checkable
class Codec(Protocol):
    """A neural audio codec with its streaming state. One instance serves one stream (or one batch of lanes).

    Arrays are float32. ``decode`` takes ``[lanes, latent_dim, frames]`` (hidden latents may follow) and gives
    ``[lanes, channels, frames * ratio]``; ``encode`` takes ``[lanes, input_channels, frames * ratio]`` and
    gives ``[lanes, latent_dim, frames]``. Consecutive calls continue the stream: any split of a stream into
    calls gives the same result to 1e-5 when ``facts.is_streaming`` and not ``facts.is_stochastic``.
    """

    @property
    def facts(self) -> CodecFacts:
        """What this codec is."""
        ...

    def decode(self, latents: Array) -> Array:
        """Latent frames to sound, continuing the stream."""
        ...

    def encode(self, audio: Array) -> Array:
        """Sound to latent frames, continuing the stream. Raises CodecError when the codec cannot encode."""
        ...

    def reset(self, lane: int | None = None) -> None:
        """Forget the stream (of one lane): the next call sounds as the first one did, exactly."""
        ...

    def new_instance(self, lanes: int = 1, seed: int = 0) -> "Codec":
        """An independent stream over the same weights."""
        ...


class CodecError(ValueError):
    """A model cannot be loaded or used; the text says which, why, and what to do."""


_RAISED = re.compile(r"^(?:\w+\.)*\w*(?:Error|Exception|Interrupt): *(.+)$")
_FRAMES = ("The following operation failed", "Traceback of TorchScript", "Traceback (most recent call last)")
LONGEST_REASON = 200
log = logging.getLogger(__name__)


def reason_of(error: BaseException) -> str:
    """What an error says, in one line: the first that says something.

    torch puts the program's text before it, and lists of kernels and advice on debugging after it.
    """
    log.debug("a model raised %s", type(error).__name__, exc_info=error)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if any(line.startswith(_FRAMES) for line in lines):
        raised = [found[1].strip() for line in lines if (found := _RAISED.match(line))]
        lines = raised or [line for line in lines if not line.startswith(_FRAMES)]
    if not lines:
        return "not enough memory" if isinstance(error, MemoryError) else type(error).__name__
    reason = lines[0].removeprefix("builtins.")
    if len(reason) > LONGEST_REASON:
        sentence, stop, _ = reason.partition(". ")
        reason = sentence if stop and len(sentence) <= LONGEST_REASON else f"{reason[: LONGEST_REASON - 1]}…"
    return reason.rstrip(".")
