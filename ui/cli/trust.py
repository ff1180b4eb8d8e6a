"""What an untrusted patch may do here: which model files run, and which files outside of its folder it writes.

Models run only when their user has allowed them, after they were tried where they can do no harm.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import FILE, Failure, progress, say

if TYPE_CHECKING:
    from ...engine import Palette
    from .patches import OpenedPatch

Trust = Annotated[bool, typer.Option("--trust", help="Trust the named model files from now on.")]
AllowWrite = Annotated[
    list[Path] | None,
    typer.Option("--allow-write", metavar="FILE", help="Allow the patch to record to this file. Repeatable."),
]


def allow_writes(opened: "OpenedPatch", palette: "Palette", files: Iterable[Path], typed: Iterable[str]) -> None:
    """Let a patch record to files outside of its folder: those named, and what was set by hand just now.

    typed: assignments, as ``NODE.SETTING=FILE``. Raises Failure.
    """
    from ...nodes.audiofile import SoundError
    from ...nodes.audiofile.permission import allow_write
    from ..patch_files import asked_writes

    keys = {one.partition("=")[0].strip() for one in typed}
    try:
        for file in files:
            allow_write(file.expanduser(), opened.folder)
        for one, path in asked_writes(opened.patch, palette, opened.folder):
            if one.whose in keys:
                allow_write(path, opened.folder)
    except SoundError as error:
        raise Failure(f"--allow-write: {error}", FILE) from None


def allow(names: Iterable[str], folder: Path) -> None:
    """Try each model file in a confined process and remember that it may run. Raises Failure when it may not."""
    from ...nodes.codec.interface import CodecError
    from ...nodes.codec.loader import is_program

    for name in dict.fromkeys(names):
        if is_program(name):
            try:
                remember(name, folder, examined(name, folder))
            except CodecError as error:
                raise Failure(f"--trust: {error}", FILE) from None


def take_back(named: str) -> dict[str, str]:
    """Allow a model file no longer: the file of that name or path, or what was allowed as that, there or gone.

    Gives sha256 and name of each. Raises Failure where nothing of that name was allowed.
    """
    from ...nodes.codec.interface import CodecError
    from ...nodes.codec.library import file_digest
    from ...nodes.codec.trust import distrust

    path, gone = Path(named), dict[str, str]()
    try:
        # the content that lies there now first: a name may have meant another before
        gone = distrust(file_digest(path)) if path.is_file() else {}
        gone = gone or distrust(named)
    except (CodecError, OSError, ValueError) as error:
        raise Failure(f"--distrust: {error}", FILE) from None
    for sha256, name in gone.items():
        say(f"{name}: no longer trusted (sha256 {sha256[:16]}…)")
    if not gone and not path.is_file():
        raise Failure(
            f"--distrust {named}: no trusted model with that name, path or sha256; latent-terrain models allowed "
            "lists them",
            FILE,
        )
    return gone


def remember(name: str, folder: Path, found: Mapping[str, Any]) -> None:
    """Remember that what was ``examined`` may run. Raises CodecError when it may not."""
    from ...nodes.codec.interface import CodecError
    from ...nodes.codec.loader import model_file
    from ...nodes.codec.trust import is_trusted, trust

    if not found["is_usable"]:
        raise CodecError(str(found["no_codec"]))
    if not is_trusted(found["sha256"]):
        trust(found["sha256"], str(model_file(name, folder)))
        say(f"{name}: trusted from now on (sha256 {found['sha256'][:16]}…)")


def examined(name: str, folder: Path, seconds: float | None = None) -> Mapping[str, Any]:
    """What a model file is, found out in a process that can do no harm. Raises CodecError.

    seconds: how long that may take; as usual when left out.
    """
    from ...nodes.codec.loader import model_file
    from ...nodes.codec.trial import STEP_SECONDS, TRIAL_SECONDS, examine
    from ...nodes.codec.trust import is_trusted

    path = model_file(name, folder)
    most, step = (TRIAL_SECONDS, STEP_SECONDS) if seconds is None else (seconds, seconds)
    with progress(f"{name}: testing it in a sandbox") as advance:
        advance(0.0, "")
        found = examine(path, name, seconds=most, step_seconds=step, progress=lambda method: advance(0.0, method))
    about = {**found.description, "is_allowed": is_trusted(found.description["sha256"])}
    return {**about, "tried_without": list(found.out_of_reach)}
