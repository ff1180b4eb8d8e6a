"""Scopes: the wave, its spectrum, the latents and how the loss falls, of what is chosen."""

from collections import deque
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ....engine.roles import Role
from ....engine.values import FloatArray
from ....nodes.terrain.learned import learned_error, learned_losses
from ....nodes.terrain.quality import in_words
from ...patcher.window_requests import Ask
from ..document.desk import Desk
from ..window.panel import Place
from ..window.widgets import look_of, px, styled

Floats = NDArray[np.float64]
QUIETEST_DB, LOWEST_HZ = -100.0, 20.0
EVERY_SECONDS = 0.04
# So many frames of latents are kept to be seen over time.
PAST = 160
PLOTS = ("wave", "spectrum", "latents", "loss")
NOTHING: Floats = np.zeros(0)


def spectrum(samples: NDArray[np.floating], rate: float) -> tuple[Floats, Floats]:
    """Hertz and decibels of a wave, by a Hann window; empty for too few samples."""
    if len(samples) < 16:
        return NOTHING, NOTHING
    windowed = np.asarray(samples, np.float64) * np.hanning(len(samples))
    power = np.abs(np.fft.rfft(windowed)) / (len(samples) / 4)
    hertz = np.fft.rfftfreq(len(samples), 1 / rate)
    loud = np.maximum(20 * np.log10(np.maximum(power[1:], 1e-9)), QUIETEST_DB)
    return np.asarray(hertz[1:], np.float64), np.asarray(loud, np.float64)


def steadied(samples: Floats) -> Floats:
    """A wave from where it first rises through zero, as long whatever its phase, so that a steady tone stands still."""
    half = len(samples) // 2
    if half < 2:
        return samples
    rising = np.flatnonzero((samples[:half] <= 0) & (samples[1 : half + 1] > 0))
    begin = int(rising[0]) if len(rising) else 0
    return samples[begin : begin + half]


def wave_of(desk: Desk) -> tuple[str, FloatArray] | None:
    """The samples of the chosen scope, or of the first there is: ``[channels, samples]``."""
    for name in _first(desk, "scope"):
        found = desk.heard.reading(name, "samples")
        if found is not None and found.ndim == 2 and found.size:
            return name, found
    return None


def latents_of(desk: Desk) -> tuple[str, FloatArray] | None:
    """The latest latents that a chosen node, or the first terrain, gives."""
    for name in _first(desk, "terrain"):
        place = desk.layout.nodes.get(name)
        for port in place.ports if place is not None else ():
            if not port.is_input and port.kind == "latent":
                found = desk.heard.reading(name, f"latent.{port.port}")
                if found is not None and found.size:
                    return f"{name}.{port.port}", found.ravel()
    return None


def losses_of(desk: Desk) -> tuple[str, Floats] | None:
    """How the loss fell of the chosen terrain, or the first that has learned."""
    for name in _first(desk, "terrain"):
        node = desk.patch.nodes[name]
        if desk.palette.role(node.type) == "terrain":
            found = np.asarray(learned_losses(node.content), np.float64)
            if found.size:
                return name, found
    return None


def loss_words(desk: Desk, name: str, losses: Floats) -> str:
    """How well a terrain learned: error/variance with a word, or the last loss where that was not kept."""
    error = learned_error(desk.patch.nodes[name].content)
    return f"{name}  {in_words(error) if error is not None else f'{losses[-1]:.4g}'}"


def _first(desk: Desk, role: Role) -> Iterator[str]:
    """What is chosen, then the nodes of a role."""
    yield from sorted(name for name in desk.selection if name in desk.patch.nodes)
    yield from desk.palette.names(desk.patch, role)


class LatentHistory:
    """The latents of the last seconds, so that they can be seen over time."""

    def __init__(self) -> None:
        self._source = ""
        self._frames: deque[FloatArray] = deque(maxlen=PAST)

    def add(self, source: str, latents: FloatArray) -> None:
        """Note a frame, if it is a new one; another source, or another size, begins anew."""
        if source != self._source or (self._frames and self._frames[-1].size != latents.size):
            self._source = source
            self._frames.clear()
        if not self._frames or not np.array_equal(self._frames[-1], latents):
            self._frames.append(np.array(latents, np.float32))

    def map(self) -> Floats:
        """Newest at the right, the first latent at the top: ``[latents, 160]``, nothing yet is 0."""
        if not self._frames:
            return np.zeros((1, PAST))
        found = np.zeros((self._frames[0].size, PAST))
        found[:, PAST - len(self._frames) :] = np.stack(self._frames, axis=1)
        return found


