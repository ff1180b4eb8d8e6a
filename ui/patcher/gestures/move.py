"""Moving: nodes, onto cords too; groups with all that is in them; comments; and sizing both."""

from collections.abc import Iterable
from dataclasses import replace

from ....graphs import Cord, Patch, Point, move_node
from ....graphs.arrange import insert_on_cord
from ....graphs.notes import Comment, Group, comments, groups, set_comment, set_group
from ...surface.pointer import Pointer
from ...surface.shapes import Box
from ..hits import OnCord, under
from ..layout import around
from ..overlay import PatchOverlay
from .gesture import Bench, PatchGesture

GRID = 8.0
# Canvas units within which an edge jumps to another card's.
CATCH = 5.0
SMALLEST = 60.0


class MoveNodes(PatchGesture):
    """The chosen nodes follow the hand, on the grid or flush with others; one of them may terrain on a cord."""

    def __init__(
        self, bench: Bench, pointer: Pointer, names: frozenset[str], notes: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(bench, pointer)
        self._names, self._notes, self._from = names, notes, self.at(pointer)
        self._by: Point = (0.0, 0.0)
        self._before = bench.patch
        self._cord: Cord | None = None
        self._own = around(bench.layout.nodes[name].box for name in names)
        self._others = [one.box for name, one in bench.layout.nodes.items() if name not in names]

    def move(self, pointer: Pointer) -> None:
        """Follow."""
        here = self.at(pointer)
        by = here[0] - self._from[0], here[1] - self._from[1]
        guides: tuple[tuple[Point, Point], ...] = ()
        if not pointer.held.alt:
            by, guides = self._snapped(by)
        if by != self._by:
            self._by = by
            self._put(by)
        self._cord = self._cord_under(here)
        self.overlay = PatchOverlay(
            guides=guides,
            cords=frozenset(),
            nodes=self._names if self._cord is not None else frozenset(),
            hint="insert into this cord" if self._cord is not None else "",
            hint_at=here,
        )

    def end(self, pointer: Pointer) -> None:
        """Stay there; on a cord, let what flows along it pass through."""
        self.bench.end_gesture()
        cord = self._cord
        if cord is None:
            return
        (name,) = self._names
        pair = self.bench.pair_for(self.bench.patch.nodes[name].type, cord)
        if pair is not None:
            self.bench.edit(lambda patch: insert_on_cord(patch, cord, name, *pair), f"insert {name} into a cord")

    def cancel(self) -> None:
        """Back to where they were."""
        self._put((0.0, 0.0))
        self.bench.end_gesture()

    def _put(self, by: Point) -> None:
        """Away from where they began; all else may have changed meanwhile."""
        before, names, notes = self._before, self._names, self._notes

        def change(patch: Patch) -> Patch:
            for name in names & patch.nodes.keys():
                x, y = before.nodes[name].position
                patch = move_node(patch, name, (x + by[0], y + by[1]))
            return placed_notes(patch, before, notes, by)

        self.bench.edit(change, _moved(names, notes), self.name)

    def _snapped(self, by: Point) -> tuple[Point, tuple[tuple[Point, Point], ...]]:
        if self._own is None:
            return (round(by[0] / GRID) * GRID, round(by[1] / GRID) * GRID), ()
        moved = self._own.moved(by)
        corner = round(moved.x0 / GRID) * GRID, round(moved.y0 / GRID) * GRID
        found = [corner[0] - self._own.x0, corner[1] - self._own.y0]
        guides: list[tuple[Point, Point]] = []
        near = [box for box in self._others if box.grown(600).meets(moved)]
        for box in sorted(near, key=lambda box: abs(box.x0 - moved.x0)):
            if abs(box.x0 - moved.x0) <= CATCH:
                found[0] = box.x0 - self._own.x0
                guides.append(((box.x0, min(box.y0, moved.y0)), (box.x0, max(box.y1, moved.y1))))
                break
        for box in sorted(near, key=lambda box: abs(box.y0 - moved.y0)):
            if abs(box.y0 - moved.y0) <= CATCH:
                found[1] = box.y0 - self._own.y0
                guides.append(((min(box.x0, moved.x0), box.y0), (max(box.x1, moved.x1), box.y0)))
                break
        return (found[0], found[1]), tuple(guides)

    def _cord_under(self, here: Point) -> Cord | None:
        """A cord that the one node in the hand could sit on; only nodes that hang on none."""
        if len(self._names) != 1 or self._notes:
            return None
        (name,) = self._names
        if any(name in (cord.source_node, cord.target_node) for cord in self.bench.patch.cords):
            return None
        layout = self.bench.layout
        middle = layout.nodes[name].box.middle
        bare = replace(layout, nodes={})
        for place in (here, middle):
            hit = under(bare, place, 14.0)
            if isinstance(hit, OnCord) and self.bench.pair_for(layout.nodes[name].node.type, hit.cord) is not None:
                return hit.cord
        return None


class MoveNote(PatchGesture):
    """A group, with the nodes in it, or a comment, follows the hand."""

    def __init__(self, bench: Bench, pointer: Pointer, name: str) -> None:
        super().__init__(bench, pointer)
        self._name, self._from, self._before = name, self.at(pointer), bench.patch
        self._nodes = bench.layout.inside(name) if name in bench.layout.groups else frozenset[str]()
        self._inner = _notes_inside(bench, name)

    def move(self, pointer: Pointer) -> None:
        """Follow."""
        here = self.at(pointer)
        self._put((round((here[0] - self._from[0]) / GRID) * GRID, round((here[1] - self._from[1]) / GRID) * GRID))

    def cancel(self) -> None:
        """Back to where it was."""
        self._put((0.0, 0.0))
        self.bench.end_gesture()

    def _put(self, by: Point) -> None:
        before = self._before

        def change(patch: Patch) -> Patch:
            for name in self._nodes & patch.nodes.keys():
                x, y = before.nodes[name].position
                patch = move_node(patch, name, (x + by[0], y + by[1]))
            return placed_notes(patch, before, (self._name, *self._inner), by)

        self.bench.edit(change, f"move {self._name}", self.name)


class SizeNote(PatchGesture):
    """The right or lower edge of a group or comment, or both, follow the hand."""

    def __init__(self, bench: Bench, pointer: Pointer, name: str, axes: tuple[bool, bool]) -> None:
        super().__init__(bench, pointer)
        self._name, self._axes, self._before = name, axes, bench.patch

    def move(self, pointer: Pointer) -> None:
        """Follow."""
        here, before = self.at(pointer), self._before

        def sized(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
            right = max(box[0] + SMALLEST, round(here[0] / GRID) * GRID) if self._axes[0] else box[2]
            bottom = max(box[1] + SMALLEST / 2, round(here[1] / GRID) * GRID) if self._axes[1] else box[3]
            return box[0], box[1], right, bottom

        def change(patch: Patch) -> Patch:
            group, comment = groups(before).get(self._name), comments(before).get(self._name)
            if group is not None:
                return set_group(patch, replace(group, box=sized(group.box)))
            return set_comment(patch, replace(comment, box=sized(comment.box))) if comment is not None else patch

        self.bench.edit(change, f"size {self._name}", self.name)

    def cancel(self) -> None:
        """As it was."""
        before = self._before
        self.bench.edit(
            lambda patch: placed_notes(patch, before, (self._name,), (0.0, 0.0)), f"size {self._name}", self.name
        )
        self.bench.end_gesture()


def placed_notes(patch: Patch, before: Patch, names: Iterable[str], by: Point) -> Patch:
    """Groups and comments so far from where they were in an earlier patch."""
    known_groups, known_comments = groups(before), comments(before)
    for name in names:
        if name in known_groups:
            patch = set_group(patch, replace(known_groups[name], box=_off(known_groups[name].box, by)))
        elif name in known_comments:
            patch = set_comment(patch, replace(known_comments[name], box=_off(known_comments[name].box, by)))
    return patch


def _off(box: tuple[float, float, float, float], by: Point) -> tuple[float, float, float, float]:
    return box[0] + by[0], box[1] + by[1], box[2] + by[0], box[3] + by[1]


def _notes_inside(bench: Bench, name: str) -> tuple[str, ...]:
    group = bench.layout.groups.get(name)
    if group is None:
        return ()
    frame = Box(*group.box)
    others: list[Group | Comment] = [one for one in bench.layout.notes() if one.name != name]
    return tuple(
        one.name for one in others if frame.holds((one.box[0], one.box[1])) and frame.holds((one.box[2], one.box[3]))
    )


def _moved(names: frozenset[str], notes: frozenset[str]) -> str:
    if len(names) == 1 and not notes:
        return f"move {next(iter(names))}"
    return f"move {len(names) + len(notes)} things"
