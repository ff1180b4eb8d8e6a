"""Pictures of the starters: their terrains, or their cards; made in the background the first time they are wanted."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....engine.palette import Palette
from ....engine.processes.policy import USUAL
from ....engine.values import Content, FloatArray
from ....graphs import Patch, PatchFileError, load_file, rename_node, set_content
from ....graphs.starters import STARTERS, Starter
from ....nodes.gui.drawing import TOUR, line_of, read_drawing
from ....nodes.gui.playheads.figures import Figure, figure_points
from ....nodes.gui.timed_paths import timed
from ....nodes.gui.units import box_of
from ...patcher.layout import lay_out
from ...patcher.scene import Scene, SceneState
from ...surface.look import Look
from ...surface.sketch import sketched
from ...surface.view import View
from ...terrain_image.thumbnails import Pictures

SIZE = (210, 118)
SHARPER, CLOSER = 2, 1.12
ORBIT_ROUNDS = 4.0
PATIENCE_SECONDS, LOOK_SECONDS = 20.0, 0.05
FINE = (SIZE[0] * SHARPER, SIZE[1] * SHARPER)


class Thumbnails:
    """Pictures by starter; ``ask`` returns at once. pictures: makes what draws terrains, in a process of its own."""

    def __init__(
        self,
        palette: Palette,
        starters: Mapping[str, Starter] = STARTERS,
        pictures: Callable[[], Pictures] = lambda: Pictures(SIZE, USUAL),
    ) -> None:
        self._palette, self._starters, self._pictures = palette, starters, pictures
        self._ready: dict[str, FloatArray] = {}
        self._thread: threading.Thread | None = None

    def ask(self, look: Look) -> None:
        """Have all pictures made, if they are not."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._make, args=(look,), name="starters' pictures", daemon=True)
            self._thread.start()

    def ready(self) -> Mapping[str, FloatArray]:
        """Those that are made: RGBA from 0 to 1, ``[rows, columns, 4]``."""
        return dict(self._ready)

    def wait(self) -> None:
        """Until all are made."""
        if self._thread is not None:
            self._thread.join()

    def _make(self, look: Look) -> None:
        patches: dict[str, Patch] = {}
        for name, starter in self._starters.items():
            try:
                patches[name] = load_file(starter.file)
            except (PatchFileError, OSError):
                continue  # its card starts it nevertheless, and then it is said what is wrong
        pictures = self._pictures()
        try:
            wanted = {name for name, patch in patches.items() if _ask_for(pictures, name, patch, self._palette)}
            end = time.monotonic() + PATIENCE_SECONDS
            while wanted - self._ready.keys() and time.monotonic() < end:
                for name, pixels in pictures.ready().items():
                    self._ready.setdefault(name, np.asarray(pixels, np.float32) / 255.0)
                time.sleep(LOOK_SECONDS)
        finally:
            pictures.close()
        for name in patches.keys() - self._ready.keys():
            self._ready[name] = cards(patches[name], self._palette, look)


def cards(patch: Patch, palette: Palette, look: Look) -> FloatArray:
    """A picture of a patch's cards and cords, all of it: RGBA from 0 to 1."""
    layout = lay_out(patch, palette)
    view = View()
    if layout.bounds is not None:
        view = view.fitted(layout.bounds, FINE, largest=SHARPER).zoomed(CLOSER, (FINE[0] / 2, FINE[1] / 2))
    image = sketched(Scene().picture(SceneState(layout, look)), view, FINE, look)
    pixels = np.ones((FINE[1], FINE[0], 4), np.float32)
    pixels[..., :3] = np.asarray(image, np.float32) / 255.0
    return pixels


def as_walked(patch: Patch, palette: Palette, node: str) -> Content:
    """A canvas's lines, with what all canvases of the patch walk on them: tours, orbits, a dot for each playhead."""
    content = {name: one for name, one in patch.nodes[node].content.items() if not name.startswith((TOUR, "play/"))}
    made: list[NDArray[np.float32]] = []
    for one in (patch.nodes[name] for name in palette.names(patch, "map")):
        values: Mapping[str, Any] = one.values
        box = box_of(values.get("box"))
        if values.get("mode") == "orbit":
            points = figure_points(values.get("shape", "circle"), np.linspace(0.0, ORBIT_ROUNDS, 600), Figure())
            size = [float(values.get(f"size_{axis}", 0.8)) for axis in "xy"]
            half = np.array(box.size) / 2 * size
            made.append(np.asarray(np.array(box.centre) + half * points.T, np.float32))
            continue
        walked = read_drawing(one.content).played
        made += [np.asarray(line_of(path).anchors, np.float32) for path in walked if one.content]
        players = int(values.get("players", 1))
        if players > 1 and walked:
            first, line = walked[0], line_of(walked[0])
            for share in np.arange(players) / players:
                own = timed(first, values.get("pace") == "even")
                along = own.distance_at(share) if own is not None else share * line.length
                made.append(np.asarray(line.position_at(along)[None], np.float32))
    return {**content, **{f"play/{number:04d}": points for number, points in enumerate(made)}}


def _ask_for(pictures: Pictures, name: str, patch: Patch, palette: Palette) -> bool:
    """Ask for the patch's canvas or else its terrain, under the starter's name. Gives whether there is one."""
    drawn = [node for node in palette.names(patch, "map") if patch.nodes[node].content]
    node = next(iter((*drawn, *palette.names(patch, "terrain"))), None)
    if node is None:
        return False
    if drawn:
        patch = set_content(patch, node, as_walked(patch, palette, node))
    pictures.ask(name, patch if node == name else rename_node(patch, node, name), palette)
    return True
