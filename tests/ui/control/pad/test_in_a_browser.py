"""The pad in a real browser: a pen presses, and the engine gets place and pressure."""

import asyncio
import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latent_terrain.ui.control.pad.surface import Surface

from .playing import PALETTE, Told, walk

aiohttp = pytest.importorskip("aiohttp", reason="the pad needs aiohttp: pip install '.[pad]'")
from latent_terrain.ui.control.pad.server import PadServer  # noqa: E402

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1000,500",
    "--remote-debugging-port=0",
)
SHOWN = os.environ.get("LATENT_TERRAIN_PAD_PICTURE", "")
"""Where to keep a picture of the page, for people."""


class Browser:
    """A page of a browser, driven by its debugging protocol."""

    def __init__(self, socket: Any) -> None:
        self._socket, self._number = socket, 0

    async def do(self, method: str, **how: Any) -> dict[str, Any]:
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": how})
        while True:
            said = json.loads((await self._socket.receive()).data)
            if said.get("id") == self._number:
                assert "error" not in said, said
                result: dict[str, Any] = said["result"]
                return result

    async def value(self, script: str) -> Any:
        return (await self.do("Runtime.evaluate", expression=script, returnByValue=True))["result"].get("value")

    async def pen(self, kind: str, x: float, y: float, force: float, tilt: int = 0) -> None:
        await self.do(
            "Input.dispatchMouseEvent",
            type=kind,
            x=x,
            y=y,
            button="left",
            buttons=0 if kind == "mouseReleased" else 1,
            pointerType="pen",
            force=force,
            tiltX=tilt,
        )


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        await asyncio.sleep(0)


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: sudo apt install chromium")
def test_a_pen_on_the_page_is_the_hand_with_its_pressure() -> None:
    async def run() -> None:
        told = Told(walk())
        server = PadServer(Surface(told, PALETTE), "secret")
        port = await server.start("127.0.0.1", 0)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            assert CHROMIUM is not None
            address = f"http://127.0.0.1:{port}/?token=secret"
            process = subprocess.Popen(
                [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", address], stderr=subprocess.PIPE, text=True
            )
            try:
                await asyncio.wait_for(play(process, Path(profile), told, server), 90)
            finally:
                process.kill()
                process.wait()
                await server.stop()

    asyncio.run(run())


async def play(process: "subprocess.Popen[str]", profile: Path, told: Told, server: PadServer) -> None:
    assert process.stderr is not None
    stderr = process.stderr
    line = ""
    while "DevTools listening on" not in line:
        line = await asyncio.to_thread(stderr.readline)
        assert line, "the browser ended"
    host = line.rsplit("ws://", 1)[1].split("/", 1)[0]
    async with aiohttp.ClientSession() as session:
        pages: list[dict[str, Any]] = []
        while not pages:
            async with session.get(f"http://{host}/json/list") as answer:
                pages = [one for one in await answer.json() if one["type"] == "page" and "token" in one["url"]]
        async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
            page = Browser(socket)
            await until(lambda: bool(server.devices))
            while not await page.value("!!state && terrain.naturalWidth > 0"):
                await asyncio.sleep(0)
            told.places = np.array([[4.0, -1.0]], np.float32)
            box = await page.value(
                "(() => { const f = frame(), s = canvas.width / innerWidth; "
                "return [f.x / s, f.y / s, f.width / s, f.height / s] })()"
            )
            left, top, width, height = box
            await page.pen("mousePressed", left + width * 0.25, top + height * 0.5, 0.3, 20)
            await until(lambda: bool(told.turns))
            assert told.turns[0] == ("map", "mode", "hand")
            await page.pen("mouseMoved", left + width * 0.75, top + height * 0.25, 0.8)
            await until(lambda: float(told.last("hand_x")) > 0)
            assert told.last("hand_x") == pytest.approx(8.0, abs=0.1)
            assert told.last("hand_y") == pytest.approx(-2.0, abs=0.1)
            assert told.last("pressure") == pytest.approx(0.8, abs=0.01)
            if SHOWN:
                data = (await page.do("Page.captureScreenshot"))["data"]
                Path(SHOWN).write_bytes(base64.b64decode(data))
            await page.pen("mouseReleased", left + width * 0.75, top + height * 0.25, 0.0)
            await until(lambda: told.last("pressure") == 0.0)
            while await page.value("heads.length") != 1:
                await asyncio.sleep(0)
            await page.value("document.getElementById('walk').click()")
            await until(lambda: told.last("mode") != "hand")