class Scopes:
    """Four plots in a row, and a switch for latents as bars or over time."""

    name, title = "scopes", "Scopes"
    place: Place = "bottom"
    is_typing = False

    def build(self, parent: int, desk: Desk) -> None:
        """The plots."""
        import dearpygui.dearpygui as dpg

        self.desk = desk
        self._parent, self._home = parent, 0
        self._past = LatentHistory()
        self._series: dict[str, int] = {}
        self._axes: dict[str, tuple[int, int]] = {}
        self._names: dict[str, int] = {}
        self._heat_of: tuple[int, int] | None = None
        self._due, self._theme = 0.0, ""
        with dpg.table(parent=parent, header_row=False, policy=dpg.mvTable_SizingStretchSame):
            for _ in PLOTS:
                dpg.add_table_column()
            with dpg.table_row():
                for name in PLOTS:
                    with dpg.group():
                        self._plot(name)

    def takes(self, ask: Ask) -> bool:
        """None."""
        return False

    def refresh(self, now: float) -> None:
        """Draw what is, 25 times a second at most."""
        import dearpygui.dearpygui as dpg

        if now < self._due or not dpg.is_item_shown(self._parent):
            return
        self._due = now + EVERY_SECONDS
        self._restyle()
        self._waves()
        self._latents()
        losses = losses_of(self.desk)
        self._say("loss", loss_words(self.desk, *losses) if losses is not None else "not trained yet")
        if losses is not None:
            self._put("loss", np.arange(len(losses[1]), dtype=np.float64), losses[1])

    def _plot(self, name: str) -> None:
        import dearpygui.dearpygui as dpg

        desk = self.desk
        with dpg.group(horizontal=True):
            dpg.add_text(name)
            self._names[name] = dpg.add_text("")
            if name == "latents":
                self._over_time: int = dpg.add_checkbox(label="over time", callback=lambda: self._turned())
        how = {"no_menus": True, "no_box_select": True, "no_mouse_pos": True, "no_title": True, "no_frame": True}
        with dpg.plot(width=-1, height=px(desk, 160), **how):
            scale = dpg.mvPlotScale_Log10 if name == "spectrum" else dpg.mvPlotScale_Linear
            bare = name in ("wave", "latents")
            across: int = dpg.add_plot_axis(dpg.mvXAxis, no_tick_labels=bare, no_gridlines=bare, scale=scale)
            down: int = dpg.add_plot_axis(dpg.mvYAxis)
            self._axes[name] = across, down
            made = dpg.add_bar_series if name == "latents" else dpg.add_line_series
            self._series[name] = made([0.0, 1.0], [0.0, 0.0], parent=down)
        limits = {"wave": (-1.0, 1.0), "spectrum": (QUIETEST_DB, 0.0), "latents": (-4.0, 4.0)}
        if name in limits:
            dpg.set_axis_limits(down, *limits[name])

    def _waves(self) -> None:
        import dearpygui.dearpygui as dpg

        wave = wave_of(self.desk)
        if wave is None:
            self._say("wave", "add a scope")
            self._say("spectrum", "")
            return
        name, samples = wave
        first = np.asarray(samples[0], np.float64)
        shown = steadied(first)
        rate = float(self.desk.sound.status.numbers.get("sample_rate", self.desk.settings.sample_rate))
        self._put("wave", np.arange(len(shown), dtype=np.float64), shown)
        hertz, loud = spectrum(first, rate)
        self._put("spectrum", hertz, loud)
        dpg.set_axis_limits(self._axes["spectrum"][0], LOWEST_HZ, rate / 2)
        self._say("wave", name)
        self._say("spectrum", f"{hertz[int(np.argmax(loud))]:.0f} Hz" if len(loud) and loud.max() > -60 else "")

    def _latents(self) -> None:
        import dearpygui.dearpygui as dpg

        found = latents_of(self.desk)
        self._say("latents", found[0] if found is not None else "(empty)")
        if found is None:
            return
        self._past.add(*found)
        if not dpg.get_value(self._over_time):
            count = len(found[1])
            self._put("latents", np.arange(count, dtype=np.float64), np.asarray(found[1], np.float64))
            return
        heat = self._past.map()
        if self._heat_of != heat.shape:
            self._heat(*heat.shape)
        dpg.set_value(self._series["heat"], [np.ascontiguousarray(heat).ravel(), [-4.0], [4.0]])

    def _heat(self, rows: int, columns: int) -> None:
        """Make the map for so many latents."""
        import dearpygui.dearpygui as dpg

        if "heat" in self._series:
            dpg.delete_item(self._series.pop("heat"))
        self._heat_of = rows, columns
        across, down = self._axes["latents"]
        how = {"scale_min": -4.0, "scale_max": 4.0, "format": "", "bounds_min": (0, 0), "bounds_max": (columns, rows)}
        self._series["heat"] = dpg.add_heat_series([0.0] * rows * columns, rows, columns, parent=down, **how)
        dpg.set_axis_limits(across, 0, columns)
        dpg.set_axis_limits(down, 0, rows)

    def _turned(self) -> None:
        """Bars or over time."""
        import dearpygui.dearpygui as dpg

        across, down = self._axes["latents"]
        is_map = bool(dpg.get_value(self._over_time))
        dpg.configure_item(self._series["latents"], show=not is_map)
        if not is_map:
            if "heat" in self._series:
                dpg.delete_item(self._series.pop("heat"))
            self._heat_of = None
            dpg.set_axis_limits_auto(across)
            dpg.set_axis_limits(down, -4.0, 4.0)

    def _restyle(self) -> None:
        """Lines in the colours of what they show."""
        import dearpygui.dearpygui as dpg

        look = look_of(self.desk)
        if look.name == self._theme:
            return
        self._theme = look.name
        for name, item in self._names.items():
            dpg.configure_item(item, color=look.quiet)
            tint = {"latents": look.latent, "loss": look.trajectories}.get(name, look.signal)

            def make(tint: tuple[int, int, int, int] = tint) -> None:
                for part in (dpg.mvPlotCol_Line, dpg.mvPlotCol_Fill):
                    dpg.add_theme_color(part, tint, category=dpg.mvThemeCat_Plots)

            dpg.bind_item_theme(self._series[name], styled(f"panel plot {name} {look.name}", make))

    def _say(self, name: str, text: str) -> None:
        import dearpygui.dearpygui as dpg

        dpg.set_value(self._names[name], text)

    def _put(self, name: str, x: Floats, y: Floats) -> None:
        import dearpygui.dearpygui as dpg

        if not len(x):
            return
        dpg.set_value(self._series[name], [np.ascontiguousarray(x), np.ascontiguousarray(y)])
        across, down = self._axes[name]
        if name != "spectrum":
            dpg.fit_axis_data(across)
        if name == "loss":
            dpg.fit_axis_data(down)
