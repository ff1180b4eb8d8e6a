"""A command line that another program of ours runs beside an engine (see ``ui.child_command``) and hears."""

import signal
import time

from ...engine.messages import Done
from ...engine.messages.children import RunCommand
from ...engine.processes.child import Parent
from . import main
from .output import report_to

END_SECONDS = 5.0


def serve(parent: Parent) -> None:
    """Run the command that the parent names; it ends when it does, or as by Ctrl-C when the parent has gone."""
    parent.leave = _end
    report_to(parent)
    main(parent.order(RunCommand).words)
    parent.send(Done())


def _end() -> None:
    signal.raise_signal(signal.SIGTERM)
    time.sleep(END_SECONDS)
