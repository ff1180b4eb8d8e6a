"""The service: an engine in a process of its own that is looked after for weeks, with its state, health and recordings.

This process makes no sound: it starts the engine, follows the commands, trains, saves the state, and starts another
engine when one ends or stands still.
"""

import errno
import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...engine.messages import TellFacts
from ...engine.palette import Palette
from ...engine.processes.guard import Guard
from ...engine.session import Client
from ...engine.session.client import Hosting
from ...engine.typed import PART
from ...graphs import Patch
from ..control.health import PROBLEMS, health_of
from ..control.outside_controls import Inputs, OutsideControls
from ..hosted_player import PLAYER
from ..sound_list import encoder_for, gathered, listed, with_added
from .health_page import HealthPage
from .notify import Notify
from .recordings import RecordingPlan, RotatedRecordings
from .state import ServedState
from .watchdog import Watchdog
from .watched_folder import WatchedFolder

LOOK_SECONDS = 0.1
# Facts and health are told so often.
TELL_SECONDS = 1.0
# After so long without an engine, when none could be started, it is tried again; so often, then somebody else must.
RETRY_SECONDS, MOST_RETRIES = 10.0, 30
# A program beside it (the pad, OSCQuery) that has ended for good is tried again so often.
BESIDE_SECONDS = 300.0
# A moment is told of to nobody as ill: a device that comes back, an engine that starts.
PATIENCE_SECONDS = 3.0


@dataclass(frozen=True)
class ServicePlan:
    """What is served. device, heard: as ``Hosting``'s. watched: a folder whose new sounds are added and trained."""

    file: Path
    device: str | None = None
    heard: str | None = None
    block: int = 256
    rate: int = 0
    inputs: Inputs = field(default_factory=Inputs)
    recording: RecordingPlan | None = None
    watched: Path | None = None
    health: tuple[str, int] | None = None


class EngineFailed(RuntimeError):
    """No engine can be kept running; the text says what happened."""


