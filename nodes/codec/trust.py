"""Which model files this user has allowed to run: a model is a program, so nobody opens one without being asked.

Allowed is a content, by its sha256, wherever the file lies and whatever it is called; another file, or the same one
changed, is asked about again. A patch never allows anything.
"""

import hashlib
import json
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...graphs.writing import WriteError, data_folder, write_file
from .interface import CodecError

LARGEST_STORE = 16 << 20
MOST_NAMES = 10_000


class UntrustedError(CodecError):
    """A model file that nobody has allowed to run here yet."""

    def __init__(self, name: str, sha256: str, path: Path | None = None) -> None:
        self.name, self.sha256 = name, sha256
        written = _as_typed(name, path)
        super().__init__(
            f"{name} is a program and has not been allowed to run here; look at it with: latent-terrain model "
            f"{written}, and if you know where it comes from, allow it with: latent-terrain model {written} --trust"
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
    """Remember that this content may run. Raises CodecError when that can't be written down."""
    known = trusted()
    known[sha256] = {"name": Path(name).name, "since": time.strftime("%Y-%m-%d")}
    write_store(store(), {"models": dict(list(known.items())[-MOST_NAMES:])})


def distrust(sha256: str) -> None:
    """Forget it. Raises CodecError when that can't be written down."""
    known = trusted()
    if known.pop(sha256, None) is not None:
        write_store(store(), {"models": known})


def trusted() -> dict[str, dict[str, Any]]:
    """What is allowed: sha256 to ``name`` and ``since``. A damaged list allows nothing."""
    models = read_store(store()).get("models")
    if not isinstance(models, dict):
        return {}
    return {key: value for key, value in models.items() if isinstance(value, dict) and len(key) == 64}


def store() -> Path:
    """Where the list is kept."""
    return data_folder() / "trusted-models.json"


def read_store(path: Path) -> dict[str, Any]:
    """What was kept in a file of this program's own; nothing where it is missing, damaged or far too large."""
    try:
        if path.stat().st_size > LARGEST_STORE:
            return {}
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def write_store(path: Path, document: dict[str, Any]) -> None:
    """Keep a document in such a file, whole or not at all. Raises CodecError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, json.dumps(document, indent=1).encode())
    except (OSError, WriteError) as error:
        raise CodecError(f"{path} can't be written ({error}); what you decide about models is kept there") from None
