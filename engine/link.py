"""Where the client was before 0.2: it is in ``engine.session`` now, and this name goes in 0.3."""

from .session import Client

__all__ = ["Client"]
