"""The pad's server: whoever has the token may play, nobody else, and nothing that comes does harm."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest

from latent_terrain.ui.control.pad.surface import Surface

from .playing import PALETTE, Told, walk

aiohttp = pytest.importorskip("aiohttp", reason="the pad needs aiohttp: pip install '.[pad]'")
from latent_terrain.ui.control.pad.server import MOST_BYTES, MOST_DEVICES, PadServer  # noqa: E402

Session = Any
Test = Callable[[Session, str, PadServer, Told], Awaitable[None]]


def served(test: Test) -> None:
    """Run a test against a pad on a free port of this computer."""

    async def run() -> None:
        told = Told(walk())
        server = PadServer(Surface(told, PALETTE), "secret")
        port = await server.start("127.0.0.1", 0)
        try:
            async with aiohttp.ClientSession() as session:
                await asyncio.wait_for(test(session, f"http://127.0.0.1:{port}", server, told), 30)
        finally:
            await server.stop()

    asyncio.run(run())


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        await asyncio.sleep(0)


def test_the_page_and_the_land_are_there_for_whoever_has_the_token() -> None:
    async def test(session: Session, address: str, server: PadServer, told: Told) -> None:
        async with session.get(f"{address}/?token=secret") as answer:
            assert answer.status == 200
            assert "Latent Terrain" in await answer.text()
            assert answer.headers["Referrer-Policy"] == "no-referrer"
        async with session.get(f"{address}/terrain.png?token=secret") as answer:
            assert (await answer.read())[:4] == b"\x89PNG"

    served(test)


@pytest.mark.parametrize(
    "path", ["/", "/terrain.png", "/touch", "/?token=wrong", "/?token=", "/../etc/passwd", "/%2e%2e/x"]
)
def test_without_the_token_there_is_nothing(path: str) -> None:
    async def test(session: Session, address: str, server: PadServer, told: Told) -> None:
        async with session.get(address + path) as answer:
            assert answer.status == 403
        assert server.refused == 1

    served(test)


def test_another_page_may_not_use_it_even_with_the_token() -> None:
    async def test(session: Session, address: str, server: PadServer, told: Told) -> None:
        async with session.get(f"{address}/?token=secret", headers={"Origin": "http://evil.example"}) as answer:
            assert answer.status == 403

    served(test)


def test_a_device_is_told_all_and_then_what_changes_and_its_touch_is_the_hand() -> None:
    async def test(session: Session, address: str, server: PadServer, told: Told) -> None:
        async with session.ws_connect(f"{address}/touch?token=secret") as device:
            first = await device.receive_json()
            assert len(first["state"]["lines"]) >= 8
            told.places = np.array([[3.0, 1.0]], np.float32)
            assert (await device.receive_json())["heads"] == [[3.0, 1.0]]
            await device.send_json({"touch": [[1, 0.75, 0.5, 0.6, 0, 0]]})
            await until(lambda: bool(told.turns) and told.turns[-1][1] == "pressure")
            assert (told.last("hand_x"), told.last("pressure")) == (8.0, 0.6)
            await device.send_json({"do": "let go"})
            await until(lambda: told.last("mode") != "hand")
        await until(lambda: not server.devices)

    served(test)


def test_when_the_last_device_leaves_the_hand_is_lifted() -> None:
    async def test(session: Session, address: str, server: PadServer, told: Told) -> None:
        device = await session.ws_connect(f"{address}/touch?token=secret")
        await device.send_json({"touch": [[1, 0.5, 0.5, 0.6, 0, 0]]})
        await until(lambda: bool(told.turns))
        await device.close()
        await until(lambda: told.last("pressure") == 0.0)
        assert told.last("mode") == walk().nodes["map"].values["mode"]

    served(test)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"touch": 3}', '{"do": "format"}', '{"touch": [[1,2]]}', "x" * 30_000]
)
def test_what_makes_no_sense_is_counted_and_the_device_plays_on(text: str) -> None:
    async def test(session: Session, address: str, server: PadServer, told: Told) -> None:
        async with session.ws_connect(f"{address}/touch?token=secret") as device:
            await device.send_str(text)
            await device.send_json({"touch": [[1, 0.5, 0.5, 0.6, 0, 0]]})
            await until(lambda: bool(told.turns))
            assert server.surface.ignored == 1

    served(test)


def test_a_message_that_is_too_large_ends_its_own_device_only() -> None:
    async def test(session: Session, address: str, server: PadServer, told: Told) -> None:
        async with (
            session.ws_connect(f"{address}/touch?token=secret") as good,
            session.ws_connect(f"{address}/touch?token=secret") as bad,
        ):
            await bad.send_str("x" * (MOST_BYTES + 1))
            while not bad.closed:
                await bad.receive()
            await good.send_json({"touch": [[1, 0.5, 0.5, 0.6, 0, 0]]})
            await until(lambda: bool(told.turns))

    served(test)


def test_there_is_a_limit_to_devices() -> None:
    async def test(session: Session, address: str, server: PadServer, told: Told) -> None:
        devices = [await session.ws_connect(f"{address}/touch?token=secret") for _ in range(MOST_DEVICES)]
        await until(lambda: len(server.devices) == MOST_DEVICES)
        late = await session.ws_connect(f"{address}/touch?token=secret")
        assert (await late.receive()).type == aiohttp.WSMsgType.CLOSE
        for device in devices:
            await device.close()

    served(test)


def test_a_thousand_events_in_batches_arrive_in_order() -> None:
    async def test(session: Session, address: str, server: PadServer, told: Told) -> None:
        async with session.ws_connect(f"{address}/touch?token=secret") as device:
            for batch in range(100):
                events = [[1, (batch * 10 + k) / 1000, 0.5, 0.5, 0, 0] for k in range(10)]
                await device.send_str(json.dumps({"touch": events}))
            await until(lambda: sum(name == "hand_x" for _, name, _ in told.turns) == 100)
            xs = [float(value) for _, name, value in told.turns if name == "hand_x"]
            assert xs == sorted(xs)
            assert xs[-1] == pytest.approx(-16 + 0.999 * 32)

    served(test)


def test_there_are_buttons_only_where_they_are_allowed() -> None:
    async def test(session: Session, address: str, server: PadServer, told: Told) -> None:
        async with session.ws_connect(f"{address}/touch?token=secret") as device:
            assert "commands" not in await device.receive_json()
            await device.send_json({"command": ["/undo"]})
            await until(lambda: server.surface.ignored == 1)
        server.commands = Buttons()  # type: ignore[assignment]
        async with session.ws_connect(f"{address}/touch?token=secret") as device:
            assert (await device.receive_json())["commands"] == {"can_record": True}
            await device.send_json({"command": ["/undo"]})
            await until(lambda: server.commands.done == [["/undo"]])  # type: ignore[union-attr]
            await device.send_json({"command": ["/patch/load", "x"]})
            await until(lambda: server.surface.ignored == 2)

    served(test)


class Buttons:
    def __init__(self) -> None:
        self.done: list[Any] = []

    def shown(self) -> dict[str, Any]:
        return {"can_record": True}

    def do(self, said: Any) -> bool:
        self.done += [said] if said == ["/undo"] else []
        return said == ["/undo"]
