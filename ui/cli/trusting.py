"""Letting model files run: only those that their user has allowed, after they were tried where they can do no harm."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from .output import FILE, Failure, say

Trust = Annotated[bool, typer.Option("--trust", help="Allow the model files that are named here to run, from now on.")]


def allow(names: Iterable[str], folder: Path) -> None:
    """Try each model file in a confined process and remember that it may run. Raises Failure when it may not."""
    from ...nodes.codec.interface import CodecError
    from ...nodes.codec.loader import is_program, model_file
    from ...nodes.codec.trust import is_trusted, trust

    for name in dict.fromkeys(names):
        if not is_program(name):
            continue
        try:
            found = examined(name, folder)
            if not found["is_usable"]:
                raise CodecError(str(found["no_codec"]))
            if not is_trusted(found["sha256"]):
                trust(found["sha256"], str(model_file(name, folder)))
                say(f"{name}: allowed from now on (sha256 {found['sha256'][:16]}…)")
        except CodecError as error:
            raise Failure(f"--trust: {error}", FILE) from None


def examined(name: str, folder: Path) -> Mapping[str, Any]:
    """What a model file is, found out in a process that can do no harm. Raises CodecError."""
    from ...nodes.codec.loader import model_file
    from ...nodes.codec.trial import examine
    from ...nodes.codec.trust import is_trusted

    found = examine(model_file(name, folder), name)
    about = {**found.description, "is_allowed": is_trusted(found.description["sha256"])}
    return {**about, "tried_without": list(found.confined)}
