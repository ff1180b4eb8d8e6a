"""A page over the canvas: something to read or to set, while patching goes on beside it."""


class Page:
    """What stands on a page. size: as designed. Unless a page says otherwise it stands still and has no boxes."""

    title = ""
    size = (640, 560)

    @property
    def is_typing(self) -> bool:
        """Whether one of its boxes has the keys."""
        return False

    def fill(self, window: int) -> None:
        """Make it, once."""

    def refresh(self, now: float) -> None:
        """Follow; called every frame while it is open."""

    def close(self) -> None:
        """Its window is gone."""
