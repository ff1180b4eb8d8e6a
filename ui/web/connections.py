"""Connections of a web server: so many at most, of one address too, and none that only holds its place."""

import asyncio
from collections.abc import Callable
from typing import Any

# Connections in all, and of one address.
MOST, MOST_OF_ADDRESS = 128, 64
# For the first request to be there.
HEAD_SECONDS = 5.0
# For an answer to be taken, and for another request to come.
REQUEST_SECONDS = 20.0


class Connections:
    """Those that are open. Who has asked for nothing yet makes room for who comes, the oldest first."""

    def __init__(self) -> None:
        self._open: dict[asyncio.BaseTransport, _Connection] = {}
        self.turned_away = 0

    def __len__(self) -> int:
        return len(self._open)

    def guarded(self, inner: Callable[[], Any]) -> Callable[[], asyncio.Protocol]:
        """A maker of protocols: those of ``inner``, behind what is counted here."""
        return lambda: _Connection(inner(), self)

    def admit(self, connection: "_Connection", transport: asyncio.BaseTransport) -> bool:
        """Whether there is a place; from now on a first request is waited for."""
        alike = [one for one in self._open.values() if one.address == connection.address]
        for crowd, most in ((alike, MOST_OF_ADDRESS), (list(self._open.values()), MOST)):
            if len(crowd) < most:
                continue
            idle = next((one for one in crowd if not one.has_asked), None)
            self.turned_away += 1
            if idle is None:
                return False
            idle.end()
        self._open[transport] = connection
        return True

    def has_asked(self, transport: asyncio.BaseTransport | None) -> None:
        """A request has come whole."""
        if transport is not None and transport in self._open:
            self._open[transport].has_asked = True
            self._open[transport].give(REQUEST_SECONDS)

    def keep(self, transport: asyncio.BaseTransport | None, device: object) -> None:
        """One that stays for as long as it likes, as that of a device."""
        if transport is not None and transport in self._open:
            self._open[transport].device = device
            self._open[transport].give(None)

    def drop(self, device: object) -> None:
        """End that of a device."""
        for one in [one for one in self._open.values() if one.device is device]:
            one.end()

    def forget(self, transport: asyncio.BaseTransport | None) -> None:
        """One has ended."""
        if transport is not None:
            self._open.pop(transport, None)

    def close(self) -> None:
        """End all of them."""
        for one in list(self._open.values()):
            one.end()


class _Connection(asyncio.Protocol):
    """One connection, in front of the server's own protocol."""

    def __init__(self, inner: Any, connections: Connections) -> None:
        self._inner, self._connections = inner, connections
        self._transport: Any = None
        self._deadline: asyncio.TimerHandle | None = None
        self._is_in = False
        self.address: str = ""
        self.device: object = None
        self.has_asked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else ""
        if not self._connections.admit(self, transport):
            self._transport.abort()
            return
        self._is_in = True
        self.give(HEAD_SECONDS)
        self._inner.connection_made(transport)

    def give(self, seconds: float | None) -> None:
        """Let it stay so long from now; None: for as long as it likes."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = asyncio.get_running_loop().call_later(seconds, self.end) if seconds is not None else None

    def end(self) -> None:
        """Make its place free at once."""
        self._connections.forget(self._transport)
        self.give(None)
        self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.forget(self._transport)
        self.give(None)
        if self._is_in:
            self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_in:
            self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received() if self._is_in else None

    def pause_writing(self) -> None:
        if self._is_in:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        if self._is_in:
            self._inner.resume_writing()
