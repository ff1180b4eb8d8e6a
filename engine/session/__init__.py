"""A session: what plays and can be edited, here or in an engine of its own that editors and scripts share."""

from .client import Client, EngineGone
from .local import LocalSession, Session
from .server import Server

__all__ = ["Client", "EngineGone", "LocalSession", "Server", "Session"]
