"""Scopes: the wave, its spectrum, the latents and how the loss falls, of what is chosen."""

import numpy as np
from numpy.typing import NDArray

from ....nodes.terrain.learned import learned_losses
from ..asks import Ask
from ..desk import Desk
from ..window.panel import Place

Floats = NDArray[np.float64]
QUIETEST_DB = -100.0


def spectrum(samples: NDArray[np.floating], rate: float) -> tuple[Floats, Floats]:
    """Hertz and decibels of a wave, by a Hann window; empty for too few samples."""
    if len(samples) < 16:
        return np.zeros(0), np.zeros(0)
    windowed = np.asarray(samples, np.float64) * np.hanning(len(samples))
    power = np.abs(np.fft.rfft(windowed)) / (len(samples) / 4)
    hertz = np.fft.rfftfreq(len(samples), 1 / rate)
    loud = np.maximum(20 * np.log10(np.maximum(power[1:], 1e-9)), QUIETEST_DB)
    return np.asarray(hertz[1:], np.float64), np.asarray(loud, np.float64)


def wave_of(desk: Desk) -> NDArray[np.floating] | None:
    """The samples of the chosen scope, or of the first there is."""
    names = [*sorted(desk.selection), *(name for name, node in desk.patch.nodes.items() if node.type == "scope")]
    for name in names:
        found = desk.sound.reading(name, "samples")
        if found is not None and found.ndim == 2 and found.size:
            return found
    return None


def latents_of(desk: Desk) -> NDArray[np.floating] | None:
    """The latest latents that a chosen node, or the first terrain, gives."""
    names = [*sorted(desk.selection), *(name for name, node in desk.patch.nodes.items() if node.type == "terrain")]
    for name in names:
        place = desk.layout.nodes.get(name)
        for port in place.ports if place is not None else ():
            if not port.is_input and port.kind == "latent":
                found = desk.sound.reading(name, f"latent.{port.port}")
                if found is not None and found.size:
                    return found.ravel()
    return None


def losses_of(desk: Desk) -> Floats:
    """How the loss fell of the chosen terrain, or the first."""
    names = [*sorted(desk.selection), *desk.patch.nodes]
    name = next((one for one in names if desk.patch.nodes[one].type == "terrain"), None)
    return np.asarray(learned_losses(desk.patch.nodes[name].content) if name else (), np.float64)


class Scopes:
    """Four plots in a row."""

    name, title = "scopes", "Scopes"
    place: Place = "bottom"
    is_typing = False

    def build(self, parent: int, desk: Desk) -> None:
        """The plots."""
        import dearpygui.dearpygui as dpg

        self.desk = desk
        self._parent = parent
        self._series: dict[str, int] = {}
        self._axes: dict[str, tuple[int, int]] = {}
        with dpg.group(horizontal=True, parent=parent):
            for name in ("wave", "spectrum", "latents", "loss"):
                with dpg.plot(label=name, width=242, height=190, no_menus=True, no_box_select=True):
                    across = dpg.add_plot_axis(
                        dpg.mvXAxis, no_tick_labels=name in ("wave", "latents"), no_gridlines=True
                    )
                    down = dpg.add_plot_axis(dpg.mvYAxis)
                    made = dpg.add_bar_series if name == "latents" else dpg.add_line_series
                    self._series[name] = made([0.0, 1.0], [0.0, 0.0], parent=down)
                    self._axes[name] = (across, down)
        dpg.set_axis_limits(self._axes["wave"][1], -1.0, 1.0)
        dpg.set_axis_limits(self._axes["spectrum"][1], QUIETEST_DB, 0.0)
        dpg.set_axis_limits(self._axes["latents"][1], -4.0, 4.0)

    def takes(self, ask: Ask) -> bool:
        """None."""
        return False

    def refresh(self, now: float) -> None:
        """Draw what is."""
        import dearpygui.dearpygui as dpg

        if not dpg.is_item_shown(self._parent):
            return
        wave = wave_of(self.desk)
        if wave is not None:
            first = np.asarray(wave[0], np.float64)
            self._put("wave", np.arange(len(first), dtype=np.float64), first)
            self._put("spectrum", *spectrum(first, float(self.desk.settings.sample_rate)))
        latents = latents_of(self.desk)
        if latents is not None:
            self._put("latents", np.arange(len(latents), dtype=np.float64), np.asarray(latents, np.float64))
        losses = losses_of(self.desk)
        if len(losses):
            self._put("loss", np.arange(len(losses), dtype=np.float64), losses)

    def _put(self, name: str, x: Floats, y: Floats) -> None:
        import dearpygui.dearpygui as dpg

        if not len(x):
            return
        dpg.set_value(self._series[name], [np.ascontiguousarray(x), np.ascontiguousarray(y)])
        across, down = self._axes[name]
        dpg.fit_axis_data(across)
        if name == "loss":
            dpg.fit_axis_data(down)
