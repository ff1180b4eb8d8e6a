"""The editor's sound: an engine in a process of its own, and a trainer in another, so that no window can disturb them.

Everything returns at once but ``gather`` and ``close``. What the two tell is taken in by ``tick``, on the window's
thread.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Literal

from ....engine.declare import Scalar
from ....engine.hooks import Captures, is_a
from ....engine.messages import Audition, LearnControl, Order, RecordTo, UseDevice
from ....engine.palette import Palette
from ....engine.problems import Problem
from ....engine.session import Client, EngineGone
from ....engine.session.client import Hosting
from ....engine.session.registry import Address
from ....engine.values import Content, FloatArray
from ....graphs import EditError, Patch
from ....graphs.delta import delta, rebased
from ...hosted_player import PLAYER
from .interface import DeviceChoice, Happening, JobResult, JobStatus, SoundStatus
from .takes import TakeCollector
from .training import Trainings

ANSWER_SECONDS = 2.0
Edit = Callable[[Patch], Patch]
Severity = Literal["info", "warning", "error"]
_SEVERITIES: Mapping[str, Severity] = {"error": "error", "failure": "error"}


class EngineSound:
    """Sound from an engine, as ``Sounding`` has it. Nothing is started before the first ``tick``.

    palette: the node types. address: of an engine that runs already, which is left running at the end; base: what it
    played when the document began with it. player (see ``Hosting``), learning: others in tests.
    """

    def __init__(
        self,
        palette: Palette,
        wish: DeviceChoice | None = None,
        *,
        is_on: bool = True,
        address: Address | None = None,
        base: Patch | None = None,
        player: str = PLAYER,
        learning: Trainings | None = None,
    ) -> None:
        self._wish, self._is_on, self._address, self._player = wish or DeviceChoice(), is_on, address, player
        self._learning = learning or Trainings()
        self._takes = TakeCollector(gatherers(palette))
        self._client: Client | None = None
        self._attached: deque[Client] = deque()
        self._has_begun = self._has_failed = self._has_others_edits = False
        self._is_other = self._awaits_other = self._is_closed = False
        self._engine: int | None = None
        self._folder = Path()
        self._document: Patch | None = None
        self._told = base
        """The document as the client has it from here, without what others edited since."""
        self._given: tuple[Edit, ...] = ()
        self._recording = ""
        self._heard: deque[Happening] = deque(maxlen=1000)
        self._status = SoundStatus()
        self._problems: tuple[Problem, ...] = ()
        self._trainings: tuple[JobStatus, ...] = ()

    def play(self, patch: Patch, folder: Path) -> None:
        """From now on play this patch. folder: where its files are."""
        before, self._document = self._document, patch
        was_in, self._folder = self._folder, folder.absolute()
        is_other, self._is_other = self._is_other, False
        self._learning.edited(patch)
        client, told, given = self._client, self._told, self._given
        if client is None:
            return
        self._told, self._given = patch, ()
        if told is None:
            client.update(patch)
        elif (is_other or was_in != self._folder) and self._address is None and before is not None:
            client.open(patch, str(self._folder), is_other)
        elif patch is not told and patch == told and not given:
            client.try_again()
        else:  # others may have edited what this document has not heard of yet
            for edit in given:
                told = edit(told)
            client.edit(partial(rebased, told, patch))

    def forget(self) -> None:
        """Another document is played next: nothing of the last one goes on, and nothing that it learns is told."""
        self._is_other = self._awaits_other = True
        self._learning.forget()
        self._takes.forget()

    def turn(self, node: str, param: str, value: Scalar, seconds: float = 0.0, after: Patch | None = None) -> None:
        """Turn a param within so many seconds, heard at once.

        after: what is played from now on, which has it and nothing else new; None: ``play`` follows.
        """
        if self._client is not None:
            with suppress(EditError):  # the node is not there yet, or has gone
                self._client.turn(node, param, value, seconds)
        if after is not None:
            self._learning.edited(after)
            self._document = after
            self._told = after if self._client is not None else self._told

    def play_instead(self, patch: Patch | None) -> None:
        """Let another patch be heard than the document, made of it without arrays; None: the document again."""
        document = self._document
        if document is not None:
            self.do(Audition(change=delta(document, patch)[0] if patch is not None else {}))

    def switch(self, is_on: bool) -> None:
        """Sound on or off. Off, the device is free and nothing is computed; problems are still found."""
        self._is_on = is_on
        self._ask(self._device)

    def do(self, order: Order) -> None:
        """Have the engine do something beside."""
        if self._client is not None:
            self._client.do(order)

    def use(self, wish: DeviceChoice) -> None:
        """Another device, at once; another rate or block takes another engine, with the same patch."""
        before, self._wish = self._wish, wish
        is_another = (wish.sample_rate, wish.block) != (before.sample_rate, before.block)
        client = self._client
        if is_another and client is not None and self._address is None:
            client.restart(self._hosting, partial(self._fetch_takes, client, self._document))
        self._ask(self._device)

    def learn(self, patch: Patch, only: str | None = None, again: bool = False) -> int:
        """Do the patch's slow work whose inputs changed, in another process. Gives the training run's number."""
        return self._learning.learn(patch, self._folder, only, again)

    def stop_learning(self) -> None:
        """End it and keep the best so far."""
        self._learning.stop()

    def record(self, path: Path | None) -> None:
        """Write the output to a WAV or FLAC file from now on; None ends it."""
        file = "" if path is None else str(path.absolute())
        if file != self._recording:
            self._recording = file
            self._ask(RecordTo(file=file))

    def tick(self, now: float) -> None:
        """Call once per frame: takes in what the other processes sent."""
        if not self._has_begun and self._document is not None:
            self._begin()
        if self._attached:
            self._take_client(self._attached.popleft())
        self._learning.tick()
        self._heard.extend(self._learning.happenings())
        self._trainings = self._learning.trainings
        client = self._client
        if client is not None:
            self._problems = client.problems
            if client.engine is not None and client.engine != self._engine:
                self._see_engine(client.engine)
            if client.engine is not None and self._document is not None:
                self._takes.look(client, self._document)
        self._status = self._looked()
        self._learning.pace(float(self._status.numbers.get("pace", 1.0)))

    @property
    def client(self) -> Client | None:
        """The client of the engine, once there is one."""
        return self._client

    @property
    def status(self) -> SoundStatus:
        """As of the last tick."""
        return self._status

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the patch as it plays, as of the last tick."""
        return self._problems

    @property
    def trainings(self) -> tuple[JobStatus, ...]:
        """What is being learned, as of the last tick."""
        return self._trainings

    @property
    def learning(self) -> LearnControl | None:
        """What the next controller that moves will do; None while none is waited for."""
        return self._client.learning if self._client is not None else None

    def happenings(self) -> list[Happening]:
        """What happened since last asked, each once."""
        return [self._heard.popleft() for _ in range(len(self._heard))]

    def trained(self) -> list[JobResult]:
        """What was learned since last asked, each once."""
        return self._learning.trained()

    def gather(self) -> str:
        """Have ``recorded`` give all that is recorded until now; waits a moment. Gives why that can't be, or ""."""
        client = self._client
        if client is None or client.engine is None or self._document is None:
            return ""
        try:
            self._takes.fetch(client, self._document, ANSWER_SECONDS)
        except EngineGone as error:
            return f"recordings could not be fetched: {error}"
        return ""

    def recorded(self) -> Mapping[str, Content]:
        """Takes that nodes have recorded since last asked, by node."""
        return self._takes.found()

    def edited(self) -> Edit | None:
        """What another client of the engine has edited since last asked, as an edit; None when nobody has.

        It raises ValueError where it can't be made. What is played next is taken to have it, or to have been asked to
        do without it.
        """
        client, told = self._client, self._told
        if not self._has_others_edits or client is None or told is None:
            return None
        self._has_others_edits = False
        now = client.patch
        if not delta(told, now)[0]:
            return None
        edit = partial(rebased, told, now)
        self._given += (edit,)
        return edit

    def reading(self, node: str, name: str) -> FloatArray | None:
        """What a node shows now, None when it shows nothing of that name or another document is on its way."""
        client = self._client
        self._awaits_other &= client is not None and not client.wait(0.0)
        return client.reading(node, name) if client is not None and not self._awaits_other else None

    def close(self, keeps_playing: bool = False) -> None:
        """End the trainer, and the engine if it was started here; or have that play on until somebody ends it."""
        self._is_closed = True
        self._learning.close()
        self._leave_attached()
        client, self._client = self._client, None
        if client is not None:
            is_own = self._address is None
            if is_own and keeps_playing and client.engine is not None:
                client.detach()
            client.close(stops_engine=is_own and not keeps_playing)

    @property
    def _hosting(self) -> Hosting:
        wish = self._wish
        return Hosting(
            str(self._folder),
            wish.device,
            wish.input,
            wish.sample_rate,
            wish.block,
            player=self._player,
            owner=os.getpid(),
            name="editor",
        )

    @property
    def _device(self) -> UseDevice:
        return UseDevice(device=self._wish.device, input=self._wish.input, is_on=self._is_on)

    def _begin(self) -> None:
        """Start an engine, or join the one that runs already, which takes its time and so a thread."""
        self._has_begun, self._has_failed = True, False
        address, patch = self._address, self._document
        if address is None:
            assert patch is not None
            self._told = patch
            self._client = Client.begin(patch, self._hosting, self._hear)
            self._client.subscribe()
            self._client.do(self._device)
            self._client.do(RecordTo(file=self._recording))
            return

        def attach() -> None:
            try:
                self._attached.append(Client.attach(address, self._hear))
            except EngineGone as error:
                self._has_failed = True
                self._say(f"{error}; turn audio off and on to try again", "error")
            if self._is_closed:
                self._leave_attached()

        threading.Thread(target=attach, name="join engine", daemon=True).start()

    def _leave_attached(self) -> None:
        with suppress(IndexError):
            self._attached.popleft().close()

    def _take_client(self, client: Client) -> None:
        """The engine that runs already is joined: it is told what was edited here, and it tells what was there."""
        self._client = client
        client.subscribe()
        self._has_others_edits = self._told is not None
        if self._document is not None:
            self.play(self._document, self._folder)

    def _see_engine(self, engine: int) -> None:
        self._engine = engine

    def _ask(self, order: Order) -> None:
        """Have the engine do it, and one that is there no more come back."""
        client = self._client
        if client is None:
            if self._has_failed:
                self._begin()
            return
        if self._address is None:
            client.do(order)
            if client.has_failed:
                client.restart(self._hosting)
        elif client.engine is not None:
            self._say("this engine was started elsewhere; choose its device and recording there", "warning")
        else:
            self._address, self._client = None, None
            client.close()
            self._begin()

    def _fetch_takes(self, client: Client, document: Patch | None) -> None:
        with suppress(EngineGone):
            if document is not None and client.engine is not None:
                self._takes.fetch(client, document, ANSWER_SECONDS)

    def _hear(self, news: Mapping[str, Any]) -> None:
        """Something that the engine tells; on a thread of the client's."""
        kind, text, severity = (str(news.get(key, "")) for key in ("kind", "text", "severity"))
        if kind == "edit":
            self._has_others_edits = True  # the history shows it; one line in the log per edit would drown the rest
            return
        if kind == "engine" and severity == "error":
            text += "; turn audio off and on to try again"
        known: Mapping[str, Severity] = {"info": "info", "warning": "warning", "error": "error"}
        found = known.get(severity, _SEVERITIES.get(kind, "warning"))
        self._heard.append(Happening(text, kind, found, str(news.get("node", "")), str(news.get("details", ""))))

    def _say(self, text: str, severity: Severity) -> None:
        self._heard.append(Happening(text, "engine", severity))

    def _looked(self) -> SoundStatus:
        client = self._client
        is_there = client is not None and client.engine is not None
        numbers = client.latest_status if client is not None else {}
        load, latency = (one if isinstance(one := numbers.get(key), Mapping) else {} for key in ("load", "latency_ms"))
        has_failed = self._has_failed if client is None else client.has_failed
        return SoundStatus(
            is_on=bool(numbers.get("is_on", numbers)) and is_there and self._is_on,
            is_heard=bool(numbers.get("is_heard", False)) and is_there,
            is_starting=self._has_begun and not is_there and not has_failed,
            device=str(numbers.get("device", "")),
            load=float(load.get("p99", 0.0)),
            xruns=int(numbers.get("xruns", 0)),
            late_frames=int(numbers.get("late_frames", 0)),
            latency_ms=float(latency.get("total", 0.0)),
            numbers=numbers,
        )


def gatherers(palette: Palette) -> Callable[[str], bool]:
    """Tells node types that keep takes while they play, which belong into the patch."""
    names = {name for name, spec in palette.specs.items() if is_a(spec.build, Captures)}
    return names.__contains__
