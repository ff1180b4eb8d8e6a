"""The built-in sound model, ``builtin:bank``, and codecs like it: latents in, partials and noise out, numpy only."""

from .codec import BankCodec, load_bank, load_bank_file

__all__ = ["BankCodec", "load_bank", "load_bank_file"]
