"""Codecs that other libraries hold: EnCodec, DAC and Mimi (transformers), Oobleck of Stable Audio (diffusers)."""

from .names import FAMILIES, family_of, weights_file

__all__ = ["FAMILIES", "family_of", "weights_file"]
