"""Serving the pad: one page, one picture, one socket per device, for whoever has the token.

aiohttp does the serving. Loopback unless asked; what comes is small, checked, and at most so often.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib import resources

from aiohttp import WSMsgType, web

from ..serving import Serving
from .surface import PadError, Surface

LOOK_SECONDS = 1 / 30
MOST_BYTES = 32_768
MOST_DEVICES = 16
MOST_MESSAGES = 2_000
"""Per second and device; more are not looked at."""
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PadServer:
    """The pad of one surface. token: what the address must have; ``refused`` counts those that did not."""

    def __init__(self, surface: Surface, token: str = "") -> None:
        self.surface, self.token = surface, token or secrets.token_urlsafe(16)
        self.devices: set[web.WebSocketResponse] = set()
        self.refused = 0
        self._serving = Serving()

    async def start(self, host: str, port: int) -> int:
        """Serve; gives the port. Raises OSError when it is taken."""
        app = web.Application(middlewares=[self._guard], client_max_size=MOST_BYTES)
        app.add_routes([web.get("/", self._page), web.get("/land.png", self._picture), web.get("/touch", self._socket)])
        return await self._serving.begin(app, host, port, self._look())

    async def stop(self) -> None:
        """End it: sockets are closed, the hand is lifted."""
        await self._serving.end(self.devices)
        self.surface.let_go()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not secrets.compare_digest(request.query.get("token", "").encode(), self.token.encode()):
            self.refused += 1
            raise web.HTTPForbidden(text="This address lacks its token; take the whole address that was printed.")
        origin = request.headers.get("Origin")
        if origin is not None and origin.split("//", 1)[-1] != request.host:
            self.refused += 1
            raise web.HTTPForbidden(text="Another page may not use the pad.")
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
        self.devices.add(device)
        loop = asyncio.get_running_loop()
        second, count = loop.time(), 0
        try:
            await device.send_json({"state": self.surface.state()})
            async for message in device:
                now = loop.time()
                second, count = (now, 0) if now - second >= 1.0 else (second, count + 1)
                if message.type != WSMsgType.TEXT or count > MOST_MESSAGES:
                    self.surface.ignored += 1
                    continue
                self._take(message.data)
        finally:
            self.devices.discard(device)
            if not self.devices:
                self.surface.let_go()
        return device

    def _take(self, text: str) -> None:
        try:
            said = json.loads(text)
        except ValueError:
            said = None
        if isinstance(said, dict) and "touch" in said:
            self.surface.touch(said["touch"])
        elif isinstance(said, dict) and said.get("do") == "let go":
            self.surface.let_go()
        else:
            self.surface.ignored += 1

    async def _look(self) -> None:
        """Tell every device where the playheads are, and what changed."""
        shown, heads = self.surface.state(), self.surface.heads()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not self.devices:
                continue
            now, places = self.surface.state(), self.surface.heads()
            said = ({"state": now} if now is not shown else {}) | ({"heads": places} if places != heads else {})
            shown, heads = now, places
            if said:
                for device in list(self.devices):
                    with suppress(ConnectionError, RuntimeError):
                        await device.send_json(said)
