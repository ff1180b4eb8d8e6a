"""The sound model that is always there: ``builtin:bank`` speaks as soon as the program starts, without torch.

The same class plays codecs that users train on sounds of their own (``latent-terrain codec train``): ``.npz`` files.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....graphs.archives import read_npz
from ....graphs.file_read import ReadError, parse_json, read_bytes
from ..interface import Array, CodecError, CodecFacts
from .decoder import BankDecoder
from .encoder import BankEncoder
from .filterbank import BANDS
from .layers import Weights, read_weights
from .layout import CONTROLS, HOPS_PER_FRAME, RATIO, SAMPLE_RATE

NAME = "builtin:bank"
# Bytes, as it lies on the disk and unpacked.
LARGEST_FILE = 64_000_000
MOST_LATENTS, LONGEST_LAG = 1024, 1 << 20
# Weights say which layout of the networks they are for; this program plays this one.
LAYOUT = 2


class BankCodec:
    """A bank codec: 43 frames a second, mono 44.1 kHz, deterministic, exact in any split; the last latent is level."""

    def __init__(self, weights: Weights, facts: CodecFacts, lanes: int = 1) -> None:
        self.weights, self._facts, self._lanes = weights, facts, lanes
        self._decoder = BankDecoder(weights, lanes)
        self._encoder = BankEncoder(weights, lanes)

    @property
    def facts(self) -> CodecFacts:
        """What this codec is."""
        return self._facts

    @property
    def clamped(self) -> int:
        """How many latents were beyond ±6 or no numbers at all, and were held, since this instance was made."""
        return self._decoder.clamped

    def decode(self, latents: Array) -> Array:
        """Latents ``[lanes, latents, frames]`` to sound ``[lanes, 1, frames * 1024]``, continuing the stream.

        Latents beyond ±6 are held there; what is not a number counts as 0. Raises CodecError on a wrong shape.
        """
        count = self._facts.latent_dim
        if latents.ndim != 3 or latents.shape[:2] != (self._lanes, count):
            raise CodecError(
                f"{self._facts.name} decodes latents shaped [{self._lanes}, {count}, frames], "
                f"got {list(latents.shape)}; give {count} latents, and make an instance with as many lanes as you play"
            )
        return self._decoder.decode(latents)

    def encode(self, audio: Array) -> Array:
        """Mono 44.1 kHz sound ``[lanes, 1, frames * 1024]`` to latents ``[lanes, latents, frames]``, continuing.

        Raises CodecError on a wrong shape or a length that is no whole number of frames.
        """
        if audio.ndim != 3 or audio.shape[:2] != (self._lanes, 1) or audio.shape[2] % RATIO:
            raise CodecError(
                f"{self._facts.name} encodes mono sound shaped [{self._lanes}, 1, a multiple of {RATIO} samples], "
                f"got {list(audio.shape)}; mix to mono and pad the end with silence"
            )
        return self._encoder.encode(audio)

    def reset(self, lane: int | None = None) -> None:
        """Forget the stream (of one lane): the next call sounds as the first one did, exactly."""
        if lane is not None and not 0 <= lane < self._lanes:
            raise CodecError(
                f"{self._facts.name} has lanes 0 to {self._lanes - 1} here; there is no lane {lane} to reset"
            )
        self._decoder.reset(lane)
        self._encoder.reset(lane)

    def new_instance(self, lanes: int = 1, seed: int = 0) -> "BankCodec":
        """An independent stream over the same weights, warm: its first frame takes no longer than the others.

        ``seed`` changes nothing, as nothing here is random.
        """
        if lanes < 1:
            raise CodecError(f"{self._facts.name} needs at least one lane, not {lanes}")
        fresh = BankCodec(self.weights, self._facts, lanes)
        fresh.decode(np.zeros((lanes, self._facts.latent_dim, 1), np.float32))
        fresh.reset()
        return fresh


def load_bank() -> BankCodec:
    """A fresh one-lane instance of the built-in codec; weights are read once and shared."""
    weights, facts = bundled_weights()
    return BankCodec(weights, facts)


def load_bank_file(path: Path, name: str) -> BankCodec:
    """A codec from the ``.npz`` that ``latent-terrain codec train`` wrote. Raises CodecError when it is none."""
    try:
        data = read_bytes(path, LARGEST_FILE)
    except ReadError as error:
        raise CodecError(f"{name}: {error}") from None
    weights, facts = read_bank(data, name)
    return BankCodec(weights, facts)


@cache
def bundled_weights() -> tuple[Weights, CodecFacts]:
    """The network that ships with the program, and what it is; read once."""
    return read_bank(resources.files(str(__package__)).joinpath("weights.npz").read_bytes(), NAME)


def read_bank(data: bytes, name: str) -> tuple[Weights, CodecFacts]:
    """Weights and facts from the bytes of a codec's ``.npz``. Raises CodecError with what is wrong with it."""
    try:
        arrays = dict(read_npz(data, name, most=LARGEST_FILE))
        layout, labels, lag = _about(arrays.pop("about", None))
    except ValueError as error:
        raise CodecError(f"{name} is not a codec file of this program ({error}); make one with: codec train") from None
    if layout != LAYOUT:
        raise CodecError(f"{name} was trained by another version of this program; train it again from its sounds")
    wrong = _wrong(arrays, len(labels))
    if wrong:
        raise CodecError(f"{name} is damaged: {wrong}; train it again or restore a backup")
    facts = CodecFacts(
        name=name,
        latent_dim=len(labels),
        ratio=RATIO,
        sample_rate=SAMPLE_RATE,
        channels=1,
        input_channels=1,
        labels=labels,
        encoder_latency=lag,
    )
    return read_weights(arrays), facts


