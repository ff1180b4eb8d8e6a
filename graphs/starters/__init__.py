"""Starter patches: seven ways in, each a small function that builds it and an `.ltp` that has already learned."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from ..patch import Patch
from .choir import choir
from .granulator import granulator
from .live_record import live_record
from .orbit import orbit
from .points import points
from .two_players import two_players
from .walk import walk


@dataclass(frozen=True)
class Starter:
    """A starter patch: its name, a sentence, how it is built; ``record_seconds``: played first to record takes."""

    name: str
    summary: str
    build: Callable[[], Patch]
    record_seconds: float = 0.0

    @property
    def file(self) -> Path:
        """The shipped patch, with everything learned."""
        return Path(str(files(__name__))) / f"{self.name}.ltp"


STARTERS: Mapping[str, Starter] = MappingProxyType(
    {
        one.name: one
        for one in (
            Starter("walk", "Eight sounds on a map, and a tour that visits them all.", walk),
            Starter("orbit", "Circle over the same land for ever, never twice the same.", orbit),
            Starter("choir", "Five walkers on one tour, each somewhere else, from left to right.", choir),
            Starter("granulator", "A terrain over time: scrub and scatter through sounds end to end.", granulator),
            Starter("two-players", "Two walkers on one land, left and right.", two_players),
            Starter("points", "Steer by hand: six places, six timbres, a smooth field between.", points),
            Starter(
                "live-record", "Encode what plays, record it with a gesture, learn it, play it back.", live_record, 6.0
            ),
        )
    }
)

__all__ = ["STARTERS", "Starter"]
