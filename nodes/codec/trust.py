"""Which model files this user has allowed to run: a model is a program, so nobody opens one without being asked.

Allowed is a content, by its sha256, wherever the file lies and whatever it is called; another file, or the same one
changed, is asked about again. A patch never allows anything.
"""

import hashlib
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...graphs import remembered
from ...graphs.file_write import WriteError, data_folder
from .interface import CodecError

MOST_NAMES = 10_000
# Digits of a sha256 that are enough to name one.
SHORTEST_START = 6


class UntrustedError(CodecError):
    """A model file that nobody has allowed to run here yet."""

    def __init__(self, name: str, sha256: str, path: Path | None = None) -> None:
        self.name, self.sha256 = name, sha256
        written = _as_typed(name, path)
        super().__init__(
            f"{name} is an untrusted model file; inspect it with: latent-terrain model "
            f"{written}, and if you know where it comes from, trust it with: latent-terrain model {written} --trust"
        )


def _as_typed(name: str, path: Path | None) -> str:
    """A model file as the command line takes it from where its user stands: patches name theirs from their folder."""
    with suppress(OSError, ValueError):
        if path is not None and not (Path(name).is_file() and Path(name).samefile(path)):
            name = str(path.resolve())
    return name if re.fullmatch(r"[\w./\\:~+-]+", name) else f'"{name}"'


def digest_of(data: bytes) -> str:
    """The sha256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def is_trusted(sha256: str) -> bool:
    """Whether this content was allowed before."""
    return sha256 in trusted()


def trust(sha256: str, name: str) -> None:
    """Remember that this content may run, as ``name`` (where it lies). Raises CodecError if it can't be written."""
    entry = {"name": Path(name).name, "path": os.path.abspath(name), "since": time.strftime("%Y-%m-%d")}

    def add(models: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        return dict(list({**models, sha256: entry}.items())[-MOST_NAMES:])

    _change(add)


def distrust(named: str) -> dict[str, str]:
    """Forget what is named: by its sha256 or the start of it, by its file's name, or by where it lay.

    The file need not be there any more. Gives what was forgotten: sha256 to name. Raises CodecError if that can't be
    written down.
    """
    gone: dict[str, str] = {}

    def remove(models: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        gone.update(
            {sha256: str(about.get("name", "")) for sha256, about in models.items() if _is(named, sha256, about)}
        )
        return {sha256: about for sha256, about in models.items() if sha256 not in gone}

    _change(remove)
    return gone


def trusted() -> dict[str, dict[str, Any]]:
    """What is allowed: sha256 to ``name``, ``path`` and ``since``. A damaged list allows nothing, and is put aside."""
    return _models(remembered.recall(store()))


def store() -> Path:
    """Where the list is kept."""
    return data_folder() / "trusted-models.json"


def _change(how: Callable[[dict[str, dict[str, Any]]], dict[str, dict[str, Any]]]) -> None:
    try:
        remembered.change(store(), lambda read: {**read, "models": how(_models(read))})
    except (OSError, WriteError) as error:
        raise CodecError(f"{store()} can't be written ({error}); trusted models are stored there") from None


def _models(read: dict[str, Any]) -> dict[str, dict[str, Any]]:
    models = read.get("models")
    if not isinstance(models, dict):
        return {}
    return {key: value for key, value in models.items() if isinstance(value, dict) and len(key) == 64}


def _is(named: str, sha256: str, about: dict[str, Any]) -> bool:
    is_start = len(named) >= SHORTEST_START and sha256.startswith(named.lower())
    return is_start or named == about.get("name") or os.path.abspath(named) == about.get("path")
