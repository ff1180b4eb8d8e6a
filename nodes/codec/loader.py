"""Get a codec by the name a patch gives it.

``builtin:bank``, a codec trained here (.npz), a TorchScript file, or one of another library (``encodec:…``).
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from ...engine.name_schemes import register_scheme, scheme_of
from .interface import Codec, CodecError
from .others import family_of, weights_file

if TYPE_CHECKING:
    from .torchscript import CodecModel

BUILTIN = register_scheme("builtin")
BUILTINS = ("bank", "sounds")
# The codec that is the patch's own sounds.
SOUNDS = f"{BUILTIN}sounds"
BANK_SUFFIX = ".npz"
KEPT_MODELS = 4
CODEC_HELP = "builtin:NAME, a TorchScript file, or KIND:NAME of another library"
_models: "OrderedDict[tuple[str, str, int, int], CodecModel]" = OrderedDict()
_lock = threading.Lock()
Confine = Callable[[int], object]


def _stay_free(size: int) -> None:
    """Nothing is given up."""


def load_codec(
    name: str, folder: Path | None = None, confine: Confine = _stay_free, sounds: tuple[str, ...] = ()
) -> Codec:
    """A fresh one-lane stream of a codec; a model's weights are loaded once and shared by all its streams.

    name: ``builtin:NAME``, ``FAMILY:FOLDER`` or ``FAMILY:OWNER/NAME`` for codecs of other libraries, or the path of a
    model file, absolute or relative to ``folder``; ``.ts`` may be left out.
    confine: see ``torchscript.load_model``; called for models that are programs only.
    sounds: of ``builtin:sounds``, which it plays (see ``sounds.corpus``).
    A file that changed on disk is loaded anew. Safe to call from any thread. Raises CodecError with a sentence.
    """
    if name == SOUNDS:
        from .sounds import load_sounds

        return load_sounds(sounds, folder or Path())
    if name.startswith(BUILTIN):
        return _builtin(name)
    if not name.strip():
        raise CodecError(f"no codec given; use {_known()} or the path of a .ts model")
    if family_of(name):
        from .torchscript import TorchCodec

        return TorchCodec(_other(name, folder))
    path = model_file(name, folder)
    if path.suffix.lower() == BANK_SUFFIX:
        from .bank import load_bank_file

        return load_bank_file(path, name)
    from .torchscript import TorchCodec

    return TorchCodec(_model(path, name, confine))


def codec_file(name: str, folder: Path | None = None) -> Path:
    """Where a codec's weights are on disk: latents made with other weights are other latents. Raises CodecError."""
    if family_of(name):
        return weights_file(name, folder)
    if not name.startswith(BUILTIN):
        return model_file(name, folder)
    if name != SOUNDS:
        _builtin(name)
    return Path(str(files(f"{__package__}.{name.removeprefix(BUILTIN)}"))) / "weights.npz"


def _builtin(name: str) -> Codec:
    if name != f"{BUILTIN}bank":
        raise CodecError(f"no codec {name}; built in: {_known()}")
    from .bank import load_bank

    return load_bank()


def is_program(name: str) -> bool:
    """Whether a codec of this name is a program, which its user has to allow: a file that is no ``.npz``."""
    return not scheme_of(name) and not name.lower().endswith(BANK_SUFFIX)


def model_file(name: str, folder: Path | None = None) -> Path:
    """The file that a name means, absolute or relative to ``folder``; ``.ts`` may be left out. Raises CodecError."""
    path = (folder or Path()) / Path(name).expanduser()
    try:
        for one in (path, path.with_name(f"{path.name}.ts")):
            if one.is_file():
                return one
        is_folder = path.is_dir()
    except (OSError, ValueError):
        raise CodecError(
            f"{name!r} cannot be the path of a model; write {_known()} or the path of a .ts file"
        ) from None
    if is_folder:
        raise CodecError(f"{path} is a folder; choose a .ts model in it")
    raise CodecError(f"no model file {path}; check its name and folder, or use {_known()}")


def _model(path: Path, name: str, confine: Confine) -> "CodecModel":
    from .torchscript import as_codec, load_model

    return _kept(path, name, lambda: as_codec(load_model(path, name, confine)))


def _other(name: str, folder: Path | None) -> "CodecModel":
    path = weights_file(name, folder)
    from .torchscript import need_torch

    need_torch(name)
    from .others.load import load_other

    return _kept(path, name, lambda: load_other(name, folder))


def _kept(path: Path, name: str, load: "Callable[[], CodecModel]") -> "CodecModel":
    """The loaded model of a file; the lock is held while loading, so that two nodes do not load it twice."""
    status = path.stat()
    key = (name, str(path.resolve()), status.st_mtime_ns, status.st_size)
    with _lock:
        model = _models.get(key)
        if model is None:
            model = _models[key] = load()
            if len(_models) > KEPT_MODELS:
                _models.popitem(last=False)
        _models.move_to_end(key)
    return model


def _known() -> str:
    return ", ".join(f"{BUILTIN}{one}" for one in BUILTINS)
