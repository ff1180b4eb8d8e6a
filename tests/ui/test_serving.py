"""The pad's and OSCQuery's doors: whose name is meant, how long a connection may say nothing, how many there may be."""

import asyncio
import logging
import random
import socket
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

aiohttp = pytest.importorskip("aiohttp", reason="the pad and OSCQuery need aiohttp")
from latent_terrain.engine import load_palette  # noqa: E402
from latent_terrain.graphs import set_value, set_view  # noqa: E402
from latent_terrain.ui.control.oscquery.server import QueryServer  # noqa: E402
from latent_terrain.ui.control.pad.server import PadServer  # noqa: E402
from latent_terrain.ui.control.pad.surface import Surface  # noqa: E402
from latent_terrain.ui.web import connections  # noqa: E402
from latent_terrain.ui.web import service as serving  # noqa: E402
from tests.engine.sources.osc.words import message  # noqa: E402

from ..wild import FEW, mutated, value  # noqa: E402
from .control.pad.playing import Told, walk  # noqa: E402
from .control.toy_playing import Held  # noqa: E402

PALETTE = load_palette()
Check = Callable[[int, Any, Any], Awaitable[None]]


def served(what: str, check: Check) -> list[str]:
    """Run a check against a server on a free port: port, server, what it plays. Gives what was said."""
    said: list[str] = []

    async def run() -> None:
        playing: Any = Held(walk()) if what == "oscquery" else Told(walk())
        server: Any = (
            QueryServer(playing, PALETTE, 9000, said.append)
            if what == "oscquery"
            else PadServer(Surface(playing, PALETTE), "secret", said.append)
        )
        port = await server.start("127.0.0.1", 0)
        try:
            await asyncio.wait_for(check(port, server, playing), 120)
        finally:
            await server.stop()

    asyncio.run(run())
    return said


def head(port: int, host: str, *lines: str, path: str = "/?token=secret") -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: close", *lines, "", ""]).encode()


async def said_to(port: int, words: bytes) -> bytes:
    """All that is answered until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(words)
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0


@pytest.mark.parametrize("what", ["pad", "oscquery"])
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:{port}", 200),
        ("LocalHost", 200),
        ("127.0.0.1:{port}", 200),
        ("[::1]:{port}", 200),
        ("evil.example", 403),
        ("evil.example:{port}", 403),
        ("127.0.0.1.evil.example:{port}", 403),
        ("localhost.evil.example", 403),
        ("192.0.2.1:{port}", 403),
        ("", 403),
        ("[", 403),
    ],
)
def test_only_who_means_this_machine_is_answered(what: str, host: str, status: int) -> None:
    """A page whose name was made to mean this machine has its own name in ``Host``: it is another's."""

    async def check(port: int, server: Any, playing: Any) -> None:
        name = host.format(port=port)
        assert status_of(await said_to(port, head(port, name))) == status
        upgrade = ("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")
        if status == 403:
            answer = await said_to(
                port, head(port, name, *upgrade, f"Origin: http://{name}", path="/touch?token=secret")
            )
            assert status_of(answer) == 403
            assert b"Unknown host name" in answer

    served(what, check)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1"])
def test_a_socket_of_another_page_is_refused(origin: str) -> None:
    async def check(port: int, server: Any, playing: Any) -> None:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(f"http://127.0.0.1:{port}/", headers={"Origin": origin})
            own = {"Origin": f"http://127.0.0.1:{port}"}
            async with session.ws_connect(f"http://127.0.0.1:{port}/", headers=own) as socket_:
                await socket_.send_bytes(message("/node/out/level", -12.0))
                while playing.patch.nodes["out"].values.get("level") != -12.0:
                    await asyncio.sleep(0)

    served("oscquery", check)


@pytest.mark.parametrize("what", ["pad", "oscquery"])
@pytest.mark.parametrize("words", [b"", b"GET / HTTP/1.1\r\nHost: loc", b"GET / HT"])
def test_connections_that_say_nothing_are_closed(what: str, words: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.05)

    async def check(port: int, server: Any, playing: Any) -> None:
        assert await asyncio.gather(*(said_to(port, words) for _ in range(40))) == [b""] * 40
        assert len(server._serving.connections) == 0

    served(what, check)


def test_one_that_asks_byte_by_byte_does_not_stay_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)

    async def check(port: int, server: Any, playing: Any) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            while not reader.at_eof():
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0)
        except ConnectionError:
            pass
        assert len(server._serving.connections) == 0
        writer.close()

    served("oscquery", check)


