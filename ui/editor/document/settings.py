"""Settings: what the editor remembers of its user, in one file of JSON."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from ....graphs.file_write import WriteError, write_file
from ....graphs.remembered import recall

MOST_RECENT = 12
MAP_SIDES = ("above", "below", "beside")
# The least and the most that a docked map takes of its room.
MAP_SHARES = (0.2, 0.85)


@dataclass
class Settings:
    """ui_scale: 1 is as designed. keys: action names to keys of one's own.

    side_width, bottom_height, list_width: of the panels and the map's list, pixels at scale 1. map_side: where a docked
    map stands by the patch; map_share: how much of the room of both it takes. opens_map: whether a patch with sounds
    opens with its map. keeps_playing: whether the engine plays on when the window is closed. sound_folder: where sounds
    were added from last. tour_done: whether the tour was taken or left. unknown: what another version wrote, kept.
    """

    theme: str = "dark"
    ui_scale: float = 1.0
    keys: dict[str, list[str]] = field(default_factory=dict)
    device: str | None = None
    input: str | None = "none"
    sample_rate: int = 48_000
    block: int = 256
    learns_by_itself: bool = True
    autosave_seconds: float = 20.0
    recent: list[str] = field(default_factory=list)
    panels: list[str] = field(default_factory=lambda: ["inspector"])
    window: list[int] = field(default_factory=lambda: [1440, 900])
    opening: str = ""
    side_width: int = 330
    bottom_height: int = 210
    list_width: int = 190
    map_side: str = "above"
    map_share: float = 0.62
    opens_map: bool = True
    keeps_playing: bool = False
    sound_folder: str = ""
    tour_done: bool = False
    path: Path | None = None
    unknown: dict[str, Any] = field(default_factory=dict)

    def opened(self, path: Path) -> None:
        """Note a file as the latest."""
        name = str(path)
        self.recent = [name, *(one for one in self.recent if one != name)][:MOST_RECENT]
        self.save()

    def save(self) -> None:
        """Write the file whole or not at all; a place that can't be written to is passed over."""
        if self.path is None:
            return
        kept = {key: value for key, value in asdict(self).items() if key not in ("path", "unknown")}
        with suppress(OSError, WriteError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_file(self.path, json.dumps({**self.unknown, **kept}, indent=2, sort_keys=True).encode())


def settings_file() -> Path:
    """Where settings are kept on this system."""
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA", Path.home()))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "latent-terrain" / "settings.json"


def load_settings(path: Path | None = None) -> Settings:
    """Read settings; what can't be understood is put aside under another name, and the defaults are taken."""
    file = path or settings_file()
    return _from(recall(file), file)


def _from(raw: Mapping[str, Any], file: Path) -> Settings:
    settings = Settings(path=file)
    names = {one.name for one in fields(Settings)} - {"path", "unknown"}
    for key, value in raw.items():
        if key not in names:
            settings.unknown[key] = value
            continue
        default = getattr(settings, key)
        if key in _FITS:
            fits = _FITS[key](value)
        elif isinstance(default, bool):
            fits = isinstance(value, bool)
        elif isinstance(default, int | float):
            fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e7
        else:
            fits = isinstance(value, str)
        if fits:
            setattr(settings, key, type(default)(value) if isinstance(default, int | float) else value)
    settings.ui_scale = min(4.0, max(0.5, settings.ui_scale))
    settings.map_share = min(MAP_SHARES[1], max(MAP_SHARES[0], settings.map_share))
    settings.map_side = settings.map_side if settings.map_side in MAP_SIDES else MAP_SIDES[0]
    settings.theme = settings.theme if settings.theme in ("dark", "light") else "dark"
    return settings


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and "\0" not in one for one in value)


def _are_keys(value: object) -> bool:
    return isinstance(value, dict) and all(map(_are_names, value.values()))


def _is_window(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(type(one) is int and 0 < one < 1 << 15 for one in value)


# What settings of more than one value may be; others as their defaults are.
_FITS: dict[str, Callable[[object], bool]] = {
    "keys": _are_keys,
    "recent": _are_names,
    "panels": _are_names,
    "window": _is_window,
    "device": lambda value: value is None or isinstance(value, str),
    "input": lambda value: value is None or isinstance(value, str),
}