def _about(kept: NDArray[np.generic] | None) -> tuple[int, tuple[str, ...], int]:
    """The layout that weights are for, a label for each latent, and the encoder's lag in samples. Raises ValueError."""
    if kept is None or kept.ndim or kept.dtype.kind != "U":
        raise ValueError("its type is missing")
    about = parse_json(str(kept))
    if not isinstance(about, dict):
        raise ValueError("its type is missing")
    layout, labels, lag = (about.get(key) for key in ("layout", "labels", "encoder_latency"))
    if not isinstance(layout, int) or not isinstance(lag, int) or not 0 <= lag <= LONGEST_LAG:
        raise ValueError("its layout or lag is missing")
    if not isinstance(labels, list) or not 2 <= len(labels) <= MOST_LATENTS:
        raise ValueError("its latent names are missing")
    return layout, tuple(map(str, labels)), lag


def _wrong(stored: Mapping[str, NDArray[Any]], latents: int) -> str:
    """What keeps arrays from being a codec with so many latents; empty when they are one."""
    inner = latents - 1
    try:
        filterbank, hands = (stored[f"{one}.enter.bias"].shape[0] for one in ("encoder", "decoder"))
    except (KeyError, IndexError):
        return "its networks are missing"
    wanted = {"mean": (inner,), "whiten": (inner, inner), "unwhiten": (inner, inner), "level": (2,)}
    wanted |= network_shapes(inner, filterbank, hands)
    for name, shape in wanted.items():
        array = stored.get(name)
        if array is None or array.shape != shape:
            return f"{name} should be {list(shape)}"
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            return f"{name} has invalid numbers"
    return ""


def network_shapes(inner: int, filterbank: int, hands: int) -> dict[str, tuple[int, ...]]:
    """The shape of every weight of a codec with ``inner`` latents beside the level, by name, as torch lays them out."""
    kernels = {
        "encoder.enter": (filterbank, BANDS, 3),
        "encoder.stride": (filterbank, filterbank, 2 * HOPS_PER_FRAME),
        "encoder.leave": (inner, filterbank, 3),
        "decoder.enter": (hands, inner, 3),
        "decoder.upsample.spread": (hands * HOPS_PER_FRAME, hands, 2),
        "decoder.leave": (CONTROLS, hands, 1),
    }
    blocks = [(f"encoder.{kind}.{place}", filterbank) for kind in ("fast", "slow") for place in range(2)]
    blocks += [(f"decoder.slow.{place}", hands) for place in range(2)]
    blocks += [(f"decoder.fast.{place}", hands) for place in range(3)]
    for name, width in blocks:
        kernels |= {f"{name}.wide": (width, width, 3), f"{name}.point": (width, width, 1)}
    return {f"{name}.weight": shape for name, shape in kernels.items()} | {
        f"{name}.bias": shape[:1] for name, shape in kernels.items()
    }
