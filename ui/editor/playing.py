"""Telling an engine what to play, on a thread of its own, so that the window never waits for a device or a process.

What waits to be told is kept as it is now, not as a list of what happened: only the latest patch, and of each param
only the latest turn, so that an engine that is busy or starting up is never far behind. Turns go first, as they need
no plan; what they did is then no difference to the patch any more.
"""

import logging
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from ...engine.declare import Scalar
from ...engine.link import Client, EngineGone
from ...engine.link.client import Hosting
from ...engine.link.registry import Address
from ...engine.logs import failed
from ...engine.values import Content
from ...graphs import EditError, Patch, set_value
from ...graphs.delta import delta, rebased
from .hosting import PLAYER, Asked, without_asked
from .orphans import end_orphans, mark_own
from .sounding import Happening, Wish
from .takes import Takes

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.1
ANSWER_SECONDS, CLOSE_SECONDS = 2.0, 10.0
RESTART_SECONDS = 3.0
GONE_SECONDS = 10.0
"""A client starts another engine by itself; one that has had none for so long has given up."""
Severity = Literal["info", "warning", "error"]


@dataclass
class _Orders:
    """What is wanted now; turns, panics and starts are done once and then forgotten.

    heard: edits of others that the document has heard of since the last time.
    """

    patch: Patch | None = None
    host: Asked = field(default_factory=Asked)
    wish: Wish = field(default_factory=Wish)
    turns: dict[tuple[str, str], tuple[Scalar, float]] = field(default_factory=dict)
    panics: bool = False
    starts: bool = False
    heard: tuple[Callable[[Patch], Patch], ...] = ()


