"""What the map's window does with terrains: has them painted, chooses how, listens to lines, and writes pictures."""

import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ....engine.values import FloatArray
from ....graphs.file_write import write_file
from ....nodes.gui.drawing import Drawing, line_of
from ....nodes.gui.units import MapBox
from ....nodes.terrain.colours import DEFAULT_RANGE, TerrainColours
from ....nodes.terrain.learned import colours_of, learned_weights
from ...map.hand import MapHand
from ...map.hits import Hit, OnBody, OnJoint
from ...map.line_audition import LineAudition, voice_for, with_audition
from ...map.sheet import Sheet
from ...terrain_image.colour import map_names
from ...terrain_image.facets import COLOURINGS, LAYERS, Facet
from ...terrain_image.terrain import Shown, TerrainImage
from ..document.desk import Desk
from ..sound.interface import JobStatus
from ..window.widgets import px, tip

if TYPE_CHECKING:
    from ....nodes.terrain.line_audio import LineVoice

COLOURS = {"alike": "similarity", "one": "one latent", "three": "three latents", "four": "four latents"}
LAYER_LABELS = {"sensitivity": "Rate of change", "density": "Data coverage", "loudness": "Loudness"}
TIPS = {
    "sensitivity": "Bright where the sound changes fast",
    "density": "Hatched where there is no training data nearby",
    "loudness": "Contour lines of equal loudness",
}


