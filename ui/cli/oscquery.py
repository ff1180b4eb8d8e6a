"""Oscquery: tell phones and programs what can be turned in what plays, and let them turn it."""

from typing import TYPE_CHECKING, Annotated

import typer

from .follow import Following
from .output import RUN, Failure, say, tell_ready
from .pad import LOOPBACK, Engine, Port, attached, opened_at, until_the_end

if TYPE_CHECKING:
    from ..control.oscquery.server import QueryServer

PORT = 8720


def oscquery(
    port: Port = None,
    osc_port: Annotated[
        int | None, typer.Option("--osc-port", min=1, max=65_535, help="The OSC port to announce (run --osc).")
    ] = None,
    reach: Annotated[
        str, typer.Option("--open", metavar="ADDRESS", help="Address to listen on for other devices; 0.0.0.0: all.")
    ] = LOOPBACK,
    wait: Annotated[float, typer.Option("--wait", min=0, max=60, help="Wait this many seconds for an engine.")] = 0.0,
    engine: Engine = None,
) -> int:
    """Tell what can be turned in what plays, as OSCQuery: phones and ossia build their own surfaces from it.

    JSON over HTTP with ranges, units and values; values as they change, and values taken in, by WebSocket. Only this
    computer can reach it unless --open says otherwise. Ctrl-C ends it.
    """
    from ...engine.missing_package import MissingError, need

    try:
        need("aiohttp", "oscquery", "pad")
    except MissingError as error:
        raise Failure(str(error), RUN) from None
    import asyncio

    from ...engine import load_palette
    from ..control.oscquery.server import QueryServer

    client = attached(wait, engine)
    client.subscribe(("status",))
    try:
        server = QueryServer(client, load_palette(), osc_port, say)
        return asyncio.run(_serve(server, Following(client, "OSCQuery"), reach, port))
    finally:
        client.close()


async def _serve(server: "QueryServer", follows: Following, host: str, port: int | None) -> int:
    found = await opened_at(server.start, host, port, PORT)
    tell_ready(f"http://{host}:{found}/", found)
    if host not in (LOOPBACK, "localhost", "::1"):
        say(f"open to the network at {host}, port {found}: anyone who can reach it can control the patch")
    try:
        return await until_the_end(follows)
    finally:
        await server.stop()
