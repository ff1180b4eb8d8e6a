"""The built-in sound model, ``builtin:bank``: eight latents in, partials and noise out, numpy only."""

from .codec import BankCodec, load_bank

__all__ = ["BankCodec", "load_bank"]
