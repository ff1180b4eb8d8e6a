"""Live: a patch at play for as long as you like, edited, trained and looked at while it sounds."""

from .performance import Performance
from .session import Live, LiveSetup

__all__ = ["Live", "LiveSetup", "Performance"]
