"""What systemd is told of a service (``Type=notify``): that it is ready, how it goes, and that it lives."""

import os
import socket
from collections.abc import MutableMapping
from contextlib import suppress


class Notify:
    """Tells systemd, where that is who asks. Takes what it needs out of the environment, so that no child answers."""

    def __init__(self, environment: MutableMapping[str, str] = os.environ) -> None:
        self._address = environment.pop("NOTIFY_SOCKET", "")
        micros, process = environment.pop("WATCHDOG_USEC", ""), environment.pop("WATCHDOG_PID", "")
        is_ours = not process or process == str(os.getpid())
        self.seconds = int(micros) / 1e6 if micros.isdecimal() and is_ours else 0.0
        """How often at least it wants to hear that all is well; 0: never."""
        self._said = ""

    def ready(self) -> None:
        """It has begun."""
        self._send("READY=1")

    def status(self, text: str) -> None:
        """How it goes, in a line."""
        if text != self._said:
            self._said = text
            self._send(f"STATUS={text}")

    def alive(self) -> None:
        """All is well enough not to be started again."""
        if self.seconds:
            self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """It ends because it was asked to."""
        self._send("STOPPING=1")

    def _send(self, text: str) -> None:
        if not self._address or not hasattr(socket, "AF_UNIX"):
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
            one.sendto(text.encode(), address)
