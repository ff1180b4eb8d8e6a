"""Settings: what the editor remembers of its user, in one file of JSON."""

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from ...graphs.writing import WriteError, write_file

MOST_RECENT = 12


@dataclass
class Settings:
    """ui_scale: 1 is as designed. keys: action names to keys of one's own. said: what went wrong on reading, or "".

    unknown: what another version wrote, kept.
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
    path: Path | None = None
    said: str = ""
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
        kept = {key: value for key, value in asdict(self).items() if key not in ("path", "said", "unknown")}
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
    """Read settings; what can't be read is put aside under another name, and the defaults are taken."""
    file = path or settings_file()
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(raw, dict):
            raise ValueError("no settings are in it")
    except FileNotFoundError:
        return Settings(path=file)
    except (OSError, ValueError) as error:
        aside = file.with_suffix(".broken.json")
        with suppress(OSError):
            os.replace(file, aside)
        return Settings(path=file, said=f"your settings could not be read ({error}); they are kept as {aside.name}")
    return _from(raw, file)


def _from(raw: Mapping[str, Any], file: Path) -> Settings:
    settings = Settings(path=file)
    names = {one.name for one in fields(Settings)} - {"path", "said", "unknown"}
    for key, value in raw.items():
        if key not in names:
            settings.unknown[key] = value
            continue
        default = getattr(settings, key)
        if isinstance(default, bool):
            fits = isinstance(value, bool)
        elif isinstance(default, int | float):
            fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e7
        elif default is None or key in ("device", "input"):
            fits = value is None or isinstance(value, str)
        else:
            fits = isinstance(value, type(default))
        if fits:
            kind: Any = type(default)
            setattr(settings, key, kind(value) if isinstance(default, int | float) else value)
    settings.ui_scale = min(4.0, max(0.5, settings.ui_scale))
    settings.theme = settings.theme if settings.theme in ("dark", "light") else "dark"
    return settings
