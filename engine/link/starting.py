"""Starting an engine in a process of its own, and ending it, so that none is left playing to nobody."""

import json
import os
import queue
import subprocess
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass

from ..processes.interpreter import start_python
from .registry import Address

START_SECONDS, END_SECONDS = 60.0, 10.0
HOST = "latent_terrain.engine.link.host"


class EngineGone(RuntimeError):
    """There is no engine to play; the text says why and what to do."""


@dataclass(frozen=True)
class Hosting:
    """How to start an engine: see ``host``. linger_seconds: how long it plays on when its last client has gone.

    sample_rate: Hz, 0 for the device's own. owner: the process with which it ends, however that ends; 0: with none.
    name, patch: see ``registry.announce``.
    """

    folder: str = ""
    device: str | None = None
    input: str | None = None
    sample_rate: int = 48_000
    block: int = 256
    linger_seconds: float = 600.0
    player: str = ""
    owner: int = 0
    name: str = ""
    patch: str = ""


class Starter:
    """One engine at a time. ``end`` may be called from any thread, also while another is in ``start``."""

    def __init__(self, hosting: Hosting) -> None:
        self._hosting = hosting
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._has_ended = False

    @property
    def is_running(self) -> bool:
        """Whether the engine started last is still a process."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> Address:
        """Another engine in place of the last; takes seconds. Raises EngineGone."""
        with self._lock:
            if self._has_ended:
                raise EngineGone("this client is closed")
            self._kill()
            process = self._process = start_python(
                ["-m", HOST, json.dumps(asdict(self._hosting))],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=None if os.environ.get("LATENT_TERRAIN_DEBUG") else subprocess.DEVNULL,
                start_new_session=True,
            )
        line = _first_line(process, START_SECONDS)
        try:
            raw = json.loads(line)
            return Address(raw["process"], "", raw["where"], bytes.fromhex(raw["key"]), raw["mark"])
        except (ValueError, TypeError, KeyError):
            process.kill()
            said = line.decode(errors="replace").strip() or "it said nothing"
            raise EngineGone(f"the engine does not start: {said}") from None

    def end(self) -> None:
        """End the engine, or the one on its way, and start none from now on."""
        with self._lock:
            self._has_ended = True
            process = self._process
        if process is None:
            return
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
        self._kill()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def _first_line(process: "subprocess.Popen[bytes]", seconds: float) -> bytes:
    """The first line that a process says, or what it said until its end or the time was over."""
    found: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    assert process.stdout is not None
    threading.Thread(target=lambda: found.put(process.stdout.readline()), daemon=True).start()  # type: ignore[union-attr]
    try:
        return found.get(timeout=seconds)
    except queue.Empty:
        return b""
