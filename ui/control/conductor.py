"""The conductor: does what comes from outside (OSC, MIDI, a script) with the patch that plays, one thing after another.

The same in the editor and without: it needs something that holds the patch (``Playing``), and whoever holds an undo
history of its own (the editor) does undo, loading and saving itself (``Desk``).
"""

import queue
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Protocol

from ...engine.declare import Scalar
from ...engine.link import EngineGone
from ...engine.palette import Palette
from ...engine.snapshots import recalled, removed, stored
from ...graphs import EditError, History, Patch, PatchFileError, load_file, save, set_view
from ...graphs.delta import rebased
from .mapping import (
    ControlMapping,
    Follower,
    as_number,
    as_value,
    fits,
    learned,
    mapped,
    mappings_of,
    spec_of,
)
from .receivers import received, surplus

SUFFIX = ".ltp"
LONGEST_MORPH = 600.0
MOST_WAITING = 1024
LEARNING = "learning"
"""In the patch's view: node and param that the next controller is to turn."""
OTHERS = "edit"
"""What is done by others, in the history."""
Answer = Callable[[str, list[Any]], None]


def is_tempo(value: object) -> bool:
    """Whether something is beats per minute that all of a patch can have."""
    return isinstance(value, int | float) and 10 <= value <= 400


class ControlError(ValueError):
    """What was asked for can't be done; a sentence."""


class Playing(Protocol):
    """What plays the patch: a server or a client of one."""

    @property
    def patch(self) -> Patch:
        """The patch as it is now."""
        ...

    def edit(self, change: Callable[[Patch], Patch]) -> Patch:
        """Edit the patch as it is at that moment."""
        ...

    def turn(self, node: str, param: str, value: Any, seconds: float = 0.0, at: float = 0.0) -> None:
        """Turn a param."""
        ...

    def keep_takes(self) -> None:
        """Put what its nodes have recorded into the patch. Raises EngineGone."""
        ...


