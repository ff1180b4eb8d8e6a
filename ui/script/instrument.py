"""An instrument: a patch in the hands of a script or a notebook, silent or playing in an engine of its own."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ...engine import FloatArray, Palette, PatchError, check_patch, load_palette
from ...engine.link.client import Client, EngineGone, Hosting
from ...engine.offline import offline_setup, render
from ...engine.teach import teach
from ...graphs import (
    EditError,
    History,
    Patch,
    PatchFileError,
    add_node,
    connect,
    disconnect,
    load_file,
    remove_node,
    save,
    set_value,
    unset_value,
)
from ...graphs.starters import STARTERS
from ..control.conductor import Conductor, ControlError

RATE = 48_000
SHOWN_SECONDS = 1.0


class ScriptError(ValueError):
    """What a script asked for can't be done; a sentence."""


class Instrument:
    """A patch that can be played, changed and rendered; every change is a step that ``undo`` takes back.

    Nodes are its items and attributes: ``it.map.rate = 0.5`` turns a param, ``it["decoder-glide"].time`` reads one.
    Methods that change it give it back, so they can be chained. Raises ScriptError with a sentence for what can't be.
    """

    def __init__(self, patch: Patch, folder: Path | None = None, file: Path | None = None) -> None:
        self._client: Client | None = None
        self._patch = patch
        self._setup(folder or Path.cwd(), file)

    def _setup(self, folder: Path, file: Path | None) -> None:
        self._folder, self._palette = folder, load_palette()
        self._conductor = Conductor(self, self._palette, folder, file, lambda text: None)

    # What it is

    @property
    def patch(self) -> Patch:
        """The document as it is now (see ``latent_terrain.graphs``)."""
        return self._client.patch if self._client is not None else self._patch

    @property
    def palette(self) -> Palette:
        """The node types there are."""
        return self._palette

    @property
    def history(self) -> History:
        """The steps that can be undone."""
        return self._conductor.history

    @property
    def problems(self) -> list[str]:
        """What is wrong or worth saying about the patch, in sentences."""
        return [str(one) for one in check_patch(self.patch, self._palette, offline_setup(self.patch, self._folder))]

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
        if self._palette.get(type) is None:
            raise ScriptError(f"there is no node type {type}; latent-terrain nodes tells which there are")
        known = [*self._palette.specs[type].params, *self._palette.specs[type].settings]
        for key in values:
            if key not in known:
                raise ScriptError(f"{type} has no param or setting {key}; it has {', '.join(known)}")
        return self._edited(lambda patch: add_node(patch, type, name=name, values=values))

    def remove(self, name: str) -> "Instrument":
        """Remove a node and its cords."""
        return self._edited(lambda patch: remove_node(patch, name))

    def connect(self, *ends: str) -> "Instrument":
        """Lay cords along a chain of ports: ``connect("tone.out", "gain.audio")``, and so on in pairs."""
        if not ends or len(ends) % 2:
            raise ScriptError("connect takes ports in pairs: connect('tone.out', 'out.audio')")

        def laid(patch: Patch) -> Patch:
            for source, target in zip(ends[::2], ends[1::2], strict=True):
                patch = connect(patch, source, target)
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
        if self._client is not None:
            return self._client.edit(change)
        self._patch = change(self._patch)
        return self._patch

    def turn(self, node: str, param: str, value: Any, seconds: float = 0.0, at: float = 0.0) -> None:
        """Turn a param within so many seconds; heard at once while it plays."""
        if self._client is not None:
            self._client.turn(node, param, value, seconds, at)
        else:
            self._patch = set_value(self._patch, node, param, value)

    def undo(self) -> "Instrument":
        """Take the last step back."""
        return self._done("/undo")

    def redo(self) -> "Instrument":
        """Make it again."""
        return self._done("/redo")

    def snapshot(self, slot: int | str) -> "Instrument":
        """Keep how everything is turned, and what was learned, in a slot of the patch."""
        return self._done("/snapshot/store", slot)

    def recall(self, slot: int | str, seconds: float = 0.0) -> "Instrument":
        """Be as a snapshot has it, gliding there within so many seconds."""
        return self._done("/snapshot/recall", slot, seconds)

    def teach(self, node: str | None = None, again: bool = False) -> "Instrument":
        """Encode and learn what has changed (all with ``again``), or only one node's work. Takes its time."""
        setup = offline_setup(self.patch, self._folder)
        try:
            taught = teach(self.patch, self._palette, setup, only=node, again=again)
        except PatchError as error:
            raise ScriptError(str(error)) from None
        contents = {name: one.content for name, one in taught.patch.nodes.items()}

        def learned(patch: Patch) -> Patch:
            from ...graphs import set_content

            for name, content in contents.items():
                if name in patch.nodes:
                    patch = set_content(patch, name, content)
            return patch

        return self._edited(learned)

    # Hearing it

    def render(self, seconds: float, sample_rate: int = RATE) -> FloatArray:
        """Its sound, float32 ``[2, samples]``, computed as fast as it goes; the same every time."""
        setup = offline_setup(self.patch, self._folder, float(sample_rate))
        try:
            parts = [part.copy() for part in render(self.patch, self._palette, setup, round(seconds * sample_rate))]
        except PatchError as error:
            raise ScriptError(str(error)) from None
        return np.concatenate(parts, axis=1) if parts else np.zeros((2, 0), np.float32)

    def play(self, device: str | None = None, block: int = 256, sample_rate: int | None = None) -> "Instrument":
        """Play it in an engine of its own; ``device``: part of a sound device's name, or ``none`` for unheard.

        sample_rate: Hz, where the device takes it; None: the device's own.
        """
        if self._client is not None:
            return self
        hosting = Hosting(str(self._folder), device, "none", sample_rate or 0, block)
        try:
            self._client = Client.start(self._patch, hosting, lambda news: None)
        except EngineGone as error:
            raise ScriptError(str(error)) from None
        self._client.subscribe()
        self._client.wait()
        return self

    def stop(self) -> "Instrument":
        """Let the engine end; the patch stays as it is."""
        client, self._client = self._client, None
        if client is not None:
            self._patch = client.patch
            client.close(stops_engine=True)
        return self

    def shown(self, node: str, name: str) -> FloatArray | None:
        """What a node shows while it plays: a meter's ``peak``, a canvas's ``places``; None for nothing.

        The engine begins to show a moment after it begins to play: that is waited for, at most a second.
        """
        if self._client is None:
            return None
        end = time.monotonic() + SHOWN_SECONDS
        while (found := self._client.reading(node, name)) is None and time.monotonic() < end:
            time.sleep(0.01)
        return found

    def status(self) -> Mapping[str, Any]:
        """How the engine is doing (blocks, load, late frames). Raises ScriptError while nothing plays."""
        if self._client is None:
            raise ScriptError("nothing plays; begin with play()")
        return self._client.status()

    def save(self, path: str | Path | None = None) -> Path:
        """Write the patch; without a path to its own file."""
        target = Path(path) if path is not None else self._conductor.file
        if target is None:
            raise ScriptError("this patch has no file yet; save(PATH)")
        try:
            written = save(self.patch, target if target.suffix else target.with_suffix(".ltp"))
        except PatchFileError as error:
            raise ScriptError(str(error)) from None
        self._conductor.file = written
        return written

    def close(self) -> None:
        """Stop, and be done with it."""
        self.stop()
        self._conductor.close()

    def _edited(self, change: Callable[[Patch], Patch]) -> "Instrument":
        self._conductor.observe()
        try:
            self.edit(change)
        except EditError as error:
            raise ScriptError(str(error)) from None
        self._conductor.observe("script")
        return self

    def _done(self, command: str, *arguments: Any) -> "Instrument":
        try:
            self._conductor.do(command, list(arguments))
        except ControlError as error:
            raise ScriptError(str(error)) from None
        return self


