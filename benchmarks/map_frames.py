"""What a frame costs while a canvas is drawn on and played: the window's thread, beside drawing all of it anew.

Run: xvfb-run -a -s "-screen 0 1440x900x24" .venv/bin/python benchmarks/map_frames.py [--json]   (or on any desktop)
The map alone in the window: 20 lines of 500 points, the land under it at 1024 x 512, four playheads with their trails.
CPU milliseconds of the window's thread per frame, mean of 40 frames (a library without GPU draws on that thread too):
standing still, playheads moving, a joint dragged, pulled, zoomed, a new picture of the land in every frame; beside an
empty window, and the baseline that draws everything anew. Then the time to the land's first and finest picture.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np

os.environ.setdefault("XDG_CONFIG_HOME", tempfile.mkdtemp())

from latent_terrain.engine.palette import load_palette
from latent_terrain.graphs import Patch, add_node, connect
from latent_terrain.nodes.gui.lines import move_joint
from latent_terrain.nodes.terrain.network import TerrainShape, initial_weights
from latent_terrain.ui.editor.app import App
from latent_terrain.ui.editor.document.desk import Desk
from latent_terrain.ui.editor.document.settings import Settings
from latent_terrain.ui.editor.panels import all_panels
from latent_terrain.ui.editor.sound.silent import SilentEditorSound
from latent_terrain.ui.terrain_image.terrain import Shown

FRAMES, LINES, POINTS = 40, 20, 500
LIMIT_SECONDS = 60.0


def canvas() -> Patch:
    """Lines of many joints on a land that is all hills."""
    random = np.random.default_rng(0)
    lines = {}
    for index in range(LINES):
        steps = random.normal(0, 0.05, (POINTS, 2)).cumsum(0) * (1.0, 0.4)
        lines[f"lines/{index:04d}"] = (steps + random.uniform((-12, -3), (12, 3))).clip((-16, -4), (16, 4)).astype("f4")
    weights = {f"learn/{name}": one for name, one in initial_weights(TerrainShape(2, 16), 3).items()}
    patch = add_node(Patch(), "gui", name="map", content=lines)
    patch = add_node(patch, "terrain", name="land", content=weights, position=(400, 0))
    return connect(patch, "map.xy", "land.position")


def cost(app: App, before: Callable[[int], object]) -> float:
    """Mean CPU milliseconds of the window's thread."""
    for index in range(5):
        before(index)
        app.frame()
    spent = 0.0
    for index in range(FRAMES):
        start = time.thread_time()
        before(index)
        app.frame()
        spent += time.thread_time() - start
    return 1000 * spent / FRAMES


def until(app: App, is_so: Callable[[], bool]) -> float:
    """Seconds until something is so."""
    began = time.monotonic()
    while not is_so() and time.monotonic() - began < LIMIT_SECONDS:
        app.frame()
        time.sleep(0.002)
    return time.monotonic() - began


def measure() -> dict[str, Any]:
    sound = SilentEditorSound()
    desk = Desk(load_palette(), sound, Settings(window=[1440, 900], panels=[], learns_by_itself=False))
    app = App(desk, all_panels(), is_framed=False)
    panel = app.map
    assert panel is not None
    desk.begin(canvas())
    found: dict[str, Any] = {"an empty window": cost(app, lambda index: None)}
    desk.settings.panels.append("map")
    desk.maps.way = "full"
    app.frame()
    land = panel.images.terrain
    found["first picture, s"] = until(app, lambda: land.picture is not None)
    until(app, lambda: land.picture is not None and land.picture.coarser == 1)
    hand = desk.maps.current
    assert hand is not None
    sheet = hand.sheet
    sound.switch(True)

    def play(index: int) -> None:
        angles = index / 20 + np.arange(4)
        sound.readings["map", "places"] = np.stack([12 * np.cos(angles), 3 * np.sin(angles)], 1).astype(np.float32)

    def drag(index: int) -> None:
        play(index)
        path = sheet.drawing.lines[3]
        sheet.lay(3, move_joint(path, 250, path.anchors[250] + (0.02, 0.01)), "move a joint", "drag")  # type: ignore[arg-type, union-attr]

    def pull(index: int) -> None:
        play(index)
        sheet.view = sheet.view.panned((5.0 if index % 2 else -5.0, 0.0))

    def zoom(index: int) -> None:
        play(index)
        sheet.view = sheet.view.zoomed(1.02 if index % 2 else 1 / 1.02, (500.0, 250.0))

    def learn(index: int) -> None:
        play(index)
        shown = land.picture
        assert shown is not None
        land._shown = Shown(shown.pixels.copy(), shown.view, shown.legend, 1)  # what the painting process would send

    def anew(index: int) -> None:
        play(index)
        panel.restyle()

    picture = land.picture
    assert picture is not None
    found["the land's picture"] = list(picture.pixels.shape[:2])
    for name, act in (
        ("still", lambda index: None),
        ("four playheads", play),
        ("a joint dragged", drag),
        ("pulled", pull),
        ("zoomed", zoom),
        ("a new land every frame", learn),
        ("baseline: all drawn anew", anew),
    ):
        found[name] = cost(app, act)
        until(app, lambda: not land.is_busy)
    app.close()
    desk.close()
    return found


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--json", action="store_true")
    asked = words.parse_args()
    found = measure()
    if asked.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name}: {value:.1f} ms" if isinstance(value, float) and name[-1] != "s" else f"{name}: {value}")


if __name__ == "__main__":
    main()
