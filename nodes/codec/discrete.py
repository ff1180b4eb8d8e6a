"""Tell models whose latents are numbers of table entries (RAVE's discrete ones, spec §17) from others."""

from typing import TYPE_CHECKING

import numpy as np

from .interface import Array
from .method import MethodStream
from .probe import Manner
from .stream import ModuleStream

if TYPE_CHECKING:
    from .torchscript import LoadedModel

FRAMES = 16
# So many different whole numbers among what is encoded are no chance.
ENTRIES = 3
REASON = (
    "{name} has discrete latents (codebook indices), which a terrain can't interpolate; use it in a model node, or "
    "choose a model with continuous latents"
)


def is_discrete(loaded: "LoadedModel", decode: Manner, encode: Manner | None) -> bool:
    """Whether latents are whole numbers: what is encoded, or, without an encoder, what decoding tells apart."""
    if encode is not None:
        noise = np.random.default_rng(5).standard_normal((1, encode.width, FRAMES * encode.unit_in), np.float32)
        found = _ran(loaded, encode, noise * np.float32(0.3))
        if (found != np.round(found)).any():
            return False
        if len(np.unique(found)) >= ENTRIES:
            return True
    latents = np.random.default_rng(5).uniform(0.0, 9.0, (1, decode.width, FRAMES)).astype(np.float32)
    made, other = _ran(loaded, decode, latents), _ran(loaded, decode, latents + np.float32(1.0))
    same = [
        np.array_equal(made, _ran(loaded, decode, np.asarray(whole(latents), np.float32)))
        for whole in (np.round, np.floor)
    ]
    return any(same) and not np.array_equal(made, other)


def _ran(loaded: "LoadedModel", manner: Manner, array: Array) -> Array:
    stream = ModuleStream(loaded.pristine, 1, 0, manner.by_copy, manner.shares_weights)
    return MethodStream(stream, manner, loaded.name).run(array)