class ImagePanel:
    """Belongs to the window's thread."""

    def __init__(self, desk: Desk, terrain: TerrainImage | None = None, listening: LineAudition | None = None) -> None:
        self.desk = desk
        self.terrain = terrain or TerrainImage()
        self.listening = listening or LineAudition()
        self._until: float | None = None
        self._shown_as: tuple[Any, ...] = ()
        self._content: tuple[Any, ...] = (None, None, {}, None)
        self._heard_with: tuple[object, Any] = (None, None)
        self._axes: dict[int, int] = {}
        self._written: deque[str] = deque()
        self._writing: dict[str, float] = {}
        """How far each picture is that is being written, by its name."""

    @property
    def legend(self) -> str:
        """What the colours mean."""
        shown = self.terrain.picture
        return shown.legend if shown is not None else ""

    @property
    def is_busy(self) -> bool:
        """Whether a picture is being painted, or a line is being heard."""
        return self.terrain.is_busy or self._until is not None

    def tick(self, hand: MapHand | None, size: tuple[int, int], now: float) -> Shown | None:
        """Once per frame: have the terrain painted that is seen."""
        self._hear()
        self._said()
        self.terrain.pace(float(self.desk.sound.status.numbers.get("pace", 1.0)))
        if hand is None or not hand.sheet.terrains:
            self.terrain.hide()
            return None
        sheet = hand.sheet
        weights, colours = self._learned(sheet.terrains[0])
        if colours is None:
            self.terrain.hide()
            return None
        facet = self.desk.maps.facet(sheet.node)
        self._mark(facet, weights)
        points = (
            tuple(
                line.anchors if len(line.anchors) > 1 and line.length == 0 else line.positions_at(_along(line.length)).T
                for line in map(line_of, sheet.drawing.lines.values())
                if line.axes == 2
            )
            if "density" in facet.layers
            else ()
        )
        wide, high = sheet.box.size
        voice = self._voice(sheet) if "loudness" in facet.layers else None
        about = self.desk.document.history, sheet.node, sheet.terrains[0]
        drawn = self._same(points), (wide, high), voice, self.desk.document.folder, about
        self.terrain.show(weights, colours, sheet.view.seen, size, facet, *drawn)
        return self.terrain.picture

    def build(self, desk: Desk) -> None:
        """The widgets that choose what is seen, in the row that is being built."""
        import dearpygui.dearpygui as dpg

        self._colour: int = dpg.add_combo(list(COLOURS.values()), width=px(desk, 110), callback=self._chose_colour)
        tip(desk, self._colour, "What the terrain's colours show")
        limits = {"min_value": 1, "max_value": 1024, "min_clamped": True, "max_clamped": True}
        self._channel: int = dpg.add_input_int(width=px(desk, 84), callback=self._chose_channel, **limits)
        tip(desk, self._channel, "The latent shown, or the first of several")
        self._palette: int = dpg.add_combo(list(map_names()), width=px(desk, 84), callback=self._chose_palette)
        self._fixed: int = dpg.add_checkbox(label="Fixed range", callback=self._chose_fixed)
        tip(desk, self._fixed, "Keep the colour range fixed; otherwise it follows the terrain")
        self._range: int = dpg.add_drag_floatx(
            size=2, width=px(desk, 110), speed=0.02, format="%.2f", callback=self._chose_range
        )
        self._layers: dict[str, int] = {}
        for layer in LAYERS:
            self._layers[layer] = dpg.add_checkbox(
                label=LAYER_LABELS[layer], user_data=layer, callback=self._chose_layer
            )
            tip(desk, self._layers[layer], TIPS[layer])
        with dpg.group(horizontal=True, show=False) as self._ways:
            self._seen: list[int] = []
            for place, words in enumerate(("across", "down")):
                item = dpg.add_combo((), width=px(desk, 70), user_data=place, callback=self._chose_axis, label=words)
                self._seen.append(item)
                tip(desk, item, f"Terrain axis shown {words}")
        self._cuts: int = dpg.add_group(horizontal=True)

    def listen(self, hand: MapHand, hit: Hit, is_compared: bool = False) -> None:
        """Hear a line: the terrain along it; compared: its sound as encoded before."""
        desk = self.desk
        if not isinstance(hit, OnJoint | OnBody):
            return
        if not desk.sound.status.is_on:
            desk.say("turn audio on to listen to a line", "warning")
        elif desk.plays_instead and self._until is None:
            desk.say("recording in progress; listen when it has finished", "warning")
        elif not self.listening.ask(hand.sheet, hit.number, desk.document.folder, is_compared):
            desk.say("the previous line is still being prepared")

    def listen_to(self, sheet: Sheet, latents: FloatArray) -> bool:
        """Hear a sound that stands still. False while another is being made ready, or there is no sound at all."""
        if not self.desk.sound.status.is_on or not len(latents):
            return False
        return self.listening.ask_latents(sheet, latents, self.desk.document.folder)

    def export(self, hand: MapHand, path: Path) -> None:
        """Write what is seen, on a thread of its own: an ``.svg``, or a ``.png`` and the terrain alone beside it."""
        sheet = hand.sheet
        terrains = sheet.terrains
        weights, colours = self._learned(terrains[0]) if terrains else ({}, None)
        names = tuple(one.name for one in sheet.sounds)
        facet = self.desk.maps.facet(sheet.node)

        self._writing[path.name] = 0.0

        def write(drawing: Drawing = sheet.drawing, box: MapBox = sheet.box) -> None:
            from ...terrain_image.export import drawn_png, drawn_svg, terrain_png

            try:
                if path.suffix.lower() == ".svg":
                    write_file(path, drawn_svg(weights, colours, drawing, box, facet, names).encode())
                    self._written.append(f"wrote {path.name}")
                    return
                target = path if path.suffix.lower() == ".png" else path.with_name(f"{path.name}.png")
                write_file(target, drawn_png(weights, colours, drawing, box, facet, names))
                said = target.name
                if weights:
                    self._writing[path.name] = 0.5
                    alone = target.with_name(f"{target.stem}_terrain.png")
                    write_file(alone, terrain_png(weights, colours, box, facet))
                    said += f" and {alone.name}"
                self._written.append(f"wrote {said}")
            except (OSError, ValueError) as error:
                self._written.append(f"{path}: the picture can't be written: {error}")
            finally:
                self._writing.pop(path.name, None)

        threading.Thread(target=write, name="export map", daemon=True).start()

    def close(self) -> None:
        """End the processes."""
        self.terrain.close()
        self.listening.close()

    def _hear(self) -> None:
        heard = self.listening.ready()
        if heard is not None and heard.path is None:
            self.desk.say(f"{heard.name} can't be played: {heard.error}", "warning")
        elif heard is not None and heard.path is not None:
            if heard.name:
                self.desk.say(f"{heard.name}: {heard.words}")
            self.desk.play_instead(partial(with_audition, palette=self.desk.palette, path=heard.path))
            self._until = time.monotonic() + heard.seconds + 0.3
        if self._until is not None and time.monotonic() >= self._until:
            self._until = None
            self.desk.play_instead(None)

    def _said(self) -> None:
        writing = tuple(self._writing.items())
        self.desk.exports = tuple(JobStatus("map", "export", done, f"writing {name}") for name, done in writing)
        while self._written:
            self.desk.say(self._written.popleft())
        complaint = self.terrain.complaint()
        if complaint:
            self.desk.say(complaint, "warning")

    def _learned(self, terrain: str) -> tuple[dict[str, Any], TerrainColours | None]:
        node = self.desk.patch.nodes[terrain]
        content, box, *_ = self._content
        if content is not node.content or box != node.values.get("box"):
            learned = dict(learned_weights(node.content)), colours_of(node)
            self._content = (node.content, node.values.get("box"), *learned)
        return self._content[2], self._content[3]

    def _voice(self, sheet: Sheet) -> "LineVoice":
        """What the terrain is heard with; found anew when the patch is another."""
        patch = self.desk.patch
        if self._heard_with[0] is not patch:
            self._heard_with = (patch, voice_for(sheet))
        voice: LineVoice = self._heard_with[1]
        return voice

    _points: tuple[Any, ...] = ()

    def _same(self, points: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arrays of before where they are equal, so that nothing is painted anew for them."""
        import numpy as np

        before = self._points
        if len(before) == len(points) and all(np.array_equal(a, b) for a, b in zip(before, points, strict=True)):
            return before
        self._points = points
        return points

    def _change(self, change: Callable[[Facet], dict[str, Any]]) -> None:
        hand = self.desk.maps.current
        if hand is not None:
            self.desk.maps.show(hand.sheet.node, **change(self.desk.maps.facet(hand.sheet.node)))

    def _chose_colour(self, sender: int, label: str) -> None:
        colour = next(one for one in COLOURINGS if COLOURS[one] == label)
        count = {"alike": 1, "one": 1, "three": 3, "four": 4}[colour]
        self._change(lambda facet: {"colour": colour, "channels": _from(facet.channels[0], count)})

    def _chose_channel(self, sender: int, first: int) -> None:
        self._change(lambda facet: {"channels": _from(max(0, first - 1), len(facet.channels))})

    def _chose_palette(self, sender: int, name: str) -> None:
        self._change(lambda facet: {"palette": name})

    def _chose_fixed(self, sender: int, is_on: bool) -> None:
        low, high = DEFAULT_RANGE if is_on else (None, None)
        self._change(lambda facet: {"low": low, "high": high})

    def _chose_range(self, sender: int, values: Any) -> None:
        low, high = float(values[0]), float(values[1])
        self._change(lambda facet: {"low": low, "high": high})

    def _chose_layer(self, sender: int, is_on: bool, layer: Any) -> None:
        self._change(lambda facet: {"layers": facet.layers | {layer} if is_on else facet.layers - {layer}})

    def _chose_cut(self, sender: int, value: float, axis: Any) -> None:
        def change(facet: Facet) -> dict[str, Any]:
            cut = list(facet.cut) + [0.0] * (axis + 1 - len(facet.cut))
            cut[axis] = value
            return {"cut": tuple(cut)}

        self._change(change)

    def _chose_axis(self, sender: int, name: str, place: Any) -> None:
        axis = int(name.removeprefix("axis ")) - 1

        def change(facet: Facet) -> dict[str, Any]:
            return {"axes": seen_axes(facet.axes, place, axis)}

        self._change(change)

    def _mark(self, facet: Facet, weights: dict[str, Any]) -> None:
        """Let the widgets be as the facet is."""
        import dearpygui.dearpygui as dpg

        axes = control_axes(weights)
        shown = (facet, axes)
        if shown == self._shown_as:
            return
        self._shown_as = shown
        if len(facet.cut) < axes and axes > 2:
            self._change(lambda one: {"cut": (*one.cut, *[0.0] * (axes - len(one.cut)))})
        dpg.set_value(self._colour, COLOURS[facet.colour])
        dpg.set_value(self._channel, facet.channels[0] + 1)
        dpg.set_value(self._palette, facet.palette)
        dpg.configure_item(self._channel, show=facet.colour != "alike")
        dpg.configure_item(self._palette, show=facet.colour == "one")
        is_fixed = facet.low is not None and facet.high is not None
        dpg.set_value(self._fixed, is_fixed)
        dpg.configure_item(self._fixed, show=facet.colour != "alike")
        dpg.configure_item(self._range, show=facet.colour != "alike" and is_fixed)
        if is_fixed:
            dpg.set_value(self._range, [facet.low, facet.high, 0.0, 0.0])
        for layer, item in self._layers.items():
            dpg.set_value(item, layer in facet.layers)
        dpg.configure_item(self._ways, show=axes > 2)
        names = [f"axis {axis + 1}" for axis in range(axes)]
        for place, item in enumerate(self._seen):
            dpg.configure_item(item, items=names)
            dpg.set_value(item, names[min(facet.axes[place], axes - 1)])
        others = [axis for axis in range(axes) if axis not in facet.axes]
        if list(self._axes) != others:
            dpg.delete_item(self._cuts, children_only=True)
            self._axes = {
                axis: dpg.add_drag_float(
                    label=names[axis],
                    width=px(self.desk, 70),
                    speed=0.02,
                    user_data=axis,
                    parent=self._cuts,
                    callback=self._chose_cut,
                )
                for axis in others
            }
        for axis, item in self._axes.items():
            dpg.set_value(item, facet.cut[axis] if axis < len(facet.cut) else 0.0)


def seen_axes(axes: tuple[int, int], place: int, axis: int) -> tuple[int, int]:
    """The axes seen once ``axis`` is chosen to go across (place 0) or down (1); the two change places if need be."""
    other = axes[1 - place] if axes[1 - place] != axis else axes[place]
    return (axis, other) if place == 0 else (other, axis)


def control_axes(weights: dict[str, Any]) -> int:
    """How many axes a terrain has."""
    from ....nodes.terrain.network import shape_of

    return shape_of(weights).control_dim


def _from(first: int, count: int) -> tuple[int, ...]:
    return tuple(range(first, first + count))


def _along(length: float) -> Any:
    import numpy as np

    return np.linspace(0.0, length, 48)
