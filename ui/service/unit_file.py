"""How a system starts a service by itself: a unit for systemd, a property list for launchd."""

import plistlib
import shlex
from collections.abc import Sequence
from pathlib import Path

from ...engine.processes.interpreter import own_command

# systemd ends a service that says nothing for so long, and starts it again.
WATCHDOG_SECONDS = 60
START_SECONDS = 180


def systemd_unit(patch: Path, words: Sequence[str]) -> str:
    """A unit file for ``~/.config/systemd/user`` (or ``/etc/systemd/system``). words: the arguments of serve."""
    line = " ".join(_quoted(one) for one in own_command(["serve", *words]))
    return f"""\
[Unit]
Description=Latent Terrain: {patch.stem.replace("%", "%%")}
After=sound.target pipewire.service jack.service
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={line}
ExecReload=/bin/kill -HUP $MAINPID
WorkingDirectory={str(patch.absolute().parent).replace("%", "%%")}
StateDirectory=latent-terrain/{_safe(patch.stem)}
Restart=always
RestartSec=2
WatchdogSec={WATCHDOG_SECONDS}
TimeoutStartSec={START_SECONDS}
TimeoutStopSec=30
LimitRTPRIO=95
LimitMEMLOCK=infinity

[Install]
WantedBy=default.target
"""


def launchd_plist(patch: Path, words: Sequence[str]) -> str:
    """A property list for ``~/Library/LaunchAgents``. words: the arguments of serve."""
    return plistlib.dumps(
        {
            "Label": f"org.latent-terrain.{_safe(patch.stem)}",
            "ProgramArguments": own_command(["serve", *words]),
            "WorkingDirectory": str(patch.absolute().parent),
            "RunAtLoad": True,
            "KeepAlive": True,
            "ThrottleInterval": 5,
            "ProcessType": "Interactive",
        }
    ).decode()


def _quoted(word: str) -> str:
    """A word as systemd reads it: in double quotes where need be, with its own two signs doubled."""
    safe = word.replace("%", "%%").replace("$", "$$")
    if shlex.quote(word) == word:
        return safe
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _safe(name: str) -> str:
    return "".join(one if one.isalnum() or one in "-_." else "-" for one in name).strip(".") or "patch"
