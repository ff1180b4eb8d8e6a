"""How long a touch on the pad takes to the engine: socket, pad process, link, and how many a second it bears.

Prints median and 99th percentile at 100 and at 1000 messages a second, over loopback, beside a bare socket's echo in
the same run. Run: python benchmarks/pad_latency.py
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time

import aiohttp
import numpy as np
from aiohttp import web

os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp()

from latent_terrain.engine.declare import Scalar
from latent_terrain.engine.session.player_protocol import Silence
from latent_terrain.engine.session.server import Server
from latent_terrain.graphs import Patch, load_file
from latent_terrain.graphs.starters import STARTERS

SECONDS = 5.0


class Listener(Silence):
    """The side of the engine that notes when a hand arrives."""

    def __init__(self, patch: Patch) -> None:
        super().__init__(patch)
        self.player = self
        self.arrived: dict[float, float] = {}

    def turn(self, node: str, param: str, value: Scalar, seconds: float = 0.0, at: float = 0.0) -> None:
        """Note it."""
        if param == "hand_x":
            self.arrived[round(float(str(value)), 6)] = time.perf_counter()

    def look_after(self, now: float) -> list[object]:
        """Nothing happens."""
        return []


async def touches(address: str, rate: int, listener: Listener) -> list[float]:
    """Send touches at a rate, each at a place of its own; gives how long each took in ms."""
    sent: dict[float, float] = {}
    count = round(SECONDS * rate)
    async with aiohttp.ClientSession() as session, session.ws_connect(address.replace("/?", "/touch?")) as device:
        begin = time.perf_counter()
        for number in range(count):
            share = (number + 1) / (count + 2)
            place = round(-16 + share * 32, 6)
            await asyncio.sleep(max(0.0, begin + number / rate - time.perf_counter()))
            sent[place] = time.perf_counter()
            await device.send_json({"touch": [[1, (place + 16) / 32, 0.5, 0.5, 0, 0]]})
        await asyncio.sleep(0.5)
    return [1000 * (listener.arrived[place] - at) for place, at in sent.items() if place in listener.arrived]


async def echoes(rate: int) -> list[float]:
    """The same through a bare echo on a socket of this process, there and back, halved."""

    async def answer(request: web.Request) -> web.WebSocketResponse:
        device = web.WebSocketResponse()
        await device.prepare(request)
        async for message in device:
            await device.send_str(message.data)
        return device

    app = web.Application()
    app.add_routes([web.get("/", answer)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    taken = []
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as device:
        for _ in range(200):
            begin = time.perf_counter()
            await device.send_str("x")
            await device.receive()
            taken.append(500 * (time.perf_counter() - begin))
            await asyncio.sleep(1 / rate)
    await runner.cleanup()
    return taken


def main() -> None:
    """Print the figures."""
    listener = Listener(load_file(STARTERS["walk"].file))
    server = Server(listener)
    command = [sys.executable, "-m", "latent_terrain.ui.cli", "pad", "--port", "0", "--quiet"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    bare = asyncio.run(echoes(100))
    print(f"bare socket, one way: median {np.median(bare):.2f} ms")
    for rate in (100, 1000):
        taken = asyncio.run(touches(address, rate, listener))
        arrived = len(taken) / (SECONDS * rate)
        marks = np.percentile(taken, [50, 99])
        print(
            f"{rate} touches a second: median {marks[0]:.2f} ms, 99 % {marks[1]:.2f} ms; "
            f"{arrived:.0%} applied, the others overtaken by newer ones"
        )
    process.terminate()
    process.wait(10)
    server.close()


if __name__ == "__main__":
    main()
