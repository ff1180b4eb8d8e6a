"""What a frame of the editor costs: the window's thread, beside a painter that draws everything anew each frame.

Run: xvfb-run -a .venv/bin/python benchmarks/editor_frames.py [--json]   (or on any desktop)
A grid of mixers and gains with two cords a node, all in sight. CPU milliseconds of the window's thread per frame, mean
of 40 frames (a library without GPU draws on that thread too): standing still, panned, zoomed, a node dragged, all
cords lively. Idle: CPU of the whole process while nothing happens, at the frame rate that the editor keeps then. Also
undo of the last edit at 200 nodes, and the start until the first frame.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np

os.environ.setdefault("XDG_CONFIG_HOME", tempfile.mkdtemp())
began = time.perf_counter()

from latent_terrain.engine.palette import load_palette  # noqa: E402
from latent_terrain.graphs import Patch, add_node, connect, move_node, remove_node  # noqa: E402
from latent_terrain.ui.editor.app import DOZING_FPS, App  # noqa: E402
from latent_terrain.ui.editor.document.desk import Desk  # noqa: E402
from latent_terrain.ui.editor.document.settings import Settings  # noqa: E402
from latent_terrain.ui.editor.panels import all_panels  # noqa: E402
from latent_terrain.ui.editor.sound.silent import SilentEditorSound  # noqa: E402
from latent_terrain.ui.surface.view import SMALLEST  # noqa: E402

FRAMES, IDLE_SECONDS = 40, 12.0
COUNTS = (100, 400)


def grid(count: int) -> Patch:
    """Nodes in rows, each fed by the two before it."""
    patch = Patch()
    for index in range(count):
        place = (index % 20 * 190.0, index // 20 * 150.0)
        patch = add_node(patch, "add" if index > 1 else "sine", f"n{index}", position=place)
    for index in range(2, count):
        patch = connect(connect(patch, f"n{index - 1}.out", f"n{index}.a"), f"n{index - 2}.out", f"n{index}.b")
    return patch


def frames(app: App, before: Callable[[int], None]) -> float:
    """Mean CPU milliseconds of the window's thread."""
    app.desk.sound.switch(True)  # with sound on, what the engine shows is looked at too
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


def scenes(app: App, desk: Desk, sound: SilentEditorSound, count: int) -> dict[str, float]:
    desk.begin(grid(count))
    desk.fit(smallest=SMALLEST)
    home = desk.view
    middle = (desk.window_size[0] / 2, desk.window_size[1] / 2)

    def pan(index: int) -> None:
        desk.view = desk.view.panned((3.0 if index % 2 else -3.0, 1.0))

    def zoom(index: int) -> None:
        desk.view = desk.view.zoomed(1.02 if index % 2 else 1 / 1.02, middle)

    def drag(index: int) -> None:
        name = f"n{count // 2}"
        x, y = desk.patch.nodes[name].position
        desk.edit(lambda patch: move_node(patch, name, (x + 2.0, y)), "move", "drag")

    def lively(index: int) -> None:
        for number in range(count):
            sound.readings[f"n{number}", "peak.out"] = np.array([(index * 7 + number) % 11 / 10], np.float32)

    def anew(index: int) -> None:
        app.canvas.restyle()

    found = {}
    for name, act in (("still", lambda index: None), ("panned", pan), ("zoomed", zoom), ("a node dragged", drag)):
        desk.view = home
        found[name] = frames(app, act)
    desk.view = home
    found["cords lively"] = frames(app, lively)
    sound.readings.clear()
    found["baseline: all drawn anew"] = frames(app, anew)
    return found


def idle_share(app: App) -> float:
    """CPU of the whole process, of one core, while nothing happens."""
    app.desk.sound.switch(False)
    start, began = time.process_time(), time.perf_counter()
    while time.perf_counter() - began < IDLE_SECONDS:
        app.frame()
        if not app.rest():
            time.sleep(1 / DOZING_FPS)
    return (time.process_time() - start) / (time.perf_counter() - began)


def undo_ms(desk: Desk) -> float:
    """Undo of a deletion at 200 nodes, until the desk has its layout again."""
    desk.begin(grid(200))
    desk.layout  # noqa: B018
    spent = []
    for _ in range(10):
        desk.edit(lambda patch: remove_node(patch, "n100"), "delete")
        desk.layout  # noqa: B018
        start = time.thread_time()
        desk.undo()
        desk.layout  # noqa: B018
        spent.append(time.thread_time() - start)
    return 1000 * max(spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        sys.exit("there is no display; run it under xvfb-run -a")
    sound = SilentEditorSound()
    desk = Desk(load_palette(), sound, Settings(window=[1440, 900], learns_by_itself=False))
    app = App(desk, all_panels(), is_framed=False)
    app.frame()
    found: dict[str, Any] = {"start_s": time.perf_counter() - began}
    for count in COUNTS:
        found[f"{count} nodes"] = scenes(app, desk, sound, count)
    desk.begin(grid(100))
    desk.fit(smallest=SMALLEST)
    found["idle_share_of_a_core"] = idle_share(app)
    found["undo_at_200_nodes_ms"] = undo_ms(desk)
    app.close()
    if options.json:
        print(json.dumps(found, indent=2))
        return
    print(f"start to the first frame: {found['start_s']:.2f} s")
    for count in COUNTS:
        print(f"{count} nodes, {2 * count - 4} cords, ms of CPU a frame")
        for name, spent in found[f"{count} nodes"].items():
            print(f"    {name:26} {spent:6.1f}")
    idle, undone = 100 * found["idle_share_of_a_core"], found["undo_at_200_nodes_ms"]
    print(f"idle: {idle:.1f} % of a core; undo: {undone:.2f} ms")


if __name__ == "__main__":
    main()
