"""Settings as they are shown and as they are put: texts, lists, numbers and files."""

from functools import partial
from pathlib import Path
from typing import Any

from ....engine.setting_specs import SettingSpec
from ....graphs import set_value
from ....nodes.audiofile import SUFFIXES
from ...missing_models import noted
from ...patch_files import name_from
from ...setting_edits import with_setting
from ..document.desk import Desk

LETTERS = 24
# The suffixes of what files are for.
KINDS: dict[str, tuple[str, ...]] = {
    "model": (".ts", ".pt", ".npz"),
    "sound": SUFFIXES,
    "terrain": (".pt",),
    "faust": (".dsp",),
}


def setting_words(spec: SettingSpec, value: Any, most: int = LETTERS) -> str:
    """A setting's value in a row: of a path its end, which tells more than its beginning."""
    if isinstance(value, list | tuple):
        text = ", ".join(map(str, value)) or "none"
        count = f"{len(value)} files" if spec.about.file and len(value) > 1 else ""
        return count if count and len(text) > most else _shortened(text, most)
    text = str(value)
    if spec.about.file and len(text) > most:
        return f"…{text[len(text) - most + 1 :]}"
    return _shortened(text or "…", most) + (f" {spec.about.unit}" if spec.about.unit else "")


def put_value(desk: Desk, node: str, name: str, value: Any) -> bool:
    """Change a setting or a param: one step. Gives whether it could be."""
    change = partial(with_setting, palette=desk.palette, node=node, setting=name, value=value)
    return desk.edit(change, f"{node} {name}")


def put_file(desk: Desk, node: str, name: str, path: Path) -> bool:
    """Put a file into a setting, relative to the patch where it lies beside it; a list gets it at its end."""
    folder = desk.document.folder
    text = name_from(folder, path)
    before = desk.patch.nodes[node].values.get(name)
    spec = desk.palette.get(desk.patch.nodes[node].type)
    is_list = spec is not None and isinstance(spec.settings[name].default, tuple)
    if spec is not None and spec.settings[name].about.writes:
        desk.recorders.allow(path, folder)  # it was chosen by hand
    known = list(before) if isinstance(before, list | tuple) else []
    if spec is not None and spec.settings[name].about.file == "model":
        return desk.edit(lambda patch: noted(set_value(patch, node, name, text), text, path), f"{node} {name}")
    return put_value(desk, node, name, [*known, text] if is_list else text)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
