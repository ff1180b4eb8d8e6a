"""Serving browsers and programs: who may ask, for how long a connection may say nothing, and how many there may be.

What is said under another name than this machine's own is not answered: a foreign page whose name has been made
to mean this machine (DNS rebinding) would otherwise turn what plays.
"""

import asyncio
import ipaddress
import logging
import socket
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any

from aiohttp import web

from .connections import Connections

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# A device that takes nothing for so long is let go.
SEND_SECONDS = 2.0
# Entries of one kind in so much time; others are counted.
LOGGED, LOG_SECONDS = 5, 60.0
LOGGERS = ("asyncio", "aiohttp.server", "aiohttp.web", "aiohttp.websocket")
LOCAL = ("localhost", "localhost.")


class Serving:
    """One server at a time: ``begin``, then ``end``. refused: how many were not answered for where they come from."""

    def __init__(self) -> None:
        self.refused = 0
        self.connections = Connections()
        self._runner: web.AppRunner | None = None
        self._server: asyncio.Server | None = None
        self._looking: asyncio.Task[None] | None = None
        self._names: frozenset[str] = frozenset(LOCAL)
        self._log = _ByRate()

    async def begin(self, app: web.Application, host: str, port: int, look: Coroutine[Any, Any, None]) -> int:
        """Serve, and look after something meanwhile; gives the port. Raises OSError when it is taken."""
        app.middlewares.insert(0, self._admit)
        self._names = frozenset({*LOCAL, host.lower(), *(() if _is_loopback(host) else _own_names())})
        self._runner = web.AppRunner(app, access_log=None)
        try:
            await self._runner.setup()
            inner = self._runner.server
            assert inner is not None
            factory = self.connections.guarded(inner)
            self._server = await asyncio.get_running_loop().create_server(factory, host or None, port)
        except BaseException:
            look.close()
            await self._runner.cleanup()
            raise
        for name in LOGGERS:
            logging.getLogger(name).addFilter(self._log)
        self._looking = asyncio.create_task(look)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def end(self, devices: Iterable[web.WebSocketResponse]) -> None:
        """Serve no more; these are let go."""
        if self._looking is not None:
            self._looking.cancel()
        if self._server is not None:
            self._server.close()
        for device in list(devices):
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(device.close(), SEND_SECONDS)
        self.connections.close()
        if self._runner is not None:
            await self._runner.cleanup()
        for name in LOGGERS:
            logging.getLogger(name).removeFilter(self._log)

    def keep(self, request: web.Request, device: web.WebSocketResponse) -> None:
        """This connection stays for as long as it answers: it has become a device's socket."""
        self.connections.keep(request.transport, device)

    async def send_all(self, wanted: Iterable[tuple[web.WebSocketResponse, Iterable[str | bytes]]]) -> None:
        """Send each device its messages, all at the same time; one that takes nothing holds up nobody and is let go."""

        async def send(device: web.WebSocketResponse, messages: Iterable[str | bytes]) -> None:
            for message in messages:
                if isinstance(message, str):
                    await device.send_str(message)
                else:
                    await device.send_bytes(message)

        async def try_to(device: web.WebSocketResponse, messages: Iterable[str | bytes]) -> None:
            try:
                await asyncio.wait_for(send(device, messages), SEND_SECONDS)
            except TimeoutError:
                self.connections.drop(device)
            except (ConnectionError, RuntimeError):
                return

        await asyncio.gather(*(try_to(*one) for one in wanted))

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.connections.has_asked(request.transport)
        if not self._is_own_name(request):
            self.refused += 1
            raise web.HTTPForbidden(text="Unknown host name; use the address that was printed, or localhost.")
        origin = request.headers.get("Origin")
        if origin is not None and origin.split("//", 1)[-1] != request.host:
            self.refused += 1
            raise web.HTTPForbidden(text="Requests from other pages are not allowed.")
        return await handler(request)

    def _is_own_name(self, request: web.Request) -> bool:
        """Whether a request names this machine: by a name that it has, or by the address at which it came in."""
        name = _without_port(request.headers.get("Host", ""))
        if name in self._names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        transport = request.transport
        at: Any = transport.get_extra_info("sockname") if transport is not None else None
        return address.is_loopback or (bool(at) and address == ipaddress.ip_address(at[0].partition("%")[0]))


class _ByRate(logging.Filter):
    """Lets five entries of a kind pass in a minute, and tells with the next how many there were beside them."""

    def __init__(self) -> None:
        super().__init__()
        self._begun: dict[str, float] = {}
        self._counts: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether an entry is written."""
        kind, now = f"{record.name}{record.msg!s:.80}", time.monotonic()
        more = 0
        if now - self._begun.get(kind, -LOG_SECONDS) >= LOG_SECONDS:
            more = max(0, self._counts.pop(kind, 0) - LOGGED)
            if len(self._begun) > 256:
                self._begun.clear()
            self._begun[kind] = now
        self._counts[kind] += 1
        if more:
            record.msg = f"{record.getMessage()} (and {more} more like it before, left out)"
            record.args = ()
        return self._counts[kind] <= LOGGED


def _without_port(host: str) -> str:
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0] if host.count(":") == 1 else host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() in LOCAL


def _own_names() -> set[str]:
    """What this machine is called on its network."""
    name = socket.gethostname().lower()
    return {name, f"{name.partition('.')[0]}.local"} if name else set()
