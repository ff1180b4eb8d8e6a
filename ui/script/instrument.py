"""An instrument: a patch in the hands of a script or a notebook, silent or playing in an engine of its own."""

import os
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ...engine import FloatArray, Palette, PatchError, check_patch, load_palette
from ...engine.offline import offline_setup, render
from ...engine.session.client import Client, EngineGone, Hosting
from ...engine.session.local import LocalSession
from ...engine.training.jobs import run_jobs, stale_files
from ...graphs import (
    EditError,
    History,
    Patch,
    PatchFileError,
    add_node,
    disconnect,
    remove_node,
)
from ...graphs.delta import rebased
from ...nodes.codec.interface import CodecError
from ..control.dispatcher import ControlError, Dispatcher
from ..one_codec import codec_name, given_codec
from ..setting_edits import with_cord
from .commands import Commanded
from .handle import NodeHandle, ScriptError, check_port, checked

RATE = 48_000
SHOWN_SECONDS = 1.0
# An engine of a script whose end nobody saw plays on so long.
LINGER_SECONDS = 2.0
# Faults in one sentence; ``faults`` has them all.
TOLD = 5


class Instrument(Commanded):
    """A patch that can be played, changed and rendered; every change is a step that ``undo`` takes back.

    Nodes are its items and attributes: ``it.map.rate = 0.5`` turns a param, ``it["decoder-glide"].time`` reads one.
    Methods that change it give it back, so they can be chained. Raises ScriptError with a sentence for what can't be,
    and for what was done only in part: a node that failed, a sound that is missing. ``faults`` has all of that.
    """

    def __init__(self, patch: Patch, folder: Path | None = None, file: Path | None = None, name: str = "") -> None:
        self._session: Client | LocalSession = LocalSession(patch)
        self._plays_on, self._faults, self._untold = False, list[str](), list[str]()
        self._folder, palette = folder or Path.cwd(), load_palette()
        self._name = file.stem if file is not None else name
        self._dispatcher = Dispatcher(self._session, palette, self._folder, file, lambda text: None)

    # What it is
    @property
    def patch(self) -> Patch:
        """The document as it is now (see ``latent_terrain.graphs``)."""
        return self._session.patch

    @property
    def palette(self) -> Palette:
        """The node types there are, and the definitions of the patch as it is now."""
        return self._dispatcher.palette

    @property
    def history(self) -> History:
        """The steps that can be undone."""
        return self._dispatcher.history

    @property
    def problems(self) -> list[str]:
        """What is wrong or worth saying about the patch, in sentences."""
        return [str(one) for one in check_patch(self.patch, self.palette, offline_setup(self.patch, self._folder))]

    @property
    def faults(self) -> tuple[str, ...]:
        """What failed so far while it rendered, played or learned, each in a sentence with its node, oldest first."""
        self._untold.clear()
        return tuple(self._faults)

    @property
    def is_playing(self) -> bool:
        """Whether an engine plays it now."""
        return self._client is not None and self._client.engine is not None

    def __getitem__(self, name: str) -> "NodeHandle":
        if name not in self.patch.nodes:
            raise ScriptError(f"the patch has no node {name}; it has {', '.join(self.patch.nodes) or 'none'}")
        return NodeHandle(self, name)

    def __getattr__(self, name: str) -> "NodeHandle":
        if name.startswith("_"):
            raise AttributeError(name)
        nodes = self.patch.nodes
        found = name if name in nodes else name.replace("_", "-")
        if found not in nodes:
            raise AttributeError(f"the patch has no node {name}; it has {', '.join(nodes) or 'none'}")
        return NodeHandle(self, found)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(name.replace("-", "_") for name in self.patch.nodes)]

    def __repr__(self) -> str:
        nodes = ", ".join(f"{name} ({node.type})" for name, node in self.patch.nodes.items())
        return f"<Instrument{', playing' if self.is_playing else ''}: {nodes or 'no nodes'}>"

    # Changing it

    def add(self, type: str, name: str | None = None, **values: Any) -> "Instrument":
        """Add a node of a type, with params and settings as it begins."""
        if self.palette.get(type) is None:
            raise ScriptError(f"unknown node type {type}; latent-terrain nodes lists them")
        known = [*self.palette.specs[type].params, *self.palette.specs[type].settings]
        for key in values:
            if key not in known:
                raise ScriptError(f"{type} has no param or setting {key}; it has {', '.join(known)}")
        taken = {key: checked(self, name or type, type, key, value) for key, value in values.items()}
        return self._edited(lambda patch: add_node(patch, type, name=name, values=taken))

    def remove(self, name: str) -> "Instrument":
        """Remove a node and its cords."""
        return self._edited(lambda patch: remove_node(patch, name))

    def connect(self, *ends: str) -> "Instrument":
        """Lay cords along a chain of ports: ``connect("tone.out", "gain.audio")``, and so on in pairs.

        What a map's playheads play by it has as many voices, unless these are set.
        """
        if not ends or len(ends) % 2:
            raise ScriptError("connect takes ports in pairs: connect('tone.out', 'out.audio')")
        for index, end in enumerate(ends):
            check_port(self, end, is_input=bool(index % 2))

        def laid(patch: Patch) -> Patch:
            for source, target in zip(ends[::2], ends[1::2], strict=True):
                patch = with_cord(patch, self.palette, source, target)
            return patch

        return self._edited(laid)

    def disconnect(self, source: str, target: str) -> "Instrument":
        """Take a cord away."""
        return self._edited(lambda patch: disconnect(patch, source, target))

    def set(self, node: str, **values: Any) -> "Instrument":
        """Turn params and change settings of a node."""
        for key, value in values.items():
            setattr(self[node], key, value)
        return self

    def edit(self, change: Callable[[Patch], Patch]) -> Patch:
        """Make any edit of ``latent_terrain.graphs``; gives the patch after it."""
        return self._session.edit(change)

    def turn(self, node: str, param: str, value: Any, seconds: float = 0.0, at: float = 0.0) -> None:
        """Turn a param within so many seconds; heard at once while it plays."""
        if node in self.patch.nodes:
            value = checked(self, node, self.patch.nodes[node].type, param, value)
        self._session.turn(node, param, value, seconds, at)

    def set_codec(self, codec: str | Path, train: bool = False, strict: bool = True) -> "Instrument":
        """One codec for all nodes that share the patch's latents: ``builtin:bank``, a model file, or KIND:NAME.

        Files are found from the patch's folder, else from the current one. train: encode and learn again with it (see
        ``train``, also for ``strict``). Raises ScriptError for what is not there, or has not been allowed to run.
        """
        try:
            found = codec_name(str(codec), self._folder, self._dispatcher.is_home, here=Path.cwd())
        except CodecError as error:
            raise ScriptError(str(error)) from None
        self._edited(lambda patch: given_codec(patch, self.palette, *found))
        return self.train(strict=strict) if train else self

    def keep_takes(self) -> None:
        """Put what its nodes have recorded while playing into the patch (``save``, ``train`` and ``stop`` do so)."""
        if self._client is not None and self._client.engine is not None:
            self._client.keep_takes()

    def train(self, node: str | None = None, again: bool = False, strict: bool = True) -> "Instrument":
        """Encode and learn what has changed (all with ``again``), or only one node's work. Takes its time.

        What was recorded until now is learned from too. What could be done is kept, and what was odd about it is a
        Python warning. Raises ScriptError where something could not, unless ``strict`` is False.
        """
        self._take_takes()
        before = self.patch
        setup = offline_setup(before, self._folder)
        try:
            trained = run_jobs(before, self.palette, setup, only=node, again=again)
        except PatchError as error:
            raise ScriptError(str(error)) from None
        self._edited(lambda patch: rebased(before, trained.patch, patch))
        for one in trained.warnings:
            warnings.warn(str(one), stacklevel=2)
        left = stale_files(self.patch, self.palette, setup)
        skipped = [str(one) for one in trained.skipped] + [str(one) for one in left if node in (None, one.node)]
        found = self._note(skipped)
        self._raise_for("could not be fully trained", found, strict)
        return self

    teach = train  # the name before 0.2, for a release

    # Hearing it

    def render(self, seconds: float, sample_rate: int = RATE, strict: bool = True, channels: int = 2) -> FloatArray:
        """Its sound, float32 ``[channels, samples]``, computed as fast as it goes; the same every time.

        Raises ScriptError where a node failed, with the ``sound`` that there was; not so with ``strict`` False.
        """
        said: list[str] = []
        setup = offline_setup(self.patch, self._folder, float(sample_rate), channels=channels)
        setup = replace(setup, warn=said.append)
        try:
            parts = [part.copy() for part in render(self.patch, self.palette, setup, round(seconds * sample_rate))]
        except PatchError as error:
            raise ScriptError(str(error)) from None
        sound = np.concatenate(parts, axis=1) if parts else np.zeros((channels, 0), np.float32)
        self._raise_for("could not be fully rendered", self._note(said), strict, sound)
        return sound

    def play(
        self,
        device: str | None = None,
        block: int = 256,
        sample_rate: int | None = None,
        strict: bool = True,
        detached: bool = False,
    ) -> "Instrument":
        """Play it in an engine of its own; ``device``: part of a sound device's name, or ``none`` for no audio output.

        The engine ends with this program, however that ends; ``detached``: it plays on until it is stopped. Raises
        ScriptError where something in the patch can't be played; with ``strict`` False all else plays. sample_rate:
        Hz, where the device takes it; None: the device's own.
        """
        if self._client is not None and not self._client.has_failed:
            return self
        self._leave()
        hosting = Hosting(
            str(self._folder),
            device,
            "none",
            sample_rate or 0,
            block,
            LINGER_SECONDS,
            owner=0 if detached else os.getpid(),
            name=self._name or "script",
            patch=str(self._dispatcher.file or self._name),
        )
        try:
            client = Client.start(self.patch, hosting, self._hear)
        except EngineGone as error:
            raise ScriptError(str(error)) from None
        self._play_through(client, plays_on=detached)
        if detached:
            client.detach()
        client.wait()
        found = self._note(str(one) for one in client.problems if one.severity == "error")
        if found and strict:
            self._leave()
        self._raise_for("can't be fully played", found, strict)
        return self

    def stop(self, strict: bool = True) -> "Instrument":
        """End the engine, whoever started it; the patch stays as it is, with what was recorded.

        Raises ScriptError for what failed while it played and was not looked at (``faults``), unless ``strict`` is
        False.
        """
        self._take_takes(raises=False)
        self._leave()
        found, self._untold = self._untold, []
        self._raise_for("did not fully play", found, strict)
        return self

    def detach(self) -> "Instrument":
        """Let the engine play on when this program ends, until ``stop`` or ``latent-terrain engines --stop``."""
        if self._client is None:
            raise ScriptError("nothing is playing; start with play()")
        self._client.detach()
        self._plays_on = True
        return self

    def shown(self, node: str, name: str) -> FloatArray | None:
        """What a node shows while it plays: a meter's ``peak``, a map's ``places``; None for nothing.

        The engine begins to show a moment after it begins to play: that is waited for, at most a second.
        """
        if self._client is None:
            return None
        end = time.monotonic() + SHOWN_SECONDS
        while (found := self._client.reading(node, name)) is None and time.monotonic() < end:
            time.sleep(0.01)
        return found

    def status(self) -> Mapping[str, Any]:
        """How the engine is doing: ``is_playing`` (whether blocks are made), blocks, load, late frames, clients.

        Raises ScriptError while nothing plays.
        """
        if self._client is None:
            raise ScriptError("nothing is playing; start with play()")
        try:
            return self._client.status()
        except EngineGone as error:
            raise ScriptError(str(error)) from None

    def save(self, path: str | Path | None = None) -> Path:
        """Write the patch, with what was recorded until now; without a path to its own file."""
        target = Path(path) if path is not None else self._dispatcher.file
        if target is None:
            raise ScriptError("this patch has not been saved yet; use save(PATH)")
        try:
            return self._dispatcher.save(target if target.suffix else target.with_suffix(".ltp"))
        except (PatchFileError, ControlError) as error:
            raise ScriptError(str(error)) from None

    def close(self, strict: bool = True) -> None:
        """Stop (see ``stop``), and be done with it. What was attached to or detached plays on."""
        try:
            if self._plays_on and (client := self._client) is not None:
                self._play_through(LocalSession(client.patch))
                client.close()
            self.stop(strict)
        finally:
            self._dispatcher.close()

    @property
    def _client(self) -> Client | None:
        return self._session if isinstance(self._session, Client) else None

    def _play_through(self, session: Client | LocalSession, plays_on: bool = False) -> None:
        """From now on this is what is changed. plays_on: the engine is left playing at the end."""
        self._session = self._dispatcher.session = session
        self._plays_on = plays_on
        if isinstance(session, Client):
            session.subscribe()

    def _leave(self) -> None:
        client = self._client
        if client is not None:
            self._play_through(LocalSession(client.patch))
            if not client.stop_engine():
                raise ScriptError("the engine did not stop; latent-terrain engines lists it")

    def _take_takes(self, raises: bool = True) -> None:
        try:
            self.keep_takes()
        except EngineGone as error:
            text = f"recordings could not be fetched: {error}"
            self._untold += self._note([text])
            if raises:
                raise ScriptError(text) from None

    def _hear(self, news: Mapping[str, Any]) -> None:
        """What the engine tells; on a thread of the client's."""
        if news.get("kind") in ("fault", "failure", "error", "engine"):
            node = f"{news['node']}: " if news.get("node") else ""
            self._untold += self._note([f"{node}{news.get('text', '')}"])

    def _note(self, texts: Iterable[str]) -> list[str]:
        found = list(dict.fromkeys(texts))
        self._faults += found
        return found

    def _raise_for(self, what: str, found: Sequence[str], strict: bool, sound: FloatArray | None = None) -> None:
        if found and strict:
            more = f" (and {len(found) - TOLD} more)" if len(found) > TOLD else ""
            raise ScriptError(f"the patch {what}: {'; '.join(found[:TOLD])}{more}", found, sound)

    def _edited(self, change: Callable[[Patch], Patch]) -> "Instrument":
        self._dispatcher.observe()
        try:
            self.edit(change)
        except EditError as error:
            raise ScriptError(str(error)) from None
        self._dispatcher.observe("script")
        return self
