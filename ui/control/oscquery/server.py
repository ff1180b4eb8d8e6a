"""Serving OSCQuery: JSON of any part of the tree, values as they change, values taken in by WebSocket.

aiohttp does the serving. Loopback unless asked; nothing but params can be turned here.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web

from ....engine.definition_specs import DefinitionSpecs
from ....engine.palette import Palette
from ....engine.processes.guard import Guard
from ....engine.session.local import Session
from ....engine.sources.osc.collector import Collector
from ....engine.sources.osc.packets import packed
from ....engine.sources.osc.ranges import from_norm, ranges_of
from ....graphs import EditError, Patch
from ....graphs.file_read import parse_json
from ...web.service import Serving
from ..changes import changed
from .tree import ATTRIBUTES, found_in, host_info, tree, with_status

logger = logging.getLogger(__name__)
LOOK_SECONDS = 1 / 50
PATH_CHANGED = json.dumps({"COMMAND": "PATH_CHANGED", "DATA": "/"})
MOST_BYTES, MOST_CLIENTS, MOST_PATHS = 65_536, 16, 1024
# Per second and client; more are not looked at.
MOST_MESSAGES = 2_000
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class QueryServer:
    """OSCQuery of what a client plays. ``ignored`` counts what came that made no sense.

    tell: takes one sentence for people.
    """

    def __init__(
        self,
        client: Session,
        palette: Palette,
        osc_port: int | None = None,
        tell: Callable[[str], object] = logger.warning,
    ) -> None:
        self._guard = Guard("OSCQuery", tell)
        self.client, self.osc_port, self.ignored = client, osc_port, 0
        self._types = DefinitionSpecs(palette)
        self._listening: dict[web.WebSocketResponse, set[str]] = {}
        self._collector = Collector()
        self._known: Patch | None = None
        self._tree: dict[str, Any] = {}
        self._serving = Serving()

    async def start(self, host: str, port: int) -> int:
        """Serve; gives the port. Raises OSError when it is taken."""
        app = web.Application(client_max_size=MOST_BYTES)
        app.add_routes([web.get("/{path:.*}", self._answer)])
        return await self._serving.begin(app, host, port, self._look())

    async def stop(self) -> None:
        """End it."""
        await self._serving.end(self._listening)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._socket(request)
        if "HOST_INFO" in request.query:
            return web.json_response(host_info("latent-terrain", self.osc_port), headers=HEADERS)
        is_playing = bool(self.client.latest_status.get("is_playing", False))
        part = found_in(with_status(self._now(), is_playing), request.path)
        if part is None:
            raise web.HTTPNotFound(text="No such address in the patch.")
        asked = [one for one in request.query if one.isupper()]
        if not asked:
            return web.json_response(part, headers=HEADERS)
        if asked[0] not in ATTRIBUTES:
            raise web.HTTPBadRequest(text="Unknown attribute.")
        if asked[0] not in part:
            return web.Response(status=204)
        return web.json_response({asked[0]: part[asked[0]]}, headers=HEADERS)

    def _now(self) -> dict[str, Any]:
        patch = self.client.patch
        if patch is not self._known or not self._tree:
            self._known, self._tree = patch, tree(patch, self._types.palette(patch), self.osc_port is not None)
            self._collector.learn(0, ranges_of(patch, self._types.palette(patch)))
        return self._tree

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        device = web.WebSocketResponse(max_msg_size=MOST_BYTES, heartbeat=20.0)
        await device.prepare(request)
        if len(self._listening) >= MOST_CLIENTS:
            await device.close(message=b"too many clients")
            return device
        self._serving.keep(request, device)
        self._listening[device] = set()
        loop = asyncio.get_running_loop()
        second, count = loop.time(), 0
        try:
            async for message in device:
                now = loop.time()
                second, count = (now, 0) if now - second >= 1.0 else (second, count + 1)
                if count > MOST_MESSAGES:
                    self.ignored += 1
                elif message.type == WSMsgType.TEXT:
                    self._guard(self._follow, device, message.data)
                elif message.type == WSMsgType.BINARY:
                    self._guard(self._take, message.data)
        finally:
            del self._listening[device]
        return device

    def _follow(self, device: web.WebSocketResponse, text: str) -> None:
        try:
            said = parse_json(text)
            command, path = said["COMMAND"], str(said["DATA"])
        except (ValueError, KeyError, TypeError):
            self.ignored += 1
            return
        if command == "LISTEN" and len(self._listening[device]) < MOST_PATHS and found_in(self._now(), path):
            self._listening[device].add(path.rstrip("/"))
        elif command == "IGNORE":
            self._listening[device].discard(path.rstrip("/"))
        else:
            self.ignored += 1

    def _take(self, packet: bytes) -> None:
        """OSC in: the same addresses and ranges as by UDP."""
        self._now()
        self._collector.take(packet)
        told = self._collector.message()
        patch = self.client.patch
        ranges = ranges_of(patch, self._types.palette(patch))
        for node, param, value, is_norm in told.values:
            with suppress(EditError):
                self.client.turn(node, param, from_norm(ranges[node][param], float(value)) if is_norm else value)
        self.ignored += len(told.remarks)

    async def _look(self) -> None:
        """Tell every client what has changed of what it listens to, and that paths came or went."""
        before = self.client.patch
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = self.client.patch
            if now is before or not self._listening:
                before = now
                continue
            try:
                news = self._news(before, now)
            except Exception as error:  # of whatever patch others made of it: the next one may be right
                self._guard.say(error)
                news = []
            before = now
            await self._serving.send_all(news)

    def _news(self, before: Patch, now: Patch) -> list[tuple[web.WebSocketResponse, list[str | bytes]]]:
        """What every client is to be told."""
        paths_before, paths_now = ([(name, one.type) for name, one in patch.nodes.items()] for patch in (before, now))
        values = [
            (address, packed(address, [value])) for address, value in changed(before, now, self._types.palette(now))
        ]
        first: list[str | bytes] = [PATH_CHANGED] if paths_now != paths_before else []
        return [
            (device, [*first, *(packet for address, packet in values if _is_under(address, paths))])
            for device, paths in self._listening.items()
        ]


def _is_under(address: str, paths: set[str]) -> bool:
    return any(address == path or address.startswith(f"{path}/") for path in paths)
