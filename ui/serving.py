"""A web server that looks after something many times a second while it serves."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

from aiohttp import web


class Serving:
    """One server at a time: ``begin``, then ``end``."""

    def __init__(self) -> None:
        self._runner: web.AppRunner | None = None
        self._looking: asyncio.Task[None] | None = None

    async def begin(self, app: web.Application, host: str, port: int, look: Coroutine[Any, Any, None]) -> int:
        """Serve, and look meanwhile; gives the port. Raises OSError when it is taken."""
        self._runner = web.AppRunner(app, access_log=None)
        try:
            await self._runner.setup()
            await web.TCPSite(self._runner, host, port).start()
        except BaseException:
            look.close()
            await self._runner.cleanup()
            raise
        self._looking = asyncio.create_task(look)
        found: int = self._runner.addresses[0][1]
        return found

    async def end(self, devices: Iterable[web.WebSocketResponse]) -> None:
        """Serve no more; these are let go."""
        if self._looking is not None:
            self._looking.cancel()
        for device in list(devices):
            await device.close()
        if self._runner is not None:
            await self._runner.cleanup()
