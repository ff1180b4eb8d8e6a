"""The link: editors and scripts play an engine that runs in a process of its own."""

from .client import Client, EngineGone
from .server import Server

__all__ = ["Client", "EngineGone", "Server"]
