"""Keys: from the window's codes to names such as ``Ctrl+Shift+Z``."""

import sys
from functools import cache

NAMED = {
    "Delete": "Delete",
    "Back": "Backspace",
    "Tab": "Tab",
    "Escape": "Escape",
    "Return": "Enter",
    "Spacebar": "Space",
    "Home": "Home",
    "End": "End",
    "Left": "Left",
    "Right": "Right",
    "Up": "Up",
    "Down": "Down",
    "Comma": ",",
    "Period": ".",
    "Slash": "/",
    "Minus": "-",
    "Open_Brace": "[",
    "Close_Brace": "]",
    "Backslash": "\\",
    "Insert": "Insert",
}
# Codes that the library (2.3.1) has only as those of an older one, which never come: mvKey_Quote, Colon, Plus, Tilde.
CODES = {596: "'", 601: ";", 602: "=", 606: "`"}
COMMAND = ("LControl", "RControl", "LWin", "RWin") if sys.platform == "darwin" else ("LControl", "RControl")


@cache
def names() -> dict[int, str]:
    """Every key that may be bound, by its code."""
    import dearpygui.dearpygui as dpg

    found = {getattr(dpg, f"mvKey_{key}"): name for key, name in NAMED.items() if hasattr(dpg, f"mvKey_{key}")}
    found |= CODES
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789":
        found[getattr(dpg, f"mvKey_{letter}")] = letter
    for number in range(1, 13):
        found[getattr(dpg, f"mvKey_F{number}")] = f"F{number}"
    return found


def is_down(*keys: str) -> bool:
    """Whether one of these keys is held."""
    import dearpygui.dearpygui as dpg

    return any(hasattr(dpg, f"mvKey_{key}") and dpg.is_key_down(getattr(dpg, f"mvKey_{key}")) for key in keys)


def held() -> tuple[bool, bool, bool, bool]:
    """Shift, Ctrl (or Cmd), Alt and space."""
    return (
        is_down("LShift", "RShift"),
        is_down(*COMMAND),
        is_down("LAlt", "RAlt"),
        is_down("Spacebar"),
    )


def named(code: int) -> str | None:
    """A key with what is held beside it; None for one that has no name."""
    name = names().get(code)
    if name is None:
        return None
    shift, command, alt, _ = held()
    return f"{'Ctrl+' if command else ''}{'Shift+' if shift else ''}{'Alt+' if alt else ''}{name}"
