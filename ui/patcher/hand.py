"""The hand on a patch: what a press, a drag, a click and a double click are, by what is under the pointer."""

from dataclasses import replace
from functools import partial

from ...graphs import Point, set_title, set_value, unset_value
from ...graphs.notes import Comment, Group, set_comment, set_group
from ..surface.gesture import Gesture, Pan
from ..surface.hand import Hand
from ..surface.hits import OnNothing
from ..surface.pointer import Pointer, Touch
from .gestures.cords import DrawCord, loose_end
from .gestures.gesture import Bench
from .gestures.move import MoveNodes, MoveNote, SizeNote
from .gestures.navigation import GoTo
from .gestures.numbers import TurnNumber
from .gestures.selection import Knife, box_select
from .hits import Hit, OnComment, OnControl, OnCord, OnGroup, OnMinimap, OnNode, OnPort, under
from .layout import ControlPlace
from .overlay import PatchOverlay
from .values import value_of
from .window_requests import OpenMenu, OpenSearch, ShowHelp, TypeText, TypeValue

# Pixels from which a port or a cord is still caught.
REACH = 9.0


class PatchHand(Hand[Hit, PatchOverlay]):
    """What the pointer does on the canvas."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self.bench = bench

    def touch(self, touch: Touch) -> None:
        """Follow one event; the desk knows where the pointer is."""
        self.bench.pointer = self.bench.view.to_canvas(touch.pointer.place)
        super().touch(touch)

    def under(self, place: Point) -> Hit:
        """What a pixel touches."""
        found, view = self.bench.minimap, self.bench.view
        if found is not None and found.box.holds(place):
            return OnMinimap(found)
        return under(self.bench.layout, view.to_canvas(place), REACH / view.scale)

    def begin(self, pointer: Pointer, hit: Hit) -> Gesture[PatchOverlay] | None:
        """A cord from a port, and the way on the minimap, begin with the press."""
        if isinstance(hit, OnMinimap):
            return GoTo(self.bench, pointer, hit.map)
        return self._cord_from(pointer, hit) if isinstance(hit, OnPort) and not self.bench.is_locked else None

    def choose(self, pointer: Pointer, hit: Hit) -> None:
        """A card, a cord or a note; more of them with Shift or Ctrl."""
        bench, adds = self.bench, pointer.held.shift or pointer.held.command
        match hit:
            case OnNode(name, _) if pointer.held.alt:
                bench.ask(ShowHelp(bench.patch.nodes[name].type))
            case OnNode(name, _):
                if adds:
                    bench.select(bench.selection ^ {name}, bench.cords, bench.notes)
                elif name not in bench.selection:
                    bench.select([name])
            case OnCord(cord, _):
                bench.select(bench.selection if adds else (), {*bench.cords, cord} if adds else [cord])
            case OnGroup(name, _) | OnComment(name, _):
                if name not in bench.notes:
                    bench.select(bench.selection if adds else (), notes={*bench.notes, name} if adds else [name])

    def drag(self, pointer: Pointer, hit: Hit) -> Gesture[PatchOverlay] | None:
        """Turn, move, size, cut or select, by what is there."""
        bench = self.bench
        if isinstance(hit, OnControl):
            place = bench.layout.nodes[hit.control.node]
            spec = place.spec.params.get(hit.control.name) if place.spec is not None else None
            if hit.control.kind == "number" and spec is not None and not pointer.held.command:
                return TurnNumber(bench, pointer, hit.control, spec)
            if hit.control.kind in ("meter", "scope", "picture") and not bench.is_locked:
                return self._moving(pointer, hit.control.node)
            return None
        if bench.is_locked:
            return Pan(bench, pointer) if isinstance(hit, OnNothing) else None
        match hit:
            case OnNode(name, _):
                return self._moving(pointer, name)
            case OnCord(cord, near) if near != "middle":
                origin = loose_end(cord, near, bench)
                return DrawCord(bench, pointer, origin, cord) if origin is not None else None
            case OnGroup(name, "title") | OnComment(name, "body"):
                return MoveNote(bench, pointer, name)
            case OnGroup(name, part):
                return SizeNote(bench, pointer, name, (part != "edge-bottom", part != "edge-right"))
            case OnComment(name, _):
                return SizeNote(bench, pointer, name, (True, True))
            case OnNothing() if pointer.held.command:
                return Knife(bench, pointer)
            case OnNothing():
                return box_select(bench, pointer, pointer.held.shift)
        return None

    def _moving(self, pointer: Pointer, name: str) -> Gesture[PatchOverlay]:
        if name not in self.bench.selection:
            self.bench.select([name])
        return MoveNodes(self.bench, pointer, self.bench.selection, self.bench.notes)

    def _cord_from(self, pointer: Pointer, hit: OnPort) -> Gesture[PatchOverlay]:
        """A new cord; from an input that is fed, with Ctrl held, the one that is there."""
        port = hit.port
        if port.is_input:
            fed = next((cord for cord in self.bench.patch.cords if cord.target == port.end), None)
            origin = self.bench.layout.port(fed.source, False) if fed is not None else None
            if fed is not None and origin is not None:
                return DrawCord(self.bench, pointer, origin, fed)
        return DrawCord(self.bench, pointer, port)

    def click(self, pointer: Pointer, hit: Hit) -> None:
        """Press a control, or select this alone."""
        bench = self.bench
        match hit:
            case OnControl(control):
                self._press_control(pointer, control)
            case OnNothing():
                if not (pointer.held.shift or pointer.held.command):
                    bench.select()
            case OnNode(name, _) if not (pointer.held.shift or pointer.held.command or pointer.held.alt):
                bench.select([name])

    def _press_control(self, pointer: Pointer, control: ControlPlace) -> None:
        bench = self.bench
        place = bench.layout.nodes[control.node]
        value = value_of(place, control.name)
        match control.kind:
            case "toggle":
                bench.turn(control.node, control.name, not value, f"toggle {pointer.time}")
                bench.end_gesture()
            case "menu":
                bench.ask(OpenMenu(bench.view.to_canvas(pointer.place), OnControl(control)))
            case "number" if pointer.held.command:
                bench.ask(TypeValue(control.node, control.name))
            case "text":
                if not bench.is_locked:
                    bench.ask(TypeValue(control.node, control.name))
            case _:
                bench.select([control.node])

    def double(self, pointer: Pointer, hit: Hit) -> bool:
        """Add a node, type a title or a text, open a map or a definition, or let a number be its default."""
        if isinstance(hit, OnMinimap):
            return False
        bench = self.bench
        here = bench.view.to_canvas(pointer.place)
        match hit:
            case OnControl(control) if control.kind == "number":
                change = partial(unset_value, node=control.node, key=control.name)
                bench.edit(change, f"{control.node} {control.name} to its default")
            case OnControl(control) if control.kind == "picture":
                bench.select([control.node])
                bench.show_map()
            case OnNothing() if not bench.is_locked:
                bench.ask(OpenSearch(here))
            case OnNode(name, _) if bench.open_definition(name):
                pass  # what is under the hand is another node now
            case OnNode(name, True) if not bench.is_locked:
                bench.ask(TypeText(f"Title of {name}", bench.patch.nodes[name].title, partial(self._titled, name)))
            case OnGroup(name, _) if not bench.is_locked:
                group = bench.layout.groups[name]
                bench.ask(TypeText("Title of the group", group.title, partial(self._group_titled, group)))
            case OnComment(name, _) if not bench.is_locked:
                comment = bench.layout.comments[name]
                bench.ask(TypeText("Comment", comment.text, partial(self._commented, comment), is_long=True))
            case OnCord(cord, _) if not bench.is_locked:
                bench.ask(OpenSearch(here, on_cord=cord))
        return True

    def menu(self, pointer: Pointer, hit: Hit) -> None:
        """Ask for the menu of what is there; the minimap has none, what is below it does."""
        here = self.bench.view.to_canvas(pointer.place)
        if isinstance(hit, OnMinimap):
            hit = under(self.bench.layout, here, REACH / self.bench.view.scale)
        match hit:
            case OnNode(name, _) if name not in self.bench.selection:
                self.bench.select([name])
            case OnCord(cord, _):
                self.bench.select(cords=[cord])
        self.bench.ask(OpenMenu(here, hit))

    def _titled(self, name: str, text: str) -> None:
        self.bench.edit(lambda patch: set_title(patch, name, text.strip()), f"title of {name}")

    def _group_titled(self, group: Group, text: str) -> None:
        self.bench.edit(lambda patch: set_group(patch, replace(group, title=text.strip())), "title of a group")

    def _commented(self, comment: Comment, text: str) -> None:
        self.bench.edit(lambda patch: set_comment(patch, replace(comment, text=text)), "comment")


def choose(bench: Bench, control: ControlPlace, word: str) -> None:
    """Take one of a menu's words."""
    if control.is_setting:
        bench.edit(
            partial(set_value, node=control.node, key=control.name, value=word), f"{control.node} {control.name}"
        )
    else:
        bench.turn(control.node, control.name, word, f"choose {control.node}.{control.name} {word}")
        bench.end_gesture()