class Playing:
    """An engine, started when there is something to play or found running, and told what is asked here.

    All methods return at once, but ``close``. address: of an engine that runs already, which is left running at the
    end; base: what it played when the document began with it. gathers: whether a node type keeps takes that belong into
    the patch. player: as ``Hosting`` has it.
    """

    def __init__(
        self,
        wish: Wish,
        is_on: bool = True,
        address: Address | None = None,
        gathers: Callable[[str], bool] = lambda node_type: False,
        player: str = PLAYER,
        base: Patch | None = None,
    ) -> None:
        self._address, self._player, self._base = address, player, base
        self._wanted = _Orders(host=Asked(device=wish.device, input=wish.input, is_on=is_on), wish=wish)
        self._told: tuple[Patch, Asked] | None = None
        self._whole: Patch | None = None
        self._told_wish = wish
        self._changed = threading.Condition()
        self._is_dirty = self._is_closed = self._has_failed = False
        self._client: Client | None = None
        self._engine: int | None = None
        self._takes = Takes(gathers)
        self._edited: Callable[[Patch], Patch] | None = None
        self._given: tuple[Callable[[Patch], Patch], ...] = ()
        self._complaint = ""
        self._seen_at = 0.0
        self._thread = threading.Thread(target=self._run, name="tell engine", daemon=True)
        self.status: Mapping[str, Any] = {}
        self.happened: deque[Happening] = deque(maxlen=1000)

    @property
    def client(self) -> Client | None:
        """The client, once there is one."""
        return self._client

    @property
    def is_on(self) -> bool:
        """Whether sound was asked for last."""
        return self._wanted.host.is_on

    @property
    def is_starting(self) -> bool:
        """Whether an engine is on its way."""
        return self._client is None and self._wanted.patch is not None and not self._has_failed

    @property
    def is_attached(self) -> bool:
        """Whether the engine was started by somebody else."""
        return self._address is not None

    def begin(self) -> None:
        """Start the thread, and with it the engine; what was asked before is told then. Again does nothing."""
        if self._thread.ident is None and not self._is_closed:
            self._thread.start()

    def play(self, patch: Patch, folder: Path) -> None:
        """Play this patch from now on; turns asked before that are not in it are forgotten. folder: absolute."""
        with self._changed:
            wanted = self._wanted
            host = replace(wanted.host, folder=str(folder))
            if wanted.patch is not None and host != wanted.host and not _shares_nodes(wanted.patch, patch):
                host = replace(host, document=host.document + 1)
            elif wanted.patch is not None and patch is not wanted.patch and patch == wanted.patch:
                host = replace(host, again=host.again + 1)
            wanted.patch, wanted.host = patch, host
            wanted.heard, self._given = wanted.heard + self._given, ()
            wanted.turns = {ends: one for ends, one in wanted.turns.items() if _has(patch, ends, one[0])}
            self._wake()

    def turn(self, node: str, param: str, value: Scalar, seconds: float = 0.0) -> None:
        """Turn a param within so many seconds."""
        with self._changed:
            self._wanted.turns[node, param] = (value, seconds)
            self._wake()

    def panic(self) -> None:
        """Silence, then play on."""
        with self._changed:
            self._wanted.panics = True
            self._wake()

    def switch(self, is_on: bool) -> None:
        """Sound on or off. Off, the device is free and nothing is computed, but edits are still looked at."""
        self._ask(is_on=is_on)

    def use(self, wish: Wish) -> None:
        """Another device, at once; another rate or block takes another engine, with the same patch."""
        with self._changed:
            self._wanted = replace(self._wanted, wish=wish)
        self._ask(device=wish.device, input=wish.input)

    def record(self, path: Path | None) -> None:
        """Record the output into a file, or end that."""
        file = "" if path is None else str(path.absolute())
        if file != self._wanted.host.record:
            self._ask(record=file)

    def edited(self) -> Callable[[Patch], Patch] | None:
        """What another client has edited since last asked, as an edit; it raises ValueError where it can't be made.

        What is played next is taken to have it, or to have been asked to do without it.
        """
        with self._changed:
            found, self._edited = self._edited, None
            self._given += (found,) if found is not None else ()
        return found

    def gather(self) -> str:
        """Have ``recorded`` give all that is recorded until now; waits for it. Gives why that can't be, or ""."""
        client, patch = self._client, self._wanted.patch
        if client is None or client.engine is None or patch is None:
            return ""
        try:
            self._takes.look(client, patch, ANSWER_SECONDS, waits=False)
        except EngineGone as error:
            return f"what was recorded could not be fetched: {error}"
        return ""

    def recorded(self) -> Mapping[str, Content]:
        """Takes that have come to rest since last asked, by node."""
        return self._takes.found()

    def close(self) -> None:
        """Leave the engine, and end it if it was started here."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        if self._thread.ident is None:
            return
        self._thread.join(CLOSE_SECONDS)
        if self._thread.is_alive() and self._engine is not None and not self.is_attached:
            with suppress(OSError):
                os.kill(self._engine, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)

    def _ask(self, **what: Any) -> None:
        client = self._client
        if self.is_attached and client is not None and client.engine is not None:
            self._say("this engine was started elsewhere; its device and its recording are chosen there", "warning")
            return
        with self._changed:
            self._wanted.host = replace(self._wanted.host, **what)
            self._wanted.starts = True
            self._wake()

    def _wake(self) -> None:
        self._is_dirty = True
        self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._is_dirty or self._is_closed, LOOK_SECONDS)
                if self._is_closed:
                    break
                self._is_dirty, orders = False, self._wanted
                self._wanted = replace(orders, turns={}, panics=False, starts=False, heard=())
            try:
                self._tell(orders)
                self._look()
                self._complaint = ""
            except EngineGone as error:
                self._complain(str(error))
            except Exception as error:  # whatever it is, the next order must be told
                text = f"the engine could not be told ({type(error).__name__}: {error})"
                failed(log, text, error)
                self._complain(text)
        self._leave()

    def _tell(self, orders: _Orders) -> None:
        if orders.patch is None:
            return
        for edit in orders.heard:
            self._whole = edit(self._whole) if self._whole is not None else None
        self._has_failed &= not orders.starts
        patch = orders.patch if self.is_attached else orders.host.on(orders.patch)
        if self._client is not None and self._must_start_again(orders):
            with suppress(EngineGone):
                self._takes.look(self._client, orders.patch, ANSWER_SECONDS, waits=False)
            self._client.close(stops_engine=True)
            self._client = None
        if self._client is None and not self._has_failed:
            self._start(orders)
        client = self._client
        if client is None:
            return
        if orders.panics:
            client.panic()
        before = self._whole
        for (node, param), (value, seconds) in orders.turns.items():
            with suppress(EditError):  # the node is not there yet, or has gone
                client.turn(node, param, value, seconds)
                patch = set_value(patch, node, param, value)
                before = set_value(before, node, param, value) if before is not None else None
        told = (orders.patch, orders.host)
        if self._told is None or self._told[0] is not told[0] or self._told[1] != told[1]:
            if before is None:
                client.update(patch)
            else:  # others may have edited what this document has not heard of yet
                client.edit(partial(rebased, before, patch))
            self._told, self._whole = told, patch

    def _must_start_again(self, orders: _Orders) -> bool:
        if self._client is None:
            return False
        if self.is_attached:
            has_ended = orders.starts and self._client.engine is None
            self._address = None if has_ended else self._address
            return has_ended
        now, before = orders.wish, self._told_wish
        has_ended = orders.starts and time.monotonic() - self._seen_at > GONE_SECONDS
        return has_ended or (now.sample_rate, now.block) != (before.sample_rate, before.block)

    def _start(self, orders: _Orders) -> None:
        assert orders.patch is not None
        self.status = {}
        try:
            if self._address is not None:
                self._client = Client.attach(self._address, self._hear)
                self._client.subscribe()
                if self._whole is None and self._base is not None:
                    self._told, self._whole = (self._base, orders.host), self._base
                    self._compare(self._client, self._base)
            else:
                self._told_wish = orders.wish
                self._whole = orders.host.on(orders.patch)
                self._client = Client.start(self._whole, self._hosting(orders), self._hear)
                self._client.subscribe()
                self._told, self._seen_at = (orders.patch, orders.host), time.monotonic()
                if end_orphans():
                    self._say("an engine whose editor had ended unexpectedly played on until now", "info")
        except EngineGone as error:
            self._has_failed = True
            self._say(f"{error}; turn the sound off and on again to try once more", "error")

    def _hosting(self, orders: _Orders) -> Hosting:
        host, wish = orders.host, orders.wish
        return Hosting(
            host.folder, host.device, host.input, wish.sample_rate, wish.block, player=self._player, name="editor"
        )

    def _look(self) -> None:
        """See how the engine is doing, and what its nodes have recorded."""
        client, patch, now = self._client, self._wanted.patch, time.monotonic()
        if client is None or client.engine is None or patch is None or now - self._seen_at < 0.8 * LOOK_SECONDS:
            return
        self._seen_at = now
        if client.engine != self._engine:
            self._engine = client.engine
            if not self.is_attached:
                mark_own(client.engine)
        self.status = client.latest_status or client.status(ANSWER_SECONDS)
        self._takes.look(client, patch, ANSWER_SECONDS)

    def _hear(self, news: Mapping[str, Any]) -> None:
        kind = str(news.get("kind", ""))
        client, told = self._client, self._told
        if kind == "edit" and client is not None and told is not None:
            self._compare(client, told[0])
        severity = _severity(news.get("severity", _SEVERITIES.get(kind)))
        self.happened.append(
            Happening(
                str(news.get("text", "")), kind, severity, str(news.get("node", "")), str(news.get("details", ""))
            )
        )

    def _compare(self, client: Client, told: Patch) -> None:
        """See what others have edited since this was told."""
        now = without_asked(client.patch)
        self._edited = partial(rebased, told, now) if delta(told, now)[0] else self._edited

    def _complain(self, text: str) -> None:
        """Say what is wrong, once for as long as it stays so."""
        if text != self._complaint:
            self._complaint = text
            self._say(text, "warning")

    def _say(self, text: str, severity: Severity) -> None:
        self.happened.append(Happening(text, "engine", severity))

    def _leave(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        end = time.monotonic() + RESTART_SECONDS
        while client.engine is None and not self.is_attached and time.monotonic() < end:
            time.sleep(LOOK_SECONDS / 10)  # one that is on its way could not be ended later
        client.close(stops_engine=not self.is_attached)


_SEVERITIES: Mapping[str, str] = {"edit": "info", "error": "error", "failure": "error"}


def _severity(word: object) -> Severity:
    return "info" if word == "info" else "error" if word == "error" else "warning"


def _has(patch: Patch, ends: tuple[str, str], value: Scalar) -> bool:
    node = patch.nodes.get(ends[0])
    return node is not None and node.values.get(ends[1]) == value


def _shares_nodes(before: Patch, after: Patch) -> bool:
    """Whether two patches are of one document: an edit leaves most nodes the same objects, another file has none."""
    return any(before.nodes.get(name) is node for name, node in after.nodes.items())