class Service:
    """Serves from ``begin`` until ``close``. tell: takes sentences, from any thread. beside: programs that are started
    once the engine is there (pad, OSCQuery), each given the engine's name, and closed at the end.
    """

    def __init__(
        self,
        plan: ServicePlan,
        palette: Palette,
        state: ServedState,
        tell: Callable[[str], None],
        beside: Sequence[Callable[[str], Any]] = (),
        notify: Notify | None = None,
    ) -> None:
        self.plan, self.palette, self.state, self.tell = plan, palette, state, tell
        self.watchdog = Watchdog(tell)
        self.began = time.time()
        self._notify = notify or Notify()
        self._make_beside, self._beside = beside, list[Any]()
        self._guard = Guard("the service", tell)
        self._told_at = self._ill_since = self._failed_at = self._beside_due = 0.0
        self._retries = 0
        self._health: Mapping[str, Any] = health_of({})
        self._is_well = True
        self._page: HealthPage | None = None
        self._saver: threading.Thread | None = None
        self._ended = threading.Event()

    def begin(self, patch: Patch) -> None:
        """Start the engine and all beside it. Raises EngineGone, OSError, and what ``OutsideControls`` raises."""
        plan = self.plan
        if plan.health is not None:
            self._page = _page(*plan.health, lambda: self._health)
        hosting = Hosting(
            str(plan.file.absolute().parent),
            plan.device,
            plan.heard,
            plan.rate,
            plan.block,
            LOOK_SECONDS,
            player=PLAYER,
            owner=os.getpid(),
            name=plan.file.stem,
            patch=str(plan.file),
        )
        self.client = Client.start(patch, hosting, self._hear)
        self.client.subscribe()
        self._hosting = hosting
        folder = plan.file.absolute().parent
        self.controls = OutsideControls(self.client, self.palette, plan.inputs, folder, plan.file, self.tell)
        self.controls.dispatcher.saved = self._has_saved
        self.recordings = (
            RotatedRecordings(plan.recording, plan.file.stem, self.client.do, self.tell) if plan.recording else None
        )
        self._watched = WatchedFolder(plan.watched, self._sounds(folder), self._add) if plan.watched else None
        self.client.wait()
        self._beside = [make(self._name()) for make in self._make_beside]
        self._saver = threading.Thread(target=self._save_on, name="save state", daemon=True)
        self._saver.start()
        self._notify.ready()

    def run(self, stop: threading.Event, seconds: float | None = None) -> None:
        """Look after it all until somebody stops it, or so long. Raises EngineFailed."""
        end = None if seconds is None else time.monotonic() + seconds
        while not stop.wait(LOOK_SECONDS) and (end is None or time.monotonic() < end):
            if self.client.was_stopped:
                self.tell("the engine was stopped by somebody: the service ends with it")
                return
            now = time.monotonic()
            self._look_after_engine(now)
            self._guard(self._look, now)

    def close(self) -> None:
        """End it all; what was recorded until now is saved."""
        self._notify.stopping()
        self._ended.set()
        for one in reversed(self._beside):
            one.close()
        if self._saver is not None:
            self._saver.join(10.0)
            if self.recordings is not None:
                self.recordings.close()
            self.state.save(self.client)
        if self._page is not None:
            self._page.close()
        for name in ("controls", "client"):
            if (one := getattr(self, name, None)) is not None:
                one.close(**({"stops_engine": True} if name == "client" else {}))
        self.state.close()

    def _look_after_engine(self, now: float) -> None:
        client = self.client
        if self.watchdog.look(now, client.engine, client.latest_status):
            self.state.restore(client)
        if not client.has_failed:
            if client.latest_status.get("is_playing"):
                self._retries, self._failed_at = 0, 0.0
            return
        if not self._failed_at:
            self._failed_at = now
        elif now - self._failed_at >= RETRY_SECONDS:
            self._retries, self._failed_at = self._retries + 1, 0.0
            if self._retries > MOST_RETRIES:
                raise EngineFailed("no engine can be kept running; the log has why, and the state is saved")
            self.tell("the engine is tried once more")
            client.restart(self._hosting)

    def _look(self, now: float) -> None:
        status = self.client.latest_status
        if self.recordings is not None:
            self.recordings.look(now, status)
        if self._watched is not None:
            self._watched.look(now)
        if now - self._told_at < TELL_SECONDS:
            return
        self._told_at = now
        self._look_after_programs(now)
        facts = self._facts()
        self.controls.own_facts = facts
        if self.client.engine is not None:
            self.client.do(TellFacts(program="service", facts=facts))
        self._health = health_of(status, {"controls": self.controls.facts(), "service": facts})
        self._say_health(now)

    def _look_after_programs(self, now: float) -> None:
        ended = [one for one in self._beside if not one.is_kept]
        if not ended:
            self._beside_due = now + BESIDE_SECONDS
        elif now >= self._beside_due:
            self._beside_due = now + BESIDE_SECONDS
            for one in ended:
                one.start()

    def _say_health(self, now: float) -> None:
        """Tell when it falls ill for longer than a moment, and when it is well again; systemd hears of it as well."""
        if self._health["is_well"]:
            if not self._is_well:
                self.tell("all is well again")
            self._is_well, self._ill_since = True, 0.0
        elif not self._ill_since:
            self._ill_since = now
        elif self._is_well and now - self._ill_since >= PATIENCE_SECONDS:
            self._is_well = False
            self.tell("; ".join(self._health["why"]))
        if self._health["is_playing"]:
            self._notify.alive()  # one that has lost its device only is not started again
        self._notify.status("; ".join(self._health["why"]) or f"playing on {self._health['device']}")

    def _facts(self) -> dict[str, Any]:
        """What only this process knows."""
        recordings, state = self.recordings, self.state
        told = [one for one in (recordings.problem if recordings else "", self._state_problem()) if one]
        told += [f"{one.name} has ended; the log has why" for one in self._beside if not one.is_kept]
        facts: dict[str, Any] = {
            "patch": str(self.plan.file),
            "uptime_seconds": round(time.time() - self.began),
            "restarts": self.watchdog.restarts,
            "state": {"file": str(state.path), "saved_at": time.strftime("%H:%M:%S", time.localtime(state.saved_at))},
            "disk_free": _free(state.folder),
            PROBLEMS: told,
        }
        if recordings is not None:
            facts["recording"] = str(recordings.file or "nothing")
        return facts

    def _state_problem(self) -> str:
        return f"the state can't be saved: {self.state.problem}" if self.state.problem else ""

    def _save_on(self) -> None:
        guard = Guard("saving the state", self.tell)
        while not self._ended.wait(LOOK_SECONDS):
            guard(self.state.look, self.client)

    def _hear(self, news: Mapping[str, Any]) -> None:
        if news.get("kind") != "edit":
            node = f"{news['node']}: " if news.get("node") else ""
            self.tell(f"{node}{news.get('text', '')}")

    def _has_saved(self, path: Path) -> None:
        if path.resolve() == self.plan.file.resolve():
            self.state.follows_file()

    def _name(self) -> str:
        """The engine's, as others find it."""
        from ...engine.session.registry import find_engines

        process = self.client.engine
        return next((one.name for one in find_engines() if one.process == process), self.plan.file.stem)

    def _sounds(self, folder: Path) -> list[Path]:
        """The sounds of the patch that are files."""
        node = encoder_for(self.client.patch, self.palette)
        files = [folder / one.partition(PART)[0] for one in listed(self.client.patch, node)] if node else []
        return gathered([one for one in files if one.exists()], lambda text: None)

    def _add(self, files: Sequence[Path]) -> None:
        """Add sounds to the map and train, while it plays."""
        folder, dispatcher = self.plan.file.absolute().parent, self.controls.dispatcher
        node = encoder_for(self.client.patch, self.palette)
        listed_folders = [folder / one for one in listed(self.client.patch, node)] if node else []
        # a folder that is listed brings what is in it by itself
        others = [one for one in files if not any(one.is_relative_to(there.resolve()) for there in listed_folders)]
        if others:
            dispatcher.edit(lambda patch: with_added(patch, self.palette, others, folder)[0], "add sounds")
        self.tell(f"{len(files)} new or changed sound{'' if len(files) == 1 else 's'} of {self.plan.watched}: training")
        dispatcher.training.begin(None)


def _page(host: str, port: int, health: Callable[[], Mapping[str, Any]]) -> HealthPage:
    """Raises OSError with a sentence."""
    try:
        return HealthPage(host, port, health)
    except OSError as error:
        why = "is in use" if error.errno == errno.EADDRINUSE else f"can't be opened ({error.strerror or error})"
        raise OSError(f"--health {host}:{port}: the port {why}; choose another") from None


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
