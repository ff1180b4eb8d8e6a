"""The desk: all that the editor knows and does, without a window. Gestures, panels, actions and tests work on it."""

import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from ....engine.declare import Scalar
from ....engine.labels import title_of
from ....engine.palette import Palette
from ....graphs import Cord, EditError, History, Patch, PatchFileError, Point, add_node, set_content, set_value
from ....graphs.arrange import insert_on_cord
from ....graphs.edits import free_name
from ....graphs.remembered import take_said
from ...map.maps import Maps
from ...patcher.layout import Layout, around, centred, lay_out
from ...patcher.minimap import Minimap, minimap
from ...patcher.ports import PortPlace, pair_between
from ...patcher.scene import NEAR
from ...patcher.window_requests import Ask, Offer
from ...setting_edits import with_cord
from ...surface.view import View
from ..sound import training
from ..sound.interface import EditorSound, JobResult, JobStatus
from .added_sounds import AddedSounds
from .changed_on_disk import ChangedOnDisk
from .codec_training import CodecTraining
from .computer_keys import ComputerKeys
from .document import Document
from .dropouts import Dropouts
from .faces_heard import FacesHeard
from .heard_names import HeardNames
from .log import Log, Severity
from .preview import Preview
from .recorders import Recorders
from .save import saved_view
from .scoped_edits import not_in_itself
from .scopes_shown import ScopesShown
from .settings import Settings
from .tour import GuidedTour
from .untrusted_models import UntrustedModels

GRID = 8.0
# What others do is one step of undo until somebody here does something.
ELSEWHERE = "elsewhere"


