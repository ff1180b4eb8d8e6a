"""Status: how what plays is doing, in words or as JSON; well or not is the exit code."""

from typing import Annotated

import typer

from .output import RUN, USAGE, Failure, finish
from .patches import AsJson

ANSWER_SECONDS = 2.0


def status(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="An engine, by name or process number.")] = None,
    as_json: AsJson = False,
) -> int:
    """Tell how what plays is doing: heard or not and since when, device, late frames, levels, sources, disk.

    The same as OSC's /status and HTTP's /health. Exit code 0: all is well; 1: something is not, or nothing plays.
    """
    from ...engine.session import Client, EngineGone
    from ...engine.session.registry import find_engines, in_words, named
    from ..control.health import health_of, lines_of

    one = named(name) if name is not None else next(iter(find_engines()), None)
    if name is not None and one is None:
        raise Failure(f"no engine named {name}; there {in_words(find_engines())}", USAGE)
    found = {}
    if one is not None:
        try:
            client = Client.attach(one, heard=lambda news: None)
            try:
                found = dict(client.status(ANSWER_SECONDS))
            finally:
                client.close()
        except EngineGone:
            pass  # as one that there is not: nothing plays
    health = health_of(found)
    about = {"engine": one.name, "process": one.process} if one is not None else {}
    first = [f"{one.name} (process {one.process}): {one.patch}"] if one is not None else []
    finish({**about, **health}, [*first, *lines_of(health)], as_json)
    return 0 if health["is_well"] else RUN
