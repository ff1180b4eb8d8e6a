"""Model files that are missing, or that nobody has allowed to run: found again, looked at safely, asked about once."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from ....nodes.codec.interface import CodecError
from ....nodes.codec.library import file_digest
from ....nodes.codec.loader import is_program, model_file
from ....nodes.codec.trust import is_trusted, trust
from ...missing_models import with_found
from ...patcher.window_requests import Confirm

if TYPE_CHECKING:
    from .desk import Desk

LOOK_AGAIN_SECONDS = 2.0

# A file as it is now: path, size, time of its last change in ns.
Key = tuple[str, int, int]


class UntrustedModels:
    """Which model files of a patch are untrusted. Nothing here waits but threads of its own."""

    def __init__(self, desk: "Desk", look: Callable[[str, Path], Mapping[str, Any]] | None = None) -> None:
        self._desk, self._look = desk, look or _examined
        self._digests: dict[Key, str | None] = {}
        self._found: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._looking: set[str] = set()
        self._then: dict[str, Callable[[], None]] = {}
        self._allowed: dict[str, bool] = {}
        self._looked_at = 0.0

    def of(self, node: str) -> tuple[str, ...]:
        """The model files that a node names, as it names them, and that nobody has allowed yet."""
        patch = self._desk.patch
        spec = self._desk.palette.get(patch.nodes[node].type)
        named = [
            str(patch.nodes[node].values.get(setting.name, setting.default))
            for setting in (spec.settings.values() if spec else ())
            if setting.about.file == "model"
        ]
        return tuple(name for name in named if name and is_program(name) and self._is_untrusted(name))

    def find_missing(self) -> None:
        """Take the models that the patch misses from the user's library, where it has them: one step of undo."""
        desk = self._desk
        patch, found = with_found(desk.patch, desk.palette, desk.document.folder)
        if found:
            desk.document.history.apply(lambda _: patch, "models found")
        for sentence in found:
            desk.say(sentence)

    def behind(self, work: Callable[[], Callable[[], None]]) -> None:
        """Do what may wait on a thread of its own; what it gives is done by the window's thread."""
        threading.Thread(target=lambda: self._found.put(work()), daemon=True).start()

    def ask(self, name: str, then: Callable[[], None] | None = None) -> None:
        """Look at a model file in a process of its own, then ask whether it may run. then: done once it is allowed."""
        if then is not None:
            self._then[name] = then
        if name in self._looking:
            return
        self._looking.add(name)
        folder = self._desk.document.folder
        self._desk.say(f"{name}: testing it in a sandbox …")
        threading.Thread(target=self._try, args=(name, folder), daemon=True).start()

    def tick(self) -> None:
        """Say what was found out; called every frame."""
        while not self._found.empty():
            self._found.get()()

    def _try(self, name: str, folder: Path) -> None:
        try:
            found = self._look(name, folder)
        except (CodecError, OSError) as error:
            text = str(error)
            self._found.put(lambda: self._refuse(name, text))
            return
        self._found.put(lambda: self._question(name, found))

    def _refuse(self, name: str, text: str) -> None:
        self._looking.discard(name)
        self._desk.say(text, "error")

    def _question(self, name: str, found: Mapping[str, Any]) -> None:
        self._looking.discard(name)
        self._desk.ask(
            Confirm(
                question(name, found),
                (("Trust", lambda: self._allow(name, found)), ("Cancel", _nothing)),
                "Untrusted model file",
                default=-1,
            )
        )

    def _allow(self, name: str, found: Mapping[str, Any]) -> None:
        try:
            trust(str(found["sha256"]), name)
        except CodecError as error:
            self._desk.say(str(error), "error")
            return
        self._allowed.clear()
        self._desk.say(f"{name} is now trusted")
        self._desk.play_again()
        self._then.pop(name, _nothing)()

    def _is_untrusted(self, name: str) -> bool:
        try:
            path = model_file(name, self._desk.document.folder)
            status = path.stat()
        except (CodecError, OSError):
            return False
        key = (str(path), status.st_size, status.st_mtime_ns)
        if key not in self._digests:
            self._digests[key] = None
            threading.Thread(target=self._read, args=(key,), daemon=True).start()
        digest = self._digests[key]
        if digest is None:
            return False
        now = time.monotonic()
        if digest not in self._allowed or now - self._looked_at > LOOK_AGAIN_SECONDS:
            self._looked_at, self._allowed[digest] = now, is_trusted(digest)
        return not self._allowed[digest]

    def _read(self, key: Key) -> None:
        try:
            self._digests[key] = file_digest(Path(key[0]))
        except OSError:
            self._digests[key] = None


def question(name: str, found: Mapping[str, Any]) -> str:
    """What is asked before a model may run for the first time."""
    methods = ", ".join(str(one["name"]) for one in found["methods"])
    denied = ", ".join(f"no {one.removeprefix('a ').removeprefix('your ')}" for one in found["tried_without"])
    return (
        f"{Path(name).name} is an untrusted model file ({found['size'] / 1e6:.1f} MB, methods: {methods}).\n"
        f"Tested {f'in a sandbox ({denied})' if denied else 'without a sandbox'}: behaves like an audio model.\n"
        "Trust it only if you know where it comes from. You are asked once per file."
    )


def _examined(name: str, folder: Path) -> Mapping[str, Any]:
    from ....nodes.codec.trial import examine

    found = examine(model_file(name, folder), name)
    if not found.description["is_usable"]:
        raise CodecError(str(found.description["no_codec"]))
    return {**found.description, "tried_without": list(found.out_of_reach)}


def _nothing() -> None:
    pass