class Desk:
    """What is open, what is chosen, what is heard. Belongs to the window's thread; nothing here waits.

    asks: what only a window can do, taken by it once per frame. window_size: the canvas's, in pixels as designed.
    canvas_corner: where the canvas begins in the window, in pixels.
    """

    def __init__(self, palette: Palette, sound: EditorSound, settings: Settings | None = None) -> None:
        self.sound = sound
        self.settings = settings or Settings()
        self.log = Log()
        self.document = Document(self.settings)
        self.scopes = ScopesShown(self, palette)
        self.heard = HeardNames(sound, self.scopes)
        self.asks: deque[Ask] = deque()
        self.view, self.window_size, self.canvas_corner = View(), (1000.0, 700.0), (0.0, 0.0)
        self.selection: frozenset[str] = frozenset()
        self.cords: frozenset[Cord] = frozenset()
        self.notes: frozenset[str] = frozenset()
        self.is_locked = False
        self.clipboard_text = ""
        self.recent_types: deque[str] = deque(maxlen=8)
        self.shows_loads, self.shows_minimap = False, True
        self.recording_to: Path | None = None
        self.exports: tuple[JobStatus, ...] = ()
        """Pictures that are being written."""
        self.toasts: deque[str] = deque(maxlen=32)
        """Warnings and errors to be shown for a while, the newest last."""
        self.offer: Offer | None = None
        self.pointer: Point = (0.0, 0.0)
        """Where the pointer was last, canvas units: where new things go."""
        self.focus = "canvas"
        """The pane that has the keys: canvas, map, sounds, or a panel's name. The window sets it as one clicks."""
        self.maps, self.untrusted, self._gesture = Maps(self), UntrustedModels(self), ""
        self.keys, self.tour, self.faces = ComputerKeys(self), GuidedTour(self), FacesHeard(sound, self.heard)
        self.on_disk, self.recorders, self.preview = ChangedOnDisk(self), Recorders(self), Preview(self)
        self.training, self.sounds, self.dropouts = CodecTraining(self), AddedSounds(self), Dropouts()
        self.plays_instead = False
        """Whether something else than the patch is heard."""
        self._layout: Layout | None = None
        self._whole: View | None = None
        self._played: Patch | None = None
        self._to_learn: object = None
        self._learn_at: float | None = None
        self._began_to_learn, self._has_trained = 0.0, True
        self._asked_by: dict[int, tuple[History, int]] = {}
        """The latest training runs that began by themselves, and the steps that they belong to."""
        for complaint in (*take_said(), *palette.complaints):
            self.say(complaint, "warning")

    @property
    def patch(self) -> Patch:
        """The patch as it is now."""
        return self.document.patch

    @property
    def palette(self) -> Palette:
        """The node types, and the definitions of the patch."""
        return self.scopes.palette

    @property
    def layout(self) -> Layout:
        """Where everything stands that is on the canvas."""
        self._layout = lay_out(self.scopes.patch, self.palette, self._layout, self.faces.now)
        return self._layout

    @property
    def minimap(self) -> Minimap | None:
        """All of the patch in a corner of the window, unless all of it is in sight anyhow."""
        return minimap(self.layout, self.view, self.window_size) if self.shows_minimap else None

    @property
    def trainings(self) -> tuple[JobStatus, ...]:
        """What is being learned now: by nodes, and by the codec itself."""
        return (*self.sound.trainings, *self.training.trainings)

    @property
    def is_training(self) -> bool:
        """Whether something is being trained, or is about to be."""
        began = not self._has_trained and time.monotonic() - self._began_to_learn < 5 * training.LONGEST_SECONDS
        return began or self._learn_at is not None or bool(self.trainings)

    def edit(self, change: Callable[[Patch], Patch], label: str, gesture: str | None = None) -> bool:
        """Make an edit: one step of undo, heard at once. Gives whether it could be made; if not, the log says why."""
        try:
            self.document.history.apply(change, label, gesture)
        except (EditError, ValueError) as error:
            self.say(str(error), "warning")
            return False
        if gesture is not None:
            self._gesture = gesture
        self._changed()
        return True

    def turn(self, node: str, param: str, value: Scalar, gesture: str) -> None:
        """Turn a param under the hand: heard at once, and one step of undo for all of the gesture."""
        try:
            change = partial(set_value, node=node, key=param, value=value)
            self.document.history.apply(change, f"{node} {param}", gesture)
        except EditError as error:
            self.say(str(error), "warning")
            return
        self.sound.turn(node, param, value, after=self.patch)
        self._changed(is_played=True)

    def end_gesture(self) -> None:
        """The hand let go: what comes next is another step."""
        self._gesture = ""
        self.document.history.end_gesture()
        self._changed()

    def undo(self) -> None:
        """Take the last step back."""
        label = self.document.history.undo_label
        self.document.history.undo()
        self._changed()
        if label:
            self.say(f"undone: {label}")

    def redo(self) -> None:
        """Make the step again that was undone."""
        label = self.document.history.redo_label
        self.document.history.redo()
        self._changed()
        if label:
            self.say(f"redone: {label}")

    def select(self, nodes: Iterable[str] = (), cords: Iterable[Cord] = (), notes: Iterable[str] = ()) -> None:
        """Choose these and nothing else; the part of the patch where they are is shown."""
        nodes = frozenset(nodes)
        self.scopes.reveal(nodes)
        self.selection, self.cords, self.notes = nodes, frozenset(cords), frozenset(notes)

    def open_definition(self, node: str) -> bool:
        """Show the definition of an instance on the canvas; False where the node is none."""
        return self.scopes.open(node)

    def say(self, text: str, severity: Severity = "info", node: str = "", details: str = "") -> None:
        """Note a sentence in the log, with a traceback if there is one; warnings and errors are shown a while too."""
        entry = self.log.say(text, severity, node, details=details)
        if severity != "info":
            self.toasts.append(entry.text)

    def ask(self, ask: Ask) -> None:
        """Ask for what only a window can do."""
        self.asks.append(ask)

    def add(
        self, type_: str, at: Point, cord_from: PortPlace | None = None, port: str = "", on_cord: Cord | None = None
    ) -> str | None:
        """Place a node with its title under a point, patched to a port or put on a cord; gives its name."""
        spec = self.palette.get(type_)
        if spec is None:
            self.say(f"unknown node type {type_!r}", "warning")
            return None
        title = title_of(spec).lower().replace(" ", "_")
        x, y = centred(spec, title, at)
        place = (round(x / GRID) * GRID, round(y / GRID) * GRID)
        names: list[str] = []

        def change(patch: Patch) -> Patch:
            patch = self.scopes.library.brought(patch, type_)
            name = free_name(patch, title, self.scopes.scope)
            after = not_in_itself(add_node(patch, type_, name=name, position=place), self.scopes.scope)
            names.append(name)
            if cord_from is not None and port:
                ends = (f"{name}.{port}", cord_from.end) if cord_from.is_input else (cord_from.end, f"{name}.{port}")
                after = with_cord(after, self.palette, *ends)
            pair = self.pair_for(type_, on_cord) if on_cord is not None else None
            if on_cord is not None and pair is not None:
                after = insert_on_cord(after, on_cord, name, *pair)
            return after

        if not self.edit(change, f"add {type_}"):
            return None
        if type_ in self.recent_types:
            self.recent_types.remove(type_)
        self.recent_types.appendleft(type_)
        self.focus = "canvas"
        self.select([names[-1]])
        return names[-1]

    def pair_for(self, type_: str, cord: Cord) -> tuple[str, str] | None:
        """The input and the output by which a node of a type can sit on a cord; None where it can't."""
        spec, layout = self.palette.get(type_), self.layout
        return pair_between(spec, layout.port(cord.source, False), layout.port(cord.target, True))

    def open(self, path: Path) -> bool:
        """Open a file in place of what is open; if it can't be, nothing changes and the log says why."""
        try:
            self.document.open(path)
        except PatchFileError as error:
            self.say(str(error), "error")
            return False
        self.untrusted.find_missing()
        self._opened()
        copy = self.document.recovered()
        if copy is not None:
            self.say(
                f"there is a newer autosave of {path.name} from before a crash; File > Recover opens it", "warning"
            )
        return True

    def start_from(self, starter: str) -> None:
        """Open a copy of a starter patch."""
        self.document.start_from(starter)
        self._opened()
        if self.maps.names and self.settings.opens_map:
            self.show_map()

    def begin(self, patch: Patch | None = None, hint: str = "") -> None:
        """Begin an empty patch, or one of no file."""
        self.document.new(patch, hint)
        self._opened()

    def show_map(self, node: str = "") -> None:
        """Open the map, of a node or the one that was seen last; it stays open for patches that are opened later."""
        if node:
            self.maps.see(node)
        self.settings.opens_map = True
        if "map" not in self.settings.panels:
            self.settings.panels.append("map")

    def resized(self, size: tuple[float, float]) -> None:
        """The canvas has another size, pixels as designed; what was seen whole is seen whole again."""
        was_whole = self._whole is not None and self._whole == self.view
        self.window_size = size
        if was_whole:
            self.fit()

    def fit(self, names: Collection[str] = (), smallest: float = NEAR) -> None:
        """See all, or some nodes; never smaller than that scale, then from the top left on."""
        layout = self.layout
        box = around(layout.nodes[name].box for name in names if name in layout.nodes) or layout.bounds
        if box is not None:
            self.view = self.view.fitted(box, self.window_size, smallest=smallest)
        self._whole = self.view if not names else None

    def play_again(self) -> None:
        """Have the patch made anew, since what could not be opened may be there or allowed by now."""
        self.sound.play(replace(self.patch), self.document.folder)

    def play_instead(self, change: Callable[[Patch], Patch] | None) -> None:
        """Let the patch be heard changed (a file in its place), while it stays as it is; None: the patch again."""
        self.plays_instead = change is not None
        self.sound.play_instead(change(self.patch) if change is not None else None)

    def tick(self, now: float) -> None:
        """Once per frame: hear what other processes say, put what was learned into the patch, keep a copy."""
        self.sound.tick(now)
        self.dropouts.tick(self.sound.status, now)
        self.untrusted.tick()
        self.recorders.tick()
        self.training.tick()
        self.sounds.tick()
        self.preview.tick(now)
        self.on_disk.tick(now)
        for one in self.sound.happenings():
            self.say(one.text, one.severity, one.node, one.details)
        for trained in self.sound.trained():
            self._has_trained = True
            self._take_learned(trained)
        self._take_in()
        theirs = self.sound.edited()
        if theirs is not None:
            self.edit(theirs, "Edited via OSC/MIDI", ELSEWHERE)
        if self._learn_at is not None and time.monotonic() >= self._learn_at and self._may_learn():
            self._learn()
        self.document.keep_copy(now)
        self.document.warnings += take_said()
        while self.document.warnings:
            self.say(self.document.warnings.pop(0), "warning")

    def gather(self) -> None:
        """Before the patch is saved: have in it all that is recorded until now, also what is being recorded."""
        why = self.sound.gather()
        if why:
            self.say(why, "error")
        self._take_in()

    def _take_in(self) -> None:
        for node, content in self.sound.recorded().items():
            if node in self.patch.nodes:
                self.edit(partial(set_content, node=node, content=content), f"{node} recorded")

    def _learn(self) -> None:
        self._learn_at, self._began_to_learn, self._has_trained = None, time.monotonic(), False
        history = self.document.history
        latest = [*self._asked_by.items(), (self.sound.learn(self.patch), (history, history.number))]
        self._asked_by = dict(latest[-training.MOST_TRAININGS :])

    def _take_learned(self, trained: JobResult) -> None:
        """What was learned by itself belongs to the step that asked for it, a stroke; else it is a step of its own."""
        change = partial(training.with_learned, trained=trained, palette=self.palette)
        part = partial(training.learned_of, node=trained.node, palette=self.palette)
        history, step = self._asked_by.get(trained.training, (None, 0))
        if history is not None and history is self.document.history and history.amend(step, change, part):
            self._changed()
        elif trained.node in self.patch.nodes:
            self.edit(change, f"{trained.node} trained", f"training {trained.training}")

    def _may_learn(self) -> bool:
        """While the hand draws, a training run is let come to its first terrain before the next takes its place."""
        is_done = self._has_trained or not self.sound.trainings
        return is_done or not self._gesture or time.monotonic() - self._began_to_learn > training.LONGEST_SECONDS

    def close(self) -> None:
        """End everything; what was unsaved has been asked about before."""
        self.training.close()
        self.preview.close()
        self.sound.close(self.settings.keeps_playing)
        self.document.close()
        self.settings.save()

    def _changed(self, is_played: bool = False) -> None:
        """After an edit: what vanished is not chosen any more, and the sound follows, unless it has been told."""
        patch = self.patch
        if patch is self._played:
            return
        self._played = patch
        self.scopes.follow()
        if not self.selection <= patch.nodes.keys():
            self.selection &= patch.nodes.keys()
        if self.cords:
            self.cords &= frozenset(patch.cords)
        if not is_played:
            self.sound.play(patch, self.document.folder)
        if self.settings.learns_by_itself:
            mark = training.to_learn(patch, self.palette)
            if mark != self._to_learn:
                self._to_learn = mark
                if self._learn_at is None:
                    self._learn_at = time.monotonic() + training.LEARN_AFTER_SECONDS

    def _opened(self) -> None:
        self.sound.forget()
        self.dropouts.reset()
        self._asked_by.clear()
        self.on_disk.opened()
        self.scopes.begin()
        self.select()
        self._layout = None
        self._played = None
        self._gesture, self.offer, self.focus = "", None, "canvas"
        if self.plays_instead:
            self.play_instead(None)
        self.maps.take(self.patch)
        self.fit()
        self.view = saved_view(self.patch) or self.view
        self._changed()
