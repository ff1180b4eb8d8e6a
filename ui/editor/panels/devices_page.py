"""Devices: what to play on and to hear with, how fast and in how large pieces; with a tone to try."""

from collections.abc import Callable

from ..document.desk import Desk
from ..sound.interface import DeviceChoice
from ..window.widgets import button, field, fields, look_of, loud, px, tip, words
from .devices import (
    BLOCKS,
    NONE,
    OWN,
    Asked,
    FoundDevices,
    block_words,
    inputs,
    outputs,
    rates_of,
    read_devices,
    tone_words,
    warning_of,
)
from .page import Page


class DevicesPage(Page):
    """Filled anew when the devices have answered, and after "Rescan". close: closes the page."""

    title, size = "Devices", (580, 320)

    def __init__(self, desk: Desk, close: Callable[[], None]) -> None:
        self._desk, self._close = desk, close
        settings = desk.settings
        self._wish = DeviceChoice(settings.device, settings.input, settings.sample_rate, settings.block)
        self._found = FoundDevices(note="Scanning for devices …")
        self._looking: Asked | None = None
        self._tone: Asked | None = None
        self._home = self._said = 0

    def fill(self, window: int) -> None:
        """The boxes, with what is known already."""
        import dearpygui.dearpygui as dpg

        self._home = dpg.add_group(parent=window)
        self._look()

    def refresh(self, now: float) -> None:
        """Take in what the devices have answered, and what came of the tone."""
        import dearpygui.dearpygui as dpg

        looked = self._looking.result() if self._looking is not None else None
        if looked is not None:
            self._looking = None
            self._found = read_devices(looked[1])
            self._show()
        played = self._tone.result() if self._tone is not None else None
        if played is not None:
            self._tone = None
            dpg.set_value(self._said, tone_words(played[0], played[2] or played[1]))

    def _look(self) -> None:
        """Ask what there is; each is opened for a moment only while nothing plays on it."""
        self._found = FoundDevices(note="Scanning for devices …")
        self._looking = Asked(["devices", "--json", *([] if self._desk.sound.status.is_on else ["--offers"])])
        self._show()

    def _show(self) -> None:
        import dearpygui.dearpygui as dpg

        desk, wish, found = self._desk, self._wish, self._found
        dpg.delete_item(self._home, children_only=True)
        wide, narrow, table = px(desk, 400), px(desk, 190), fields(desk, self._home)
        out = dpg.add_combo(
            outputs(found, wish.device),
            default_value=wish.device or OWN,
            width=wide,
            parent=field(table, "Output device"),
        )
        into = dpg.add_combo(
            inputs(found, wish.input),
            default_value=wish.input or OWN,
            width=wide,
            parent=field(table, "Input device"),
        )
        rates = [f"{one} Hz" for one in sorted({*rates_of(found, wish), wish.sample_rate})]
        rate = dpg.add_combo(
            rates, default_value=f"{wish.sample_rate} Hz", width=narrow, parent=field(table, "Sample rate")
        )
        blocks = {block_words(one, wish.sample_rate): one for one in sorted({*BLOCKS, wish.block})}
        block = dpg.add_combo(
            list(blocks),
            default_value=block_words(wish.block, wish.sample_rate),
            width=narrow,
            parent=field(table, "Buffer size"),
        )

        def chosen() -> None:
            to, of = dpg.get_value(out), dpg.get_value(into)
            self._wish = DeviceChoice(
                None if to == OWN else to,
                None if of == OWN else of,
                int(dpg.get_value(rate).partition(" ")[0]),
                blocks[dpg.get_value(block)],
            )
            self._show()

        tip(desk, block, "Small: low latency; large: stable")
        for item in (out, into, rate, block):
            dpg.configure_item(item, callback=chosen)
        text = found.note or warning_of(found, wish)
        words(desk, self._home, text, look_of(desk).warning if self._looking is None else None)
        with dpg.group(horizontal=True, parent=self._home) as row:
            dpg.bind_item_theme(button(row, "Apply", self._use, px(desk, 90)), loud(desk))
            button(row, "Rescan", self._look)
            tone = button(row, "Test tone", self._try)
            tip(desk, tone, "Plays a sine: left, right, both. Switch the sound off first if the device is exclusive.")
        self._said = words(desk, self._home, "")

    def _use(self) -> None:
        settings, wish = self._desk.settings, self._wish
        settings.device, settings.input = wish.device, wish.input
        settings.sample_rate, settings.block = wish.sample_rate, wish.block
        settings.save()
        self._desk.sound.use(wish)
        self._close()

    def _try(self) -> None:
        import dearpygui.dearpygui as dpg

        if self._tone is None and self._wish.device != NONE:
            device = ["--device", self._wish.device] if self._wish.device else []
            self._tone = Asked(["tone", *device, "--rate", str(self._wish.sample_rate)])
            dpg.set_value(self._said, "Playing …")
