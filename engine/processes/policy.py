"""How the processes are kept that others of ours start, as data: what differs between them, and the limit of all."""

from collections import deque
from dataclasses import dataclass

from .wire import LARGEST


@dataclass(frozen=True)
class Policy:
    """What holds for a child (see ``supervisor``); times are in seconds that this machine was awake.

    start_seconds: until it is ready. silent_seconds: without a sign of life until it is ended; 0: it gives none, as its
    work has a deadline. pauses: before each new start; with more ends than these within ``within_seconds`` it is given
    up. niceness: how low its priority is, 0 … 19. outlives: it plays on when its parent has ended.
    is_confined: it will run somebody's program; what it says is not believed, signs of life neither. largest: bytes of
    a message from it that are believed.
    """

    start_seconds: float = 20.0
    silent_seconds: float = 30.0
    """A library that is loaded from a slow disk may silence all threads of a process for many seconds."""
    pauses: tuple[float, ...] = (0.0, 0.5, 2.0)
    within_seconds: float = 60.0
    niceness: int = 0
    outlives: bool = False
    is_confined: bool = False
    largest: int = LARGEST

    @property
    def gives_signs(self) -> bool:
        """Whether it says once a second that it is alive."""
        return self.silent_seconds > 0 and not self.is_confined


USUAL = Policy()


class Restarts:
    """Whether, and after which pause, something that ended unexpectedly is started again."""

    def __init__(self, policy: Policy) -> None:
        self._policy, self._times = policy, deque[float]()

    def pause(self, now: float) -> float | None:
        """Seconds before the next start, which is counted; None where it is given up. now: of a steady clock."""
        while self._times and now - self._times[0] >= self._policy.within_seconds:
            self._times.popleft()
        if len(self._times) >= len(self._policy.pauses):
            return None
        self._times.append(now)
        return self._policy.pauses[len(self._times) - 1]
