"""What a panel is to the window."""

from typing import Literal, Protocol

from ...patcher.window_requests import Ask
from ..document.desk import Desk

Place = Literal["bar", "right", "bottom", "popup", "centre"]


class Panel(Protocol):
    """Something around or above the canvas. All calls come on the window's thread.

    place: "bar" is the row under the menus; "right" and "bottom" are opened and closed by name; "popup" makes windows
    of its own when asked; "centre" shares the middle with the patch. is_typing: whether a text box of it has the keys.
    """

    name: str
    title: str
    place: Place

    def build(self, parent: int, desk: Desk) -> None:
        """Make the widgets, once."""
        ...

    def refresh(self, now: float) -> None:
        """Show what is; called every frame while it is open."""
        ...

    def takes(self, ask: Ask) -> bool:
        """Answer an ask; False if it is none of its."""
        ...

    @property
    def is_typing(self) -> bool:
        """Whether the keys go to a text box here."""
        ...
