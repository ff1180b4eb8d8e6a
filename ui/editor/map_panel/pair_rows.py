"""Finding a sound for a point: a slider for each latent, by chance, from what is heard now; and putting it down."""

from functools import partial
from typing import Any

import numpy as np

from ....engine.values import FloatArray
from ...map.hand import MapHand
from ...map.line_audition import codec_of
from ...map.pairs import delete_pair, latents_of, pairs_node, random_latents, set_latents
from ...map.sheet import Sheet
from ..document.desk import Desk
from ..document.latent_names import facts_of
from ..window.widgets import button, px, small, tip
from .images import ImagePanel

MOST_SLIDERS = 32
REACH = 4.0


class PairRows:
    """Under the list of sounds while single points are set."""

    def __init__(self, parent: int, desk: Desk, images: ImagePanel) -> None:
        import dearpygui.dearpygui as dpg

        self.desk, self.images = desk, images
        self.latents: FloatArray = np.zeros(0, np.float32)
        self._seed = 0
        self._shown: tuple[Any, ...] = ()
        self._listened: FloatArray | None = None
        self._group: int = dpg.add_group(parent=parent, show=False)
        small(desk, self._group, "point by point")
        with dpg.group(horizontal=True, parent=self._group) as row:
            tip(desk, button(row, "Random", self.throw), "Random sound")
            tip(desk, button(row, "Capture", self.capture), "The sound at an encode node's input now")
            tip(desk, button(row, "Delete", self.delete), "The selected point and its sound")
        self._listens: int = dpg.add_checkbox(label="listen", parent=self._group)
        tip(desk, self._listens, "Play the sound whenever it changes, instead of the patch")
        self._words: int = dpg.add_text("", parent=self._group, wrap=px(desk, 175))
        self._sliders: int = dpg.add_group(parent=self._group)
        self._items: list[int] = []
        self._names: tuple[str, ...] = ()

    def refresh(self, hand: MapHand | None) -> None:
        """Show the sound of the chosen point, or the one in the hand."""
        import dearpygui.dearpygui as dpg

        is_on = hand is not None and hand.sheet.tool == "point" and hand.sheet.layer == "learn"
        dpg.configure_item(self._group, show=is_on)
        if hand is None or not is_on:
            if hand is not None:
                hand.sheet.offer = None
            self._shown = ()
            return
        sheet = hand.sheet
        chosen = self._chosen(sheet)
        size = latent_size(self.desk, sheet)
        patch, palette = self.desk.patch, self.desk.palette
        pairs = pairs_node(patch, palette, sheet.node)
        shown = (sheet.node, chosen, size, id(patch.nodes.get(pairs or "")))
        if shown != self._shown:
            self._shown = shown
            known = latents_of(patch, palette, sheet.node)
            if chosen is not None and chosen < len(known):
                self.latents = known[chosen].copy()
            elif len(self.latents) != size:
                self.latents = np.zeros(size, np.float32)
            self._show(sheet, chosen)
        source_is_free = pairs is not None or not sheet.sounds
        sheet.offer = self.latents if len(self.latents) and source_is_free else None
        is_new = self._listened is None or not np.array_equal(self._listened, self.latents)
        if is_new and dpg.get_value(self._listens) and self.images.listen_to(sheet, self.latents):
            self._listened = self.latents.copy()

    def throw(self) -> None:
        """A sound by chance; another each time, the same ones in the same order."""
        self._seed += 1
        self._take(random_latents(len(self.latents), self.desk.patch.seed + self._seed), f"random {self._seed}")

    def capture(self) -> None:
        """The sound that flows now."""
        found = heard_now(self.desk)
        if found is None:
            self.desk.say("nothing is being encoded; connect audio_in to an encode node and turn audio on")
        elif len(found) != len(self.latents):
            self.desk.say(f"what is encoded has {len(found)} latents, this map {len(self.latents)}", "warning")
        else:
            self._take(found.copy(), "capture")

    def delete(self) -> None:
        """The chosen pair goes."""
        hand = self.desk.maps.current
        chosen = self._chosen(hand.sheet) if hand is not None else None
        if hand is None or chosen is None:
            self.desk.say("select a point first")
            return
        change = partial(delete_pair, palette=self.desk.palette, map_node=hand.sheet.node, number=chosen)
        if self.desk.edit(change, f"delete sound {chosen + 1}"):
            hand.sheet.choose()

    @staticmethod
    def _chosen(sheet: Sheet) -> int | None:
        number = next(iter(sheet.chosen), None) if len(sheet.chosen) == 1 else None
        is_pair = number is not None and number < len(latents_of(sheet.desk.patch, sheet.desk.palette, sheet.node))
        return number if is_pair else None

    def _take(self, latents: FloatArray, gesture: str) -> None:
        self.latents = latents
        self._edit(gesture)
        self.desk.end_gesture()
        self._shown = ()

    def _edit(self, gesture: str) -> None:
        """The chosen point sounds so from now on; with none chosen the sound waits for its place."""
        hand = self.desk.maps.current
        chosen = self._chosen(hand.sheet) if hand is not None else None
        if hand is not None and chosen is not None:
            change = partial(
                set_latents, palette=self.desk.palette, map_node=hand.sheet.node, number=chosen, latents=self.latents
            )
            self.desk.edit(change, f"sound {chosen + 1}", f"{gesture} {hand.sheet.node}")

    def _show(self, sheet: Sheet, chosen: int | None) -> None:
        import dearpygui.dearpygui as dpg

        words = f"sound {chosen + 1}" if chosen is not None else "click on the map to place this sound"
        if not len(self.latents):
            words = "no codec: connect the terrain to a decoder first"
        dpg.set_value(self._words, words)
        count = min(len(self.latents), MOST_SLIDERS)
        facts = facts_of(codec_of(self.desk.patch, self.desk.palette, sheet.terrains), self.desk.document.folder)
        names = facts.labels if facts is not None and facts.latent_dim == len(self.latents) else ()
        if len(self._items) != count or names != self._names:
            self._names = names
            dpg.delete_item(self._sliders, children_only=True)
            self._items = [
                dpg.add_slider_float(
                    label=names[index] if index < len(names) else str(index + 1),
                    width=px(self.desk, 140),
                    min_value=-REACH,
                    max_value=REACH,
                    format="%.2f",
                    user_data=index,
                    parent=self._sliders,
                    callback=self._slid,
                )
                for index in range(count)
            ]
        for index, item in enumerate(self._items):
            dpg.set_value(item, float(self.latents[index]))

    def _slid(self, sender: int, value: float, index: Any) -> None:
        self.latents = self.latents.copy()
        self.latents[index] = value
        self._edit(f"slider {index}")


def latent_size(desk: Desk, sheet: Sheet) -> int:
    """How many latents a sound of this map has; 0 while nobody knows."""
    sounds = sheet.sounds
    if sounds and sounds[0].latents.ndim == 2 and sounds[0].latents.shape[1]:
        return int(sounds[0].latents.shape[1])
    facts = facts_of(codec_of(desk.patch, desk.palette, sheet.terrains), desk.document.folder)
    return facts.latent_dim if facts is not None else 0


def heard_now(desk: Desk) -> FloatArray | None:
    """The latest latents of the first encode node that hears something."""
    for name in desk.palette.names(desk.patch, "encoder"):
        found = desk.heard.reading(name, "latent.out")
        if found is not None and found.size and np.isfinite(found).all():
            return np.asarray(found, np.float32).reshape(-1)
    return None
