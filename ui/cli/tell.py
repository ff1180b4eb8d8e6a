"""Tell: one command to what plays, as OSC would send it, for scripts of the shell and for cron."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from .output import RUN, USAGE, Failure, finish, say
from .patches import AsJson, load_types

if TYPE_CHECKING:
    from ...engine.declare import ParamSpec
    from ...engine.session import Client
    from ..control.training_jobs import TrainingStatus

DONE = "/done"
WITH_VALUE = ("--engine", "--wait")
# What only programs that stay can ask for, and what to do from a shell.
OF_OSC = {
    "/status": "latent-terrain status tells it",
    "/ping": "latent-terrain engines lists what answers",
    "/subscribe": "a shell does not stay to hear of it; subscribe by OSC, or watch latent-terrain status",
    "/unsubscribe": "a shell has no subscriptions; send it by OSC",
}


class WithNegativeNumbers(TyperCommand):
    """Lets arguments be numbers below 0, which are no options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the options first, and all else behind them."""
        options: list[str] = []
        others: list[str] = []
        words = iter(args)
        for word in words:
            if word == "--":
                others += words
            elif not word.startswith("-") or _is_number(word):
                others.append(word)
            else:
                options.append(word)
                options += [next(words, "")] if word in WITH_VALUE else []
        return super().parse_args(ctx, [*options, "--", *others])


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


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
        done = _done_here(client, command, values)
        address, found = (DONE, []) if done else dispatcher.do(command, values)
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


def _done_here(client: "Client", command: str, values: list[Any]) -> bool:
    """Do what OSC does before it comes to commands, a param turned and a panic; whether it was one of these."""
    from ...engine.messages import Panic
    from ..control.dispatcher import ControlError

    parts = command.split("/")
    if command == "/panic":
        client.do(Panic())
    elif parts[:2] == ["", "node"] and len(parts) == 4:
        node = client.patch.nodes.get(parts[2])
        spec = load_types().get(node.type) if node is not None else None
        if spec is None or parts[3] not in spec.params:
            raise ControlError(f"{command}: the patch has no such param; latent-terrain nodes TYPE lists them")
        client.turn(parts[2], parts[3], _checked(command, spec.params[parts[3]], values))
    elif command in OF_OSC:
        raise ControlError(f"{command}: {OF_OSC[command]}")
    else:
        return False
    return True


def _checked(command: str, param: "ParamSpec", values: list[Any]) -> Any:
    """The one value that a param is turned to. Raises ControlError."""
    from ...engine.typed import taken
    from ..control.dispatcher import ControlError

    if len(values) != 1:
        raise ControlError(f"{command} takes one value")
    try:
        return taken(values[0], param, None)
    except ValueError as error:
        raise ControlError(f"{command}: {error}") from None
