"""What this machine can take from a process that runs somebody's model."""

import sys
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ...engine.messages import Message
    from ...engine.processes.child import Parent

SECONDS = 60.0


def confinement() -> tuple[Literal["ok", "note", "problem"], str, str]:
    """Tried in a process of its own: a state as the doctor's findings have it, what it means, and what to do."""
    from ...engine.messages import Confined, Done
    from ...engine.messages.workers import FROM_TRIED, Begin
    from ...engine.processes.child import Child, ChildGone
    from ...engine.processes.confinement import REACH
    from ...engine.processes.policy import Policy

    heard: list[Message] = []
    child = Child(f"{__name__}:serve", Begin(), FROM_TRIED, heard.append, Policy(is_confined=True))
    try:
        child.ask(Begin(), Done, SECONDS)
    except ChildGone:
        return "problem", "processes can't be sandboxed", "models can't run here; see the system log"
    finally:
        child.close()
    done = next((one.done for one in heard if isinstance(one, Confined)), [])
    missing = [words for kind, words in REACH.items() if kind not in done]
    if not missing:
        return "ok", "trusted models run in a sandbox: no files, no network, no other programs", ""
    remedy = "trust only models from authors you know"
    if sys.platform == "linux":
        remedy += "; Linux 5.13 or later with Landlock and seccomp blocks all of it"
    return "note", f"trusted models can access {', '.join(missing)}", remedy


def serve(parent: "Parent") -> None:
    """Give up all freedom, and answer."""
    from ...engine.messages import Done
    from ...engine.messages.workers import TO_TRIED, Begin
    from ...engine.processes.confinement import Limits

    parent.confine(Limits())
    parent.answer(parent.receive(TO_TRIED) or Begin(), Done())
