"""What plays a patch from outside while it runs: OSC, MIDI, gamepads, Link, pad, OSCQuery, as named by options."""

import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..control.pad import TOKEN
from .output import FILE, USAGE, Failure, say
from .patches import OpenedPatch

if TYPE_CHECKING:
    from ...engine import Palette
    from ...engine.session import Server
    from ..child_command import ChildCommand
    from ..control.outside_controls import Inputs, OutsideControls


Device = Annotated[str | None, typer.Option("--device", help="Output device (part of its name), or none.")]
InputDevice = Annotated[
    str | None, typer.Option("--in", metavar="NAME", help="Input device, or none. Default: if the patch needs one.")
]
Block = Annotated[int, typer.Option("--block", min=16, max=8192, help="Block size in samples.")]
OscAt = Annotated[str, typer.Option("--osc", metavar="HOST:PORT", help="Receive OSC at this address, or off.")]
OscTo = Annotated[str, typer.Option("--osc-to", metavar="HOST:PORT", help="Where osc_out nodes send (with --osc).")]
WithOscQuery = Annotated[bool, typer.Option("--oscquery", help="Announce the patch over OSCQuery (see oscquery).")]
MidiIn = Annotated[
    list[str] | None, typer.Option("--midi", metavar="NAME", help="MIDI input devices (by name), or all.")
]
MidiTo = Annotated[
    list[str] | None, typer.Option("--midi-to", metavar="NAME", help="MIDI output devices for midi_out nodes, or all.")
]
Gamepads = Annotated[list[str] | None, typer.Option("--gamepad", metavar="NAME", help="Gamepads (by name), or all.")]
WithLink = Annotated[bool, typer.Option("--link", help="Sync to Ableton Link.")]
WithPad = Annotated[bool, typer.Option("--pad", help="Serve the map to a browser (see pad).")]
PadOpen = Annotated[
    str | None, typer.Option("--open", metavar="ADDRESS", help="Let other devices reach the pad here; 0.0.0.0: all.")
]
PadPort = Annotated[int | None, typer.Option("--pad-port", min=1, max=65_535, help="Port of the pad.")]
PadTokenFile = Annotated[
    Path | None,
    typer.Option("--pad-token-file", help="Keep the pad's token here, so that its address stays the same."),
]
PadCommandsAllowed = Annotated[bool, typer.Option("--pad-commands", help="Buttons on the pad: record, train, undo.")]


def inputs_of(
    osc: str,
    osc_to: str,
    midi: Sequence[str],
    gamepads: Sequence[str] = (),
    link: bool = False,
    midi_to: Sequence[str] = (),
) -> "Inputs":
    """What to listen to. Raises Failure for addresses that are none."""
    from ...engine.sources.osc import OscError, address
    from ..control.outside_controls import Inputs, names_from

    try:
        found, to = address(osc), address(osc_to)
    except OscError as error:
        raise Failure(str(error)) from None
    if to is not None and found is None:
        raise Failure("--osc-to needs --osc")
    return Inputs(found, names_from(midi), to, link=link, gamepads=names_from(gamepads), midi_to=names_from(midi_to))


def controls_for(
    server: "Server", opened: OpenedPatch, palette: "Palette", inputs: "Inputs"
) -> "OutsideControls | None":
    """OSC, MIDI, gamepads and Link on what a server plays. Raises Failure."""
    from ...engine.sources.gamepad import GamepadError
    from ...engine.sources.midi import MidiError
    from ...engine.sources.osc import OscError
    from ...engine.sources.tempo import LinkError
    from ..control.outside_controls import OutsideControls

    if not inputs.any:
        return None
    try:
        controls = OutsideControls(server, palette, inputs, opened.folder, opened.file, say)
    except (OscError, MidiError, GamepadError, LinkError) as error:
        server.close()
        raise Failure(str(error)) from None
    if controls.osc is not None:
        say(f"listening for OSC on {controls.osc.host}:{controls.osc.port}")
    return controls


@dataclass(frozen=True)
class PadPlan:
    """How a pad is served beside what plays. token: what its address must have; port: None for the usual one."""

    token: str
    reach: str | None = None
    port: int | None = None
    has_commands: bool = False


def pad_plan(
    is_wanted: bool, reach: str | None, port: int | None, token_file: Path | None, has_commands: bool = False
) -> PadPlan | None:
    """What the options about the pad ask for; None for no pad. Raises Failure."""
    if not is_wanted:
        if reach is not None or port is not None or token_file is not None or has_commands:
            raise Failure("--open, --pad-port, --pad-token-file and --pad-commands need --pad", USAGE)
        return None
    token = secrets.token_urlsafe(16) if token_file is None else kept_token(token_file)
    return PadPlan(token, reach, port, has_commands)


def kept_token(path: Path) -> str:
    """The token in a file, made where there is none, so that an address that was printed stays true. Raises Failure."""
    try:
        with suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(16) + "\n")
        token = path.read_text(errors="replace").strip()
    except OSError as error:
        raise Failure(f"{path}: the token can't be kept there ({error.strerror})", FILE) from None
    if not re.fullmatch(r"[\w-]{16,200}", token, re.ASCII):
        raise Failure(f"{path}: a token is 16 letters, digits, - and _ at least; remove the file for a new one", FILE)
    return token


def pad_of(plan: PadPlan, tell: Callable[[str], None] = say) -> "Callable[[str], ChildCommand]":
    """Starts a pad in a process of its own for the engine of a name; its address is told."""
    from ..child_command import ChildCommand

    words = [*(("--open", plan.reach) if plan.reach else ()), *(("--port", str(plan.port)) if plan.port else ())]
    words += ["--commands"] if plan.has_commands else []

    def start(engine: str) -> ChildCommand:
        return ChildCommand("the pad", ["pad", "--wait", "10", "--engine", engine, *words], tell, {TOKEN: plan.token})

    return start


def oscquery_of(inputs: "Inputs", tell: Callable[[str], None] = say) -> "Callable[[str], ChildCommand]":
    """Starts OSCQuery in a process of its own for the engine of a name; its address is told. Raises Failure."""
    from ..child_command import ChildCommand

    if inputs.osc is None:
        raise Failure("--oscquery needs --osc")
    words = ["oscquery", "--osc-port", str(inputs.osc[1]), "--wait", "10"]

    def start(engine: str) -> ChildCommand:
        return ChildCommand("OSCQuery", [*words, "--engine", engine], tell)

    return start


@contextmanager
def beside(engine: str, programs: "Sequence[Callable[[str], ChildCommand]]") -> Iterator[None]:
    """Programs in processes of their own, as long as what an engine of this name plays is played."""
    with ExitStack() as running:
        for start in programs:
            running.enter_context(closing(start(engine)))
        yield
