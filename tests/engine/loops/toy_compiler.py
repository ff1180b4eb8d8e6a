"""Compilers that fail, each in its way, in place of the one of ``engine.loops``."""

import os
import signal

from latent_terrain.engine.messages import Ready
from latent_terrain.engine.messages.workers import TO_COMPILER
from latent_terrain.engine.processes.child import Parent


def is_killed(parent: Parent) -> None:
    """Killed from outside while it works."""
    parent.send(Ready())
    parent.receive(TO_COMPILER)
    os.kill(os.getpid(), signal.SIGKILL)


def never_answers(parent: Parent) -> None:
    """Hangs."""
    parent.send(Ready())
    while True:
        parent.receive(TO_COMPILER)


def never_starts(parent: Parent) -> None:
    """Ends at once."""
    raise RuntimeError("no compiler today")
