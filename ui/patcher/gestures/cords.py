"""Patching: drawing a cord from a port, and taking hold of the end of one that is there."""

from collections.abc import Iterator

from ....graphs import Cord, Patch
from ....graphs.arrange import remove_cords, reroute
from ...setting_edits import with_cord
from ...surface.pointer import Pointer
from ..hits import nearest_port, node_at
from ..overlay import LooseCord, PatchOverlay
from ..ports import Kind, PortPlace, accepts, is_direct
from ..window_requests import OpenSearch
from .gesture import Bench, PatchGesture

# Pixels within which a cord's end jumps to a port.
REACH = 22.0
WORDS: dict[tuple[Kind, Kind], str] = {
    ("signal", "latent"): "sampled at each frame",
    ("latent", "signal"): "held until the next frame",
    ("event", "signal"): "held until the next",
}


class DrawCord(PatchGesture):
    """A cord from a port to wherever the hand lets go. moved: a cord whose end this is, to be laid elsewhere."""

    def __init__(self, bench: Bench, pointer: Pointer, origin: PortPlace, moved: Cord | None = None) -> None:
        super().__init__(bench, pointer)
        self._origin, self._moved = origin, moved
        self._has_left = moved is not None
        self._offered = frozenset(port.end for port in self._fitting())
        self.move(pointer)

    def move(self, pointer: Pointer) -> None:
        """Follow; jump to the nearest port that fits, or the best of the card under the hand."""
        here = self.at(pointer)
        reach = REACH / self.bench.view.scale
        caught = nearest_port(self.bench.layout, here, reach, self._offered, not self._origin.is_input)
        if caught is None:
            caught = self._best_of(node_at(self.bench.layout, here))
        away = abs(here[0] - self._origin.place[0]) + abs(here[1] - self._origin.place[1])
        self._has_left = self._has_left or away * self.bench.view.scale > 12.0
        self.overlay = PatchOverlay(
            cord=LooseCord(self._origin, here, caught),
            offered=self._offered | {self._origin.end},
            cords=frozenset({self._moved}) if self._moved is not None else frozenset(),
            hint=self._words(caught),
            hint_at=here,
        )

    def end(self, pointer: Pointer) -> None:
        """Lay the cord, or ask what to add where it was dropped."""
        self.move(pointer)
        cord = self.overlay.cord if self.overlay is not None else None
        caught = cord.caught if cord is not None else None
        here, moved, origin = self.at(pointer), self._moved, self._origin
        if caught is not None:
            source, target = (caught, origin) if origin.is_input else (origin, caught)

            def lay(patch: Patch) -> Patch:
                if moved is not None:
                    return reroute(patch, moved, source.end, target.end)
                return with_cord(patch, self.bench.palette, source.end, target.end)

            self.bench.edit(lay, f"connect {source.node} to {target.node}")
        elif moved is not None:
            if node_at(self.bench.layout, here) is None:
                self.bench.edit(lambda patch: remove_cords(patch, [moved]), f"disconnect {moved.target}")
        elif self._has_left and node_at(self.bench.layout, here) is None:
            self.bench.ask(OpenSearch(here, origin))

    def _fitting(self) -> Iterator[PortPlace]:
        origin = self._origin
        for port in self.bench.layout.ports():
            if port.is_input == origin.is_input:
                continue
            source, target = (port, origin) if origin.is_input else (origin, port)
            if accepts(source.kind, target) and (port.node != origin.node or self._breaks_loops(port.node)):
                yield port

    def _breaks_loops(self, node: str) -> bool:
        spec = self.bench.layout.nodes[node].spec
        return spec is not None and spec.breaks_cycles

    def _best_of(self, node: str | None) -> PortPlace | None:
        if node is None or node == self._origin.node:
            return None
        taken = {cord.target for cord in self.bench.patch.cords}
        fitting = [port for port in self.bench.layout.nodes[node].ports if port.end in self._offered]
        fitting = [port for port in fitting if port.is_input != self._origin.is_input]

        def rank(port: PortPlace) -> tuple[bool, bool, bool]:
            direct = (
                is_direct(port.kind, self._origin.kind, self._origin.is_param)
                if self._origin.is_input
                else is_direct(self._origin.kind, port.kind, port.is_param)
            )
            return port.is_param, not direct, port.is_input and port.end in taken

        return min(fitting, key=rank, default=None)

    def _words(self, caught: PortPlace | None) -> str:
        if caught is None:
            return ""
        source, target = (caught, self._origin) if self._origin.is_input else (self._origin, caught)
        if target.is_param:
            spec = self.bench.layout.nodes[target.node].spec
            param = spec.params.get(target.port) if spec is not None else None
            steps = param is not None and not param.ramp
            return f"modulates {target.port}{', one value per block' if steps else ''}"
        return WORDS.get((source.kind, target.kind), "")


def loose_end(cord: Cord, near: str, bench: Bench) -> PortPlace | None:
    """The port at the other end of a cord than the one that is taken in the hand."""
    layout = bench.layout
    return layout.port(cord.source, False) if near == "target" else layout.port(cord.target, True)
