"""Starting an engine in a process of its own, and ending it, so that none is left playing to nobody."""

import os
import queue
import subprocess
import threading
from contextlib import suppress

from ..logs import stderr_of_children
from ..messages import Unable, decode
from ..messages import children as messages
from ..messages.children import Hosting
from ..processes.interpreter import start_python
from ..processes.wire import framed, read_body
from .registry import Address

__all__ = ["EngineGone", "Hosting", "Starter"]
START_SECONDS, END_SECONDS = 60.0, 10.0
HOST = "latent_terrain.engine.link.host"


class EngineGone(RuntimeError):
    """There is no engine to play; the text says why and what to do."""


class Starter:
    """One engine at a time. ``end`` may be called from any thread, also while another is in ``start``."""

    def __init__(self, hosting: Hosting) -> None:
        self.hosting = hosting
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
                ["-m", HOST],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr_of_children(),
                start_new_session=True,
            )
        match _said(process, self.hosting, START_SECONDS):
            case messages.HostAddress(process=number, where=where, key=key, mark=mark):
                return Address(number, "", where, key, mark)
            case Unable(text=text):
                why = text
            case _:
                why = "it said nothing"
        process.kill()
        raise EngineGone(f"the engine does not start: {why}")

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


def _said(process: "subprocess.Popen[bytes]", hosting: messages.Hosting, seconds: float) -> object:
    """What a process says when it is given its order; None where it ends, or the time was over."""
    found: queue.SimpleQueue[object] = queue.SimpleQueue()

    def ask() -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        source = process.stdout.fileno()
        try:
            with process.stdin as pipe:
                pipe.write(framed(hosting))
            found.put(decode(read_body(lambda count: os.read(source, count)) or b"", messages.FROM_HOST))
        except (OSError, ValueError):
            found.put(None)

    threading.Thread(target=ask, daemon=True).start()
    try:
        return found.get(timeout=seconds)
    except queue.Empty:
        return None