def test_an_answer_that_nobody_takes_and_one_that_waits_for_another_question_are_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.05)

    async def check(port: int, server: Any, playing: Any) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head(port, "localhost").replace(b"Connection: close\r\n", b""))
        assert status_of(await reader.read()) == 200, "it is answered, and then closed"
        writer.close()

    served("oscquery", check)


@pytest.mark.parametrize("what", ["pad", "oscquery"])
def test_a_crowd_keeps_nobody_out_and_goes_when_it_is_too_large(what: str) -> None:
    async def check(port: int, server: Any, playing: Any) -> None:
        crowd = [await asyncio.open_connection("127.0.0.1", port) for _ in range(400)]
        assert len(server._serving.connections) <= connections.MOST_OF_ADDRESS
        assert status_of(await said_to(port, head(port, "localhost"))) == 200
        for _, writer in crowd:
            writer.close()
        while len(server._serving.connections):
            await asyncio.sleep(0)

    served(what, check)


def test_devices_that_play_are_not_sent_away_by_a_crowd() -> None:
    async def check(port: int, server: Any, playing: Any) -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(f"http://127.0.0.1:{port}/") as device:
            crowd = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]
            await device.send_bytes(message("/node/out/level", -12.0))
            while playing.patch.nodes["out"].values.get("level") != -12.0:
                await asyncio.sleep(0)
            for _, writer in crowd:
                writer.close()

    served("oscquery", check)


def test_one_that_takes_nothing_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "SEND_SECONDS", 0.2)

    async def check(port: int, server: Any, playing: Any) -> None:
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", port))
        upgrade = ("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")
        words = head(port, "localhost", *upgrade, path="/touch?token=secret")
        deaf.sendall(words.replace(b"Connection: close", b"Connection: Upgrade"))
        while not server.devices:
            await asyncio.sleep(0)
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"http://127.0.0.1:{port}/touch?token=secret", max_msg_size=0) as well,
        ):
            playing.edit(lambda patch: set_view(patch, "x", 0))
            number = 0
            while len(server.devices) > 1:
                number += 1
                playing.edit(partial(set_view, key="x", value=number))
                await well.receive()
        deaf.close()

    served("pad", check)


def test_the_log_has_a_rate_and_tells_what_it_left_out(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(serving.time, "monotonic", lambda: now[0])
    by_rate = serving._ByRate()
    entry = lambda: logging.LogRecord("asyncio", logging.ERROR, "", 1, "accept failed %s", ("x",), None)  # noqa: E731
    passed = [by_rate.filter(entry()) for _ in range(1000)]
    assert sum(passed) == serving.LOGGED
    assert by_rate.filter(logging.LogRecord("asyncio", logging.ERROR, "", 1, "something else", (), None))
    now[0] = serving.LOG_SECONDS
    late = entry()
    assert by_rate.filter(late)
    assert "995 more like it" in late.getMessage()


@pytest.mark.parametrize("box", [["a", 0, 1, 1], [0, 0, 1], "box", {"a": 1}, [None] * 4, [0, 0, 0, 0], [True] * 4])
def test_a_box_that_is_none_does_not_end_what_devices_are_told(box: Any) -> None:
    async def check(port: int, server: Any, playing: Any) -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"http://127.0.0.1:{port}/touch?token=secret") as device,
        ):
            await device.receive_json()
            playing.edit(lambda patch: set_value(patch, "map", "box", box))
            assert (await device.receive_json())["state"]["box"] == [-16.0, -4.0, 16.0, 4.0]
            await device.send_json({"touch": [[1, 0.75, 0.5, 0.6, 0, 0]]})
            playing.edit(lambda patch: set_value(patch, "map", "box", [-1, -1, 1, 1]))
            while (await device.receive_json()).get("state", {}).get("box") != [-1.0, -1.0, 1.0, 1.0]:
                pass

    served("pad", check)


def test_an_error_in_what_is_shown_is_said_once_and_the_next_state_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(port: int, server: Any, playing: Any) -> None:
        state = server.surface.state
        failing, failed = [True], asyncio.Event()

        def fail() -> dict[str, Any]:
            if failing[0]:
                failed.set()
                raise RuntimeError("no such thing")
            found: dict[str, Any] = state()
            return found

        server.surface.state = fail
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"http://127.0.0.1:{port}/touch?token=secret") as device,
        ):
            await device.receive_json()
            await failed.wait()
            failing[0] = False
            while not (await device.receive_json()).get("state"):
                pass

    said = served("pad", check)
    assert len(said) == 1


