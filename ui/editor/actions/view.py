"""Seeing, hearing, learning and help."""

from functools import partial

from ....engine.messages import Panic
from ...patcher.window_requests import OpenSearch, Show, ShowHelp
from ...surface.view import SMALLEST, View
from ..document.desk import Desk
from . import record_output
from .registry import Action
from .snapshots import next_slot, recall, store

# By keys: how much nearer, and how long a snapshot takes.
ZOOM, GLIDE_SECONDS = 1.25, 2.0


def _zoom(desk: Desk, factor: float) -> None:
    width, height = desk.window_size
    desk.view = desk.view.zoomed(factor, (width / 2, height / 2))


def _whole_size(desk: Desk) -> None:
    _zoom(desk, 1.0 / desk.view.scale)


def _fit_chosen(desk: Desk) -> None:
    desk.fit(desk.selection)


def _fit_all(desk: Desk) -> None:
    """See all as large as can be read; a second time, all of it however small."""
    before = desk.view
    desk.fit()
    if desk.view == before:
        desk.fit(smallest=SMALLEST)


def _pan(desk: Desk, right: float, down: float) -> None:
    desk.view = View(
        (desk.view.corner[0] + right * 80 / desk.view.scale, desk.view.corner[1] + down * 80 / desk.view.scale),
        desk.view.scale,
    )


def _lock(desk: Desk) -> None:
    desk.is_locked = not desk.is_locked
    desk.say("performance lock is on: only parameters can be changed" if desk.is_locked else "unlocked")


def _show(desk: Desk, panel: str) -> None:
    desk.ask(Show(panel))


def _loads(desk: Desk) -> None:
    desk.shows_loads = not desk.shows_loads


def _add(desk: Desk) -> None:
    desk.ask(OpenSearch(desk.pointer))


def _dsp(desk: Desk) -> None:
    desk.sound.switch(not desk.sound.status.is_on)


def _minimap(desk: Desk) -> None:
    desk.shows_minimap = not desk.shows_minimap


def _panic(desk: Desk) -> None:
    desk.sound.do(Panic())
    desk.keys.let_go()
    desk.say("silence; it plays on")


def _snapshot(desk: Desk) -> None:
    store(desk, next_slot(desk.patch))


def _recall(desk: Desk, slot: str) -> None:
    recall(desk, slot, GLIDE_SECONDS)


def _keys(desk: Desk) -> None:
    desk.keys.switch()


def _learn(desk: Desk, again: bool) -> None:
    desk.sound.learn(desk.patch, again=again)
    desk.say("retraining from scratch" if again else "training changes")


def _stop(desk: Desk) -> None:
    """What is shown first: the nodes' training run, else the codec's training."""
    if desk.sound.trainings or not desk.training.trainings:
        desk.sound.stop_learning()
    else:
        desk.training.stop()


def _train(desk: Desk) -> None:
    desk.training.begin()


def _can_train(desk: Desk) -> bool:
    return desk.training.can_train(desk)


def _help(desk: Desk) -> None:
    name = next(iter(desk.selection), "")
    desk.ask(ShowHelp(desk.patch.nodes[name].type if name else ""))


PLAYING = (
    Action("add.search", "Add a node …", "Add", ("Tab", "Shift+A", "N"), _add, is_structural=True),
    Action("view.fit", "Zoom to all", "View", ("Home",), _fit_all),
    Action("view.fit_chosen", "Zoom to selection", "View", ("F", "."), _fit_chosen),
    Action("view.in", "Zoom in", "View", ("Ctrl+=",), partial(_zoom, factor=ZOOM)),
    Action("view.out", "Zoom out", "View", ("Ctrl+-",), partial(_zoom, factor=1 / ZOOM)),
    Action("view.whole", "100 %", "View", ("Ctrl+0",), _whole_size),
    Action("view.left", "Go left", "View/Go", ("Left",), partial(_pan, right=-1.0, down=0.0)),
    Action("view.right", "Go right", "View/Go", ("Right",), partial(_pan, right=1.0, down=0.0)),
    Action("view.up", "Go up", "View/Go", ("Up",), partial(_pan, right=0.0, down=-1.0)),
    Action("view.down", "Go down", "View/Go", ("Down",), partial(_pan, right=0.0, down=1.0)),
    Action("view.lock", "Performance lock", "View", ("Ctrl+E",), _lock, begins=True),
    Action("view.inspector", "Inspector", "View", ("Ctrl+I",), partial(_show, panel="inspector"), begins=True),
    Action("view.history", "History", "View", ("Ctrl+H",), partial(_show, panel="history")),
    Action("view.log", "Log", "View", ("Ctrl+`",), partial(_show, panel="log")),
    Action("view.scopes", "Scopes", "View", ("Ctrl+2",), partial(_show, panel="scopes")),
    Action("view.minimap", "Minimap", "View", ("Ctrl+3",), _minimap, begins=True),
    Action("view.loads", "CPU per node", "View", ("F3",), _loads),
    Action("sound.switch", "Audio on/off", "Sound", ("Ctrl+/", "Space"), _dsp),
    Action("sound.panic", "Panic", "Sound", ("Ctrl+.",), _panic),
    Action("sound.record", "Record output to WAV", "Sound", ("Ctrl+Shift+R",), record_output.switch, begins=True),
    Action("control.page", "Controllers and snapshots…", "Control", ("Ctrl+4",), partial(_show, panel="controls")),
    Action("control.keys", "Computer MIDI keyboard", "Control", ("Ctrl+K",), _keys),
    Action("control.store", "Store snapshot", "Control", ("Ctrl+Shift+K",), _snapshot, begins=True),
    *(
        Action(
            f"control.recall_{slot}",
            f"Recall snapshot {slot}",
            "Control/Recall snapshot",
            (f"Alt+{slot}",),
            partial(_recall, slot=slot),
        )
        for slot in "123456789"
    ),
    Action("sound.devices", "Devices …", "Sound", (), partial(_show, panel="devices")),
    Action("learn.new", "Train changes", "Learn", ("Ctrl+L",), partial(_learn, again=False)),
    Action("learn.again", "Retrain all", "Learn", ("Ctrl+Shift+L",), partial(_learn, again=True)),
    Action("learn.stop", "Stop training", "Learn", (), _stop, begins=True),
    Action("learn.codec", "Train a codec on these sounds", "Learn", (), _train, _can_train),
    Action("help.welcome", "Welcome", "Help", ("Shift+F1",), partial(_show, panel="starters")),
    Action("help.tour", "Tour", "Help", (), lambda desk: desk.tour.begin()),
    Action("help.node", "Node help", "Help", ("F1",), _help, begins=True),
    Action("help.actions", "Search actions …", "Help", ("Ctrl+P",), partial(_show, panel="actions")),
    Action("help.keys", "Keys", "Help", (), partial(_show, panel="keys"), begins=True),
    Action("help.settings", "Settings", "Help", ("Ctrl+,",), partial(_show, panel="settings")),
)
