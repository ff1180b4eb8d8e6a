"""Settings: how the editor looks and what it does by itself."""

from functools import partial
from typing import Any

from ...surface.look import THEMES
from ..document.desk import Desk
from ..window.widgets import field, fields, px, small, words
from .page import Page

SCALES = ("75 %", "100 %", "125 %", "150 %", "175 %", "200 %", "250 %", "300 %")
MINUTE = 60.0


def put(desk: Desk, name: str, value: Any) -> None:
    """Change a setting and keep it."""
    setattr(desk.settings, name, value)
    desk.settings.save()


def scale_words(scale: float) -> str:
    """A size of everything, as it is chosen."""
    return f"{100 * scale:.0f} %"


def put_scale(desk: Desk, text: str) -> None:
    """Change the size of everything; letters follow at the next start."""
    put(desk, "ui_scale", float(text.rstrip(" %")) / 100)
    desk.say("restart the editor to apply the new text size")


class SettingsPage(Page):
    """Boxes, each heard at once."""

    title, size = "Settings", (480, 370)

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def fill(self, window: int) -> None:
        """One row for each."""
        import dearpygui.dearpygui as dpg

        desk, settings = self._desk, self._desk.settings
        small(desk, window, "appearance")
        looks = fields(desk, window)
        how: dict[str, Any] = {"width": px(desk, 150)}
        dpg.add_combo(
            list(THEMES),
            default_value=settings.theme,
            callback=lambda sender, value: put(desk, "theme", value),
            parent=field(looks, "Theme"),
            **how,
        )
        dpg.add_combo(
            list(SCALES),
            default_value=scale_words(settings.ui_scale),
            callback=lambda sender, value: put_scale(desk, value),
            parent=field(looks, "UI scale"),
            **how,
        )
        small(desk, window, "training")
        self._box(window, "Train automatically after an edit", "learns_by_itself")
        small(desk, window, "sound")
        self._box(window, "Keep playing when the window is closed", "keeps_playing")
        small(desk, window, "autosave")
        dpg.add_slider_float(
            default_value=settings.autosave_seconds,
            min_value=5.0,
            max_value=5 * MINUTE,
            format="%.0f s",
            clamped=True,
            callback=lambda sender, value: put(desk, "autosave_seconds", float(value)),
            parent=field(fields(desk, window), "Autosave interval"),
            **how,
        )
        if settings.path is not None:
            words(desk, window, f"Settings file: {settings.path}")

    def _box(self, window: int, label: str, name: str) -> None:
        import dearpygui.dearpygui as dpg

        act = partial(put, self._desk, name)
        dpg.add_checkbox(
            label=label,
            parent=window,
            default_value=bool(getattr(self._desk.settings, name)),
            callback=lambda sender, value: act(value),
        )
