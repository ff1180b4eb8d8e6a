"""OSCQuery over real HTTP and WebSocket: the tree, values as they change, values taken in."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

aiohttp = pytest.importorskip("aiohttp", reason="OSCQuery needs aiohttp")

from latent_terrain.engine import load_palette  # noqa: E402
from latent_terrain.graphs import add_node, load_file  # noqa: E402
from latent_terrain.graphs.starters import STARTERS  # noqa: E402
from latent_terrain.ui.control.oscquery.server import QueryServer  # noqa: E402
from tests.engine.sources.osc.words import message  # noqa: E402
from tests.ui.control.toy_playing import Held  # noqa: E402

PALETTE = load_palette()


def served(check: Callable[[Any, str, Held, QueryServer], Awaitable[None]]) -> None:
    async def run() -> None:
        held = Held(load_file(STARTERS["walk"].file))
        server = QueryServer(held, PALETTE, osc_port=9000)
        port = await server.start("127.0.0.1", 0)
        try:
            async with aiohttp.ClientSession() as session:
                await asyncio.wait_for(check(session, f"http://127.0.0.1:{port}", held, server), 60)
        finally:
            await server.stop()

    asyncio.run(run())


async def json_of(session: Any, address: str, status: int = 200) -> Any:
    async with session.get(address) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json() if status == 200 else None


def test_the_tree_tells_ranges_units_values_and_meanings() -> None:
    async def check(session: Any, at: str, held: Held, server: QueryServer) -> None:
        whole = await json_of(session, f"{at}/")
        rate = whole["CONTENTS"]["node"]["CONTENTS"]["map"]["CONTENTS"]["rate"]
        about = PALETTE.specs["gui"].params["rate"]
        assert rate["FULL_PATH"] == "/node/map/rate"
        assert (rate["TYPE"], rate["VALUE"], rate["ACCESS"]) == ("f", [1.0], 3)
        assert rate["RANGE"] == [{"MIN": about.low, "MAX": about.high}]
        assert rate["DESCRIPTION"] == about.help
        assert await json_of(session, f"{at}/node/map/rate") == rate
        mode = await json_of(session, f"{at}/node/map/mode")
        assert mode["TYPE"] == "s"
        assert "orbit" in mode["RANGE"][0]["VALS"]
        assert (await json_of(session, f"{at}/node/map/playing"))["TYPE"] == "T"
        assert (await json_of(session, f"{at}/node/out/level"))["UNIT"] == ["dB"]

    served(check)


def test_attributes_and_the_host_can_be_asked_for() -> None:
    async def check(session: Any, at: str, held: Held, server: QueryServer) -> None:
        assert await json_of(session, f"{at}/node/map/rate?VALUE") == {"VALUE": [1.0]}
        info = await json_of(session, f"{at}/?HOST_INFO")
        assert (info["OSC_PORT"], info["OSC_TRANSPORT"]) == (9000, "UDP")
        assert info["EXTENSIONS"]["LISTEN"]
        await json_of(session, f"{at}/node/map/playing?UNIT", 204)
        await json_of(session, f"{at}/node/nobody", 404)
        await json_of(session, f"{at}/node/map/rate?SECRET", 400)
        await json_of(session, f"{at}/../../etc/passwd", 404)

    served(check)


def test_values_are_told_as_they_change_and_paths_as_they_come() -> None:
    async def check(session: Any, at: str, held: Held, server: QueryServer) -> None:
        async with session.ws_connect(at) as socket:
            await socket.send_json({"COMMAND": "LISTEN", "DATA": "/node/map"})
            await socket.send_bytes(message("/node/out/level", -12.0))
            while held.patch.nodes["out"].values.get("level") != -12.0:
                await asyncio.sleep(0.005)
            held.turn("map", "rate", 2.0)
            assert (await socket.receive_bytes()).startswith(b"/node/map/rate")
            held.edit(lambda patch: add_node(patch, "sine", name="new"))
            assert await socket.receive_json() == {"COMMAND": "PATH_CHANGED", "DATA": "/"}
            await socket.send_json({"COMMAND": "IGNORE", "DATA": "/node/map"})
            await socket.send_json({"COMMAND": "LISTEN", "DATA": "/node/out/level"})
            await socket.send_bytes(message("/node/new/frequency", 100.0))
            while held.patch.nodes["new"].values.get("frequency") != 100.0:
                await asyncio.sleep(0.005)
            held.turn("map", "rate", 3.0)
            held.turn("out", "level", -3.0)
            assert (await socket.receive_bytes()).startswith(b"/node/out/level")

    served(check)


def test_nonsense_and_other_pages_cost_nothing() -> None:
    async def check(session: Any, at: str, held: Held, server: QueryServer) -> None:
        before = held.patch
        async with session.ws_connect(at) as socket:
            for odd in ("{", "[]", '{"COMMAND": "LISTEN"}', '{"COMMAND": "DANCE", "DATA": "/"}'):
                await socket.send_str(odd)
            await socket.send_bytes(b"\xff" * 100)
            await socket.send_bytes(message("/patch/load", "/etc/passwd"))
            await socket.send_bytes(message("/node/map/wings", 1.0))
            while server.ignored < 6:
                await asyncio.sleep(0.005)
        assert held.patch is before
        async with session.get(at, headers={"Origin": "http://elsewhere.example"}) as answer:
            assert answer.status == 403

    served(check)


def test_whether_sound_is_made_can_be_read_and_not_set() -> None:
    async def check(session: Any, at: str, held: Held, server: QueryServer) -> None:
        for is_playing in (False, True):
            held.latest_status = {"is_playing": is_playing}
            leaf = await json_of(session, f"{at}/status/is_playing")
            assert (leaf["VALUE"], leaf["ACCESS"]) == ([is_playing], 1)
            assert (await json_of(session, f"{at}/"))["CONTENTS"]["status"]["CONTENTS"]["is_playing"] == leaf

    served(check)
