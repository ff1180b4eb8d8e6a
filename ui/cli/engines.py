"""Engines: what plays on this computer, and an end to it."""

import os
import time
from contextlib import suppress
from signal import SIGTERM
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import RUN, USAGE, Failure, finish, say
from .patches import AsJson

if TYPE_CHECKING:
    from ...engine.session.registry import Address

ANSWER_SECONDS = 2.0
ALL = "all"


def engines(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="An engine, by name or process number.")] = None,
    stop: Annotated[
        bool, typer.Option("--stop", help="Stop it; without a name the only one, with all, all of them.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """List the engines that run: of run, of editors, of scripts; with --stop end one.

    A script's engine ends with the script, unless it was detached.
    """
    from ...engine.session.registry import find_engines, in_words, named

    found = find_engines()
    if name not in (None, ALL):
        one = named(name or "")
        if one is None:
            raise Failure(f"no engine named {name}; there {in_words(found)}", USAGE)
        found = [one]
    if not stop:
        rows = [_told(one) for one in found]
        finish({"engines": rows}, list(map(_line, rows)) or "no engine is running", as_json)
        return 0
    if name is None and len(found) > 1:
        raise Failure(f"--stop: which one? there {in_words(found)}; write all for all of them", USAGE)
    ended = {one.name: _end(one) for one in found}
    for one in found:
        say(f"{one.name} ({one.process}) {'has ended' if ended[one.name] else 'does not end'}")
    if as_json or not found:
        finish({"stopped": ended}, "no engine is running", as_json)
    return 0 if all(ended.values()) else RUN


def _told(one: "Address") -> dict[str, Any]:
    """An engine as plain data. is_playing: None where it does not answer."""
    from ...engine.session import Client, EngineGone

    known: dict[str, Any] = {"name": one.name, "process": one.process, "patch": one.patch, "since": one.since}
    try:
        client = Client.attach(one, heard=lambda news: None)
        try:
            status = client.status(ANSWER_SECONDS)
        finally:
            client.close()
    except EngineGone:
        return {**known, "clients": None, "is_playing": None, "is_detached": None, "device": ""}
    return {
        **known,
        "clients": int(status.get("clients", 1)) - 1,  # this one does not count
        "is_playing": bool(status.get("is_playing", False)),
        "is_detached": bool(status.get("is_detached", False)),
        "device": str(status.get("device", "")),
    }


def _line(row: dict[str, Any]) -> str:
    minutes = max(0.0, time.time() - row["since"]) / 60
    state = {True: "playing", False: "not playing", None: "does not answer"}[row["is_playing"]]
    words = [f"{row['name']:<16} process {row['process']}", state, f"for {minutes:.0f} min"]
    words += [f"{row['clients']} clients"] if row["clients"] is not None else []
    words += ["detached"] if row["is_detached"] else []
    return ", ".join([*words, *([row["patch"]] if row["patch"] else [])])


def _end(one: "Address") -> bool:
    """End an engine; whether it has ended. One that does not answer is asked by the system."""
    from ...engine.session import Client, EngineGone
    from ...engine.session.registry import find_engines

    try:
        if Client.attach(one, heard=lambda news: None).stop_engine():
            return True
    except EngineGone:
        pass
    with suppress(OSError):
        os.kill(one.process, SIGTERM)
    end = time.monotonic() + ANSWER_SECONDS
    while any(other.mark == one.mark for other in find_engines()):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
