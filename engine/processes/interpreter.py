"""How every other Python of ours is started: nothing that lies about in the current folder is part of it.

Python puts the current folder before its own library for ``-m`` and ``-c``: a ``json.py`` beside a model that somebody
sent would run. ``-P`` keeps it off; what the environment adds is kept only where it is a folder named in full, which is
a user's own doing.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

CLI = ("-m", "latent_terrain.ui.cli")
# What names code to run, or asks for a prompt, in any Python.
DROPPED = ("PYTHONSTARTUP", "PYTHONINSPECT", "PYTHONBREAKPOINT", "PYTHONWARNINGS", "PYTHONEXECUTABLE")


def start_python(words: Sequence[str], changes: Mapping[str, str] | None = None, **how: Any) -> subprocess.Popen[Any]:
    """Start the Python that runs this, with ``words`` after it (``-m module``, ``-c code``, then arguments).

    changes: to the environment. how: as subprocess.Popen takes it. Raises OSError.
    """
    command = [sys.executable, "-P", *words]
    return subprocess.Popen(command, env=clean_environment(os.environ, changes or {}), **how)


def own_command(words: Sequence[str]) -> list[str]:
    """The command line that runs a command of ours with this Python, for whoever starts it some other time."""
    return [sys.executable, "-P", *CLI, *words]


def run_python(
    words: Sequence[str], changes: Mapping[str, str] | None = None, timeout: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Start it, let it end and give what it said. Raises OSError, and TimeoutExpired when it had to be ended."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with start_python(words, changes, **pipes, text=True, encoding="utf-8", errors="replace") as process:
        try:
            output, errors = process.communicate(timeout=timeout)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def clean_environment(known: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """An environment for a Python of ours: no code that it names, no folders that depend on where one stands."""
    kept = {name: value for name, value in known.items() if name not in DROPPED}
    folders = [one for one in kept.pop("PYTHONPATH", "").split(os.pathsep) if one and Path(one).is_absolute()]
    if folders:
        kept["PYTHONPATH"] = os.pathsep.join(folders)
    return {**kept, **changes}
