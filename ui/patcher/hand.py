"""The hand: from presses, moves and wheels to gestures, and from gestures to edits."""

from dataclasses import replace
from functools import partial
from math import hypot
from typing import Literal

from ...graphs import set_title, set_value, unset_value
from ...graphs.notes import Comment, Group, set_comment, set_group
from ..surface.pointer import Pointer, Press, Release, Touch, Wheel
from .gestures.cords import DrawCord, loose_end
from .gestures.gesture import Bench, Gesture
from .gestures.move import MoveNodes, MoveNote, SizeNote
from .gestures.navigation import GoTo, Pan
from .gestures.numbers import TurnNumber
from .gestures.selection import BoxSelect, Knife
from .hits import Hit, OnComment, OnControl, OnCord, OnGroup, OnNode, OnNothing, OnPort, under
from .layout import ControlPlace
from .overlay import NOTHING, Overlay
from .requests import OpenMenu, OpenSearch, ShowHelp, TypeText, TypeValue
from .values import value_of

Cursor = Literal["arrow", "hand", "move", "cross", "resize"]
REACH, SLACK, ZOOM, SCROLL = 9.0, 3.0, 1.12, 60.0


class Hand:
    """What the pointer does on the canvas. Belongs to the window's thread."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.gesture: Gesture | None = None
        self.hovered: Hit = OnNothing()
        self._pressed: tuple[Press, Hit] | None = None

    @property
    def overlay(self) -> Overlay:
        """What is to be seen of the gesture."""
        return self.gesture.overlay if self.gesture is not None else NOTHING

    @property
    def is_busy(self) -> bool:
        """Whether a button is down."""
        return self.gesture is not None or self._pressed is not None

    @property
    def cursor(self) -> Cursor:
        """The pointer's shape here."""
        if isinstance(self.gesture, Pan):
            return "hand"
        match self.hovered:
            case OnPort() | OnCord():
                return "cross"
            case OnNode(_, True) | OnGroup(_, "title") | OnComment(_, "body"):
                return "move"
            case OnGroup() | OnComment():
                return "resize"
        return "arrow"

    def touch(self, touch: Touch) -> None:
        """Follow one event."""
        self.bench.pointer = self.bench.view.to_canvas(touch.pointer.place)
        match touch:
            case Press():
                self._press(touch)
            case Release():
                self._release(touch)
            case Wheel():
                self._wheel(touch)
            case _:
                self._move(touch.pointer)

    def cancel(self) -> None:
        """Give the gesture up."""
        if self.gesture is not None:
            self.gesture.cancel()
        self.gesture = self._pressed = None

    def _press(self, press: Press) -> None:
        if self.is_busy:
            return
        found = self.bench.minimap
        if press.button == "left" and found is not None and found.box.holds(press.pointer.place):
            self.gesture = GoTo(self.bench, press.pointer, found)
            return
        pointer, hit = press.pointer, self._under(press.pointer)
        if press.button == "middle" or (press.button == "left" and pointer.held.space):
            self.gesture = Pan(self.bench, pointer)
        elif press.button == "right":
            self._menu(pointer, hit)
        elif press.clicks == 2:
            self._double(pointer, hit)
        else:
            self._choose(pointer, hit)
            self._pressed = (press, hit)
            if isinstance(hit, OnPort) and not self.bench.is_locked:
                self.gesture = self._cord_from(pointer, hit)

    def _move(self, pointer: Pointer) -> None:
        if self.gesture is None and self._pressed is not None:
            press, hit = self._pressed
            began = press.pointer.place
            if hypot(pointer.place[0] - began[0], pointer.place[1] - began[1]) > SLACK:
                self.gesture = self._begin(press.pointer, hit)
        if self.gesture is not None:
            self.gesture.move(pointer)
        else:
            self.hovered = self._under(pointer)

    def _release(self, release: Release) -> None:
        gesture, pressed = self.gesture, self._pressed
        self.gesture = self._pressed = None
        if gesture is not None:
            gesture.end(release.pointer)
        elif pressed is not None and release.button == "left":
            self._click(pressed[0].pointer, pressed[1])

    def _wheel(self, wheel: Wheel) -> None:
        if wheel.right or wheel.pointer.held.shift:
            right = wheel.right or wheel.up
            self.bench.view = self.bench.view.panned((-right * SCROLL if wheel.right else right * SCROLL, 0.0))
            if not wheel.right:
                return
        self.bench.view = self.bench.view.zoomed(ZOOM**wheel.up, wheel.pointer.place)

    def _under(self, pointer: Pointer) -> Hit:
        view = self.bench.view
        return under(self.bench.layout, view.to_canvas(pointer.place), REACH / view.scale)

    def _choose(self, pointer: Pointer, hit: Hit) -> None:
        """What a press chooses: at once, so that it can be dragged."""
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

    def _begin(self, pointer: Pointer, hit: Hit) -> Gesture | None:
        """The gesture that a drag from here is."""
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
                return BoxSelect(bench, pointer, pointer.held.shift)
        return None

    def _moving(self, pointer: Pointer, name: str) -> Gesture:
        if name not in self.bench.selection:
            self.bench.select([name])
        return MoveNodes(self.bench, pointer, self.bench.selection, self.bench.notes)

    def _cord_from(self, pointer: Pointer, hit: OnPort) -> Gesture:
        """A new cord; from an input that is fed, with Ctrl held, the one that is there."""
        port = hit.port
        if port.is_input:
            fed = next((cord for cord in self.bench.patch.cords if cord.target == port.end), None)
            origin = self.bench.layout.port(fed.source, False) if fed is not None else None
            if fed is not None and origin is not None:
                return DrawCord(self.bench, pointer, origin, fed)
        return DrawCord(self.bench, pointer, port)

    def _click(self, pointer: Pointer, hit: Hit) -> None:
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

    def _double(self, pointer: Pointer, hit: Hit) -> None:
        bench = self.bench
        here = bench.view.to_canvas(pointer.place)
        match hit:
            case OnControl(control) if control.kind == "number":
                change = partial(unset_value, node=control.node, key=control.name)
                bench.edit(change, f"{control.node} {control.name} to its default")
            case OnNothing() if not bench.is_locked:
                bench.ask(OpenSearch(here))
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

    def _menu(self, pointer: Pointer, hit: Hit) -> None:
        match hit:
            case OnNode(name, _) if name not in self.bench.selection:
                self.bench.select([name])
            case OnCord(cord, _):
                self.bench.select(cords=[cord])
        self.bench.ask(OpenMenu(self.bench.view.to_canvas(pointer.place), hit))

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