@pytest.mark.parametrize("what", ["pad", "oscquery"])
@pytest.mark.parametrize("cases", [FEW, pytest.param(4 * FEW, marks=pytest.mark.slow)])
def test_after_anything_that_comes_it_answers(what: str, cases: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)  # for what is half said is waited
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.5)
    chance = random.Random(cases)
    path = "/touch?token=secret" if what == "pad" else "/"

    async def check(port: int, server: Any, playing: Any) -> None:
        async with aiohttp.ClientSession() as session:
            device = await session.ws_connect(f"http://127.0.0.1:{port}{path}")
            for number in range(cases):
                if device.closed:
                    device = await session.ws_connect(f"http://127.0.0.1:{port}{path}")
                await one(device, number)
                if number % (cases // FEW * 10) == 0:  # some wait until the server's patience is over
                    await said_to(port, mutated(chance, head(port, "localhost")) + b"\r\n\r\n")
                if number % 50 == 0:
                    await is_there(session, port, playing)
            await is_there(session, port, playing)
            await device.close()

    async def one(device: Any, number: int) -> None:
        kind = chance.randrange(6)
        if kind == 0:
            await device.send_bytes(mutated(chance, message("/node/out/level", -12.0, "a", 3)))
        elif kind == 1:
            await device.send_str("[" * chance.randrange(20_000))
        elif kind == 2:
            await device.send_str(text({"COMMAND": chance.choice(("LISTEN", "IGNORE", 3)), "DATA": value(chance)}))
        elif kind == 3:
            await device.send_str(text({"touch": [[value(chance) for _ in range(6)], value(chance)]}))
        elif kind == 4:
            await device.send_str(text({"touch": [[chance.randrange(12), 0.5, 0.5, chance.choice((0, 1)), 0, 0]]}))
        else:
            await device.send_str(text({"do": value(chance), "touch": value(chance)}))

    async def is_there(session: Any, port: int, playing: Any) -> None:
        async with session.ws_connect(f"http://127.0.0.1:{port}{path}") as well:
            if what == "pad":
                assert (await well.receive_json())["state"]
            else:
                level = chance.uniform(-60, 0)
                await well.send_bytes(message("/node/out/level", level))
                while abs(playing.patch.nodes["out"].values.get("level", 0.0) - level) > 1e-3:
                    await asyncio.sleep(0)

    said = served(what, check)
    assert len(said) < 20


def text(thing: Any) -> str:
    """JSON, with what has no place in it as text."""
    import json

    return json.dumps(thing, default=repr)


@pytest.mark.parametrize("what", ["pad", "oscquery"])
def test_whatever_the_patch_holds_the_next_one_is_told(what: str) -> None:
    from latent_terrain.graphs.checks import EditError

    chance = random.Random(11)
    keys = ("box", "mode", "hand_x", "pad", "bar", "finger", "level", "x")

    async def check(port: int, server: Any, playing: Any) -> None:
        path = "/touch?token=secret" if what == "pad" else "/"
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"http://127.0.0.1:{port}{path}", max_msg_size=0) as device,
        ):
            await device.send_json({"COMMAND": "LISTEN", "DATA": "/node"})
            for _ in range(30):
                for _ in range(10):
                    node = chance.choice([*playing.patch.nodes])
                    try:
                        playing.edit(partial(set_value, node=node, key=chance.choice(keys), value=value(chance)))
                    except EditError:
                        continue
                await device.send_json({"touch": [[1, 0.5, 0.5, 1, 0, 0], [1, 0.5, 0.5, 0, 0, 0]]})
                if what == "oscquery":
                    async with session.get(f"http://127.0.0.1:{port}/") as answer:
                        assert answer.status == 200
                await asyncio.sleep(0.002)
            playing.edit(lambda _: set_value(walk(), "out", "level", -33.0))
            playing.edit(lambda patch: set_value(patch, "map", "box", [-2, -2, 2, 2]))
            wanted = b"/node/out/level" if what == "oscquery" else b'"box": [-2.0'
            while True:
                came = await device.receive()
                if wanted in (came.data if isinstance(came.data, bytes) else str(came.data).encode()):
                    break

    assert served(what, check) == []
