"""Small pictures of terrains and of maps with their lines, drawn by another process while nobody waits for them."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...engine.messages.workers import FROM_PAINTER, Begin, Draw, Picture, blobs_of
from ...engine.palette import Palette
from ...engine.processes.child import ChildError, ChildGone
from ...engine.processes.policy import Policy
from ...engine.processes.supervisor import SupervisedChild
from ...engine.training.jobs import has_result
from ...engine.values import Content, FloatArray
from ...graphs import Node, Patch, array_sha256
from .colour import Pixels

if TYPE_CHECKING:
    from ...nodes.gui.drawing import Drawing, Played

PROCESS = "latent_terrain.ui.terrain_image.thumbnail_process:work"
POLICY = Policy(niceness=15, start_seconds=60.0)
SIZE = (160, 80)
# So many pictures are kept, so that an undo shows the one before at once.
KEPT = 128
DRAW_SECONDS = 30.0
LONGEST_REST = 2.0
EMPTY: Content = {}


@dataclass(frozen=True, eq=False)
class _WantedThumbnail:
    """What a picture is made of: a terrain, the drawing on it, and the map's edges."""

    terrain: Node | None
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
        self._documents = 0
        self._pace = 1.0
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def ask(self, node: str, patch: Patch, palette: Palette) -> None:
        """Have a picture of a terrain or a map; call it as often as you like, once a frame for instance."""
        wanted, before = _wanted(node, patch, palette), self._wanted.get(node)
        if wanted is None or not (wanted.drawing or (wanted.terrain and has_result(wanted.terrain.content, "learn"))):
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

    def forget_all(self) -> None:
        """Another document is open: no picture of the one before is shown, nor one that is still being drawn."""
        with self._changed:
            self._documents += 1
            for pictures in (self._wanted, self._waiting, self._ready):
                pictures.clear()

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
                (node, wanted), document = self._waiting.popitem(last=False), self._documents
            picture, seconds = self._picture(wanted)
            with self._changed:
                if node in self._wanted and document == self._documents:
                    if picture is None:
                        self._ready.pop(node, None)
                    else:
                        self._ready[node] = picture
                self._changed.wait_for(lambda: self._is_closed, rest_seconds(seconds, self._pace))

    def _picture(self, wanted: _WantedThumbnail) -> tuple[Pixels | None, float]:
        """The picture, None where there is none to be had, and how long it took to draw."""
        from ...nodes.terrain.learned import colours_of, learned_weights

        terrain, drawing = wanted.terrain, _read(wanted.drawing)
        colours = colours_of(terrain) if terrain is not None else None
        parts: dict[str, Content] = {
            "weights": learned_weights(terrain.content) if terrain is not None else EMPTY,
            "colours": colours.arrays if colours is not None else EMPTY,
            "lines": {str(number): _anchors(path) for number, path in drawing.lines.items()},
            "walks": {str(number): _anchors(path) for number, path in drawing.play.items()},
        }
        if not any(parts.values()):
            return None, 0.0
        sums = {key: {name: array_sha256(one) for name, one in part.items()} for key, part in parts.items()}
        key = hashlib.sha256(repr((sums, wanted.box)).encode()).hexdigest()
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key], 0.0
        began = time.monotonic()
        weights, terrain_colours, lines, walks = (blobs_of(part) for part in parts.values())
        question = Draw(
            weights=weights, colours=terrain_colours, lines=lines, walks=walks, box=wanted.box, size=self.size
        )
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
        return _WantedThumbnail(node, EMPTY, _box(node))
    terrains = palette.names(patch, "terrain")
    walked = [cord for cord in patch.cords if cord.source_node == name and cord.target_node in terrains]
    walked.sort(key=lambda cord: cord.target_port != "coordinates")  # those that learn from its lines first
    terrain = next((patch.nodes[cord.target_node] for cord in walked), None)
    return _WantedThumbnail(terrain, node.content, _box(node))


def _read(content: Content) -> "Drawing":
    from ...nodes.gui.drawing import Drawing, read_drawing
    from ...nodes.gui.units import MapError

    try:
        return read_drawing(content)
    except MapError:
        return Drawing()  # its node says what is wrong


def _anchors(path: "Played") -> FloatArray:
    from ...nodes.gui.drawing import line_of

    return np.asarray(line_of(path).anchors, np.float32)


def _is_alike(one: _WantedThumbnail, other: _WantedThumbnail) -> bool:
    if one.drawing is not other.drawing or one.box != other.box:
        return False
    if one.terrain is None or other.terrain is None:
        return one.terrain is other.terrain
    return one.terrain.content is other.terrain.content and one.terrain.values == other.terrain.values


def _box(node: Node) -> tuple[float, ...]:
    """The map that a node's settings name, where they name one of two axes."""
    from ...nodes.gui.units import box_of

    return astuple(box_of(node.values.get("box")))
