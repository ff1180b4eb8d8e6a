"""Serving the pad: one page, one picture, one socket per device, for whoever has the token.

aiohttp does the serving. Loopback unless asked; what comes is small, checked, and at most so often.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Any

from aiohttp import WSMsgType, web

from ....engine.processes.guard import Guard
from ....graphs.file_read import parse_json
from ...web.service import Serving
from .commands import PadCommands
from .surface import PadError, Surface

logger = logging.getLogger(__name__)
LOOK_SECONDS = 1 / 30
MOST_BYTES = 32_768
MOST_DEVICES = 16
# Per second and device; more are not looked at.
MOST_MESSAGES = 2_000
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PadServer:
    """The pad of one surface. token: what the address must have; ``refused`` counts those that did not.

    tell: takes one sentence for people. commands: what its buttons do; None: it has none.
    """

    def __init__(
        self,
        surface: Surface,
        token: str = "",
        tell: Callable[[str], object] = logger.warning,
        commands: PadCommands | None = None,
    ) -> None:
        self.surface, self.token, self.commands = surface, token or secrets.token_urlsafe(16), commands
        self._guard = Guard("pad", tell)
        self.devices: set[web.WebSocketResponse] = set()
        self.refused = 0
        self._serving = Serving()

    async def start(self, host: str, port: int) -> int:
        """Serve; gives the port. Raises OSError when it is taken."""
        app = web.Application(middlewares=[self._check], client_max_size=MOST_BYTES)
        app.add_routes(
            [web.get("/", self._page), web.get("/terrain.png", self._picture), web.get("/touch", self._socket)]
        )
        return await self._serving.begin(app, host, port, self._look())

    async def stop(self) -> None:
        """End it: sockets are closed, the hand is lifted."""
        await self._serving.end(self.devices)
        self.surface.let_go()

    @web.middleware
    async def _check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not secrets.compare_digest(request.query.get("token", "").encode(), self.token.encode()):
            self.refused += 1
            raise web.HTTPForbidden(
                text="The token is missing from this address; use the complete address that was printed."
            )
        answer = await handler(request)
        if not answer.prepared:
            answer.headers.update(HEADERS)
        return answer

    async def _page(self, request: web.Request) -> web.Response:
        text = resources.files(str(__package__)).joinpath("page.html").read_text(encoding="utf-8")
        return web.Response(text=text, content_type="text/html")

    async def _picture(self, request: web.Request) -> web.Response:
        try:
            data = await asyncio.to_thread(self.surface.picture)
        except PadError as error:
            return web.Response(status=404, text=str(error))
        return web.Response(body=data, content_type="image/png")

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        device = web.WebSocketResponse(max_msg_size=MOST_BYTES, heartbeat=20.0)
        await device.prepare(request)
        if len(self.devices) >= MOST_DEVICES:
            await device.close(message=b"too many devices")
            return device
        self._serving.keep(request, device)
        self.devices.add(device)
        loop = asyncio.get_running_loop()
        second, count = loop.time(), 0
        try:
            self._guard(self.surface.state)
            first: dict[str, Any] = {"state": self.surface.shown}
            if self.commands is not None:
                first["commands"] = self.commands.shown()
            await device.send_json(first)
            async for message in device:
                now = loop.time()
                second, count = (now, 0) if now - second >= 1.0 else (second, count + 1)
                if message.type != WSMsgType.TEXT or count > MOST_MESSAGES:
                    self.surface.ignored += 1
                    continue
                if not self._guard(self._take, message.data):
                    self.surface.ignored += 1
        finally:
            self.devices.discard(device)
            if not self.devices:
                self.surface.let_go()
        return device

    def _take(self, text: str) -> None:
        try:
            said = parse_json(text)
        except ValueError:
            said = None
        if isinstance(said, dict) and "touch" in said:
            self.surface.touch(said["touch"])
        elif isinstance(said, dict) and said.get("do") == "let go":
            self.surface.let_go()
        elif self.commands is None or not isinstance(said, dict) or not self.commands.do(said.get("command")):
            self.surface.ignored += 1

    async def _look(self) -> None:
        """Tell every device where the playheads are, and what changed."""
        shown: dict[str, Any] = {}
        heads: list[list[float]] = []
        buttons: dict[str, Any] = {}
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not self.devices:
                continue
            try:
                now, places = self.surface.state(), self.surface.heads()
                does = self.commands.shown() if self.commands is not None else {}
            except Exception as error:  # of whatever patch others made of it: the next one may be right
                self._guard.say(error)
                continue
            said = ({"state": now} if now is not shown else {}) | ({"heads": places} if places != heads else {})
            said |= {"commands": does} if does != buttons else {}
            shown, heads, buttons = now, places, does
            if said:
                text = json.dumps(said)
                await self._serving.send_all((device, (text,)) for device in self.devices)
