"""What the pad shows of a map, and what a hand on it does: a client of the engine, without any network."""

import hashlib
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ....engine.declare import Scalar
from ....engine.definition_specs import DefinitionSpecs
from ....engine.palette import Palette
from ....engine.session.local import Session
from ....engine.typed import is_number
from ....graphs import EditError, Patch, array_sha256
from ....graphs.scopes import scope_of
from ....nodes.gui.drawing import line_of, read_drawing
from ....nodes.gui.units import DEFAULT_BOX, MapError
from ....nodes.terrain.learned import colours_of, learned_weights
from ...map.sounds import settled, sounds_of, terrains_of
from ...terrain_image.lines import fitted, line_colour, small_picture
from ..receivers import received

PICTURE_SIDE = 768
MOST_POINTS = 400
MOST_EVENTS = 256
MOST_FINGERS = 10
HAND = "hand"


class PadError(ValueError):
    """The pad can't do what is asked; a sentence."""


class Surface:
    """One map of the patch that plays. Belongs to one thread.

    node: the map's name; the first one without. ``ignored`` counts what came that made no sense.
    """

    def __init__(self, client: Session, palette: Palette, node: str | None = None) -> None:
        self.client, self.ignored = client, 0
        self._types = DefinitionSpecs(palette)
        maps = sorted(palette.names(client.patch, "map"), key=scope_of)  # those of the patch itself first
        if node is not None and node not in maps:
            raise PadError(f"{node}: the patch has no such map; it has {', '.join(maps) or 'none'}")
        if not maps:
            raise PadError("the patch has no map; add a Map node (gui)")
        self.node = node or maps[0]
        self._finger: int | None = None
        self._slots: dict[int, int] = {}
        self._before: Scalar | None = None
        self._seen: Any = None
        self._state: dict[str, Any] = {}

    @property
    def palette(self) -> Palette:
        """The node types, and the definitions of the patch as it is now."""
        return self._types.palette(self.client.patch)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the map."""
        node = self.client.patch.nodes.get(self.node)
        box = node.values.get("box") if node is not None else None
        if isinstance(box, list | tuple) and len(box) == 4 and all(map(is_number, box)):
            left, top, right, bottom = (float(one) for one in box)  # type: ignore[arg-type]
            if left != right and top != bottom:
                return left, top, right, bottom
        return DEFAULT_BOX

    @property
    def shown(self) -> dict[str, Any]:
        """The last ``state`` there was."""
        return self._state

    def state(self) -> dict[str, Any]:
        """What is to be seen: ``box``, ``lines`` (kind, name, colour, points), ``pads``, a mark of the ``terrain``."""
        patch = self.client.patch
        if patch is self._seen:
            return self._state
        self._seen = patch
        node = patch.nodes.get(self.node)
        lines: list[dict[str, Any]] = []
        pads: dict[str, list[float]] = {}
        if node is not None:
            try:
                drawing = read_drawing(settled(patch, self.palette, self.node).nodes[self.node].content)
            except MapError:
                drawing = read_drawing({})
            names = [one.name for one in sounds_of(patch, self.palette, self.node)]
            for kind, found in (("learn", drawing.lines), ("play", drawing.play)):
                for number, path in sorted(found.items()):
                    name = names[number] if kind == "learn" and number < len(names) else str(number + 1)
                    colour = "#{:02x}{:02x}{:02x}".format(*line_colour(number)) if kind == "learn" else "#ffffff"
                    points = _points(line_of(path).anchors)
                    lines.append({"kind": kind, "name": name, "colour": colour, "points": points})
            pads = {str(number): [float(at[0]), float(at[1])] for number, at in drawing.pads.items()}
        self._state = {"box": list(self.box), "lines": lines, "pads": pads, "terrain": self._terrain_mark(patch)}
        return self._state

    def heads(self) -> list[list[float]]:
        """Where the playheads are now, in units of the map."""
        places = self.client.reading(self.node, "places")
        if places is None or places.size % 2:
            return []
        pairs = np.asarray(places, np.float64).reshape(-1, 2)
        return [[float(x), float(y)] for x, y in pairs if math.isfinite(x) and math.isfinite(y)]

    def picture(self) -> bytes:
        """The terrain as PNG; slow, for a thread of its own. Raises PadError where nothing has been learned."""
        from PIL import Image

        patch = self.client.patch
        terrains = (patch.nodes[name] for name in terrains_of(patch, self.palette, self.node))
        terrain, colours = next(((one, found) for one in terrains if (found := colours_of(one))), (None, None))
        if terrain is None:
            raise PadError("the terrain is not trained yet")
        size = fitted(self.box, (PICTURE_SIDE, PICTURE_SIDE))
        pixels = small_picture(learned_weights(terrain.content), colours, self.box, size)
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, "PNG")
        return out.getvalue()

    def touch(self, events: Any) -> int:
        """Pointer events ``[finger, x, y, pressure, tilt x, tilt y]``, newest last; x and y are shares 0 … 1.

        pressure 0 lifts the finger. The first finger that comes is the hand until it is lifted, and params may follow
        one each (``pad:finger/1/x``): the first touch is 1, the second 2, and so on. Gives how many events
        counted. What makes no sense is counted in ``ignored``.
        """
        if not isinstance(events, list) or len(events) > MOST_EVENTS:
            self.ignored += 1
            return 0
        last: Sequence[float] | None = None
        newest: dict[int, Sequence[float]] = {}
        taken = 0
        for event in events:
            numbers = _numbers(event)
            if numbers is None:
                self.ignored += 1
                continue
            finger, pressure = int(numbers[0]), numbers[3]
            slot = self._slot(finger, pressure)
            if slot:
                newest[slot] = numbers
            if self._finger is None and pressure > 0:
                self._finger = finger
                self._take_hand()
            if finger != self._finger:
                taken += any(self._following(slot, numbers))
                continue
            last, taken = numbers, taken + 1
            if pressure <= 0:
                self._finger = None
        if last is not None:
            self._move(last)
        self._tell_pads(newest)
        return taken

    def let_go(self) -> None:
        """Lift the hand and let the map walk as it did before."""
        self._finger = None
        self._tell_pads(dict.fromkeys(self._slots.values(), (0.0, -1.0, -1.0, 0.0, 0.0, 0.0)))
        self._slots.clear()
        self._turn("pressure", 0.0)
        if self._before is not None:
            self._turn("mode", self._before)
            self._before = None

    def _slot(self, finger: int, pressure: float) -> int:
        """Which of the fingers that touch this one is, from 1; 0 for one too many."""
        slot = self._slots.get(finger, 0)
        if pressure <= 0:
            self._slots.pop(finger, None)
        elif not slot:
            free = (one for one in range(1, MOST_FINGERS + 1) if one not in self._slots.values())
            slot = self._slots[finger] = next(free, 0)
            if not slot:
                del self._slots[finger]
        return slot

    def _tell_pads(self, newest: Mapping[int, Sequence[float]]) -> None:
        """Turn what follows fingers to where these are."""
        for slot, event in newest.items():
            for node, param, value in list(self._following(slot, event)):
                self._turn_of(node, param, value)

    def _following(self, slot: int, event: Sequence[float]) -> Iterator[tuple[str, str, Scalar]]:
        """What follows a finger, and what to turn it to; what is lifted stays where it was, and presses 0."""
        _, x, y, pressure, tilt_x, tilt_y = event
        lean_x, lean_y = (min(1.0, max(-1.0, one / 90.0)) for one in (tilt_x, tilt_y))
        told = (("x", x), ("y", y), ("tilt_x", lean_x), ("tilt_y", lean_y)) if pressure > 0 else ()
        for kind, value in (*told, ("pressure", pressure)):
            yield from received(self.client.patch, self.palette, f"pad:finger/{slot}/{kind}", [value])

    def _take_hand(self) -> None:
        node = self.client.patch.nodes.get(self.node)
        mode = node.values.get("mode", "loop") if node is not None else HAND
        if mode != HAND:
            self._before = str(mode)
            self._turn("mode", HAND)

    def _move(self, event: Sequence[float]) -> None:
        left, top, right, bottom = self.box
        self._turn("hand_x", left + event[1] * (right - left))
        self._turn("hand_y", top + event[2] * (bottom - top))
        self._turn("pressure", event[3])

    def _turn(self, param: str, value: Scalar) -> None:
        self._turn_of(self.node, param, value)

    def _turn_of(self, node: str, param: str, value: Scalar) -> None:
        try:
            self.client.turn(node, param, value)
        except EditError:  # the map has gone meanwhile
            self.ignored += 1

    def _terrain_mark(self, patch: Patch) -> str:
        for terrain in terrains_of(patch, self.palette, self.node):
            weights = _weights(patch, terrain)
            if weights:
                # by what is in it: the same arrays may lie where those of another patch lay
                sums = ",".join(map(array_sha256, weights.values()))
                edges = patch.nodes[terrain].values.get("box")
                return hashlib.sha256(f"{sums} {self.box} {edges}".encode()).hexdigest()[:16]
        return ""


def _weights(patch: Patch, terrain: str) -> Mapping[str, Any]:
    return learned_weights(patch.nodes[terrain].content)


def _points(anchors: Any) -> list[list[float]]:
    places = np.asarray(anchors, np.float64)
    if len(places) > MOST_POINTS:
        places = places[np.linspace(0, len(places) - 1, MOST_POINTS).round().astype(int)]
    return [[round(float(x), 4), round(float(y), 4)] for x, y in places[:, :2]] if places.shape[1] >= 2 else []


def _numbers(event: Any) -> list[float] | None:
    """An event's six numbers, kept within their ranges; None for what is none."""
    if not isinstance(event, list) or len(event) != 6:
        return None
    if not all(map(is_number, event)):
        return None
    finger, x, y, pressure, *tilt = (float(one) for one in event)
    if abs(finger) > 2**31:
        return None
    return [finger, min(1.0, max(0.0, x)), min(1.0, max(0.0, y)), min(1.0, max(0.0, pressure)), *tilt]