class Conductor:
    """Follows commands on a thread of its own; ``do`` does one at once. tell: takes sentences for people.

    folder: where patches may be loaded from and saved to, and nowhere else. file: the patch's own. ``settle`` waits
    until what was edited plays. ``shared`` is called
    with what was asked for before it is done, and says whether others (Ableton Link) do it too.
    """

    def __init__(
        self,
        playing: Playing,
        palette: Palette,
        folder: Path,
        file: Path | None = None,
        tell: Callable[[str], None] = print,
    ) -> None:
        self.playing, self.palette, self.tell = playing, palette, tell
        self.folder, self.file = folder.resolve(), file
        self.history = History(playing.patch)
        self.learning: tuple[str, str] | None = None
        self.learned: Callable[[ControlMapping], None] = lambda mapping: None
        self.settle: Callable[[], object] = lambda: None
        self.shared: Callable[[str, list[Any]], bool] = lambda command, arguments: False
        self._told: set[tuple[str, str]] = set()
        self._followers: dict[ControlMapping, Follower] = {}
        self._lock = threading.RLock()
        self._waiting: queue.Queue[tuple[str, list[Any], Answer] | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="conductor", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Do what waits, and no more."""
        self._waiting.put(None)
        self._thread.join(5.0)

    def ask(self, command: str, arguments: list[Any], answer: Answer) -> None:
        """Do a command (``/undo``) soon; never waits. The answer is ``/done`` or ``/fail``, or one of its own."""
        try:
            self._waiting.put_nowait((command, arguments, answer))
        except queue.Full:
            answer("/fail", ["too much is asked at once; wait for /done"])

    def do(self, command: str, arguments: list[Any]) -> tuple[str, list[Any]]:
        """Do a command at once; gives the answer. Raises ControlError with a sentence."""
        known = self._commands.get(command)
        if known is None:
            raise ControlError(f"{command} is no command; there are {', '.join(sorted(self._commands))}")
        with self._lock:
            self.observe()
            try:
                answer: tuple[str, list[Any]] | None = known(self, arguments)
            except (EditError, PatchFileError) as error:
                raise ControlError(str(error)) from None
            self.observe(command.strip("/").replace("/", " "))
        return answer or ("/done", [])

    def observe(self, label: str = OTHERS) -> None:
        """Let the history know what others have done meanwhile; turning the same params on is one step."""
        with self._lock:
            now, before = self.playing.patch, self.history.patch
            if now is not before:
                self.history.apply(now, label, _turned(before, now) if label == OTHERS else None)

    def control(self, source: str, numbers: list[float]) -> None:
        """A controller has moved: numbers as it sends them, MIDI's already as places 0 … 1. Quick, from any thread."""
        with self._lock:
            if self.learning is not None:
                self._learn(source)
                return
            patch = self.playing.patch
            for mapping in mappings_of(patch):
                place = _place(mapping, source, numbers)
                if place is not None:
                    self._follow(patch, mapping, place)
            for node, param, value in received(patch, self.palette, source, numbers):
                self.playing.turn(node, param, value)
            self._say_surplus(patch, source, numbers)

    def addresses(self) -> set[str]:
        """The OSC addresses that somebody here listens to: mappings, and nodes ``osc_in``."""
        patch = self.playing.patch
        found = {
            one.source.removeprefix("osc:").partition("#")[0] for one in mappings_of(patch) if "osc:" in one.source
        }
        return found | {
            str(node.values.get("address", "")) for node in patch.nodes.values() if node.type == "osc_in"
        } - {""}

    def learn(self, node: str, param: str) -> None:
        """The next controller that moves turns this param from then on. Raises ControlError."""
        patch = self.playing.patch
        spec = self.palette.get(patch.nodes[node].type) if node in patch.nodes else None
        if spec is None or param not in spec.params:
            raise ControlError(f"{node}.{param}: the patch has no such param")
        self.learning = (node, param)

    def save(self, path: Path) -> Path:
        """Save with what was recorded until now, and go on with that file. Raises PatchFileError, ControlError."""
        lost = ""
        try:
            self.playing.keep_takes()
        except EngineGone as error:
            lost = str(error)
        patch = self.playing.patch
        self.file = save(patch, path)
        self.observe()
        self.history.mark_saved(patch)
        if lost:
            raise ControlError(f"{self.file.name} is saved, but without what was recorded since: {lost}")
        return self.file

    def recall(self, slot: str, seconds: float = 0.0) -> None:
        """Be as a snapshot has it, within so many seconds. Raises EditError."""
        recall = recalled(self.playing.patch, self.palette, slot)
        for node, param, value in recall.turns:
            self.playing.turn(node, param, value, min(max(seconds, 0.0), LONGEST_MORPH))
        if recall.lands:
            self.playing.edit(recall.with_lands)

    def _say_surplus(self, patch: Patch, source: str, numbers: list[float]) -> None:
        """Say once which node leaves out numbers of a message, and how it would take them."""
        for name, size, most in surplus(patch, self.palette, source, numbers):
            if (name, source) not in self._told and len(self._told) < MOST_WAITING:
                self._told.add((name, source))
                more = f"set its size to {min(len(numbers), most)}" if size < most else f"it takes no more than {most}"
                self.tell(
                    f"{name}: {source.removeprefix('osc:')} brings {len(numbers)} numbers, {size} are taken; {more}"
                )

    def _learn(self, source: str) -> None:
        node, param = self.learning or ("", "")
        spec = spec_of(self.playing.patch, self.palette, ControlMapping(source, node, param, 0.0, 1.0))
        self.learning = None
        if spec is None:
            return
        mapping = learned(source, node, spec, self.playing.patch.nodes[node].values.get(param))
        try:
            self.playing.edit(lambda patch: set_view(mapped(patch, mapping), LEARNING, None))
        except EditError as error:
            self.tell(str(error))
            return
        self.tell(f"{source} turns {node}.{param}")
        self.learned(mapping)

    def _follow(self, patch: Patch, mapping: ControlMapping, place: float) -> None:
        spec = spec_of(patch, self.palette, mapping)
        if spec is None:
            return
        now = patch.nodes[mapping.node].values.get(mapping.param, spec.default)
        follower = self._followers.setdefault(mapping, Follower())
        if len(self._followers) > MOST_WAITING:
            self._followers.clear()
        number = follower.move(mapping, place, as_number(spec, now))
        if number is not None:
            self.playing.turn(mapping.node, mapping.param, as_value(spec, number))

    def _run(self) -> None:
        while (asked := self._waiting.get()) is not None:
            command, arguments, answer = asked
            is_shared = self.shared(command, arguments)
            if command == "/sync":  # as scsynth's: answered once all that was asked for before is done, and plays
                self.settle()
            try:
                address, values = self.do(command, arguments)
            except ControlError as error:
                address, values = ("/done", []) if is_shared else ("/fail", [str(error)])
            except Exception as error:  # whatever it is, whoever asked must hear of it, and the next is done
                address, values = "/fail", [f"it could not be done ({type(error).__name__}: {error})"]
            answer(address, values)

    # The commands

    def _undo(self, arguments: list[Any]) -> None:
        if not self.history.can_undo:
            raise ControlError("there is nothing to undo")
        self._go_to(self.history.undo)

    def _redo(self, arguments: list[Any]) -> None:
        if not self.history.can_redo:
            raise ControlError("there is nothing to redo")
        self._go_to(self.history.redo)

    def _go_to(self, step: Callable[[], Patch]) -> None:
        """A step back or forth; what others change at this moment is no part of it."""
        before, wanted = self.history.patch, step()
        self.playing.edit(partial(rebased, before, wanted))

    def _play(self, arguments: list[Any]) -> None:
        self._turn_all("playing", True)

    def _stop(self, arguments: list[Any]) -> None:
        self._turn_all("playing", False)

    def _tempo(self, arguments: list[Any]) -> None:
        if len(arguments) != 1 or not is_tempo(arguments[0]):
            raise ControlError("/transport/tempo takes beats per minute, 10 to 400")
        self._turn_all("tempo", float(arguments[0]))

    def _bar(self, arguments: list[Any]) -> None:
        """A bar begins: what waits for one counts from here."""
        for name, node in self.playing.patch.nodes.items():
            if node.type == "gui":
                self.playing.turn(name, "bar", (int(node.values.get("bar", 0)) + 1) % 1_000_000)  # type: ignore[arg-type]

    def _turn_all(self, param: str, value: Scalar) -> None:
        patch, found = self.playing.patch, False
        for name, node in patch.nodes.items():
            spec = self.palette.get(node.type)
            if (
                spec is not None
                and param in spec.params
                and node.values.get(param, spec.params[param].default) != value
            ):
                self.playing.turn(name, param, value)
            found = found or (spec is not None and param in spec.params)
        if not found:
            raise ControlError(f"no node of this patch has {param}")

    def _load(self, arguments: list[Any]) -> None:
        path = self._inside(arguments)
        patch = load_file(path)
        self.playing.edit(lambda _: patch)
        self.file = path

    def _save(self, arguments: list[Any]) -> tuple[str, list[Any]]:
        path = self._inside(arguments) if arguments else self.file
        if path is None:
            raise ControlError("this patch has no file yet; name one: /patch/save NAME")
        self.save(path)
        return "/done", [path.name]

    def _store(self, arguments: list[Any]) -> None:
        slot = _slot(arguments)
        self.playing.edit(lambda patch: stored(patch, self.palette, slot))

    def _remove(self, arguments: list[Any]) -> None:
        slot = _slot(arguments)
        self.playing.edit(lambda patch: removed(patch, slot))

    def _recall(self, arguments: list[Any]) -> None:
        seconds = arguments[1] if len(arguments) > 1 else 0.0
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= LONGEST_MORPH:
            raise ControlError(f"a snapshot is recalled within 0 to {LONGEST_MORPH:g} seconds")
        self.recall(_slot(arguments), float(seconds))

    def _learn_command(self, arguments: list[Any]) -> None:
        if len(arguments) != 2:
            raise ControlError("/learn takes a node and its param")
        self.learn(str(arguments[0]), str(arguments[1]))

    def _get(self, arguments: list[Any]) -> tuple[str, list[Any]]:
        parts = str(arguments[0]).split("/") if arguments else []
        patch = self.playing.patch
        node = patch.nodes.get(parts[2]) if len(parts) == 4 and parts[:2] == ["", "node"] else None
        spec = self.palette.get(node.type) if node is not None else None
        if node is None or spec is None or parts[3] not in spec.params:
            raise ControlError("/get takes the address of a param, such as /node/gain/level")
        return str(arguments[0]), [node.values.get(parts[3], spec.params[parts[3]].default)]

    def _sync(self, arguments: list[Any]) -> tuple[str, list[Any]]:
        return "/synced", arguments[:1] or [0]

    def _inside(self, arguments: list[Any]) -> Path:
        """A patch file of the folder: what comes from outside may name no other. Raises ControlError."""
        name = str(arguments[0]) if len(arguments) == 1 else ""
        name = name if name.endswith(SUFFIX) else name + SUFFIX
        path = self.folder if "\0" in name or len(name) > 200 else (self.folder / name).resolve()
        if name == SUFFIX or path == self.folder or not path.is_relative_to(self.folder):
            raise ControlError(f"{name[:80]!r}: name a patch in the folder of the one that plays")
        return path

    _commands: ClassVar[Mapping[str, Any]] = {
        "/undo": _undo,
        "/redo": _redo,
        "/transport/play": _play,
        "/transport/stop": _stop,
        "/transport/tempo": _tempo,
        "/transport/bar": _bar,
        "/patch/load": _load,
        "/patch/save": _save,
        "/snapshot/store": _store,
        "/snapshot/recall": _recall,
        "/snapshot/remove": _remove,
        "/learn": _learn_command,
        "/get": _get,
        "/sync": _sync,
    }


def _turned(before: Patch, now: Patch) -> str | None:
    """A name for the gesture, where only params were turned: the same while the same ones are."""
    if before.cords != now.cords or before.nodes.keys() != now.nodes.keys() or before.view != now.view:
        return None
    found = []
    for name, node in now.nodes.items():
        old = before.nodes[name]
        if node is old:
            continue
        if node.content != old.content or node.type != old.type:
            return None
        keys = {*node.values, *old.values}
        found += [f"{name}.{key}" for key in sorted(keys) if node.values.get(key) != old.values.get(key)]
    return "turn " + " ".join(found)


def _place(mapping: ControlMapping, source: str, numbers: list[float]) -> float | None:
    """Where a controller is for a mapping, 0 … 1; None when it is another's."""
    wished, _, which = mapping.source.partition("#")
    if mapping.source.startswith("osc:"):
        at = int(which) - 1 if which.isdecimal() else 0
        if wished != source.partition("#")[0] or not 0 <= at < len(numbers):
            return None
        low, high = mapping.given
        return min(max((numbers[at] - low) / (high - low), 0.0), 1.0) if high != low else 0.0
    return numbers[0] if numbers and fits(mapping, source) else None


def _slot(arguments: list[Any]) -> str:
    if not arguments or isinstance(arguments[0], bool) or not isinstance(arguments[0], int | str):
        raise ControlError("name a snapshot: a number or a word")
    return str(arguments[0])