class NodeHandle:
    """One node of an instrument: its params and settings are attributes."""

    _instrument: Instrument
    _name: str

    def __init__(self, instrument: Instrument, name: str) -> None:
        object.__setattr__(self, "_instrument", instrument)
        object.__setattr__(self, "_name", name)

    def __getattr__(self, key: str) -> Any:
        instrument, name = self._instrument, self._name
        node = instrument.patch.nodes[name]
        spec = instrument.palette.get(node.type)
        if spec is not None and key in spec.params:
            return node.values.get(key, spec.params[key].default)
        if spec is not None and key in spec.settings:
            return node.values.get(key, spec.settings[key].default)
        if key in node.values:
            return node.values[key]
        raise AttributeError(f"{name} has no param or setting {key}; it has {', '.join(_keys(instrument, name))}")

    def __setattr__(self, key: str, value: Any) -> None:
        instrument, name = self._instrument, self._name
        known = _keys(instrument, name)
        if key not in known:
            raise ScriptError(f"{name} has no param or setting {key}; it has {', '.join(known)}")
        instrument._conductor.observe()
        spec = instrument.palette.get(instrument.patch.nodes[name].type)
        try:
            if value is None:
                instrument.edit(lambda patch: unset_value(patch, name, key))
            elif spec is not None and key in spec.params:
                instrument.turn(name, key, value)
            else:
                instrument.edit(lambda patch: set_value(patch, name, key, value))
        except EditError as error:
            raise ScriptError(str(error)) from None
        instrument._conductor.observe()

    def glide_to(self, seconds: float, **values: Any) -> Instrument:
        """Turn params within so many seconds."""
        for key, value in values.items():
            if key not in _keys(self._instrument, self._name):
                raise ScriptError(f"{self._name} has no param {key}")
            self._instrument.turn(self._name, key, value, seconds)
        self._instrument._conductor.observe("script")
        return self._instrument

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *_keys(self._instrument, self._name)]

    def __repr__(self) -> str:
        values = ", ".join(f"{key}={getattr(self, key)!r}" for key in _keys(self._instrument, self._name))
        return f"<{self._name}: {values}>"


def new() -> Instrument:
    """An empty patch."""
    return Instrument(Patch())


def load(name: str | Path) -> Instrument:
    """A patch from its file, or a starter by name (``walk``, ``orbit`` …)."""
    path = Path(name)
    try:
        if not path.exists() and str(name) in STARTERS:
            return Instrument(load_file(STARTERS[str(name)].file))
        return Instrument(load_file(path), path.absolute().parent, path.absolute())
    except PatchFileError as error:
        raise ScriptError(str(error)) from None


@contextmanager
def play(name: str | Path, device: str | None = None) -> Iterator[Instrument]:
    """A patch that plays as long as the ``with`` lasts."""
    it = load(name)
    try:
        yield it.play(device)
    finally:
        it.close()


def attach() -> Instrument:
    """What plays already: the patch of ``latent-terrain run`` or of the editor, in the hands of this script too."""
    try:
        client = Client.attach(heard=lambda news: None)
    except EngineGone as error:
        raise ScriptError(str(error)) from None
    it = Instrument(client.patch)
    client.subscribe()
    it._client = client
    return it


def _keys(instrument: Instrument, name: str) -> list[str]:
    """The params and settings of a node."""
    node = instrument.patch.nodes.get(name)
    if node is None:
        raise ScriptError(f"the patch has no node {name} any more")
    spec = instrument.palette.get(node.type)
    return [*spec.params, *spec.settings] if spec is not None else list(node.values)
