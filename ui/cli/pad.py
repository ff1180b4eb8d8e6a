"""The pad: play the map of a running engine from a browser."""

import errno
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..control.pad import TOKEN
from .follow import Following
from .output import RUN, USAGE, Failure, say, tell_ready
from .outside import kept_token

if TYPE_CHECKING:
    from ...engine.session import Client
    from ..control.pad.server import PadServer

LOOPBACK = "127.0.0.1"
PORT = 8710
Engine = Annotated[
    str | None, typer.Option("--engine", metavar="NAME", help="Which engine; default: the one started last.")
]
Port = Annotated[
    int | None,
    typer.Option("--port", min=0, max=65_535, help="0: any free port. Default: the standard port, if free."),
]


def pad(
    node: Annotated[str | None, typer.Option("--node", help="Which map; default: the first.")] = None,
    port: Port = None,
    reach: Annotated[
        str,
        typer.Option(
            "--open", metavar="ADDRESS", help="Also listen on this address, for phones and tablets; 0.0.0.0: all."
        ),
    ] = LOOPBACK,
    wait: Annotated[float, typer.Option("--wait", min=0, max=60, help="Wait this many seconds for an engine.")] = 0.0,
    is_quiet: Annotated[bool, typer.Option("--quiet", help="Print only the address.")] = False,
    shows_code: Annotated[bool, typer.Option("--code", help="Always show a QR code.")] = False,
    has_commands: Annotated[
        bool, typer.Option("--commands", help="Buttons to record, train, undo and recall snapshots.")
    ] = False,
    engine: Engine = None,
    token_file: Annotated[
        Path | None, typer.Option("--token-file", help="Keep the token here, so that the address stays the same.")
    ] = None,
) -> int:
    """Play the map of what runs now from a browser: pen, fingers or mouse.

    Shows the terrain, its lines and the playheads; sends position and pressure. Needs an engine that runs
    (latent-terrain run, or the editor). Only this computer can reach it unless --open says otherwise, and only with the
    token in the address. Ctrl-C ends it and lets the map walk on.
    """
    from ...engine.missing_package import MissingError, need

    try:
        need("aiohttp", "pad", "pad")
    except MissingError as error:
        raise Failure(str(error), RUN) from None
    import asyncio

    from ...engine import load_palette
    from ..control.dispatcher import Dispatcher
    from ..control.pad.commands import PadCommands
    from ..control.pad.server import PadServer
    from ..control.pad.surface import PadError, Surface

    token = os.environ.get(TOKEN, "") if token_file is None else kept_token(token_file)
    client = attached(wait, engine)
    client.subscribe(("readings", "status") if has_commands else ("readings",))
    dispatcher: Dispatcher | None = None
    try:
        palette = load_palette()
        surface = Surface(client, palette, node)
        if has_commands:
            dispatcher = Dispatcher(client, palette, Path(client.address.patch or ".").absolute().parent, None, say)
        server = PadServer(surface, token, say, PadCommands(dispatcher) if dispatcher is not None else None)
        return asyncio.run(_serve(server, Following(client, "the pad"), reach, port, is_quiet, shows_code))
    except PadError as error:
        raise Failure(str(error), USAGE) from None
    finally:
        if dispatcher is not None:
            dispatcher.close()
        client.close()


def attached(wait: float, name: str | None = None) -> "Client":
    """A client of what plays, the newest engine or the one of a name, waited for so many seconds. Raises Failure."""
    from ...engine.session import Client, EngineGone
    from ...engine.session.registry import find_engines, in_words, named

    end = time.monotonic() + wait
    while True:
        one = named(name) if name is not None else None
        try:
            if name is not None and one is None:
                raise EngineGone(f"no engine named {name}; there {in_words(find_engines())}")
            return Client.attach(one, heard=lambda news: None)
        except EngineGone as error:
            if time.monotonic() >= end:
                raise Failure(str(error), RUN) from None
            time.sleep(0.05)


async def opened_at(start: Callable[[str, int], Awaitable[int]], host: str, asked: int | None, usual: int) -> int:
    """The port that a server got: the one that was asked for; else the usual one or, taken, any. Raises Failure."""
    if asked is None:
        try:
            return await start(host, usual)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise Failure(f"nothing can be served at {host} ({error.strerror or error})", USAGE) from None
            say(f"port {usual} is in use; using another")
    try:
        return await start(host, asked or 0)
    except OSError as error:
        is_taken = error.errno == errno.EADDRINUSE
        why = f"is in use at {host}" if is_taken else f"can't be opened at {host} ({error.strerror or error})"
        raise Failure(f"port {asked or 0} {why}; choose another, or name none for a free one", USAGE) from None


async def _serve(
    server: "PadServer", follows: Following, host: str, port: int | None, is_quiet: bool, shows_code: bool
) -> int:
    found = await opened_at(server.start, host, port, PORT)
    shown = _own_address() if host not in (LOOPBACK, "localhost", "::1") else host
    address = f"http://{shown}:{found}/?token={server.token}"
    tell_ready(address, found)
    if not is_quiet:
        if shown != host or host != LOOPBACK:
            say(f"open to the network at {host}, port {found}: anyone with this address can play")
            shows_code = True
        if shows_code:
            _show_code(address)
        say(f"browser pad is on, playing {server.surface.node}; Ctrl-C stops it")
    try:
        return await until_the_end(follows)
    finally:
        await server.stop()


async def until_the_end(follows: Following) -> int:
    """Serve until somebody ends it, or its engine has."""
    import asyncio
    import threading

    from ...engine.processes.alive import stop_signals

    ended = threading.Event()
    for number in stop_signals():
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await asyncio.to_thread(follows.stay, ended)
    return 0


def _own_address() -> str:
    """This computer's address as its network sees it; nothing is sent to find it out."""
    import socket

    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return LOOPBACK


def _show_code(address: str) -> None:
    try:
        import segno
    except ImportError:
        return
    import io

    text = io.StringIO()
    segno.make(address, error="l").terminal(out=text, compact=True)
    say(*text.getvalue().splitlines())  # each by itself, as an end of a line in a line is shown as an escape
