"""Small pictures of terrains and of maps with their lines, drawn by another process while nobody waits for them."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import astuple, dataclass

import numpy as np

from ...engine.messages.workers import FROM_PAINTER, Begin, Draw, Picture, blobs_of
from ...engine.palette import Palette
from ...engine.processes.child import ChildError, ChildGone
from ...engine.processes.policy import Policy
from ...engine.processes.supervisor import SupervisedChild
from ...engine.values import Content
from ...graphs import Node, Patch, array_sha256
from ...nodes.gui.drawing import ARRANGED, cleared_lines
from .colour import Pixels

PROCESS = "latent_terrain.ui.terrain_image.thumbnail_process:work"
POLICY = Policy(niceness=15, start_seconds=60.0)
SIZE = (160, 80)
# So many pictures are kept, so that an undo shows the one before at once.
KEPT = 128
DRAW_SECONDS = 30.0
LONGEST_REST = 2.0
# How the names of a map's arrays begin: lines to learn from, and those to play (some have times before x and y).
DATASET, PLAYED = ("lines/", "arrange/line/"), ("play/", "gestures/", "tours/", "arrange/tour/")
EMPTY: Content = {}


@dataclass(frozen=True, eq=False)
class _WantedThumbnail:
    """What a picture is made of: a terrain's content, the drawing on it, and the map's edges."""

    terrain: Content
    drawing: Content
    box: tuple[float, ...]


class Pictures:
    """Pictures by node. All methods but ``close`` return at once. size: columns and rows of each; policy: of the
    process that draws; painter: another in tests.
    """

    def __init__(
        self, size: tuple[int, int] = SIZE, policy: Policy = POLICY, painter: SupervisedChild | None = None
    ) -> None:
        self.size = size
        self._painter = painter or SupervisedChild("the painter", PROCESS, Begin, FROM_PAINTER, policy=policy)
        self._wanted: dict[str, _WantedThumbnail] = {}
        self._waiting: OrderedDict[str, _WantedThumbnail] = OrderedDict()
        self._ready: dict[str, Pixels] = {}
        self._kept: OrderedDict[str, Pixels | None] = OrderedDict()
        self._changed = threading.Condition()
        self._pace = 1.0
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def ask(self, node: str, patch: Patch, palette: Palette) -> None:
        """Have a picture of a terrain or a map; call it as often as you like, once a frame for instance."""
        wanted, before = _wanted(node, patch, palette), self._wanted.get(node)
        if wanted is None:
            self.forget(node)
            return
        if before is not None and _is_alike(before, wanted):
            return
        self._wanted[node] = wanted
        with self._changed:
            self._waiting[node] = wanted
            self._changed.notify()
            if self._thread is None and not self._is_closed:
                self._thread = threading.Thread(target=self._run, name="ask for pictures", daemon=True)
                self._thread.start()

    def forget(self, node: str) -> None:
        """A node that is no more, or is no terrain any more, has no picture."""
        if self._wanted.pop(node, None) is not None:
            with self._changed:
                self._waiting.pop(node, None)
                self._ready.pop(node, None)

    def ready(self) -> Mapping[str, Pixels]:
        """The pictures there are, RGBA ``[rows, columns, 4]``, read-only; the same array until there is a newer one."""
        with self._changed:
            return dict(self._ready)

    def pace(self, share: float) -> None:
        """Draw only this share of the time, 0 … 1, so that the sound does not suffer."""
        self._pace = min(1.0, max(0.0, share))

    def close(self) -> None:
        """End the process that draws."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._painter.close(0.0)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting) or self._is_closed)
                if self._is_closed:
                    return
                node, wanted = self._waiting.popitem(last=False)
            picture, seconds = self._picture(wanted)
            with self._changed:
                if node in self._wanted:
                    if picture is None:
                        self._ready.pop(node, None)
                    else:
                        self._ready[node] = picture
                self._changed.wait_for(lambda: self._is_closed, rest_seconds(seconds, self._pace))

    def _picture(self, wanted: _WantedThumbnail) -> tuple[Pixels | None, float]:
        """The picture, None where there is none to be had, and how long it took to draw."""
        from ...nodes.terrain.learned import learned_weights

        drawing = wanted.drawing
        gone = {f"{ARRANGED}{number:04d}" for number in cleared_lines(drawing)}
        parts: dict[str, Content] = {
            "weights": learned_weights(wanted.terrain),
            "lines": {name: one for name, one in drawing.items() if name.startswith(DATASET) and name not in gone},
            "walks": {name: one[:, -2:] for name, one in drawing.items() if name.startswith(PLAYED)},
        }
        if not any(parts.values()):
            return None, 0.0
        sums = {key: {name: array_sha256(one) for name, one in part.items()} for key, part in parts.items()}
        key = hashlib.sha256(repr((sums, wanted.box)).encode()).hexdigest()
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key], 0.0
        began = time.monotonic()
        weights, lines, walks = (blobs_of(parts[one]) for one in ("weights", "lines", "walks"))
        question = Draw(weights=weights, lines=lines, walks=walks, box=wanted.box, size=self.size)
        try:
            self._kept[key] = pixels_of(self._painter.ask(question, Picture, DRAW_SECONDS))
        except ChildError:
            self._kept[key] = None
        except ChildGone:
            return None, 0.0
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return self._kept[key], time.monotonic() - began


def pixels_of(picture: Picture) -> Pixels:
    """RGBA ``[rows, columns, 4]``."""
    return np.frombuffer(picture.pixels, np.uint8).reshape(picture.size[1], picture.size[0], 4)


def rest_seconds(spent: float, share: float) -> float:
    """How long to rest after so many seconds of work, to have worked that share of the time, 0 … 1."""
    return min(LONGEST_REST, spent * (1.0 / share - 1.0)) if share > 0 else LONGEST_REST


def _wanted(name: str, patch: Patch, palette: Palette) -> _WantedThumbnail | None:
    """A terrain; a map's drawing, on the terrain that is learned from it or walked by it."""
    node = patch.nodes.get(name)
    role = palette.role(node.type) if node is not None else None
    if node is None or role not in ("terrain", "map"):
        return None
    if role == "terrain":
        return _WantedThumbnail(node.content, EMPTY, _box(node))
    terrains = palette.names(patch, "terrain")
    walked = (cord.target_node for cord in patch.cords if cord.source_node == name and cord.target_node in terrains)
    terrain = next((patch.nodes[one].content for one in walked), EMPTY)
    return _WantedThumbnail(terrain, node.content, _box(node))


def _is_alike(one: _WantedThumbnail, other: _WantedThumbnail) -> bool:
    return one.terrain is other.terrain and one.drawing is other.drawing and one.box == other.box


def _box(node: Node) -> tuple[float, ...]:
    """The map that a node's settings name, where they name one of two axes."""
    from ...nodes.gui.units import box_of

    return astuple(box_of(node.values.get("box")))
