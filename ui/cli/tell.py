"""Tell: one command to what plays, as OSC would send it, for scripts of the shell and for cron."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import RUN, USAGE, Failure, finish, say
from .patches import AsJson, load_types

if TYPE_CHECKING:
    from ..control.training_jobs import TrainingStatus

DONE = "/done"


def tell(
    command: Annotated[str, typer.Argument(metavar="COMMAND", help="Such as /train; the list is in docs/outside.md.")],
    arguments: Annotated[list[str] | None, typer.Argument(metavar="ARGUMENT", help="Its arguments.")] = None,
    engine: Annotated[
        str | None, typer.Option("--engine", metavar="NAME", help="Which engine; default: newest.")
    ] = None,
    wait: Annotated[
        float, typer.Option("--wait", min=1, max=86_400, help="Wait this many seconds for training to end.")
    ] = 3600.0,
    as_json: AsJson = False,
) -> int:
    """Send one command to what plays (run, serve, the editor), and wait until it is done.

    Training (/train) is done by this program, beside the sound, and waited for. Undo takes back what this program did
    only. Exit code 1: it could not be done.
    """
    from pathlib import Path

    from ..control.dispatcher import ControlError, Dispatcher
    from ..control.mapping import as_argument
    from .pad import attached

    client = attached(0.0, engine)
    client.subscribe()
    dispatcher: Dispatcher | None = None
    try:
        status = client.status()
        file = Path(client.address.patch) if client.address.patch else None
        folder = Path(str(status.get("folder") or "."))
        file = file if file is not None and file.is_file() else None
        dispatcher = Dispatcher(client, load_types(), folder, file, lambda text: None)
        dispatcher.training.listeners.append(_say_warnings)
        values = [as_argument(one) for one in arguments or ()]
        address, found = dispatcher.do(command, values)
        training: TrainingStatus | None = None
        if command in ("/train", "/learn"):
            if not dispatcher.training.wait(wait):
                raise Failure(f"training has not come to its end within {wait:g} s", RUN)
            training = dispatcher.training.status
        client.wait()
    except ControlError as error:
        raise Failure(str(error), USAGE if "is not a command" in str(error) else RUN) from None
    finally:
        if dispatcher is not None:
            dispatcher.close()
        client.close()
    if training is not None and training.failed:
        raise Failure(training.failed, RUN)
    document: dict[str, Any] = {"answer": address, "values": found}
    if training is not None:
        document["error_variance"] = training.error
    words = " ".join(map(str, found))
    finish(document, " ".join(filter(None, ("done" if address == DONE else "", words))), as_json)
    return 0


def _say_warnings(address: str, values: list[Any]) -> None:
    """What training left out, for people."""
    from ..control.training_jobs import WARNING

    if address == WARNING:
        say(": ".join(filter(None, map(str, values))))
