"""What the examples share: programs that are started and spoken to as a musician's own would be, and checks that print.

Nothing here is needed to use Latent Terrain; it only keeps the three examples short.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

CLI = (sys.executable, "-P", "-m", "latent_terrain.ui.cli")
ANSWER_SECONDS = 60.0


def latent_terrain(*words: object) -> str:
    """Run a command of the command line, and give what it prints."""
    return ran(*words).stdout


def ran(*words: object) -> subprocess.CompletedProcess[str]:
    """Run a command of the command line; what it says beside what it prints is in ``stderr``."""
    done = subprocess.run([*CLI, *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"latent-terrain {' '.join(map(str, words))}: exit {done.returncode}\n{done.stderr}")
    return done


def check(text: str, is_so: object, found: object = "") -> None:
    """Print what was checked; a check that fails ends the example."""
    print(f"{'ok    ' if is_so else 'FAILED'}  {text}{f': {found}' if found != '' else ''}", flush=True)
    if not is_so:
        raise SystemExit(1)


def until(is_so: Callable[[], object], seconds: float = ANSWER_SECONDS) -> bool:
    """Wait until something is so; whether it was within so long."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port of this machine that nobody has."""
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Program:
    """``latent-terrain`` with these words, running; what it says is in ``said``, a file that is added to."""

    def __init__(self, said: Path, *words: str | Path, environment: dict[str, str] | None = None) -> None:
        self.said, self._words = said, [*CLI, *map(str, words)]
        self._environment = {**os.environ, **(environment or {})}
        self.start()

    def start(self) -> None:
        """Start it, once more too."""
        with self.said.open("a") as file:
            self.process = subprocess.Popen(self._words, stdout=file, stderr=file, env=self._environment)

    @property
    def text(self) -> str:
        """All that it has said."""
        return self.said.read_text()

    def end(self, seconds: float = 60.0) -> int:
        """Ask it to end; gives its exit code."""
        with suppress(OSError):
            self.process.terminate()
        return self.process.wait(seconds)

    def kill(self) -> None:
        """What a power cut does to it."""
        self.process.kill()
        self.process.wait()


class Osc:
    """A program that sends OSC and hears the answers."""

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(0.2)

    def send(self, address: str, *values: float | str) -> None:
        """Send a message; that nobody listens at the moment is no matter."""
        message = OscMessageBuilder(address)
        for value in values:
            message.add_arg(value)
        with suppress(OSError):
            self._socket.sendto(message.build().dgram, self._to)

    def ask(self, address: str, *values: float | str, answer: str = "", seconds: float = ANSWER_SECONDS) -> list[Any]:
        """Send a command and wait for what it is answered; one that fails ends the example."""
        self.send(address, *values)
        wanted = (answer,) if answer else ("/done",)
        found = self.heard(*wanted, "/fail", seconds=seconds)
        if not found or found[0] == "/fail":
            raise SystemExit(f"{address} {values}: {found[1:] or 'no answer'}")
        return found[1:]

    def heard(self, *addresses: str, seconds: float = ANSWER_SECONDS) -> list[Any]:
        """The next message with one of these addresses: the address and its values; nothing when none came."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(OSError):
                message = OscMessage(self._socket.recv(65_536))
                if message.address in addresses:
                    return [message.address, *message.params]
        return []


def health(port: int) -> tuple[int, dict[str, Any]]:
    """The code and the document of ``/health``; 0 and nothing while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError:
        return 0, {}
