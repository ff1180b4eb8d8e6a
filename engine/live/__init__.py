"""Live: a patch at play for as long as you like, edited, taught and looked at while it sounds."""

from .session import Live, LiveSetup

__all__ = ["Live", "LiveSetup"]
