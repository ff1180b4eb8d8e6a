"""The maps of a patch: one hand for each map, and which of them is seen."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from ...graphs import Patch, set_view
from ..terrain_image.facets import Facet, facet_from
from .hand import MapHand
from .sheet import Sheet, SheetDesk

Way = Literal["docked", "floating", "full"]
WAYS: tuple[Way, ...] = ("docked", "floating", "full")
SAVED = "maps"
# The panes in which keys are those of the map: the map itself, and the list of sounds beside it.
PANES = ("map", "sounds")


class Maps:
    """Belongs to the window's thread. way: where the map is.

    is_alone: whether the window has nothing but the map.
    """

    def __init__(self, desk: SheetDesk) -> None:
        self._desk = desk
        self._hands: dict[str, MapHand] = {}
        self._facets: dict[str, Facet] = {}
        self._seen = ""
        self._chosen: frozenset[str] = frozenset()
        self.way: Way = "docked"
        self.is_alone = False

    @property
    def names(self) -> tuple[str, ...]:
        """The maps of the patch."""
        return self._desk.palette.names(self._desk.patch, "map")

    @property
    def current(self) -> MapHand | None:
        """The hand on the map that is seen; None when the patch has no map."""
        names = self.names
        if self._seen not in names:
            self._seen = names[0] if names else ""
        return self.hand(self._seen) if self._seen else None

    @property
    def seen(self) -> str:
        """The name of the map that is seen; "" where the patch has none."""
        hand = self.current
        return hand.sheet.node if hand is not None else ""

    def hand(self, name: str) -> MapHand:
        """The hand on a map."""
        if name not in self._hands:
            self._hands[name] = MapHand(Sheet(self._desk, name))
        return self._hands[name]

    def see(self, name: str) -> None:
        """See another map."""
        if name in self.names and name != self._seen:
            hand = self._hands.get(self._seen)
            if hand is not None:
                hand.cancel()
            self._seen = name

    def follow(self, selection: frozenset[str]) -> None:
        """See the map that was chosen in the patch, or the one that a chosen terrain learns from."""
        if selection == self._chosen:
            return
        self._chosen = selection
        patch = self._desk.patch
        for name in sorted(selection):
            node = patch.nodes.get(name)
            role = self._desk.palette.role(node.type) if node is not None else None
            if role == "map":
                self.see(name)
                return
            if role == "terrain":
                steering = (cord.source_node for cord in patch.cords if cord.target_node == name)
                found = next((one for one in steering if one in self.names), None)
                if found is not None:
                    self.see(found)
                    return

    def facet(self, name: str) -> Facet:
        """How a map's terrain is shown."""
        return self._facets.get(name, Facet())

    def show(self, name: str, **changes: object) -> None:
        """Show a map's terrain another way."""
        self._facets[name] = replace(self.facet(name), **changes)  # type: ignore[arg-type]

    def take(self, patch: Patch) -> None:
        """Another patch is open: nothing of the one before, and terrains as they were shown when it was saved."""
        self._hands.clear()
        self._facets.clear()
        self._seen, self._chosen = "", frozenset()
        saved = patch.view.get(SAVED)
        for name, raw in saved.items() if isinstance(saved, Mapping) else ():
            if isinstance(raw, Mapping):
                self._facets[name] = facet_from(raw)

    def saved(self, patch: Patch) -> Patch:
        """A patch that knows how its terrains are shown."""
        names = self._desk.palette.names(patch, "map")
        facets = {name: facet.plain() for name, facet in self._facets.items() if name in names and facet != Facet()}
        return set_view(patch, SAVED, facets or None)
