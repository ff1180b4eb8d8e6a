"""The conductor: does what comes from outside (OSC, MIDI, a script) with the patch that plays, one thing after another.

The same in the editor and without; whoever holds an undo history of its own (the editor) does undo, loading and saving
itself (``Desk``).
"""

import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...engine.definition_specs import DefinitionSpecs
from ...engine.logs import failed
from ...engine.messages import LearnControl, MessageError
from ...engine.messages.children import Brought
from ...engine.palette import Palette
from ...engine.processes.guard import Guard
from ...engine.session import EngineGone
from ...engine.session.local import Session
from ...engine.snapshots import SLOT, recalled
from ...engine.typed import param_of
from ...graphs import EditError, History, Patch, PatchFileError, save, set_content
from ...graphs.edits import unset_value
from ...nodes.codec.interface import CodecError
from .commands import DONE_BY
from .mapping import (
    FOLLOW,
    LONGEST_MORPH,
    ControlMapping,
    MappingState,
    as_argument,
    as_number,
    as_value,
    mapped,
    mappings_of,
    number_of,
    place_of,
    spec_of,
    stepped,
    taken_by,
)
from .patch_file import PatchFile
from .receivers import WHOLE, addresses, received, surplus, taken_whole
from .run_commands import ControlError, check_command, is_tempo
from .take_commands import RECORDING
from .training_jobs import TrainingJobs

# Commands that wait, and steps that can be undone from outside.
MOST_WAITING, MOST_STEPS = 1024, 250
# What these steps may hold beside the patch: one that is trained every 20 seconds for weeks must not fill the memory.
MOST_BYTES = 24 << 20
log = logging.getLogger(__name__)
# What is done by others, in the history.
OTHERS = "edit"
Answer = Callable[[str, list[Any]], None]


