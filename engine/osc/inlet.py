"""OSC in: starts the gateway, turns what it tells, and starts it again when it dies."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from typing import Any, TypeAlias

from ...graphs import Patch
from ..declare import Scalar
from ..missing import install_command
from ..palette import Palette
from ..processes.child import GONE, Child, ChildGone
from .addresses import OscError
from .ranges import Ranges, from_norm, ranges_of, taken

Answer: TypeAlias = Callable[[str, list[Any]], None]
"""Called once with the address and the values of an answer."""
MOST_LISTENED = 1024
GATEWAY = "latent_terrain.engine.osc.gateway:serve"
START_SECONDS = 20.0
RESTARTS, RESTART_SECONDS = 3, 60.0
"""So many new starts in so much time; after that it stays silent."""


class OscIn:
    """Listens from when it is made, hears once it was told ``names``, until ``close``; not for the audio thread.

    host, port: where to listen; port 0 takes a free one, see ``port``. turn: called with node, param and value in the
    param's units; for what has a time with 0 (seconds of gliding) and when as well. panic: called for ``/panic``.
    status: gives what ``Performance.status`` gives, for ``/status``. tell: takes one sentence for people. ask: called
    with a command (``collector.ASKED``), its arguments, and what to call with the answer's address and values. control:
    called with an address and numbers that somebody listens to (see ``listen``). All are called on a thread of its own;
    they must neither wait nor raise. Raises OscError where it can't listen.
    """

    def __init__(
        self,
        host: str,
        port: int,
        turn: Callable[..., None],
        panic: Callable[[], None],
        status: Callable[[], Mapping[str, Any]],
        tell: Callable[[str], None],
        ask: Callable[[str, list[Any], Answer], None] | None = None,
        control: Callable[[str, list[float]], None] | None = None,
    ) -> None:
        if find_spec("pythonosc") is None:
            raise OscError(f"OSC needs python-osc, which is not installed; run: {install_command('python-osc')}")
        self.host, self.port = host, port
        self._turn, self._panic, self._status, self._tell = turn, panic, status, tell
        self._ask, self._control = ask, control
        self._listening: tuple[list[str], bool] = ([], False)
        self.listeners = 0
        self._known: tuple[int, Ranges] = (0, {})
        self._counts: Counter[str] = Counter()
        self._before: Counter[str] = Counter()
        self._restarts: deque[float] = deque(maxlen=RESTARTS)
        self._is_ready = self._is_closed = False
        self._refusal = ""
        self._first = threading.Event()
        self._lock = threading.RLock()
        with self._lock:
            self._child = self._started()
        if not self._first.wait(START_SECONDS) or not self._is_ready:
            self.close()
            raise OscError(self._refusal or f"OSC {host}:{port}: its process did not start in {START_SECONDS:g} s")

    @property
    def counts(self) -> Mapping[str, int]:
        """What came in so far: packets, values, and what was clipped, refused, unknown or malformed."""
        return self._before + self._counts

    @property
    def pid(self) -> int:
        """The gateway's process number."""
        return self._child.pid

    def names(self, patch: Patch, palette: Palette) -> None:
        """This patch's params can be turned from now on; call it after every edit. Cheap when they are the same."""
        ranges = ranges_of(patch, palette)
        with self._lock:
            version, known = self._known
            if ranges == known:
                return
            self._known = (version + 1, ranges)
            with suppress(ChildGone):  # the next one gets them when it starts
                self._child.send({"op": "names", "version": version + 1, "names": ranges})

    def listen(self, addresses: Iterable[str], all_: bool = False) -> None:
        """Hear these addresses of others' devices too; all_: any that is unknown."""
        wanted = (sorted(set(addresses))[:MOST_LISTENED], all_)
        with self._lock:
            if wanted != self._listening:
                self._listening = wanted
                self._say_listening()

    def changed(self, values: Iterable[tuple[str, Scalar]]) -> None:
        """Tell those who subscribed of values that have changed: (address, value)."""
        self._send({"op": "changed", "values": [list(one) for one in values]})

    def send(self, to: tuple[str, int], address: str, values: Iterable[float]) -> None:
        """Send numbers somewhere."""
        self._send({"op": "send", "to": list(to), "address": address, "values": list(values)})

    def _say_listening(self) -> None:
        addresses, all_ = self._listening
        self._send({"op": "listen", "addresses": addresses, "all": all_})

    def _send(self, message: Mapping[str, Any]) -> None:
        with self._lock, suppress(ChildGone):
            self._child.send(message)

    def close(self) -> None:
        """Listen no more. May be called again."""
        with self._lock:
            self._is_closed = True
        self._child.close()

    def _started(self) -> Child:
        version, ranges = self._known
        return Child(GATEWAY, {"host": self.host, "port": self.port, "version": version, "names": ranges}, self._hear)

    def _hear(self, message: Mapping[str, Any]) -> None:
        """Something the gateway tells; on its reader's thread."""
        op = message.get("op")
        if self._is_closed:
            return
        if op == "osc":
            self._take(message)
        elif op == "ready":
            self.port, self._is_ready = message["port"], True
            self._first.set()
            if self._listening != ([], False):
                self._say_listening()
        elif op == "refused" or (op == "failed" and not self._first.is_set()):
            self._refusal = str(message["text"])
        elif op == GONE:
            self._gone()

    def _take(self, message: Mapping[str, Any]) -> None:
        commands = message["commands"]
        if "panic" in commands:
            self._panic()
        version, ranges = self._known
        is_current = message["version"] == version
        for node, param, value, is_norm in message["values"]:
            about = ranges.get(node, {}).get(param)
            if about is not None and (is_current or not taken(about, [value], is_norm).remark):
                self._turn(node, param, from_norm(about, value) if is_norm else value)
        for node, param, value, is_norm, when in message["timed"]:
            about = ranges.get(node, {}).get(param)
            if about is not None and (is_current or not taken(about, [value], is_norm).remark):
                self._turn(node, param, from_norm(about, value) if is_norm else value, 0.0, when)
        for address, numbers in message["heard"]:
            if self._control is not None:
                self._control(address, numbers)
        for number, address, arguments in message["asked"]:
            self._do(number, address, arguments)
        for remark in message["remarks"]:
            self._tell(f"OSC {remark}")
        self._counts = Counter(message["counts"])
        if "status" in commands:
            values = _status_values(self._status())
            with self._lock, suppress(ChildGone):
                self._child.send({"op": "status", "values": values})

    def _do(self, number: int, address: str, arguments: list[Any]) -> None:
        if address == "/subscribers":
            self.listeners = arguments[0]
            return

        def answer(reply: str, values: list[Any]) -> None:
            self._send({"op": "reply", "number": number, "address": reply, "values": values})

        if self._ask is None:
            answer("/fail", ["nothing here can do that"])
        else:
            self._ask(address, arguments, answer)

    def _gone(self) -> None:
        """The gateway ended: start another, unless it never began, can't begin, or keeps ending."""
        if not self._first.is_set():
            self._refusal = self._refusal or f"OSC {self.host}:{self.port}: its process ended while starting"
            self._first.set()
            return
        now = time.monotonic()
        with self._lock:
            if self._is_closed:
                return
            self._child.close(0.1)
            self._before, self._counts = self._before + self._counts, Counter()
            if self._refusal:
                self._tell(f"{self._refusal}; OSC is not heard any more")
            elif len(self._restarts) == RESTARTS and now - self._restarts[0] < RESTART_SECONDS:
                self._tell("OSC is not heard any more: its process keeps ending; start again to hear it")
            else:
                self._restarts.append(now)
                self._tell("OSC was interrupted: its process ended unexpectedly and is started again")
                self._child = self._started()


def _status_values(status: Mapping[str, Any]) -> list[int | float]:
    """Blocks, xruns, late frames, the load's middle and 99th percentile, and 1 while blocks are made, else 0."""
    load = status["load"]
    counts = (int(status[key]) for key in ("blocks", "xruns", "late_frames"))
    return [*counts, float(load["p50"]), float(load["p99"]), int(status["is_playing"])]
