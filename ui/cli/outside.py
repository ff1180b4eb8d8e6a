"""What plays a patch from outside while it runs: OSC, MIDI, gamepads, Link, pad, OSCQuery, as named by options."""

import re
import secrets
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from .output import RUN, USAGE, Failure, say
from .pad import TOKEN
from .patches import Opened

if TYPE_CHECKING:
    from ...engine import Palette
    from ...engine.link import Server
    from ..control.hands import Ears, Hands

ADDRESS = re.compile(r"http://[^/]*:(\d+)/")
END_SECONDS = 10.0


def ears_of(
    osc: str,
    osc_to: str,
    midi: Sequence[str],
    gamepads: Sequence[str] = (),
    link: bool = False,
    midi_to: Sequence[str] = (),
) -> "Ears":
    """What to listen to. Raises Failure for addresses that are none."""
    from ...engine.osc import OscError, address
    from ..control.hands import Ears, names_from

    try:
        found, to = address(osc), address(osc_to)
    except OscError as error:
        raise Failure(str(error)) from None
    if to is not None and found is None:
        raise Failure("--osc-to needs --osc, whose process sends")
    return Ears(found, names_from(midi), to, link=link, gamepads=names_from(gamepads), midi_to=names_from(midi_to))


def hands_for(server: "Server", opened: Opened, palette: "Palette", ears: "Ears") -> "Hands | None":
    """OSC, MIDI, gamepads and Link on what a server plays. Raises Failure."""
    from ...engine.gamepad import GamepadError
    from ...engine.midi import MidiError
    from ...engine.osc import OscError
    from ...engine.tempo import LinkError
    from ..control.hands import Hands

    if not ears.any:
        return None
    try:
        hands = Hands(server, palette, ears, opened.folder, opened.file, say)
    except (OscError, MidiError, GamepadError, LinkError) as error:
        server.close()
        raise Failure(str(error)) from None
    if hands.osc is not None:
        say(f"listening for OSC on {hands.osc.host}:{hands.osc.port}")
    return hands


@contextmanager
def pad_beside(is_wanted: bool) -> Iterator[None]:
    """A pad in a process of its own, as long as it plays; its address goes to standard error."""
    token = {TOKEN: secrets.token_urlsafe(16)}
    with Beside("the pad", ["pad", "--wait", "10"], token) if is_wanted else nullcontext():
        yield


@contextmanager
def oscquery_beside(is_wanted: bool, ears: "Ears") -> Iterator[None]:
    """OSCQuery in a process of its own, as long as it plays; its address goes to standard error."""
    if is_wanted and ears.osc is None:
        raise Failure("--oscquery needs --osc: it tells what can be sent there")
    words = ["oscquery", "--osc-port", str(ears.osc[1]), "--wait", "10"] if ears.osc else []
    with Beside("OSCQuery", words) if is_wanted else nullcontext():
        yield


class Beside:
    """A command of ours in a process of its own, kept as helpers are: it comes back at its address, or a sentence does.

    what: what it is called in sentences. words: the command, without its port. changes: to its environment.
    """

    def __init__(self, what: str, words: Sequence[str], changes: Mapping[str, str] | None = None) -> None:
        self._what, self._words, self._changes = what, list(words), changes
        from ...engine.processes.kept import Restarts

        self._restarts, self._port, self._is_closed = Restarts(), "0", False
        self._lock = threading.Lock()
        self._process = self._started()
        self._watcher = threading.Thread(target=self._watch, name=f"keep {what}", daemon=True)
        self._watcher.start()

    def __enter__(self) -> "Beside":
        return self

    def __exit__(self, *error: object) -> None:
        """End it."""
        with self._lock:
            self._is_closed = True
            self._process.terminate()
        self._watcher.join(END_SECONDS)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    def _started(self) -> "subprocess.Popen[str]":
        from ...engine.processes.interpreter import CLI, start_python

        return start_python(
            [*CLI, *self._words, "--port", self._port],
            self._changes,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            errors="replace",
        )

    def _watch(self) -> None:
        """Pass on the address that it says, and start it again when it ends unexpectedly."""
        while True:
            process = self._process
            assert process.stdout is not None
            with process.stdout:
                for line in process.stdout:
                    if (found := ADDRESS.match(line)) and self._port == "0":
                        self._port = found.group(1)
                        say(line.strip())
            code = process.wait()
            with self._lock:
                if self._is_closed:
                    return
                if code in (0, RUN, USAGE) or not self._restarts.may_start(time.monotonic()):
                    why = "it keeps ending" if code not in (0, RUN, USAGE) else f"it has ended with code {code}"
                    say(f"{self._what} is not there any more: {why}; start again to have it back")
                    return
                say(f"{self._what} was interrupted: its process ended unexpectedly and is started again")
                try:
                    self._process = self._started()
                except OSError as error:
                    say(f"{self._what} is not there any more: its process can't be started ({error})")
                    return