class Dispatcher:
    """Follows commands on a thread of its own; ``do`` does one at once. tell: takes sentences for people.

    folder: where patches and codecs may be loaded from and saved to, and nowhere else. file: the patch's own; with one,
    ``is_home``: the folder is that from which the patch names its files.
    ``shared`` is called with what was asked for before it is done, and says whether others (Ableton Link) do it too.
    """

    def __init__(
        self,
        session: Session,
        palette: Palette,
        folder: Path,
        file: Path | None = None,
        tell: Callable[[str], None] = print,
    ) -> None:
        self.session, self.tell = session, tell
        self.types = DefinitionSpecs(palette)
        self.folder, self._file = folder.resolve(), PatchFile(file)
        self.is_home = file is not None
        first = _as_undone(session.patch, self.palette)
        self.history = History(first, History(first).held_bytes + MOST_BYTES, MOST_STEPS)
        self.training = TrainingJobs(self)
        self.takes_from: dict[str, tuple[Counter[str], Any]] = {}
        """By recorder: what its takes held when it began to record, and which one the new one replaces."""
        self.learned: Callable[[ControlMapping], None] = lambda mapping: None
        self.saved: Callable[[Path], None] = lambda path: None
        self.shared: Callable[[str, list[Any]], bool] = lambda command, arguments: False
        self._guard = Guard("commands", tell)
        self._told: set[tuple[str, str]] = set()
        self._seen: Patch | None = None
        self._followers: dict[ControlMapping, MappingState] = {}
        self._lock = threading.RLock()
        self._waiting: queue.Queue[tuple[str, list[Any], Answer] | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="conductor", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Do what waits, and no more."""
        self._waiting.put(None)
        self._thread.join(5.0)
        self.training.close()

    @property
    def palette(self) -> Palette:
        """The node types, and the definitions of the patch as it is now."""
        return self.types.palette(self.session.patch)

    @property
    def file(self) -> Path | None:
        """The patch's own; None before it is saved."""
        return self._file.path

    @file.setter
    def file(self, path: Path | None) -> None:
        self._file = PatchFile(path)

    def hear_saved(self, facts: Mapping[str, Any]) -> None:
        """Another program beside the engine may have saved the patch's own file; facts: what they tell."""
        with self._lock:
            if self._file.was_saved(facts) and self.file is not None:
                self.saved(self.file)

    def ask(self, command: str, arguments: list[Any], answer: Answer) -> None:
        """Do a command (``/undo``) soon; never waits. The answer is ``/done`` or ``/fail``, or one of its own."""
        try:
            self._waiting.put_nowait((command, arguments, answer))
        except queue.Full:
            answer("/fail", ["too many requests; wait for /done"])

    def do(self, command: str, arguments: list[Any]) -> tuple[str, list[Any]]:
        """Do a command at once; gives the answer. Raises ControlError with a sentence."""
        known = DONE_BY.get(command)
        if known is None:
            raise ControlError(f"{command} is not a command; available: {', '.join(sorted(DONE_BY))}")
        with self._lock:
            self.observe()
            try:
                answer = known(self, arguments)
            except (EditError, PatchFileError, CodecError, MessageError) as error:
                raise ControlError(str(error)) from None
            self.observe(command.strip("/").replace("/", " "))
        return answer or ("/done", [])

    def observe(self, label: str = OTHERS) -> None:
        """Let the history know what others have done meanwhile; turning the same params on is one step."""
        with self._lock:
            now = self.session.patch
            if now is not self._seen:
                self._seen, now = now, _as_undone(now, self.palette)
                self.history.apply(now, label, _turned(self.history.patch, now) if label == OTHERS else None)

    def edit(self, change: Callable[[Patch], Patch], label: str) -> None:
        """Make an edit as a step of its own. Raises EditError."""
        with self._lock:
            self.observe()
            self.session.edit(change)
            self.observe(label)

    def control(self, source: str, numbers: list[float]) -> None:
        """A controller has moved: numbers as it sends them, MIDI's already as places 0 … 1. Quick, from any thread."""
        with self._lock:
            if (wanted := self.session.learning) is not None:
                self._learn(wanted, source)
                return
            patch = self.session.patch
            for mapping in mappings_of(patch):
                is_followed = mapping.mode == FOLLOW
                found = (number_of if is_followed else place_of)(mapping, source, numbers)
                if found is not None:
                    (self._choose if is_followed else self._follow)(patch, mapping, found)
            self._turn_received(patch, source, numbers, len(numbers), is_whole=False)

    def keep(self, brought: Brought) -> None:
        """The newest of what a sensor sends, for the patch to keep and to show; the engine has played it already."""
        with self._lock:
            source = f"osc:{brought.address}"
            self._turn_received(self.session.patch, source, brought.numbers, brought.sent, is_whole=True)

    def turn(self, node: str, param: str, value: Any, seconds: float = 0.0, at: float = 0.0) -> None:
        """Turn a param (see ``Session.turn``); nothing happens where the node has just gone."""
        with suppress(EditError):
            self.session.turn(node, param, value, seconds, at)

    def addresses(self) -> set[str]:
        """The OSC addresses that somebody here listens to: mappings, and params of nodes."""
        patch = self.session.patch
        return addresses(patch, self.palette) | {
            one.source.removeprefix("osc:").partition("#")[0] for one in mappings_of(patch) if "osc:" in one.source
        }

    def vectors(self) -> set[str]:
        """The OSC addresses of which nodes take every message, and all of its numbers."""
        return set(taken_whole(self.session.patch, self.palette))

    def learn(self, node: str, param: str, by_number: bool = False, seconds: float = 0.0) -> None:
        """The next controller that moves turns this param from then on, or recalls a snapshot. Raises ControlError.

        node: "" for the snapshot of the slot ``param``. by_number, seconds: see ``LearnControl``.
        """
        patch = self.session.patch
        spec = self.palette.get(patch.nodes[node].type) if node in patch.nodes else None
        if node and (spec is None or param not in spec.params):
            raise ControlError(f"{node}.{param}: the patch has no such param")
        if not node and param.startswith("/"):
            check_command(param)
        elif not (node or by_number or SLOT.fullmatch(param)):
            raise ControlError(f"{param[:40]!r} is not a valid snapshot name; use a number or a word")
        param = "" if by_number and not node else param
        self.session.do(LearnControl(node=node, param=param, by_number=by_number, seconds=seconds))

    def save(self, path: Path) -> Path:
        """Save with what was recorded until now, and go on with that file. Raises PatchFileError, ControlError."""
        lost = ""
        try:
            self.session.keep_takes()
        except EngineGone as error:
            lost = str(error)
        patch = self.session.patch
        if self.file is not None and path.resolve() == self.file.resolve() and (kept := self._file.keep_aside()):
            self.tell(kept)
        self.file = save(patch, path, like=self.file)
        with suppress(MessageError):  # nothing plays
            self.session.do(self._file.told)
        self.observe()
        self.history.mark_saved(self.history.patch)
        self.saved(self.file)
        if lost:
            raise ControlError(f"{self.file.name} was saved without the latest recordings: {lost}")
        return self.file

    def recall(self, slot: str, seconds: float = 0.0) -> None:
        """Be as a snapshot has it, within so many seconds. Raises EditError."""
        recall = recalled(self.session.patch, self.palette, slot)
        for node, param, value in recall.turns:
            self.turn(node, param, value, min(max(seconds, 0.0), LONGEST_MORPH))
        if recall.terrains:
            self.session.edit(recall.with_terrains)

    def _turn_received(self, patch: Patch, source: str, numbers: list[float], count: int, *, is_whole: bool) -> None:
        """Turn the params that listen to it; say once which node leaves out numbers, and how it would take them."""
        for node, param, value in received(patch, self.palette, source, numbers, is_whole):
            self.turn(node, param, value)
        for name, size, most, setting in surplus(patch, self.palette, source, count, is_whole):
            if (name, source) not in self._told and len(self._told) < MOST_WAITING:
                self._told.add((name, source))
                more = f"it accepts no more than {most}"
                if size < most:
                    more = f"set its {setting} to {min(count, most)}"
                self.tell(f"{name}: {source.removeprefix('osc:')} brings {count} numbers, {size} are taken; {more}")

    def _learn(self, target: LearnControl, source: str) -> None:
        patch = self.session.patch
        spec = spec_of(patch, self.palette, ControlMapping(source, target.node, target.param, 0.0, 1.0))
        now = param_of(patch.nodes[target.node], spec) if spec is not None else None
        mapping = taken_by(target, source, spec, now)
        if mapping is None and target.by_number:
            return  # a controller without a number to follow: the next one may have one
        self.session.do(LearnControl())
        if mapping is None:
            return
        if not mapping.node and not target.by_number:
            self._follower(mapping).last = 1.0  # it is pressed now, and what comes next may be how hard
        try:
            self.session.edit(lambda patch: mapped(patch, mapping))
        except EditError as error:
            self.tell(str(error))
            return
        verb = "turns" if mapping.node else "does" if mapping.is_command else "recalls"
        self.tell(f"{mapping.source} {verb} {mapping.target}")
        self.learned(mapping)

    def _choose(self, patch: Patch, mapping: ControlMapping, number: float) -> None:
        """What is followed by its number is chosen."""
        if not self._follower(mapping).is_chosen(number):
            return
        if not mapping.node:
            self._recall_soon(str(round(number)), mapping.seconds)
            return
        spec = spec_of(patch, self.palette, mapping)
        value = stepped(spec, number) if spec is not None else None
        if value is not None:
            self.turn(mapping.node, mapping.param, value)

    def _press(self, mapping: ControlMapping) -> None:
        """Recall a snapshot or do a command, as somebody has pressed for it; why it can't be done is told."""
        if not mapping.is_command:
            self._recall_soon(mapping.param, mapping.seconds)
            return

        def answer(address: str, values: list[Any]) -> None:
            if address == "/fail":
                self.tell(f"{mapping.param}: {values[0]}")

        command, *words = mapping.param.split()
        self.ask(command, [as_argument(one) for one in words], answer)

    def _recall_soon(self, slot: str, seconds: float) -> None:
        """Recall a snapshot on the conductor's thread, as it may change much; that it is not there is told once."""

        def answer(address: str, values: list[Any]) -> None:
            if address == "/fail" and (slot, "") not in self._told and len(self._told) < MOST_WAITING:
                self._told.add((slot, ""))
                self.tell(str(values[0]))

        self.ask("/snapshot/recall", [slot, seconds], answer)

    def _follower(self, mapping: ControlMapping) -> MappingState:
        if len(self._followers) > MOST_WAITING:
            self._followers.clear()
        return self._followers.setdefault(mapping, MappingState())

    def _follow(self, patch: Patch, mapping: ControlMapping, place: float) -> None:
        follower = self._follower(mapping)
        if not mapping.node:
            if follower.is_press(place):
                self._press(mapping)
            return
        spec = spec_of(patch, self.palette, mapping)
        if spec is None:
            return
        now = param_of(patch.nodes[mapping.node], spec)
        number = follower.move(mapping, place, as_number(spec, now))
        if number is not None:
            self.turn(mapping.node, mapping.param, as_value(spec, number))

    def _run(self) -> None:
        while (asked := self._waiting.get()) is not None:
            command, arguments, answer = asked
            is_shared = False
            try:
                is_shared = self.shared(command, arguments)
                if command == "/sync":  # as scsynth's: answered once all that was asked for before is done, and plays
                    self.session.wait()
                address, values = self.do(command, arguments)
            except ControlError as error:
                address, values = ("/done", []) if is_shared else ("/fail", [str(error)])
            except Exception as error:  # whatever it is, whoever asked must hear of it, and the next is done
                text = f"it could not be done ({type(error).__name__}: {error})"
                failed(log, f"{command}: {text}", error)
                address, values = "/fail", [text]
            self._guard(answer, address, values)


def _as_undone(patch: Patch, palette: Palette) -> Patch:
    """The patch as it is taken back to: no take begins or ends, and what sensors sent last is no step."""
    for name in palette.names(patch, WHOLE):
        patch = set_content(patch, name, {}) if patch.nodes[name].content else patch
    return at_rest(patch, palette)


def at_rest(patch: Patch, palette: Palette) -> Patch:
    """The patch with no take going on."""
    for name in palette.names(patch, "takes"):
        if RECORDING in patch.nodes[name].values:
            patch = unset_value(patch, name, RECORDING)
    return patch


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


__all__ = ["ControlError", "Dispatcher", "is_tempo"]
